"""Stage 6, search: how well each solution of an index answers a query, by vectors and by words.

Every passage is ranked exactly (libraries of a firm have tens to thousands of solutions; approximate search loses
recall), then passages are summed up by solution. Dense: cosine of unit vectors. Lexical: BM25 (Robertson and Zaragoza
2009) over stems. :mod:`notesense.solutions.decide` fuses the two.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from notesense.domain.solutions import Solution
from notesense.encoding.encoder import Encoder
from notesense.solutions.index import SolutionIndex
from notesense.solutions.wording import stems

Floats = npt.NDArray[np.float32]


Query = Sequence[str]
"""Texts that are searched for together: their mean direction, and all of their words."""


class Relevance(NamedTuple):
    """How well each solution answers each query; rows are queries, columns solutions."""

    passage: Floats
    """Cosine of the nearest passage."""
    headline: Floats
    """Cosine of title and summary."""
    lexical: Floats
    """BM25 of the best passage, over the most that a passage could reach that has every word of the query."""


class Searcher:
    """Searches an index that is in memory.

    Args:
        index: The index.
        encoder: The encoder that built it.
    """

    def __init__(self, index: SolutionIndex, encoder: Encoder) -> None:
        self.index = index
        self._encoder = encoder

    @property
    def solutions(self) -> tuple[Solution, ...]:
        """The solutions, in the order of every column."""
        return self.index.solutions

    def relevance(self, queries: Sequence[Query]) -> Relevance:
        """Return how well each solution answers each query, three arrays of shape (len(queries), solutions)."""
        vectors = np.concatenate([self._encoder.encode_mean(query) for query in queries])
        cosines = vectors @ self.index.vectors.T
        lexical = np.array([self._bm25(" ".join(query)) for query in queries], np.float32).reshape(cosines.shape)
        return Relevance(
            np.maximum.reduceat(cosines, self._first, axis=1),
            cosines[:, self._first],
            np.maximum.reduceat(lexical, self._first, axis=1),
        )

    def best_passage(self, query: Query, solution: int) -> str:
        """Return the passage of a solution's text that is nearest to the query; its headline where it has no text."""
        rows = self._rows(solution)
        rows = rows[1:] or rows
        nearest = int(np.argmax(self.index.vectors[rows.start : rows.stop] @ self._encoder.encode_mean(query)[0]))
        return self.index.passages[rows[nearest]].text

    def found_in(self, stem: str) -> int:
        """Return in how many passages a stem occurs."""
        if stem not in self.index.bm25.vocab_dict:
            return 0
        return int(np.count_nonzero(np.asarray(self.index.bm25.get_scores([stem])) > 0))

    def nearest(self, query: Query, options: Sequence[str]) -> str:
        """Return the option that is nearest to the query."""
        return options[int(np.argmax(self._encoder.encode(options) @ self._encoder.encode_mean(query)[0]))]

    @cached_property
    def _first(self) -> npt.NDArray[np.intp]:
        """Row of each solution's first passage; its passages follow one another, the headline first."""
        owners = [passage.solution_id for passage in self.index.passages]
        starts = [i for i, owner in enumerate(owners) if i == 0 or owner != owners[i - 1]]
        return np.array(starts, np.intp)

    def _rows(self, solution: int) -> range:
        bounds = [*self._first.tolist(), len(self.index.passages)]
        return range(bounds[solution], bounds[solution + 1])

    def _bm25(self, query: str) -> Floats:
        wanted = list(dict.fromkeys(stems(query)))
        known = [stem for stem in wanted if stem in self.index.bm25.vocab_dict]
        if not known:
            return np.zeros(len(self.index.passages), np.float32)
        scores = np.asarray(self.index.bm25.get_scores(known), np.float32)
        most = sum(float(np.max(self.index.bm25.get_scores([stem]))) for stem in known)
        # a word that no case has counts like the others: one shared word is no match
        share = len(known) / len(wanted)
        return scores * share / (most or 1.0)
