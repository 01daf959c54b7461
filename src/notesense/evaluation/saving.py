"""What the hybrid engine saves and what it loses: for each threshold of suspicion, tokens not sent against findings lost.

No model is called. A labelled need or pitch is lost where less than half of every place that shows it would be sent: no
model can find it any more, however good. Tokens are those of the prompt and the note, by the usual four characters each.
"""

from collections.abc import Sequence
from typing import NamedTuple

from notesense.chunking import split_note
from notesense.domain.spans import Span
from notesense.encoding.encoder import shared_encoder
from notesense.engines.hybrid import stretches
from notesense.engines.llm.prompts import Prompts
from notesense.engines.local.detector import LocalDetector
from notesense.evaluation.suite import Suite, items_of

THRESHOLDS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4)
_CHARACTERS_PER_TOKEN = 4


class Point(NamedTuple):
    """One point of the curve."""

    threshold: float
    notes_sent: float
    """Share of the notes of which anything is sent."""
    tokens_saved: float
    """Share of the input tokens of reading every note whole."""
    needs_kept: float
    """Share of the labelled needs that a model can still find: the ceiling of recall."""
    pitches_kept: float


def saving_curve(suite: Suite, quick: bool = False, thresholds: Sequence[float] = THRESHOLDS) -> list[Point]:
    """Return the curve over the notes of a suite.

    Args:
        suite: The suite.
        quick: Whether only a part of its cases is taken.
        thresholds: Probabilities from which a sentence is sent.
    """
    cases = items_of(suite, quick).notes
    detector = LocalDetector(shared_encoder())
    read = [(case, split_note(case.note)) for case in cases]
    suspected = [detector.suspicion(sentences) for _, sentences in read]
    overhead = len(Prompts()["detect"].system) / _CHARACTERS_PER_TOKEN
    whole = sum(overhead + len(case.note.text) / _CHARACTERS_PER_TOKEN for case in cases)
    points = []
    for threshold in thresholds:
        sent = [
            stretches(sentences, likely >= threshold, len(case.note.text))
            for (case, sentences), likely in zip(read, suspected, strict=True)
        ]
        tokens = sum(overhead + _length(spans) / _CHARACTERS_PER_TOKEN for spans in sent if spans)
        needs = [_is_kept(n.spans, s) for case, s in zip(cases, sent, strict=True) for n in case.needs]
        pitches = [_is_kept(p.spans, s) for case, s in zip(cases, sent, strict=True) for p in case.pitches]
        points.append(
            Point(threshold, _share([bool(s) for s in sent]), 1 - tokens / whole if whole else 0.0, _share(needs), _share(pitches))
        )  # fmt: skip
    return points


def render_curve(points: Sequence[Point]) -> str:
    """Return the curve as Markdown."""
    lines = [
        "Kept: what a model can still find of the labelled findings.",
        "",
        "| suspicion | notes sent | tokens saved | needs kept | pitches kept |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {p.threshold:g} | {p.notes_sent:.1%} | {p.tokens_saved:.1%} | {p.needs_kept:.1%} | {p.pitches_kept:.1%} |"
        for p in points
    ]
    return "\n".join(lines)


def _is_kept(marks: Sequence[Span], sent: Sequence[Span]) -> bool:
    return any(sum(mark.overlap(span) for span in sent) >= 0.5 * mark.length for mark in marks)


def _length(spans: Sequence[Span]) -> int:
    return sum(span.length for span in spans)


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 1.0
