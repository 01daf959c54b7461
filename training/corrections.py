"""Does learning from corrections help? The experiment behind ``notesense learn``.

    python -m training.corrections            (after make train)

For every author batch in turn: heads are fitted without it, then moved towards fifteen of its notes as corrections; both are
measured on its other notes. What networks say of a note comes from one that has not seen its author.
"""

import sys
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed

from notesense.encoding.bundle import load_bundle
from notesense.encoding.encoder import Encoder
from notesense.encoding.logistic import Logistic
from notesense.encoding.tokens import load_tokenizer
from notesense.engines.local.heads import Heads, read_heads
from notesense.evaluation.cases import load_cases, load_passages
from notesense.evaluation.tally import Tally
from notesense.learning.adapt import precision_of
from notesense.learning.held import Held, predict, tally
from notesense.learning.learn import FITTED, FOLDS, WEIGHT, chance_of_gain, f1, fit_personal, move_thresholds
from notesense.learning.matrix import prepare
from notesense.learning.rows import Document, note_document, passage_document, rows_of
from training.fit import fit_one
from training.train import CACHE, ROOT, with_reading
from training.tune import tune

CORRECTED, FEWEST_OTHERS = 15, 5
WEIGHTS = (1.0, WEIGHT, 10.0)


class Gain(NamedTuple):
    """What came of one batch: tallies of its other notes by way of learning."""

    batch: str
    tallies: dict[str, list[Tally]]


def main() -> None:
    """Print what corrections gain, by batch and over all."""
    bare = [
        note_document(c) for c in load_cases(ROOT / "eval/notes") + load_cases(ROOT / "eval/libraries") if not c.is_test
    ]
    bare += [passage_document(p) for p in load_passages(ROOT / "eval/pairs") if not p.is_test]
    tuning = tune(bare, load_tokenizer(load_bundle()), CACHE)
    documents = [with_reading(d, logits) for d, logits in zip(bare, tuning.held_out, strict=True)]
    sizes = {d.batch: sum(o.batch == d.batch for o in documents) for d in documents if d.case}
    batches = [batch for batch, size in sizes.items() if size >= CORRECTED + FEWEST_OTHERS]
    gains = Parallel(n_jobs=2)(delayed(learn_from)(documents, batch) for batch in batches)
    for name in gains[0].tallies:
        own = np.array([f1(gain.tallies[name]) - f1(gain.tallies["shipped"]) for gain in gains])
        drawn = np.random.default_rng(7).choice(own, (2000, len(own))).mean(axis=1)
        low, high = np.quantile(drawn, (0.025, 0.975))
        before, after = ([t for gain in gains for t in gain.tallies[way]] for way in ("shipped", name))
        print(
            f"{name:28} F1 {f1(after):.3f}; mean gain over {len(own)} batches {own.mean():+.3f} [{low:+.3f}, {high:+.3f}], "
            f"better in {int((own > 0).sum())}, worse in {int((own < 0).sum())}; over all notes {chance_of_gain(before, after):.2f}"
        )


def learn_from(documents: Sequence[Document], batch: str) -> Gain:
    """Learn from some notes of a batch, and measure on the others."""
    encoder = Encoder(load_bundle(), remember=200_000)
    shipped = read_heads(encoder.bundle.path("heads.npz"))
    thresholds, pairs = encoder.bundle.manifest.thresholds, Logistic.read(encoder.bundle, "same_need")
    own = [d for d in documents if d.batch == batch]
    order = np.random.default_rng(7).permutation(len(own))
    corrected, others = [own[i] for i in order[:CORRECTED]], [own[i] for i in order[CORRECTED:]]
    rest = prepare(rows_of([d for d in documents if d.batch != batch]), shipped.lexicon)
    # the shipped heads have seen this author: nothing starts from them
    cold = fit_one(FITTED, rest)._replace(temperature=shipped.by_name[FITTED].temperature)
    heads = shipped._replace(by_name={**shipped.by_name, FITTED: cold})

    def judged(notes: Sequence[Document], fitted: Heads, at: dict[str, float]) -> list[Tally]:
        return [tally(Held(d, predict(d, fitted), pairs), at, encoder) for d in notes]

    found = {"shipped": judged(others, heads, thresholds)}
    precision = precision_of(FITTED, cold, rest)
    for weight in WEIGHTS:
        fitted = fit_personal(precision, rows_of(corrected), heads, weight)
        found[f"heads, {weight:g}"] = judged(others, fitted, thresholds)
        held = []
        for fold in range(FOLDS):
            known = rows_of([d for i, d in enumerate(corrected) if i % FOLDS != fold])
            part = fit_personal(precision, known, heads, weight)
            held += [Held(d, predict(d, part), pairs) for i, d in enumerate(corrected) if i % FOLDS == fold]
        found[f"heads and thresholds, {weight:g}"] = judged(others, fitted, move_thresholds(held, thresholds, encoder))
    shown = "  ".join(f"{name} {f1(tallies):.3f}" for name, tallies in found.items())
    print(f"{batch:8} {len(others):3} notes  {shown}", flush=True)
    return Gain(batch, found)


if __name__ == "__main__":
    sys.exit(main())
