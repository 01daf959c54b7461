"""Stage 6: needs → matches with past solutions, each with the words on both sides that make it fit."""

import re
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from notesense.domain.findings import Need
from notesense.domain.notes import Note, Sentence
from notesense.domain.solutions import Choice, Match, Solution
from notesense.encoding.logistic import Logistic
from notesense.solutions.decide import accept_features
from notesense.solutions.filters import Filters
from notesense.solutions.passages import headline, sentences_of
from notesense.solutions.precedent import precedent_of
from notesense.solutions.result import delivered
from notesense.solutions.search import Floats, Query, Searcher
from notesense.solutions.wording import stems

MAX_PASSAGE = 400
MOST_WORDS = 4
WHOLE_LIBRARY = 80
"""Solutions up to which an engine that chooses is shown all of them."""
SHORTLIST = 20
"""Nearest solutions of each need that it is shown of a larger library."""
MOST_NEEDS = 20
"""Needs of one note, for an upper bound."""
Choosing = Callable[[Note, Sequence[Sentence], Sequence[Need], Sequence[Solution]], list[list[Choice]]]
COMMON = 0.1
"""Share of passages from which a word is too common to explain anything, where a library is not small."""
FEW = 3
"""Passages in which any word may stand and still explain something."""


class Matcher:
    """Finds the solutions that fit a need, or says that none does.

    Args:
        searcher: Searches the index.
        model: Decides what is shown.
        limit: Most solutions for one need.
        filters: Which solutions may be shown.
    """

    def __init__(self, searcher: Searcher, model: Logistic, limit: int, filters: Filters | None = None) -> None:
        self.searcher = searcher
        self._allowed = np.array([(filters or Filters()).allow(s) for s in searcher.solutions])
        self._model = model
        self._limit = limit

    def match(self, note: Note, sentences: Sequence[Sentence], needs: Sequence[Need]) -> list[Need]:
        """Return the needs with their matches, best first, and ``matching`` set.

        Args:
            note: The note.
            sentences: Its sentences, in order, which give the context of each need.
            needs: The needs.
        """
        if not needs:
            return []
        queries, probabilities = self._judge(note, sentences, needs)
        matched = []
        for need, query, row in zip(needs, queries, probabilities, strict=True):
            fitting = [int(i) for i in np.argsort(-row, kind="stable") if row[i] >= self._model.threshold]
            matches = tuple(self._match(note, query[0], i, float(row[i])) for i in fitting[: self._limit])
            matching = "matched" if fitting else "nothing_fits"
            matched.append(need.model_copy(update={"matching": matching, "matches": matches}))
        return matched

    def match_by(
        self, choose: Choosing, note: Note, sentences: Sequence[Sentence], needs: Sequence[Need]
    ) -> list[Need]:
        """Return the needs with the matches that an engine chooses.

        Args:
            choose: Chooses among solutions: among all where they are few, else among the nearest of each need.
            note: The note.
            sentences: Its sentences, in order.
            needs: The needs.

        Raises:
            EngineError: The engine cannot choose.
        """
        options = self.options(note, sentences, needs)
        index_of = {solution.id: i for i, solution in enumerate(self.searcher.solutions)}
        chosen = choose(note, sentences, needs, options)
        matched = []
        for need, choices in zip(needs, chosen, strict=True):
            query = queries_of(note, sentences, need)[0]
            matches = tuple(
                self._match(note, query, index_of[choice.solution_id], None, choice.why)
                for choice in choices[: self._limit]
            )
            matching = "matched" if choices else "nothing_fits"
            matched.append(need.model_copy(update={"matching": matching, "matches": matches}))
        return matched

    def most_options(self) -> list[Solution]:
        """Return the most solutions that an engine can be shown for one note, for an upper bound of what that takes."""
        allowed = [s for s, is_allowed in zip(self.searcher.solutions, self._allowed, strict=True) if is_allowed]
        if len(allowed) <= WHOLE_LIBRARY:
            return allowed
        return sorted(allowed, key=lambda s: -len(s.summary or s.text))[: SHORTLIST * MOST_NEEDS]

    def options(self, note: Note, sentences: Sequence[Sentence], needs: Sequence[Need]) -> list[Solution]:
        """Return the solutions that an engine chooses among, in the library's order."""
        allowed = [s for s, is_allowed in zip(self.searcher.solutions, self._allowed, strict=True) if is_allowed]
        if len(allowed) <= WHOLE_LIBRARY:
            return allowed
        near = {name for names in self.nearest(note, sentences, needs, SHORTLIST) for name in names}
        return [solution for solution in allowed if solution.id in near]

    def nearest(self, note: Note, sentences: Sequence[Sentence], needs: Sequence[Need], n: int = 10) -> list[list[str]]:
        """Return the ids of the ``n`` likeliest solutions of each need, before the decision to show any."""
        if not needs:
            return []
        _, probabilities = self._judge(note, sentences, needs)
        order = np.argsort(-probabilities, axis=1, kind="stable")[:, :n]
        return [[self.searcher.solutions[i].id for i in row] for row in order.tolist()]

    def _judge(
        self, note: Note, sentences: Sequence[Sentence], needs: Sequence[Need]
    ) -> tuple[list[tuple[Query, Query, Query]], Floats]:
        """Return the queries of each need, and the probability of each solution, shape (needs, solutions)."""
        queries = [queries_of(note, sentences, need) for need in needs]
        parts = [self.searcher.relevance([query[part] for query in queries]) for part in range(len(queries[0]))]
        probabilities: Floats = self._model.likely(accept_features(parts)) * self._allowed
        return queries, probabilities

    def _match(self, note: Note, evidence: Query, index: int, probability: float | None, why: str = "") -> Match:
        solution = self.searcher.solutions[index]
        passage = self._best_sentence(evidence, index)
        return Match(
            solution_id=solution.id,
            title=solution.title,
            practice=solution.practice,
            client=solution.client,
            lead=solution.lead,
            result=delivered(solution),
            score=None if probability is None else round(probability, 3),
            why=why or explain(" ".join(evidence), solution, self.searcher.found_in, len(self.searcher.index.passages)),
            passage=passage,
            outside_practice=note.practice is not None and note.practice.casefold() != solution.practice.casefold(),
            precedent=precedent_of(note, solution),
        )

    def _best_sentence(self, evidence: Query, index: int) -> str:
        """Return the words of the case that are nearest to the need: a sentence or two, verbatim."""
        passage = self.searcher.best_passage(evidence, index)
        if len(passage) <= MAX_PASSAGE:
            return passage
        options = sentences_of(passage)
        return self.searcher.nearest(evidence, options)


