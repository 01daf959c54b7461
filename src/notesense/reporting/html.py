"""The report as one HTML page without a script: each note with its evidence marked, beside what was found.

Marks and findings are linked both ways; filters are check boxes that the style reads. So it opens from a mail, offline, and
nothing in a note can run.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from notesense.domain.analysis import Analysis, Report
from notesense.domain.findings import Need, PitchFlag
from notesense.domain.spans import Span
from notesense.reporting import pages
from notesense.reporting.labels import (
    CATEGORY,
    NO_INDEX,
    NOTHING_FITS,
    SIGN,
    TACTIC,
    WHERE,
    heading,
    made_with,
    percent,
    summary,
    taken,
)

STEPS = (0.5, 0.7)
"""Confidences from which findings can be shown alone."""


class Tag(NamedTuple):
    """The end of a piece of evidence: a link to its finding."""

    finding: str
    kind: str
    """``stated``, ``implied`` or ``pitch``."""
    number: int
    """Of the piece among those of its finding, from 1."""


class Segment(NamedTuple):
    """A stretch of the note's text that has the same marks from end to end."""

    text: str
    kinds: tuple[str, ...]
    """Kinds of the findings that it shows; none where it is no evidence."""
    classes: str
    """What filters look at."""
    tags: tuple[Tag, ...]
    """Evidence that ends here."""


def render_html(report: Report) -> str:
    """Return a report as HTML."""
    findings = [f for a in report.analyses for f in (*a.needs, *a.pitches)]
    categories = {need.category for a in report.analyses for need in a.needs}
    return pages.render_page(
        "notesense.reporting", "report", "What the notes say", report=report, segments=segments, heading=heading, summary=summary, made_with=made_with, taken=taken,
        percent=percent, level=level, CATEGORY=CATEGORY, TACTIC=TACTIC, WHERE=WHERE, SIGN=SIGN, NOTHING_FITS=NOTHING_FITS,
        NO_INDEX=NO_INDEX, STEPS=STEPS, has_findings=bool(findings), categories=[c for c in CATEGORY if c in categories],
    )  # fmt: skip


def level(finding: Need | PitchFlag) -> str:
    """Return the class of a finding's confidence: ``sure-0``, ``sure-1`` or ``sure-2``."""
    confidence = 1.0 if finding.confidence is None else finding.confidence
    return f"sure-{sum(confidence >= step for step in STEPS)}"


def segments(analysis: Analysis) -> list[Segment]:
    """Return the note's text, cut where evidence begins or ends."""
    text = analysis.note.text
    marks = [(e.span, Tag(n.id, n.kind, i), _classes(n)) for n in analysis.needs for i, e in enumerate(n.evidence, 1)]
    marks += [
        (e.span, Tag(p.id, "pitch", i), _classes(p)) for p in analysis.pitches for i, e in enumerate(p.evidence, 1)
    ]
    cuts = sorted({0, len(text), *(at for span, _, _ in marks for at in span)})
    return [_segment(text, Span(*cut), marks) for cut in pairwise(cuts)]


def _segment(text: str, cut: Span, marks: Sequence[tuple[Span, Tag, str]]) -> Segment:
    here = [(tag, classes) for span, tag, classes in marks if span.start <= cut.start and cut.end <= span.end]
    ending = tuple(tag for span, tag, _ in marks if span.end == cut.end)
    return Segment(
        text[cut.start : cut.end],
        tuple(dict.fromkeys(tag.kind for tag, _ in here)),
        here[0][1] if len(here) == 1 else "",
        ending,
    )


def _classes(finding: Need | PitchFlag) -> str:
    if isinstance(finding, Need):
        return f"{finding.kind} {finding.category} {level(finding)}"
    return f"pitch {level(finding)}"
