"""Train the heads of the local engine and write the model bundle.

    make train        (python training/train.py)

Frozen encoder; linear heads, temperatures, thresholds and the pair model of the judge. Every choice is made by
leave-one-batch-out cross-validation on the training split (author batches but c and j, minimal pairs but every sixth
group); the test split is read at the end, to report. Writes ``src/notesense/encoding/bundle``.
"""

import hashlib
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from notesense.encoding.bundle import Bundle, Manifest, file_digest, write_manifest
from notesense.encoding.encoder import Encoder
from notesense.engines.local.features import dense_width
from notesense.engines.local.heads import Head, Heads, write_heads
from notesense.engines.local.judge import PairModel, pair_features
from notesense.engines.local.lexical import build_lexicon
from notesense.evaluation.cases import load_cases, load_passages
from notesense.evaluation.metrics import Score
from training.banks import write_banks
from training.dataset import (
    Document,
    note_document,
    passage_document,
    stack,
    statement_features,
    statement_rows,
)
from training.fit import features_of, fit_head, fit_temperature, to_matrix, weigh_all
from training.keywords import KeywordEngine, tune
from training.matching import collect, train_accept
from training.report import Outcome, evaluate, mentions_of, model_card, needs_score, pitches_score

ROOT = Path(__file__).parents[1]
BUNDLE = ROOT / "src/notesense/encoding/bundle"
LEAST_WORDS, LEAST_LETTERS = 3, 5
CATEGORIES = (
    "compliance", "condition_capacity", "cost_funding", "schedule_delivery", "risk_resilience", "operations",
    "stakeholders", "data_technology", "sustainability_energy", "growth_change", "safety_wellbeing", "service_quality",
)  # fmt: skip
LABELS: dict[str, tuple[str, ...]] = {
    "finding": ("none", "stated", "implied", "pitch"),
    "category": CATEGORIES,
    "tactic": ("credentials", "premature_solution", "revenue_motive", "ask_without_value", "dismissal", "pressure"),
    "where": ("said", "noted"),
}
VERSION = "1"


class Fitted(NamedTuple):
    """Heads and pair model of one fold, or of all training data."""

    heads: Heads
    pairs: PairModel
    keywords: KeywordEngine


def main() -> None:
    """Train, choose, report, write."""
    encoder = Encoder(Bundle(BUNDLE, _bare_manifest()), remember=200_000)
    cases = load_cases(ROOT / "eval/notes")
    passages = load_passages(ROOT / "eval/pairs")
    notes = [note_document(case, encoder) for case in cases]
    pairs = [passage_document(p, encoder) for p in passages if not p.is_test]
    training = [d for d in notes if d.case and not d.case.is_test]
    test = [d for d in notes if d.case and d.case.is_test]
    print(f"{len(training)} notes and {len(pairs)} passages to train on, {len(test)} notes to report on", flush=True)

    held_out: list[tuple[Document, dict[str, Any]]] = []
    for batch in dict.fromkeys(d.batch for d in training):
        fold = fit([d for d in training if d.batch != batch] + pairs, encoder)
        held_out += [(d, predict(fold, d)) for d in training if d.batch == batch]
        print(f"  fold without {batch} done", flush=True)

    temperatures = {name: _temperature(name, held_out) for name in LABELS}
    for _, prediction in held_out:
        for name, temperature in temperatures.items():
            prediction[name] = _sharpen(prediction[name], temperature)
    thresholds = choose_thresholds(held_out, encoder)
    print("temperatures", temperatures, "thresholds", thresholds, flush=True)

    final = fit(training + pairs, encoder)
    heads = {name: head._replace(temperature=temperatures[name]) for name, head in final.heads.by_name.items()}
    write_heads(BUNDLE / "heads.npz", Heads(final.heads.lexicon, heads))
    final = Fitted(
        Heads(final.heads.lexicon, heads), final.pairs._replace(threshold=thresholds["same_need"]), final.keywords
    )
    outcomes = {
        "cross-validation": evaluate(held_out, thresholds, encoder),
        "test": evaluate([(d, predict(final, d)) for d in test], thresholds, encoder),
    }
    library = ROOT / "sample_notes/library"
    with_solutions = [case for case in cases if case.has_solutions]
    to_learn = [case for case in with_solutions if not case.is_test]
    accept, matching = train_accept(
        collect(to_learn, library, encoder),
        collect(to_learn, library, encoder, small_talk=True),
        collect([case for case in with_solutions if case.is_test], library, encoder),
    )
    decisions = {"same_need": final.pairs._asdict(), "accept": accept._asdict()}
    (BUNDLE / "decisions.json").write_text(json.dumps(decisions, indent=1) + "\n", encoding="utf-8")
    write_banks(BUNDLE / "banks.npz", encoder)
    write(thresholds, outcomes, matching, training, pairs)
    print(json.dumps(matching, indent=1))
    print(json.dumps({name: outcome.summary() for name, outcome in outcomes.items()}, indent=1))


