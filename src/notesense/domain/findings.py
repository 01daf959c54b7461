"""What is found in a note: claims of an engine, grounded evidence, needs and pitches."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from pydantic import Field

from notesense.domain.base import Frozen
from notesense.domain.notes import Side
from notesense.domain.solutions import Match
from notesense.domain.spans import Span

Kind = Literal["stated", "implied"]
Category = Literal[
    "compliance", "condition_capacity", "cost_funding", "schedule_delivery", "risk_resilience", "operations",
    "stakeholders", "data_technology", "sustainability_energy", "growth_change", "safety_wellbeing", "service_quality",
]  # fmt: skip
Tactic = Literal[
    "credentials", "premature_solution", "revenue_motive", "ask_without_value", "dismissal", "pressure"
]  # fmt: skip
Where = Literal["said", "noted"]
Matching = Literal["matched", "nothing_fits", "no_index"]

MAX_EVIDENCE = 600
"""Most characters of one piece of evidence."""


class NeedLabel(Frozen):
    """What an engine says of words that show a need."""

    kind: Kind
    category: Category


class PitchLabel(Frozen):
    """What an engine says of words that pitch."""

    tactic: Tactic
    where: Where


class Draft(Frozen):
    """What an engine writes about a finding, in its own words; empty where it writes nothing."""

    statement: str = ""
    questions: tuple[str, ...] = ()
    rewrite: str = ""


class Claim(Frozen):
    """An engine's assertion about some words of the note. The quote is what counts; offsets are only a hint."""

    quote: str
    label: NeedLabel | PitchLabel
    confidence: float | None = Field(default=None, ge=0, le=1)
    near: Span | None = None
    """Where the engine read it; the quote is looked for there first."""
    finding: str | None = None
    """The engine's own name of the need that it is of, where it tells: claims of one name are one need."""
    draft: Draft = Draft()


class Evidence(Frozen):
    """Words of the note that prove a finding: ``note.text[start:end] == quote``."""

    start: int
    end: int
    quote: str
    speaker: str | None = None
    side: Side = "unknown"
    locator: str | None = None
    """Where the words stand in the source, for formats whose text is extracted (page, slide, time stamp)."""

    @property
    def span(self) -> Span:
        """The range as a span."""
        return Span(self.start, self.end)


class RejectedClaim(Frozen):
    """A claim that is not shown as evidence, and why."""

    quote: str
    label: str
    reason: str


class Mention(NamedTuple):
    """A grounded claim: one place of the note where a need or a pitch shows."""

    evidence: Evidence
    label: NeedLabel | PitchLabel
    confidence: float | None
    finding: str | None = None
    draft: Draft = Draft()


def by_finding(mentions: Sequence[Mention]) -> list[list[int]]:
    """Return groups of indices: mentions that the engine gave one name are one need, those without a name alone."""
    found: dict[str, list[int]] = {}
    for i, mention in enumerate(mentions):
        found.setdefault(mention.finding or f"alone {i}", []).append(i)
    return list(found.values())


class Need(Frozen):
    """Something the client's side wants, requires or suffers from the lack of, with every place that shows it."""

    id: str
    key: str
    """Stable over runs: from the note's id and the first span."""
    kind: Kind
    category: Category
    statement: str
    confidence: float | None
    evidence: tuple[Evidence, ...]
    questions: tuple[str, ...] = ()
    matching: Matching = "no_index"
    matches: tuple[Match, ...] = ()


class PitchFlag(Frozen):
    """Self-interested language of the firm's own side."""

    id: str
    key: str
    tactic: Tactic
    where: Where
    confidence: float | None
    evidence: tuple[Evidence, ...]
    rewrite: str = ""
