"""Words around a piece of evidence."""

import re
from typing import NamedTuple

from notesense.domain.findings import Evidence
from notesense.domain.notes import LINE_ENDS
from notesense.domain.printable import one_line

AROUND = 60
"""Characters shown on either side of the evidence."""
_LINE_MARK = re.compile(r"^\s*(?:[-*+•>#|]+\s*)+")


class Excerpt(NamedTuple):
    """Evidence with the words around it, on one line, safe to show."""

    speaker: str
    """Who says it, where the words before do not tell."""
    before: str
    evidence: str
    after: str
    place: str = ""
    """Where it stands in the source, in brackets; empty where the note is its source."""


def excerpt(text: str, evidence: Evidence, around: int = AROUND) -> Excerpt:
    """Return the evidence with its surroundings, which stay on its own lines and break at blanks.

    Args:
        text: The note's text.
        evidence: Whose offsets point into it.
        around: Most characters on either side.
    """
    before = _LINE_MARK.sub(
        "", re.split(f"[{LINE_ENDS}]", text[max(0, evidence.start - 3 * around) : evidence.start])[-1]
    )
    after = re.split(f"[{LINE_ENDS}]", text[evidence.end : evidence.end + 3 * around])[0]
    before, after = one_line(before, keep_ends=True), one_line(after, keep_ends=True)
    if len(before) > around:
        before = "…" + re.sub(r"^\S*\s", "", before[-around:])
    if len(after) > around:
        after = re.sub(r"\s\S*$", "", after[:around]) + "…"
    speaker = one_line(evidence.speaker or "")
    told = not speaker or speaker in before
    place = f" ({one_line(evidence.locator)})" if evidence.locator else ""
    return Excerpt("" if told else f"{speaker}: ", before.lstrip(), one_line(evidence.quote), after.rstrip(), place)
