"""The model card of the bundle, rendered from figures that were measured."""

from typing import Any

_HEAD = """# Model card: minilm-l6-linear

The local engine of notesense: a frozen sentence encoder and linear heads. Runs offline on a CPU.

| part | what |
|---|---|
| encoder | all-MiniLM-L6-v2 (sentence-transformers, Apache-2.0), matrices stored as int8, computed in float32 |
| heads | multinomial logistic regression: finding (none, stated, implied, pitch), category, tactic, where |
| features | vectors of the sentence and its neighbours; form, side, place and length; weighted words, word pairs, letter groups |
| judge | logistic model over pairs of mentions, average linkage |
| calibration | one temperature a head, fitted on held-out batches |

**Language**: English. **Trained on** {notes} labelled notes and {passages} passages of minimal pairs (data {data},
{date}), all written for this project: nothing in them is a real firm, client or person. **Split by whole author
batch**: c and j, and every sixth group of pairs, are test and were used for nothing but the last column.
Thresholds: {thresholds}.

## Figures

By finding, one to one (two spans meet when their overlap covers half of the shorter and 15 % of their union).
Cross-validation leaves one author batch out at a time; its thresholds were chosen on the same held-out notes, so it
is slightly flattering. 95 % intervals by bootstrap over notes.

| | cross-validation | test |
|---|---|---|
"""
_TAIL = """
## Limits

- Trained on notes written for the purpose. Real minutes are drier; expect more false alarms there.
- The category is right less than two times in three; the kind (stated or implied) is surer.
- A finding is a whole clause or sentence. Two needs in one clause are seen as one.
- It reads English only, and refuses other languages rather than finding nothing.
"""


def render(
    figures: dict[str, dict[str, Any]],
    matching: dict[str, dict[str, float]],
    trained: dict[str, Any],
    thresholds: dict[str, float],
) -> str:
    """Return the card.

    Args:
        figures: Summaries by split, "cross-validation" and "test".
        matching: Figures of matching by split.
        trained: What the heads were trained on.
        thresholds: The thresholds by name.
    """
    shown = ", ".join(f"{name} {value:g}" for name, value in thresholds.items())
    lines = [_HEAD.format(**{**trained, "thresholds": shown}).rstrip("\n")]
    splits = ("cross-validation", "test")

    def row(title: str, value: Any) -> None:
        lines.append(f"| {title} | " + " | ".join(value(figures[s]) for s in splits) + " |")

    row("notes", lambda f: str(f["notes"]))
    row(
        "need F1 [interval]",
        lambda f: f"**{f['need']['f1']:.3f}** [{f['need']['interval'][0]:.2f}, {f['need']['interval'][1]:.2f}]",
    )
    row("need precision / recall", lambda f: f"{f['need']['precision']:.2f} / {f['need']['recall']:.2f}")
    row("recall of implied needs", lambda f: f"{f['implied_recall']:.2f}")
    row("kind / category right, of found needs", lambda f: f"{f['kind']:.2f} / {f['category']:.2f}")
    row("keyword engine, need F1", lambda f: f"{f['need_keywords']['f1']:.3f}")
    row(
        "pitch F1 [interval]",
        lambda f: f"**{f['pitch']['f1']:.3f}** [{f['pitch']['interval'][0]:.2f}, {f['pitch']['interval'][1]:.2f}]",
    )
    row("pitch precision / recall", lambda f: f"{f['pitch']['precision']:.2f} / {f['pitch']['recall']:.2f}")
    row("tactic right, of found pitches", lambda f: f"{f['tactic']:.2f}")
    row("notes without pitch that were flagged", lambda f: f"{f['clean_flagged']:.0%} of {f['clean_notes']}")
    lines += ["", "Matching of labelled needs against the 59 cases of the sample library:", ""]
    lines += ["| | " + " | ".join(matching) + " |", "|---" * (len(matching) + 1) + "|"]
    names = next(iter(matching.values()))
    lines += [f"| {name} | " + " | ".join(str(found[name]) for found in matching.values()) + " |" for name in names]
    lines += [
        "",
        "By author batch, F1 of needs / keyword engine / pitches:",
        "",
        "| batch | needs | keywords | pitches |",
        "|---|---|---|---|",
    ]
    for split in splits:
        for batch, (needs, keywords, pitches) in figures[split]["by_batch"].items():
            lines.append(
                f"| {batch}{' (test)' if split == 'test' else ''} | {needs:.2f} | {keywords:.2f} | {pitches:.2f} |"
            )
    return "\n".join(lines) + "\n" + _TAIL
