"""Precision, recall and F1 by finding, matched one to one.

Two spans meet when their overlap covers half of the shorter and 15 % of their union; evidence over 600 characters
never counts. Two findings can be matched when any of their spans meet; the matching is the largest one (augmenting
paths: Kuhn 1955), so neither fragments nor one huge span can score twice.
"""

from collections.abc import Sequence
from typing import NamedTuple

from notesense.domain.spans import Span

MAX_SPAN = 600
HALF_OF_SHORTER = 0.5
SHARE_OF_UNION = 0.15

Spans = Sequence[Span]


class Score(NamedTuple):
    """Counts over findings."""

    found: int
    predicted: int
    gold: int

    @property
    def precision(self) -> float:
        """Share of predicted findings that are right; 0 where nothing was predicted."""
        return self.found / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of gold findings that were found."""
        return self.found / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall: 2·found / (predicted + gold)."""
        total = self.predicted + self.gold
        return 2 * self.found / total if total else 0.0

    def __add__(self, other: "Score") -> "Score":  # type: ignore[override]
        return Score(self.found + other.found, self.predicted + other.predicted, self.gold + other.gold)


def meet(a: Span, b: Span) -> bool:
    """Tell whether two spans mark the same place."""
    if max(a.length, b.length) > MAX_SPAN:
        return False
    overlap = a.overlap(b)
    union = a.length + b.length - overlap
    return overlap >= HALF_OF_SHORTER * min(a.length, b.length) and overlap >= SHARE_OF_UNION * union and overlap > 0


def pair_up(predicted: Sequence[Spans], gold: Sequence[Spans]) -> list[tuple[int, int]]:
    """Return a largest one-to-one matching of predicted to gold findings, as index pairs."""
    edges = [[g for g, there in enumerate(gold) if _touch(here, there)] for here in predicted]
    owner: dict[int, int] = {}

    def place(p: int, seen: set[int]) -> bool:
        for g in edges[p]:
            if g not in seen:
                seen.add(g)
                if g not in owner or place(owner[g], seen):
                    owner[g] = p
                    return True
        return False

    for p in range(len(predicted)):
        place(p, set())
    return sorted((p, g) for g, p in owner.items())


def score(predicted: Sequence[Spans], gold: Sequence[Spans]) -> Score:
    """Return the counts for one note."""
    return Score(len(pair_up(predicted, gold)), len(predicted), len(gold))


def _touch(a: Spans, b: Spans) -> bool:
    return any(meet(x, y) for x in a for y in b)
