import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from notesense.encoding.encoder import shared_retriever
from notesense.encoding.logistic import Logistic
from notesense.errors import UsageError
from notesense.library import search
from notesense.settings import Settings
from notesense.solutions.decide import ACCEPT_FEATURES, accept_features
from notesense.solutions.filters import Filters
from notesense.solutions.index import SolutionIndex, open_index
from notesense.solutions.passages import split_solution
from notesense.solutions.search import Searcher
from notesense.solutions.wording import stems
from tests.solutions.examples import SMALL, build

QUERIES = [
    "Sewage comes up in forty basements whenever it rains",
    "nobody trusts the numbers in the monthly spreadsheets",
    "How do we keep the clinic open while you rebuild it?",
    "The dog ate the office plants.",
    "zzz qqq",
    "",
]


@pytest.fixture(scope="module")
def searcher(sample_index: Path) -> Searcher:
    return Searcher(open_index(sample_index, shared_retriever()), shared_retriever())


def brute_bm25(index: SolutionIndex, query: str) -> list[float]:
    """BM25 as Lucene has it (k1 1.5, b 0.75), over the most that any passage reaches for each word, summed, by the share of words that are known."""
    documents = [Counter(stems(passage.text)) for passage in index.passages]
    lengths = [sum(document.values()) for document in documents]
    mean = sum(lengths) / len(lengths)
    totals, most, known = [0.0] * len(documents), 0.0, 0
    wanted = dict.fromkeys(stems(query))
    for stem in wanted:
        holders = sum(stem in document for document in documents)
        if not holders:
            continue
        idf = math.log(1 + (len(documents) - holders + 0.5) / (holders + 0.5))
        parts = [
            idf * document[stem] / (document[stem] + 1.5 * (0.25 + 0.75 * length / mean))
            for document, length in zip(documents, lengths, strict=True)
        ]
        totals = [total + part for total, part in zip(totals, parts, strict=True)]
        most += max(parts)
        known += 1
    return [total / (most or 1) * known / max(1, len(wanted)) for total in totals]


def test_cosines_are_those_of_a_comparison_with_every_passage_one_by_one(searcher: Searcher) -> None:
    found = searcher.relevance([[query] for query in QUERIES])
    encoder = shared_retriever()
    for row, query in enumerate(QUERIES):
        (wanted,) = encoder.encode_mean([query])
        for column, example in enumerate(searcher.solutions):
            cosines = [float(encoder.encode([passage.text])[0] @ wanted) for passage in split_solution(example)]
            assert found.passage[row, column] == pytest.approx(max(cosines), abs=1e-5)
            assert found.headline[row, column] == pytest.approx(cosines[0], abs=1e-5)


def test_lexical_scores_are_bm25_computed_from_scratch(searcher: Searcher) -> None:
    found = searcher.relevance([[query] for query in QUERIES]).lexical
    owners = [passage.solution_id for passage in searcher.index.passages]
    for row, query in enumerate(QUERIES):
        scores = brute_bm25(searcher.index, query)
        for column, example in enumerate(searcher.solutions):
            best = max(score for score, owner in zip(scores, owners, strict=True) if owner == example.id)
            assert found[row, column] == pytest.approx(best, abs=1e-5)


def test_the_ranking_of_a_search_is_that_of_the_model_over_all_solutions(
    searcher: Searcher, sample_index: Path
) -> None:
    model = Logistic.read(shared_retriever().bundle, "accept")
    for query in QUERIES[:4]:
        part = searcher.relevance([[query]])
        features = accept_features([part, part, searcher.relevance([[""]])])[0]  # no headings, no client
        assert features.shape == (59, len(ACCEPT_FEATURES))
        scores = []
        for row in features:  # one by one, in plain arithmetic
            z = sum(w * x for w, x in zip(model.weights, row, strict=True))
            scores.append(1 / (1 + math.exp(-(z + model.bias))))
        hits = search(Settings(index=sample_index), query, limit=59)
        expected = sorted(range(59), key=lambda i: -scores[i])
        assert [hit.solution.id for hit in hits] == [searcher.solutions[i].id for i in expected]
        assert [hit.score for hit in hits] == pytest.approx([scores[i] for i in expected], abs=1e-6)
        assert [hit.fits for hit in hits] == [scores[i] >= model.threshold for i in expected]


def test_several_texts_are_searched_for_as_one_query(searcher: Searcher) -> None:
    one = searcher.relevance([[QUERIES[0], QUERIES[1]]])
    vectors = shared_retriever().encode(QUERIES[:2]).sum(axis=0)
    vectors /= np.linalg.norm(vectors)
    assert one.passage[0] == pytest.approx(
        [max(float(vectors @ v) for v in shared_retriever().encode([p.text for p in split_solution(s)]))
         for s in searcher.solutions], abs=1e-5,
    )  # fmt: skip
    assert one.lexical[0] == pytest.approx(searcher.relevance([[" ".join(QUERIES[:2])]]).lexical[0])


def test_the_best_passage_of_a_solution_is_the_nearest_one(searcher: Searcher) -> None:
    for column, example in enumerate(searcher.solutions):
        passages = [passage.text for passage in split_solution(example)]
        assert searcher.best_passage([passages[-1]], column) == passages[-1]


def test_a_search_keeps_to_the_limit_and_the_filters(sample_index: Path) -> None:
    settings = Settings(index=sample_index)
    everything = search(settings, QUERIES[0], limit=59)
    assert [hit.solution.id for hit in search(settings, QUERIES[0], limit=4)] == [h.solution.id for h in everything[:4]]
    filters = Filters(practices=("planning",), since=2020)
    found = search(settings, QUERIES[0], limit=59, filters=filters)
    assert found
    assert [hit.solution.id for hit in found] == [
        hit.solution.id
        for hit in everything
        if hit.solution.practice == "Planning" and (hit.solution.year or 9999) >= 2020
    ]
    with pytest.raises(UsageError, match="no solution"):
        search(settings, QUERIES[0], limit=5, filters=Filters(client="Nobody"))


def test_nothing_fits_words_that_no_case_is_about(sample_index: Path) -> None:
    hits = search(Settings(index=sample_index), "The dog ate the office plants.", limit=59)
    assert [hit.solution.id for hit in hits if hit.fits] == []


def test_words_straight_out_of_a_case_find_it_first(searcher: Searcher, sample_index: Path) -> None:
    for example in searcher.solutions[::6]:
        best, *_ = search(Settings(index=sample_index), example.summary, limit=1)
        assert best.solution.id == example.id


@pytest.mark.parametrize("count", [1, 2, 4])
def test_a_library_of_very_few_solutions_can_be_searched(tmp_path: Path, count: int) -> None:
    build(tmp_path / "few", SMALL[:count])
    hits = search(Settings(index=tmp_path / "few"), "the roof leaks", limit=9)
    assert len(hits) == count
    assert hits[0].solution.id == "A-0"
    assert all(0 <= hit.score <= 1 for hit in hits)
