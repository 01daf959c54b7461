"""The note and the pieces it is read into: plain data, no I/O."""

import datetime
import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from typing import Literal, NamedTuple

from pydantic import Field, computed_field

from notesense.domain.base import Frozen
from notesense.domain.spans import Span

Side = Literal["client", "firm", "unknown"]
SentenceForm = Literal["prose", "item", "cell", "turn", "quote", "heading", "header"]


class Metadata(Frozen):
    """What is known about a note beside its words; every field may be missing."""

    title: str | None = None
    client: str | None = None
    client_unit: str | None = None
    author: str | None = None
    practice: str | None = None
    date: datetime.date | None = None


class Place(NamedTuple):
    """Where a stretch of the text stands in the source that it was extracted from."""

    start: int
    """Offset from which it does, up to the next place."""
    label: str
    """"page 3", "paragraph 12", "00:01:15"."""


class Note(Frozen):
    """A note as read. ``text`` is never altered after this; all offsets are code points into it."""

    text: str = Field(exclude=True, repr=False)
    path: str
    body_start: int = Field(default=0, exclude=True)
    """Where the words begin: after the front matter, which is part of ``text`` but says no need."""
    places: tuple[Place, ...] = Field(default=(), exclude=True, repr=False)
    """Of formats whose text is extracted, in order."""
    title: str | None = None
    client: str | None = None
    client_unit: str | None = None
    author: str | None = None
    practice: str | None = None
    date: datetime.date | None = None
    language: str | None = None
    """ISO 639-1 code; None where the text is too short to tell."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def id(self) -> str:
        """First 16 hex digits of the SHA-256 of the text."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def locator(self, offset: int) -> str | None:
        """Return where a character stands in the source; None where the text is the source."""
        at = bisect_right(self.places, offset, key=lambda place: place.start) - 1
        return self.places[at].label if at >= 0 else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def words(self) -> int:
        """Whitespace-separated words after the front matter."""
        return len(self.text[self.body_start :].split())


LINE_ENDS = r"\r\n\v\f\x85\u2028\u2029"
"""Characters that end a line, for a set in a pattern: programs of Apple and Word also write Unicode's separators and a vertical tab."""


class Line(NamedTuple):
    """One line without its line end. ``text == note.text[start:end]``."""

    start: int
    end: int
    text: str


class Sentence(NamedTuple):
    """A sentence, or the clause that stands for one, with what its place in the note says about it."""

    start: int
    end: int
    text: str
    """``note.text[start:end]``"""
    form: SentenceForm
    headings: tuple[str, ...] = ()
    speaker: str | None = None
    side: Side = "unknown"


class Chunk(NamedTuple):
    """A stretch of the note that an engine reads at once. Chunks in order concatenate to the text."""

    number: int
    start: int
    end: int

    def body(self, note: Note) -> Span:
        """Return the part of it that is not front matter."""
        return Span(max(self.start, note.body_start), self.end)

    def inside(self, sentences: Sequence[Sentence]) -> list[Sentence]:
        """Return the sentences that begin in it."""
        return [s for s in sentences if self.start <= s.start < self.end]
