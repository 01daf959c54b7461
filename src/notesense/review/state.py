"""What somebody has said about the findings of one note so far."""

from collections.abc import Sequence
from itertools import combinations
from typing import Literal

from pydantic import model_validator

from notesense.domain.analysis import Analysis
from notesense.domain.base import Frozen
from notesense.domain.findings import Category, Need, PitchFlag, Tactic, Where
from notesense.domain.spans import Span

Verdict = Literal["open", "accepted", "rejected"]


class MatchCheck(Frozen):
    """A past solution beside a need, and whether somebody would show it."""

    solution_id: str
    verdict: Literal["open", "right", "wrong"] = "open"


class Item(Frozen):
    """A finding: of the engine, corrected or not, or added by the reviewer."""

    id: str
    kind: Literal["stated", "implied", "pitch"]
    category: Category | None = None
    """Of a need."""
    tactic: Tactic | None = None
    where: Where | None = None
    """Both of a pitch."""
    words: str
    """The statement of a need, or what to say instead of a pitch."""
    spans: tuple[Span, ...]
    verdict: Verdict = "open"
    confidence: float | None = None
    added: bool = False
    """Whether the reviewer found it."""
    matches: tuple[MatchCheck, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> "Item":
        if self.kind == "pitch" and not (self.tactic and self.where):
            raise ValueError(f"{self.id}: a pitch has a tactic, and was said or noted")
        if self.kind != "pitch" and not self.category:
            raise ValueError(f"{self.id}: a need has a category")
        if not self.spans or any(span.start >= span.end for span in self.spans):
            raise ValueError(f"{self.id}: no words of the note show it")
        return self


class Review(Frozen):
    """The state of one note."""

    items: tuple[Item, ...]
    matches_checked: bool = False
    """Whether the past work was looked at as well: only then are its labels kept."""
    done: bool = False


def first_review(analysis: Analysis) -> Review:
    """Return the findings of an engine as they come, nothing decided."""
    return Review(items=(*map(_of_need, analysis.needs), *map(_of_pitch, analysis.pitches)))


def faults(review: Review, text: str) -> list[str]:
    """Return what keeps a review from being labels of a note; empty where nothing does.

    Args:
        review: The review.
        text: The note's text.
    """
    found = []
    if len({item.id for item in review.items}) < len(review.items):
        found.append("Two findings have one id.")
    for item in review.items:
        if any(span.start < 0 or span.end > len(text) or not text[slice(*span)].strip() for span in item.spans):
            found.append(f"{item.id}: its words are not in the note.")
    accepted = [item for item in review.items if item.verdict == "accepted"]
    if review.done and len(accepted) < sum(item.verdict != "rejected" for item in review.items):
        found.append("Some findings are undecided: accept or reject them first.")
    found += [f"{item.id}: write what it is about." for item in accepted if not item.words.strip()]
    places = [(span, item.id) for item in accepted for span in item.spans]
    shared = {(a, b) for (one, a), (other, b) in combinations(sorted(places), 2) if one.overlap(other)}
    named = {item.id: f"“{' '.join(item.words.split())[:50]}” ({item.id})" for item in accepted}
    for a, b in sorted(shared):
        both = f"{named[a]} and {named[b]} share words: reject one, or choose other words for it."
        found.append(both if a != b else f"{named[a]} has the same words twice.")
    return found


def uncertainty(findings: Sequence[Need | PitchFlag]) -> float:
    """Return how unsure an engine is of a note, from 0: that of its least sure findings weighs most.

    The mean of the three largest chances of being wrong; findings without a confidence count as one in two.
    """
    doubts = sorted((1 - (0.5 if f.confidence is None else f.confidence) for f in findings), reverse=True)[:3]
    return sum(doubts) / 3


def _of_need(need: Need) -> Item:
    return Item(
        id=need.id, kind=need.kind, category=need.category, words=need.statement, confidence=need.confidence,
        spans=tuple(e.span for e in need.evidence), matches=tuple(MatchCheck(solution_id=m.solution_id) for m in need.matches),
    )  # fmt: skip


def _of_pitch(pitch: PitchFlag) -> Item:
    return Item(
        id=pitch.id, kind="pitch", tactic=pitch.tactic, where=pitch.where, words=pitch.rewrite, confidence=pitch.confidence,
        spans=tuple(e.span for e in pitch.evidence),
    )  # fmt: skip
