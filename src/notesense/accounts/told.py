"""Whether somebody seems to have told the client of a past solution.

In the notes that show a need: words beside its evidence that are near to the case, nearer still where they report that
somebody told something, or name the case's lead. A logistic model over that likeness.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from notesense.accounts.meetings import Occurrence
from notesense.domain.accounts import Told
from notesense.domain.notes import Sentence
from notesense.domain.solutions import Match
from notesense.encoding.bundle import read_decision
from notesense.encoding.encoder import Encoder, Vectors

BONUS = 0.1
"""What a telling word, and the lead's first name, add to the likeness of words to a case."""
_TELLING = re.compile(
    r"\b(?:told|mentioned|described|explained|showed|reminded|passed on|pointed (?:him|her|them|out)|"
    r"(?:gave|talked) (?:him|her|them)|took (?:him|her|them) through|we did|we had|we['’]ve done|we have done|our people|"
    r"your (?:\w+ ){0,3}(?:people|office|department|team)|said (?:that )?we)\b",
    re.IGNORECASE,
)


class ToldModel(NamedTuple):
    """The fitted logistic model."""

    weight: float
    bias: float
    threshold: float

    @classmethod
    def of(cls, encoder: Encoder) -> "ToldModel":
        """Return the model of the encoder's bundle."""
        return cls(**read_decision(encoder.bundle, "told"))


class Telling:
    """Looks for words that tell of solutions.

    Args:
        cases: Vectors of each solution's passages by its id, shape (n, dimension).
        encoder: The sentence encoder.
        model: The fitted model.
    """

    def __init__(self, cases: Mapping[str, Vectors], encoder: Encoder, model: ToldModel) -> None:
        self._cases = cases
        self._encoder = encoder
        self._model = model

    def told(self, thread: Sequence[Occurrence], match: Match) -> Told | None:
        """Return the words that seem to tell of a solution, or None where there are none."""
        best: Told | None = None
        for occurrence in thread:
            found = self.nearest(occurrence, match.solution_id, match.lead)
            if found is None:
                continue
            sentence, likeness = found
            likely = float(1 / (1 + np.exp(-(likeness * self._model.weight + self._model.bias))))
            if likely >= self._model.threshold and (best is None or likely > best.confidence):
                quote = " ".join(sentence.text.split())
                best = Told(note=occurrence.meeting.key, quote=quote, confidence=round(likely, 3))
        return best

    def nearest(self, occurrence: Occurrence, solution_id: str, lead: str | None) -> tuple[Sentence, float] | None:
        """Return the sentence of the note that is nearest to a case, and how near; None without text or case."""
        case = self._cases.get(solution_id)
        spans = [e.span for e in occurrence.need.evidence]
        sentences = occurrence.meeting.sentences() if occurrence.meeting.text else []
        beside = [
            i for i, s in enumerate(sentences) if not any(s.start < span.end and span.start < s.end for span in spans)
        ]
        if case is None or not beside:
            return None
        windows = [" ".join(s.text for s in sentences[max(0, i - 1) : i + 2]) for i in beside]
        name = re.compile(rf"\b{re.escape(lead.split()[0])}\b") if lead and lead.split() else None
        hints = [bool(_TELLING.search(w)) + bool(name and name.search(w)) for w in windows]
        likeness = (self._encoder.encode(windows) @ case.T).max(axis=1) + BONUS * np.array(hints)
        i = int(likeness.argmax())
        return sentences[beside[i]], float(likeness[i])
