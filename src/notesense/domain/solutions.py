"""Past solutions and how they fit a need: plain data, no I/O."""

from pydantic import Field

from notesense.domain.base import Frozen


class Solution(Frozen):
    """A past solution or case study of the firm."""

    id: str
    title: str
    practice: str
    client: str
    client_unit: str | None = None
    year: int | None = None
    lead: str | None = None
    """Whom to bring in."""
    services: tuple[str, ...] = ()
    summary: str = ""
    """What was done and delivered, in a sentence or two."""
    text: str = ""
    """The case study itself."""
    source: str = Field(default="", exclude=True)
    """File it was read from, with the line where that helps."""


class Match(Frozen):
    """A solution that fits a need, and why."""

    solution_id: str
    title: str
    practice: str
    client: str
    lead: str | None
    result: str
    """What was delivered, in the case study's words."""
    score: float | None
    """Calibrated probability that a thoughtful colleague would show this case for this need; None where a model chose
    it and cannot tell."""
    why: str
    passage: str
    """Words of the case study that made it fit."""
    outside_practice: bool
    """Whether the case is of another practice than the note-taker's own (False where that is not known)."""
    precedent: str | None = None
    """Said where the case was done for the same client."""


class Choice(Frozen):
    """A solution that an engine chose for a need, and why."""

    solution_id: str
    why: str
