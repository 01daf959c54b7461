"""Make the floors of the eval suite: ``eval/baselines``. Part of ``make train``; tuned on the training split alone."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import numpy as np

from notesense.consolidation import consolidate_needs, consolidate_pitches
from notesense.domain.analysis import Analysis
from notesense.domain.findings import Category, Kind, Tactic
from notesense.domain.notes import Chunk
from notesense.encoding.encoder import Encoder
from notesense.engines.base import Detector
from notesense.engines.local.heads import Heads, write_heads
from notesense.engines.local.judge import LocalJudge
from notesense.engines.local.lexical import Floats, build_lexicon, word_terms
from notesense.evaluation.baselines import (
    KeywordDetector,
    KeywordModel,
    Keywords,
    LinearDetector,
    SimilarityDetector,
    SimilarityModel,
    Thresholds,
    frozen_features,
)
from notesense.evaluation.prediction import prediction_of
from notesense.evaluation.scorecard import ratio_sums
from notesense.evaluation.tally import tally_note
from notesense.grounding import ground
from notesense.learning.labels import LABELS, answer
from notesense.learning.matrix import to_matrix, weigh_all
from notesense.learning.rows import Document
from training.fit import fit_head

LEAST_OCCURRENCES = 5
MARGINS = [round(float(m), 2) for m in np.arange(0.0, 0.4, 0.04)]
THRESHOLDS = [round(float(t), 2) for t in np.arange(0.2, 0.64, 0.04)]
SHARE = 3
"""The floors' thresholds are chosen on every third training note."""

NEEDS: dict[Kind, tuple[str, ...]] = {
    "stated": ("The client asks for it.", "We need this.", "They want it.", "It must be in place by then.",
               "Could you help us with it?"),
    "implied": ("It keeps breaking.", "They are worried about it.", "Nobody knows how it works any more.",
                "The deadline is close and nothing is ready.", "Complaints are growing."),
}  # fmt: skip
PITCHES: dict[Tactic, tuple[str, ...]] = {
    "credentials": ("We are the leading firm and have won awards.", "Told them about our experience."),
    "premature_solution": ("We should sell them our service.", "I suggested our product right away."),
    "revenue_motive": ("Our group needs the fees this quarter.", "This would help our utilisation."),
    "ask_without_value": ("Asked who else we could work for.", "Asked for a referral."),
    "dismissal": ("I told her that her worry is wrong.", "The other firm is no good."),
    "pressure": ("The price only holds if they sign this week.", "They must decide today."),
}
CATEGORIES: dict[Category, str] = {
    "compliance": "permits, regulation, codes, audits, accreditation",
    "condition_capacity": "an asset, building or system that is worn out, undersized or failing",
    "cost_funding": "budget gaps, grants, rates, fees, business case",
    "schedule_delivery": "deadlines, sequencing, slow approvals, late work",
    "risk_resilience": "flood, outage, cyber, climate, liability, continuity",
    "operations": "running and maintaining things, staffing, training, loss of knowledge",
    "stakeholders": "public, neighbours, board, council, tenants, politics",
    "data_technology": "records, GIS, models, software, sensors, dashboards",
    "sustainability_energy": "energy use, carbon, water use, waste",
    "growth_change": "expansion, moves, mergers, reorganisation, new programmes",
    "safety_wellbeing": "injury, security, air quality, accessibility",
    "service_quality": "dissatisfaction with the service of a provider",
}
NOTHING = ("We will send the draft on Friday.", "Next meeting is on Tuesday.", "The design is 60 % complete.",
           "We talked about the weather.", "The problem is solved.", "Action: update the list.")  # fmt: skip


def write_baselines(folder: Path, documents: Sequence[Document], encoder: Encoder) -> None:
    """Fit and tune every floor on the training documents and write what it learnt."""
    folder.mkdir(parents=True, exist_ok=True)
    notes = [d for d in documents if d.case][::SHARE]

    def f1(detector: Detector, metric: str) -> float:
        return f1_of(detector, metric, notes, encoder)

    keywords = _keywords(documents, f1)
    (folder / "keywords.json").write_text(keywords.model_dump_json(indent=1) + "\n", encoding="utf-8")
    similarity = _similarity(encoder, f1)
    (folder / "similarity.json").write_text(similarity.model_dump_json(indent=1) + "\n", encoding="utf-8")
    heads, thresholds = _linear(documents, encoder)
    write_heads(folder / "linear.npz", heads)
    (folder / "linear.json").write_text(thresholds.model_dump_json(indent=1) + "\n", encoding="utf-8")


