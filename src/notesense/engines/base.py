"""What an engine can do, as protocols. The pipeline asks for each capability and falls back to the embedded one."""

from collections.abc import Sequence
from typing import Protocol

from notesense.domain.analysis import EngineInfo
from notesense.domain.findings import Claim, Mention, Need
from notesense.domain.notes import Chunk, Note, Sentence
from notesense.domain.solutions import Choice, Solution


class Detector(Protocol):
    """Finds needs and pitches. Every engine is one."""

    info: EngineInfo
    window: int
    """Most characters of a chunk that the engine reads at once."""
    languages: frozenset[str] | None
    """ISO 639-1 codes that it knows; None for any."""

    def detect(self, note: Note, chunk: Chunk, sentences: Sequence[Sentence]) -> list[Claim]:
        """Return the claims of one chunk, in order of the text.

        Args:
            note: The note.
            chunk: The stretch of it to read.
            sentences: The sentences that begin in the chunk.

        Raises:
            EngineError: The chunk cannot be read.
        """
        ...


class Judge(Protocol):
    """Tells whether mentions are of one need."""

    def same_need(self, note: Note, mentions: Sequence[Mention]) -> list[list[int]]:
        """Return groups of indices into ``mentions``, each group one need; every index is in exactly one group."""
        ...


class Mender(Protocol):
    """Corrects quotes that are not in the note."""

    def mend(self, note: Note, chunk: Chunk, sentences: Sequence[Sentence], claims: Sequence[Claim]) -> list[Claim]:
        """Return the claims, each with words of the note as its quote, or as it was where none were found.

        Args:
            note: The note.
            chunk: The stretch of it that the claims are about.
            sentences: The sentences that begin in the chunk.
            claims: Claims whose quotes could not be grounded.

        Raises:
            EngineError: It cannot be done.
        """
        ...


class Chooser(Protocol):
    """Chooses the past solutions that fit a need."""

    def choose(
        self, note: Note, sentences: Sequence[Sentence], needs: Sequence[Need], solutions: Sequence[Solution]
    ) -> list[list[Choice]]:
        """Return for each need the solutions that fit it, best first; none is an answer.

        Args:
            note: The note.
            sentences: Its sentences.
            needs: Its needs.
            solutions: What may be chosen.

        Raises:
            EngineError: It cannot be done.
        """
        ...
