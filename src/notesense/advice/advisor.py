"""Stage 7: open questions for implied needs, an example of a rewrite for each pitch, from the curated banks."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from notesense.advice.banks import Banks, read_banks
from notesense.domain.findings import Evidence, Need, PitchFlag
from notesense.encoding.encoder import Encoder, Vectors

QUESTIONS = 2
SAME_WHERE_BONUS = 0.1
"""Likeness by which a rewrite of the same place (said, noted) is preferred."""
NEAR_ENOUGH = 0.5
"""Likeness from which an entry of the bank is about the same thing; below it, what fits anywhere is said."""
EXAMPLE = "For example: "


class Advisor:
    """Gives advice from the banks: the entries nearest to the note's own words.

    Args:
        encoder: The encoder whose bundle holds the banks' vectors.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def questions(self, needs: Sequence[Need]) -> list[Need]:
        """Return the needs, each implied one with two open questions that a good listener would ask next.

        Questions that the engine wrote stay.
        """
        return [
            need.model_copy(update={"questions": self._ask(need, self._vector(need.evidence))})
            if need.kind == "implied" and not need.questions
            else need
            for need in needs
        ]

    def rewrites(self, pitches: Sequence[PitchFlag]) -> list[PitchFlag]:
        """Return the pitches, each with the engine's rewrite, or else the nearest example of one, marked as an example."""
        return [
            pitch
            if pitch.rewrite
            else pitch.model_copy(update={"rewrite": self._instead(pitch, self._vector(pitch.evidence))})
            for pitch in pitches
        ]

    def _vector(self, evidence: Sequence[Evidence]) -> Vectors:
        vector: Vectors = self._encoder.encode_mean([e.quote for e in evidence])[0]
        return vector

    @cached_property
    def _banks(self) -> Banks:
        return read_banks(self._encoder.bundle)

    def _ask(self, need: Need, vector: Vectors) -> tuple[str, ...]:
        banks = self._banks
        candidates = [i for i, q in enumerate(banks.questions) if q.category == need.category]
        likeness = banks.question_vectors[candidates] @ vector
        chosen: dict[str, str] = {}
        for at in np.argsort(-likeness, kind="stable"):
            question = banks.questions[candidates[int(at)]]
            chosen.setdefault(question.angle, question.ask)
            if len(chosen) == QUESTIONS:
                break
        return tuple(chosen.values())

    def _instead(self, pitch: PitchFlag, vector: Vectors) -> str:
        banks = self._banks
        candidates = [i for i, r in enumerate(banks.rewrites) if r.tactic == pitch.tactic]
        same_where = np.array([banks.rewrites[i].where == pitch.where for i in candidates])
        likeness = banks.rewrite_vectors[candidates] @ vector
        nearest = int(np.argmax(likeness + SAME_WHERE_BONUS * same_where))
        if likeness[nearest] < NEAR_ENOUGH:
            return EXAMPLE + banks.anywhere[pitch.tactic][pitch.where]
        return EXAMPLE + banks.rewrites[candidates[nearest]].instead