def fit(documents: Sequence[Document], encoder: Encoder) -> Fitted:
    """Fit all heads and the pair model on some documents."""
    dense, texts, labels = stack(documents)
    lexicon = build_lexicon(texts, LEAST_WORDS, LEAST_LETTERS)
    matrix = to_matrix(dense, weigh_all(texts, lexicon), len(lexicon))
    width = dense_width(encoder.dimension)
    heads: dict[str, Head] = {}
    for name, names in LABELS.items():
        answers = [answer(name, label) for label in labels]
        rows = [i for i, a in enumerate(answers) if a is not None]
        chosen = [a for a in answers if a is not None]
        examples = matrix[rows]
        if name == "category":  # a need's statement says plainly what its evidence hints at
            statements, theirs = statement_rows(documents)
            terms = weigh_all(statements, lexicon)
            examples = sparse.vstack(
                [examples, to_matrix(statement_features(statements, encoder), terms, len(lexicon))]
            )
            chosen += theirs
        heads[name] = fit_head(name, sparse.csr_matrix(examples), chosen, names, width)
    return Fitted(Heads(lexicon, heads), fit_pairs(documents, encoder), tune(documents))


def fit_pairs(documents: Sequence[Document], encoder: Encoder) -> PairModel:
    """Fit the model that tells whether two mentions are of one need, on all pairs of a note's labelled mentions."""
    rows, same = [], []
    for document in documents:
        mentions, findings = mentions_of(document)
        if document.case is None or len(mentions) < 2:
            continue
        features = pair_features(document.case.note, mentions, encoder.encode([m.evidence.quote for m in mentions]))
        for i in range(len(mentions)):
            for j in range(i):
                rows.append(features[i, j])
                same.append(findings[i] == findings[j])
    model = LogisticRegression(C=1.0, max_iter=1000).fit(np.array(rows), same)
    return PairModel(tuple(float(w) for w in model.coef_[0]), float(model.intercept_[0]), 0.5)


def predict(fitted: Fitted, document: Document) -> dict[str, Any]:
    """Return the probabilities of every head for the rows of a document, and the other models of the fold."""
    terms = weigh_all([document.sentences[row].text for row in document.rows], fitted.heads.lexicon)
    features = features_of(document.dense, terms)
    found: dict[str, Any] = {n: head.probabilities(features) for n, head in fitted.heads.by_name.items()}
    return {**found, "pairs": fitted.pairs, "keywords": fitted.keywords}


def answer(head: str, label: str) -> str | None:
    """Return what a head should say of a labelled row; None where the row says nothing to it."""
    kind, _, rest = label.partition(":")
    match head:
        case "finding":
            return {"none": "none", "pitch": "pitch"}.get(kind) or rest.split(":")[0]
        case "category":
            return rest.split(":")[1] if kind == "need" else None
        case "tactic":
            return rest.split(":")[0] if kind == "pitch" else None
    return rest.split(":")[1] if kind == "pitch" and ":" in rest else None


def choose_thresholds(held_out: list[tuple[Document, dict[str, Any]]], encoder: Encoder) -> dict[str, float]:
    """Return the thresholds with the best F1 by finding on held-out notes, needs and pitches each."""

    def need_f1(need: float, same_need: float) -> float:
        thresholds = {"need": need, "pitch": 1.1, "same_need": same_need}
        return sum((needs_score(d, p, thresholds, encoder) for d, p in held_out), Score(0, 0, 0)).f1

    def pitch_f1(pitch: float) -> float:
        thresholds = {"need": need, "pitch": pitch, "same_need": same}
        return sum((pitches_score(d, p, thresholds) for d, p in held_out), Score(0, 0, 0)).f1

    grid = [round(float(t), 2) for t in np.arange(0.2, 0.6, 0.04)]
    need, same = max(((n, s) for n in grid for s in (0.4, 0.5, 0.6)), key=lambda pair: need_f1(*pair))
    return {"need": need, "pitch": max(grid, key=pitch_f1), "same_need": same}


def write(
    thresholds: dict[str, float], outcomes: dict[str, Outcome], matching: dict[str, dict[str, float]],
    training: list[Document], pairs: list[Document],
) -> None:  # fmt: skip
    """Write manifest and model card of the bundle."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "eval").rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    trained = {
        "data": digest.hexdigest()[:16], "notes": len(training), "passages": len(pairs),
        "command": "make train", "date": date.today().isoformat(),
    }  # fmt: skip
    (BUNDLE / "MODEL_CARD.md").write_text(model_card(outcomes, matching, trained, thresholds), encoding="utf-8")
    names = ["encoder.onnx", "tokenizer.json", "heads.npz", "decisions.json", "banks.npz"]
    write_manifest(
        BUNDLE,
        {"name": "minilm-l6-linear", "version": VERSION, "dimension": 384, "max_tokens": 256, "thresholds": thresholds,
         "trained": trained},
        names,
    )  # fmt: skip


def _temperature(name: str, held_out: list[tuple[Document, dict[str, Any]]]) -> float:
    probabilities, truth = [], []
    for document, prediction in held_out:
        for i, label in enumerate(document.labels):
            if (right := answer(name, label)) is not None:
                probabilities.append(prediction[name][i])
                truth.append(LABELS[name].index(right))
    return fit_temperature(np.array(probabilities), truth)


def _sharpen(probabilities: Any, temperature: float) -> Any:
    powered = np.power(np.clip(probabilities, 1e-9, 1), 1 / temperature)
    return powered / powered.sum(axis=1, keepdims=True)


def _bare_manifest() -> Manifest:
    """Return a manifest for a bundle that has an encoder and no heads yet."""
    files = {name: file_digest(BUNDLE / name) for name in ("encoder.onnx", "tokenizer.json")}
    return Manifest(
        layout="", name="", version="", dimension=384, max_tokens=256, thresholds={}, trained={}, files=files
    )


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
