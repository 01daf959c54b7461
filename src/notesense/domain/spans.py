"""Spans: half-open ranges of code points in a note's text."""

from typing import NamedTuple


class Span(NamedTuple):
    """The range of ``text[start:end]``."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """Number of code points."""
        return self.end - self.start

    def overlap(self, other: "Span") -> int:
        """Number of code points that both cover."""
        return max(0, min(self.end, other.end) - max(self.start, other.start))
