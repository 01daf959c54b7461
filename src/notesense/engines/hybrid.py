"""The hybrid engine's detector: the local engine reads first, and the model only what the local one suspects.

A sentence is suspected from a probability far below the one that makes a finding. The suspected sentences are sent with
their neighbours, in one call; a note in which nothing is suspected costs nothing.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from notesense.domain.analysis import EngineInfo
from notesense.domain.findings import Claim
from notesense.domain.notes import Chunk, Note, Sentence
from notesense.domain.spans import Span
from notesense.engines.llm.detector import LlmDetector
from notesense.engines.local.detector import LocalDetector

SUSPICION = 0.02
"""Probability of a need or pitch from which a sentence is sent: see docs/decisions/0010."""
NEIGHBOURS = 2
"""Sentences before and after that give the model the context."""


class HybridDetector:
    """Finds needs and pitches with a model where the local engine suspects any.

    Args:
        local: The local engine's detector.
        llm: The llm engine's detector.
        suspicion: Probability from which a sentence is sent.
    """

    def __init__(self, local: LocalDetector, llm: LlmDetector, suspicion: float = SUSPICION) -> None:
        self._local = local
        self._llm = llm
        self._suspicion = suspicion
        self.info: EngineInfo = llm.info
        self.window = min(local.window, llm.window)
        self.languages = local.languages

    def detect(self, note: Note, chunk: Chunk, sentences: Sequence[Sentence]) -> list[Claim]:
        """Return the claims of a chunk; see :class:`notesense.engines.base.Detector`."""
        suspected = self._local.suspicion(sentences)
        spans = stretches(sentences, suspected >= self._suspicion, chunk.end)
        if not spans:
            return []
        inside = [s for s in sentences if any(span.start <= s.start < span.end for span in spans)]
        hints = [claim.quote for claim in self._local.detect(note, chunk, sentences)]
        return self._llm.read(note, spans, chunk.number + 1, inside, hints)

    def mend(self, note: Note, chunk: Chunk, sentences: Sequence[Sentence], claims: Sequence[Claim]) -> list[Claim]:
        """Return the claims with other quotes; see :class:`notesense.engines.base.Mender`."""
        return self._llm.mend(note, chunk, sentences, claims)


def stretches(sentences: Sequence[Sentence], suspected: npt.NDArray[np.bool_], end: int) -> list[Span]:
    """Return what is sent of a chunk: the suspected sentences with their neighbours, from line to line.

    Args:
        sentences: The sentences of the chunk, in order.
        suspected: Whether each is suspected, shape (n,).
        end: End of the chunk.
    """
    wanted = np.zeros(len(sentences), bool)
    for i in np.flatnonzero(suspected).tolist():
        wanted[max(0, i - NEIGHBOURS) : i + NEIGHBOURS + 1] = True
    spans: list[Span] = []
    for i in np.flatnonzero(wanted).tolist():
        until = sentences[i + 1].start if i + 1 < len(sentences) else end
        if spans and i and wanted[i - 1]:
            spans[-1] = Span(spans[-1].start, until)
        else:
            spans.append(Span(sentences[i].start, until))
    return spans