def queries_of(note: Note, sentences: Sequence[Sentence], need: Need) -> tuple[Query, Query, Query]:
    """Return what is searched for a need, in the order of :data:`notesense.solutions.decide.QUERY_PARTS`."""
    evidence = [e.quote for e in need.evidence]
    touched = {i for i, s in enumerate(sentences) for e in need.evidence if s.start < e.end and e.start < s.end}
    near = sorted({j for i in touched for j in (i - 1, i, i + 1) if 0 <= j < len(sentences)})
    context = [sentences[i].text for i in near] or evidence
    headings = sentences[min(touched)].headings if touched else ()
    place = " ".join(filter(None, (*headings, note.client, note.client_unit)))
    return evidence, context, [place]


@cache
def _fillers() -> frozenset[str]:
    """Return the stems of numbers and fillers: two texts that share them have nothing in common."""
    words = """
        zero one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred thousand million
        first second third half every each another last next year month week day hour time today people person new old
        good bad big small lot bit way work job ask think look come use need help keep try start stop
        """
    return frozenset(stems(words))


def explain(evidence: str, solution: Solution, found_in: Callable[[str], int], passages: int) -> str:
    """Return one sentence that says why a solution fits, in words that stand on both sides, the rarest first.

    Args:
        evidence: The client's words.
        solution: The solution.
        found_in: Tells in how many of the library's passages a stem occurs.
        passages: How many the library has.
    """
    wanted = dict.fromkeys(stems(evidence))
    there = set(stems(f"{headline(solution)} {solution.text}"))
    shared = [stem for stem in wanted if stem in there and stem not in _fillers()]
    most = max(FEW, COMMON * passages)
    telling = sorted((stem for stem in shared if found_in(stem) <= most), key=found_in)[:MOST_WORDS]
    words = [_as_written(stem, evidence) for stem in telling]
    if len(words) >= 2:
        listed = ", ".join(f"“{w}”" for w in words[:-1]) + f" and “{words[-1]}”"
        return f"The need and the case both speak of {listed}."
    if words:
        return f"Both speak of “{words[0]}”, and the case as a whole is close to the client's situation."
    return (
        "No words in common, but the case as a whole is close to the client's situation; read it before you offer it."
    )


def _as_written(stem: str, text: str) -> str:
    return next((w for w in re.findall(r"[^\W_]+(?:['’][^\W_]+)?", text) if stems(w) == [stem]), stem).lower()
