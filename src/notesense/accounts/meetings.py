"""A meeting as the archive has it, a need in one of them, and the words around its evidence."""

import datetime
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from notesense.chunking import split_note
from notesense.domain.findings import Evidence, Need, PitchFlag
from notesense.domain.notes import Note, Sentence
from notesense.domain.spans import Span
from notesense.domain.wording import tidy
from notesense.encoding.encoder import Vectors
from notesense.engines.local.lexical import Floats
from notesense.solutions.wording import stems

MASK = "[our colleague]"
"""Stands for the author of a note in the views, which do not say who wrote what."""
AROUND = 160
"""Most characters on either side of evidence that belong to its context; it ends with the line."""


class Meeting(NamedTuple):
    """One note of an archive with what was found in it."""

    key: str
    """Its name in the archive."""
    client: str | None
    """As the note says."""
    unit: str | None
    author: str | None
    practice: str | None
    date: datetime.date | None
    needs: tuple[Need, ...]
    pitches: tuple[PitchFlag, ...] = ()
    text: str = ""
    """Empty where it is not at hand."""
    body_start: int = 0
    """Where the words begin, after the front matter."""

    @property
    def order(self) -> tuple[datetime.date, str]:
        """What meetings are sorted by; those without a date come first, as nothing can be later than they are."""
        return self.date or datetime.date.min, self.key


Encode = Callable[[Sequence[str]], Vectors]
"""Returns one unit vector for each of some texts."""


class Occurrence:
    """A need of one meeting.

    Args:
        meeting: The meeting.
        need: The need.
    """

    def __init__(self, meeting: Meeting, need: Need) -> None:
        self.meeting = meeting
        self.need = need

    @cached_property
    def context(self) -> list[str]:
        """The words around each piece of evidence; the evidence itself where the text is not at hand."""
        return [around(self.meeting.text, e) for e in self.need.evidence]

    @cached_property
    def words(self) -> frozenset[str]:
        """Stems of statement and context."""
        return frozenset(stems(" ".join([self.need.statement, *self.context])))

    @property
    def is_written(self) -> bool:
        """Whether the statement is in words of the engine's own, and not the evidence, tidied."""
        return self.need.statement not in {tidy(e.quote) for e in self.need.evidence}


class Reading:
    """The sentences of a meeting with their vectors, each encoded once, whatever is looked for in them.

    Args:
        meeting: The meeting, with its text.
        encode: Encodes the sentences of a meeting.
    """

    def __init__(self, meeting: Meeting, encode: Encode) -> None:
        self.meeting = meeting
        self._encode = encode

    @cached_property
    def sentences(self) -> list[Sentence]:
        """All of its sentences."""
        return split_note(Note(text=self.meeting.text, path=self.meeting.key, body_start=self.meeting.body_start))

    @cached_property
    def vectors(self) -> Vectors:
        """One vector a sentence."""
        return self._encode([s.text for s in self.sentences])

    @cached_property
    def near(self) -> list[slice]:
        """For each sentence itself and its neighbours on the same line."""
        lines = [_line_start(self.meeting.text, s.start) for s in self.sentences]
        last = len(lines) - 1
        return [
            slice(i - (i > 0 and lines[i - 1] == line), i + 1 + (i < last and lines[i + 1] == line))
            for i, line in enumerate(lines)
        ]

    @cached_property
    def near_vectors(self) -> Vectors:
        """One vector a sentence, the mean direction of :attr:`near`."""
        sums = np.array([self.vectors[near].sum(axis=0) for near in self.near], np.float32).reshape(self.vectors.shape)
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        vectors: Vectors = (sums / np.where(norms == 0, 1, norms)).astype(np.float32)
        return vectors

    def words_near(self, i: int) -> str:
        """Return the words of a sentence and its neighbours on the same line."""
        return " ".join(s.text for s in self.sentences[self.near[i]])

    def beside(self, spans: Iterable[Span], least: int = 0) -> list[int]:
        """Return which sentences touch none of some spans, have at least so many characters, and are no header line."""
        taken = list(spans)
        return [
            i
            for i, s in enumerate(self.sentences)
            if s.form not in ("header", "heading")
            and s.end - s.start >= least
            and not any(s.start < span.end and span.start < s.end for span in taken)
        ]


class Rarity:
    """How rare words are over the meetings of an archive: inverse document frequency, 1 for a word that none has.

    Args:
        texts: One text a meeting.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._found: Counter[str] = Counter()
        self._texts = 0
        for text in texts:
            self._found.update(set(stems(text)))
            self._texts += 1

    def of(self, words: Iterable[str]) -> float:
        """Return the summed rarity of some words."""
        whole = math.log(self._texts + 2)  # archives of any size weigh alike
        return sum(1 - math.log(self._found[word] + 1) / whole for word in words)

    def shared(self, texts: Sequence[frozenset[str]]) -> Floats:
        """Return which part of the poorer one's rarity each two texts have in common, shape (n, n)."""
        rows: dict[str, list[int]] = defaultdict(list)
        for i, words in enumerate(texts):
            for word in words:
                rows[word].append(i)
        common = np.zeros((len(texts), len(texts)), np.float32)
        for word, having in rows.items():
            if len(having) > 1:
                common[np.ix_(having, having)] += self.of([word])
        whole = np.array([self.of(words) for words in texts], np.float32)
        share: Floats = (common / np.maximum(1.0, np.minimum(whole[:, None], whole[None, :]))).astype(np.float32)
        return share


def masked(quote: str, meeting: Meeting) -> str:
    """Return a quote on one line, without the name of who wrote the note."""
    words = " ".join(quote.split())
    if not meeting.author:
        return words
    names = sorted({meeting.author, *(n for n in meeting.author.split() if len(n) > 2)}, key=len, reverse=True)
    return re.sub(rf"\b(?:{'|'.join(map(re.escape, names))})\b", MASK, words, flags=re.IGNORECASE)


def around(text: str, evidence: Evidence) -> str:
    """Return evidence with the words before and after it on its own lines."""
    start, end = evidence.start, evidence.end
    if text[start:end] != evidence.quote:
        return evidence.quote
    return text[max(_line_start(text, start), start - AROUND) : min(_line_end(text, end), end + AROUND)]


def _line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def _line_end(text: str, at: int) -> int:
    ends = [end for end in (text.find("\n", at), text.find("\r", at)) if end >= 0]
    return min(ends, default=len(text))
