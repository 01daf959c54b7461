"""The floor: a keyword engine. A sentence is a need where its keywords say so.

Honest rather than a straw man: the keywords are the words and word pairs of the training split with the highest log
odds of standing in a need (Monroe et al. 2008, without the prior), and how many, and how many hits make a need, are
whatever gives it the best F1 on that split.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from notesense.domain.spans import Span
from notesense.engines.local.lexical import word_terms
from notesense.evaluation.metrics import Score, score
from training.dataset import Document

LEAST_OCCURRENCES = 5


class KeywordEngine(NamedTuple):
    """Keywords, and the fewest different ones that make a sentence a need."""

    keywords: frozenset[str]
    least: int

    def needs(self, document: Document) -> list[Span]:
        """Return the sentences that it takes for needs."""
        sentences = [document.sentences[row] for row in document.rows]
        return [Span(s.start, s.end) for s in sentences if len(self.keywords & set(word_terms(s.text))) >= self.least]

    def score(self, document: Document) -> Score:
        """Return the counts of a labelled note."""
        assert document.case
        return score([[span] for span in self.needs(document)], [need.spans for need in document.case.needs])


def tune(documents: Sequence[Document]) -> KeywordEngine:
    """Return the keyword engine with the best F1 by finding on some documents."""
    inside: Counter[str] = Counter()
    outside: Counter[str] = Counter()
    totals = [0, 0]
    for document in documents:
        for row, label in zip(document.rows, document.labels, strict=True):
            is_need = label.startswith("need")
            (inside if is_need else outside).update(set(word_terms(document.sentences[row].text)))
            totals[is_need] += 1
    odds = {
        term: np.log((count + 0.5) / (totals[1] - count + 0.5))
        - np.log((outside[term] + 0.5) / (totals[0] - outside[term] + 0.5))
        for term, count in inside.items()
        if count >= LEAST_OCCURRENCES
    }
    ranked = sorted(odds, key=lambda term: -odds[term])
    engines = [
        KeywordEngine(frozenset(ranked[:size]), least) for size in (50, 100, 200, 400, 800) for least in (1, 2, 3)
    ]
    notes = [d for d in documents if d.case]
    return max(engines, key=lambda engine: sum((engine.score(d) for d in notes), Score(0, 0, 0)).f1)
