"""The model card of the bundle, rendered from figures that were measured."""

from typing import Any

from notesense.evaluation.summary import written
from training.report import Outcome

_HEAD = """# Model card: minilm-l6-tuned

The local engine of notesense. Runs offline on a CPU.

| part | what |
|---|---|
| encoder | all-MiniLM-L6-v2 (sentence-transformers, Apache-2.0), frozen: vectors of mentions, statements and advice |
| detector | the same network, its upper layers fine-tuned on labelled notes: reads windows of whole sentences |
| retriever | the same network, its upper layers fine-tuned by contrast on needs, their statements and the cases that fit (not those of the samples): vectors of needs and solutions |
| heads | multinomial logistic regression on what the detector says, words and letter groups, form, side and place: finding (none, stated, implied, pitch), category, tactic, where |
| judge | logistic model over pairs of mentions, average linkage |
| weights | matrices stored as int8, computed in float32 |
| calibration | one temperature a head, fitted on held-out batches |

**Language**: English. **Trained on** {notes} labelled notes and {passages} passages of minimal pairs (data {data},
{date}), all written for this project: nothing in them is a real firm, client or person. **Split by whole author
batch**: c and j, and every sixth group of pairs, are test and were used for no choice. Thresholds: {thresholds}.

## Figures

Cross-validated: heads leave an eighth of the author batches out at a time, the network half of them; thresholds were
chosen on the same held-out notes (that of pitches then raised by real notes, that of needs bounded by unseen ones:
docs/decisions/0006, 0016, 0017), so the figures are slightly flattering. For the test split, with the floors beside
it: `notesense eval run --engine local --engine linear --engine similarity --engine keywords`. By finding, one to one;
95 % intervals by bootstrap over notes. The metrics are defined in docs/evaluation.md.

| metric | cross-validation |
|---|---|
"""
_TAIL = """
## Limits

- Trained on notes written for the purpose. Real minutes are drier; expect more false alarms there.
- The category is often wrong; the kind (stated or implied) is surer.
- A finding is a whole clause or sentence. Two needs in one clause are seen as one.
- In notes of a few plain lines, and on real notes, it is shyer than in whole meetings (suites `plain`, `interviews`).
- It reads English only, and refuses other languages rather than finding nothing.
"""
_SHOWN = ("need.f1", "need.precision", "need.recall", "stated.recall", "implied.recall", "kind.accuracy",
          "category.accuracy", "calibration_error", "no_need.flagged", "no_need.needs", "pitch.f1", "pitch.precision",
          "pitch.recall", "tactic.accuracy", "where.accuracy", "no_pitch.flagged", "no_pitch.flags")  # fmt: skip


def render(
    outcome: Outcome, matching: dict[str, dict[str, float]], trained: dict[str, Any], thresholds: dict[str, float]
) -> str:
    """Return the card.

    Args:
        outcome: Cross-validated scores.
        matching: Figures of matching by size of the library.
        trained: What the models were trained on.
        thresholds: The thresholds by name.
    """
    shown = ", ".join(f"{name} {value:g}" for name, value in thresholds.items())
    lines = [_HEAD.format(**{**trained, "thresholds": shown}).rstrip("\n")]
    lines += [f"| {name} | {written(outcome.total.metrics.get(name))} |" for name in _SHOWN]
    lines += [
        "",
        "Matching of labelled needs against the cases of {libraries} libraries (each need its own), by retrievers that have seen neither the "
        "library nor the author, and accept models that have not seen the author:".format(**trained),
        "",
    ]
    lines += ["| | " + " | ".join(matching) + " |", "|---" * (len(matching) + 1) + "|"]
    names = next(iter(matching.values()))
    lines += [f"| {name} | " + " | ".join(str(found[name]) for found in matching.values()) + " |" for name in names]
    lines += ["", "By author batch:", "", "| batch | notes | need F1 | pitch F1 |", "|---|---|---|---|"]
    for batch, scores in outcome.by_batch.items():
        need, pitch = (written(scores.metrics.get(name)) for name in ("need.f1", "pitch.f1"))
        lines.append(f"| {batch} | {scores.cases} | {need} | {pitch} |")
    return "\n".join(lines) + "\n" + _TAIL
