"""Whether somebody seems to have told the client of a past solution.

In the notes that show a need: words beside its evidence that report a telling ("mentioned that we did"), or name the
case's lead, and are near to the case. A logistic model over that likeness.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from notesense.accounts.meetings import Encode, Occurrence, Reading, masked
from notesense.domain.accounts import Told
from notesense.domain.notes import Sentence
from notesense.domain.solutions import Match, Solution
from notesense.encoding.encoder import Vectors
from notesense.encoding.logistic import Logistic
from notesense.solutions.passages import split_solution

BONUS = 0.1
"""What a telling word, and the lead's first name, add to the likeness of words to a case."""
_TELLING = re.compile(
    r"\b(?:(?<!been )(?<!was )(?<!were )told(?! to\b)|mentioned|described|explained|showed|reminded|passed on|pointed (?:him|her|them|out)|"
    r"(?:gave|talked) (?:him|her|them)|took (?:him|her|them) through|we did|we had|we['’]ve done|we have done|our people|"
    r"your (?:\w+ ){0,3}(?:people|office|department|team)|said (?:that )?we)\b",
    re.IGNORECASE,
)


def encode_cases(solutions: Iterable[Solution], encode: Encode) -> dict[str, Vectors]:
    """Return the vectors of each solution's passages, by its id."""
    return {s.id: encode([p.text for p in split_solution(s)]) for s in solutions}


class Telling:
    """Looks for words that tell of solutions.

    Args:
        cases: Vectors of each solution's passages by its id, shape (n, dimension).
        model: The fitted model.
    """

    def __init__(self, cases: Mapping[str, Vectors], model: Logistic) -> None:
        self._cases = cases
        self._model = model

    def told(self, thread: Sequence[Occurrence], match: Match, readings: Mapping[str, Reading]) -> Told | None:
        """Return the words that seem to tell of a solution, or None where there are none.

        Args:
            thread: The mentions of a need.
            match: What fits it.
            readings: The sentences of the meetings whose text is at hand, by key.
        """
        best: Told | None = None
        for occurrence in thread:
            reading = readings.get(occurrence.meeting.key)
            found = self.nearest(occurrence, match.solution_id, match.lead, reading) if reading else None
            if found is None:
                continue
            sentence, likeness = found
            likely = float(self._model.likely(np.array([likeness], np.float32)))
            if likely >= self._model.threshold and (best is None or likely > best.confidence):
                quote = masked(sentence.text, occurrence.meeting)
                best = Told(note=occurrence.meeting.key, quote=quote, confidence=round(likely, 3))
        return best

    def nearest(
        self, occurrence: Occurrence, solution_id: str, lead: str | None, reading: Reading
    ) -> tuple[Sentence, float] | None:
        """Return the sentence of the note that is nearest to a case, and how near; None where there is nothing to compare."""
        case = self._cases.get(solution_id)
        if case is None:
            return None
        name = re.compile(rf"\b{re.escape(lead.split()[0])}\b") if lead and lead.split() else None
        hints = {
            i: bool(_TELLING.search(words)) + bool(name and name.search(words))
            for i in reading.beside(e.span for e in occurrence.need.evidence)
            for words in [reading.words_near(i)]
        }
        telling = [i for i, hint in hints.items() if hint]  # no other words tell of anything, however near they are
        if not telling:
            return None
        likeness = (reading.near_vectors[telling] @ case.T).max(axis=1) + BONUS * np.array([hints[i] for i in telling])
        i = int(likeness.argmax())
        return reading.sentences[telling[i]], float(likeness[i])

    def looked(self, thread: Sequence[Occurrence], match: Match, readings: Mapping[str, Reading]) -> bool:
        """Tell whether case and notes are at hand to look for a telling."""
        return match.solution_id in self._cases and any(o.meeting.key in readings for o in thread)
