"""Does learning from corrections help? The experiment behind ``notesense learn``.

    python -m training.corrections            (after make train)

For every author batch in turn: heads are fitted without it, then also with fifteen of its notes as corrections; both are
measured on its other notes. What networks say of a note comes from one that has not seen its author, for the batches in folds.
"""

import sys
from collections.abc import Sequence

import numpy as np

from notesense.encoding.bundle import load_bundle
from notesense.encoding.encoder import Encoder
from notesense.encoding.logistic import Logistic
from notesense.engines.local.heads import Heads, read_heads
from notesense.evaluation.cases import load_cases, load_passages
from notesense.evaluation.tally import Tally
from notesense.learning.held import Held, tally
from notesense.learning.learn import chance_of_gain, f1, fit_personal, move_thresholds, predict
from notesense.learning.rows import Document, note_document, passage_document, rows_of
from training.train import CACHE, ROOT, load_tokenizer, with_reading
from training.tune import tune

CORRECTED = 15
WEIGHTS = (1.0, 3.0, 6.0)


def main() -> None:
    """Print what corrections gain, by weight, and by batch."""
    encoder = Encoder(load_bundle(), remember=200_000)
    bare = [note_document(c) for c in load_cases(ROOT / "eval/notes") if not c.is_test]
    bare += [passage_document(p) for p in load_passages(ROOT / "eval/pairs") if not p.is_test]
    tuning = tune(bare, load_tokenizer(encoder.bundle), CACHE)
    documents = [with_reading(d, logits) for d, logits in zip(bare, tuning.held_out, strict=True)]
    heads = read_heads(encoder.bundle.path("heads.npz"))
    thresholds, pairs = encoder.bundle.manifest.thresholds, Logistic.read(encoder.bundle, "same_need")
    outcomes: dict[str, dict[str, list[Tally]]] = {}
    for batch in dict.fromkeys(d.batch for d in documents if d.case):
        own = [d for d in documents if d.batch == batch]
        order = np.random.default_rng(7).permutation(len(own))
        corrected, others = [own[i] for i in order[:CORRECTED]], [own[i] for i in order[CORRECTED:]]
        if len(others) < 5:
            continue
        rest = rows_of([d for d in documents if d.batch != batch])
        nothing = rows_of(corrected).where(np.zeros(len(rows_of(corrected).texts), bool))
        found = {"shipped": _tallies(others, fit_personal(rest, nothing, heads), heads, thresholds, pairs, encoder)}
        for weight in WEIGHTS:
            fitted = fit_personal(rest, rows_of(corrected), heads, weight)
            found[f"heads, {weight:g}"] = _tallies(others, fitted, heads, thresholds, pairs, encoder)
            held: list[Held] = []
            for fold in range(5):
                known = rows_of([d for i, d in enumerate(corrected) if i % 5 != fold])
                part = fit_personal(rest, known, heads, weight)
                held += [
                    Held(d, predict(d, part, heads.lexicon), pairs) for i, d in enumerate(corrected) if i % 5 == fold
                ]
            moved = move_thresholds(held, thresholds, encoder)
            found[f"heads and thresholds, {weight:g}"] = _tallies(others, fitted, heads, moved, pairs, encoder)
        outcomes[batch] = found
        print(
            f"{batch:8} {len(others):3} notes  " + "  ".join(f"{name} {f1(t):.3f}" for name, t in found.items()),
            flush=True,
        )
    for name in next(iter(outcomes.values())):
        before = [t for found in outcomes.values() for t in found["shipped"]]
        after = [t for found in outcomes.values() for t in found[name]]
        gains = np.array([f1(found[name]) - f1(found["shipped"]) for found in outcomes.values()])
        drawn = np.random.default_rng(7).choice(gains, (2000, len(gains))).mean(axis=1)
        low, high = np.quantile(drawn, (0.025, 0.975))
        print(
            f"{name:28} F1 {f1(after):.3f}; mean gain over {len(gains)} batches {gains.mean():+.3f} [{low:+.3f}, {high:+.3f}], "
            f"better in {int((gains > 0).sum())}, worse in {int((gains < 0).sum())}; all notes {chance_of_gain(before, after):.2f}"
        )


def _tallies(
    documents: Sequence[Document],
    fitted: object,
    heads: Heads,
    thresholds: dict[str, float],
    pairs: Logistic,
    encoder: Encoder,
) -> list[Tally]:
    return [tally(Held(d, predict(d, fitted, heads.lexicon), pairs), thresholds, encoder) for d in documents]  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(main())