def f1_of(detector: Detector, metric: str, notes: Sequence[Document], encoder: Encoder) -> float:
    """Return the F1 of a detector on labelled notes, through the stages of the pipeline."""
    judge, tallies = LocalJudge(encoder.bundle), []
    for document in notes:
        case = document.case
        assert case
        claims = detector.detect(case.note, Chunk(0, 0, len(case.note.text)), document.sentences)
        mentions, _ = ground(claims, case.note, document.sentences)
        analysis = Analysis(
            note=case.note,
            needs=tuple(consolidate_needs(case.note, mentions, judge.same_need)),
            pitches=tuple(consolidate_pitches(case.note, mentions)),
        )
        tallies.append(tally_note(case, prediction_of(case.name, analysis)))
    found, total = ratio_sums(tallies, metric).sum(axis=0)
    return float(found / total)


def _keywords(documents: Sequence[Document], f1: Callable[[Detector, str], float]) -> KeywordModel:
    """Return the keywords with the highest log odds (Monroe et al. 2008, without the prior), as many as do best."""
    labels = [label for d in documents for label in d.labels]

    def commonest(head: str) -> str:
        return Counter(a for label in labels if (a := answer(head, label))).most_common(1)[0][0]

    nothing = Keywords(terms=(), least=1)
    model = KeywordModel(
        need=nothing, pitch=nothing, kind=cast(Kind, Counter(
            a for label in labels if (a := answer("finding", label)) in ("stated", "implied")
        ).most_common(1)[0][0]),
        category=cast(Category, commonest("category")), tactic=cast(Tactic, commonest("tactic")),
    )  # fmt: skip
    for name in ("need", "pitch"):
        ranked = _ranked(documents, name)
        options = [
            model.model_copy(update={name: Keywords(terms=tuple(ranked[:size]), least=least)})
            for size in (50, 100, 200, 400, 800)
            for least in (1, 2, 3)
        ]
        model = max(options, key=lambda option: f1(KeywordDetector(option), f"{name}.f1"))
    return model


def _ranked(documents: Sequence[Document], kind: str) -> list[str]:
    inside: Counter[str] = Counter()
    outside: Counter[str] = Counter()
    totals = [0, 0]
    for document in documents:
        for row, label in zip(document.rows, document.labels, strict=True):
            is_kind = label.startswith(kind)
            (inside if is_kind else outside).update(set(word_terms(document.sentences[row].text)))
            totals[is_kind] += 1
    odds = {
        term: np.log((count + 0.5) / (totals[1] - count + 0.5))
        - np.log((outside[term] + 0.5) / (totals[0] - outside[term] + 0.5))
        for term, count in inside.items()
        if count >= LEAST_OCCURRENCES
    }
    return sorted(odds, key=lambda term: (-odds[term], term))


def _similarity(encoder: Encoder, f1: Callable[[Detector, str], float]) -> SimilarityModel:
    model = SimilarityModel(
        needs=NEEDS, pitches=PITCHES, categories=CATEGORIES, nothing=NOTHING, need_margin=9.0, pitch_margin=9.0
    )
    for name in ("need", "pitch"):
        options = [model.model_copy(update={f"{name}_margin": margin}) for margin in MARGINS]
        best = max(options, key=lambda option: f1(SimilarityDetector(option, encoder), f"{name}.f1"))
        model = best if name == "pitch" else best.model_copy(update={"pitch_margin": 9.0})
    return model


def _linear(documents: Sequence[Document], encoder: Encoder) -> tuple[Heads, Thresholds]:
    """Fit the linear heads; their thresholds are chosen on authors that heads fitted for the purpose have not seen."""
    dense = [frozen_features(d.sentences, encoder.encode([s.text for s in d.sentences]))[d.rows] for d in documents]
    kept = set(sorted({d.batch for d in documents if d.case})[::2])
    half = _fit(documents, dense, [i for i, d in enumerate(documents) if d.batch not in kept])
    unseen = [d for d in documents if d.batch in kept][::SHARE]
    best = Thresholds(need=9.0, pitch=9.0)
    for name in ("need", "pitch"):
        options = [best.model_copy(update={name: t}) for t in THRESHOLDS]
        best = max(
            options, key=lambda option: f1_of(LinearDetector(half, option, encoder), f"{name}.f1", unseen, encoder)
        )
    return _fit(documents, dense, range(len(documents))), best


def _fit(documents: Sequence[Document], dense: Sequence[Floats], chosen: Sequence[int]) -> Heads:
    texts = [documents[i].sentences[row].text for i in chosen for row in documents[i].rows]
    labels = [label for i in chosen for label in documents[i].labels]
    lexicon = build_lexicon(texts, 3, 5)
    columns = np.concatenate([dense[i] for i in chosen])
    matrix = to_matrix(columns, weigh_all(texts, lexicon), len(lexicon))
    heads = {}
    for name, names in LABELS.items():
        rows = [i for i, label in enumerate(labels) if answer(name, label) is not None]
        theirs = [str(answer(name, labels[i])) for i in rows]
        heads[name] = fit_head(name, matrix[rows], theirs, names, columns.shape[1])
    return Heads(lexicon, None, heads)
