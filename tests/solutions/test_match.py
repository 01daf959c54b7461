from pathlib import Path

import pytest

from notesense.analyzer import Analyzer
from notesense.chunking import split_note
from notesense.domain.analysis import Report
from notesense.domain.findings import Evidence, Need
from notesense.domain.notes import Note, Sentence
from notesense.encoding.encoder import shared_retriever
from notesense.encoding.logistic import Logistic
from notesense.errors import ConfigError
from notesense.settings import Settings, resolve
from notesense.solutions.filters import Filters
from notesense.solutions.index import open_index
from notesense.solutions.match import Matcher, explain, queries_of
from notesense.solutions.search import Searcher
from tests.conftest import SAMPLES
from tests.solutions.examples import need_in, solution

LOW = 0.01
"""A threshold at which most needs have several matches."""
ROUNDING = 0.0005
SEWAGE = "Every big storm puts sewage into forty basements because the old sewers let rain in."


@pytest.fixture(scope="module")
def searcher(sample_index: Path) -> Searcher:
    return Searcher(open_index(sample_index, shared_retriever()), shared_retriever())


@pytest.fixture(scope="module")
def samples(sample_index: Path) -> Report:
    """The analysis of all sample notes."""
    return Analyzer(Settings(index=sample_index)).analyze([SAMPLES])


def matcher(searcher: Searcher, limit: int = 3, threshold: float | None = None, **filters: object) -> Matcher:
    model = Logistic.read(shared_retriever().bundle, "accept")
    model = model._replace(threshold=threshold or model.threshold)
    return Matcher(searcher, model, limit, Filters(**filters))  # type: ignore[arg-type]


def matched(made: Matcher, words: str, **metadata: object) -> Need:
    note, sentences, need = need_in(words, **metadata)
    (found,) = made.match(note, sentences, [need])
    return found


def rematch(report: Report, made: Matcher) -> list[Need]:
    """Return the needs of a report, matched anew."""
    return [
        need
        for analysis in report.analyses
        for need in made.match(analysis.note, split_note(analysis.note), analysis.needs)
    ]


def test_a_need_is_matched_with_the_case_that_answers_it(searcher: Searcher) -> None:
    found = matched(matcher(searcher), SEWAGE)
    best = found.matches[0]
    assert found.matching == "matched"
    assert (best.solution_id, best.title) == ("W-03", "Infiltration and inflow reduction in old sewers")
    assert (best.practice, best.client) == ("Water", "City of Marlow")
    assert "28%" in best.result
    assert "sewers" in best.why
    assert best.lead


ODD_WORD = pytest.param(
    "He wants a lighter bicycle for the weekend.",
    marks=pytest.mark.xfail(strict=True, reason="one odd word in a title (weekend) is enough: docs/decisions/0018"),
)


@pytest.mark.parametrize("words", ["The dog ate the office plants.", "He wants a lighter bicycle.", ODD_WORD, "x y z"])
def test_the_matcher_abstains_where_nothing_fits(searcher: Searcher, words: str) -> None:
    found = matched(matcher(searcher, limit=20), words)
    assert found.matching == "nothing_fits"
    assert found.matches == ()


def test_matches_are_best_first_above_the_threshold_and_at_most_the_limit(samples: Report, searcher: Searcher) -> None:
    every = rematch(samples, matcher(searcher, limit=20, threshold=LOW))
    assert max(len(need.matches) for need in every) > 5
    for need in every:
        scores = [match.score for match in need.matches]
        assert scores == sorted(scores, reverse=True)
        assert all(LOW - ROUNDING <= score <= 1 for score in scores)
        assert len({match.solution_id for match in need.matches}) == len(scores)
        assert (need.matching == "matched") == bool(scores)
    fewer = rematch(samples, matcher(searcher, limit=2, threshold=LOW))
    assert [need.matches for need in fewer] == [need.matches[:2] for need in every]
    surer = rematch(samples, matcher(searcher, limit=20, threshold=0.1))
    for need, sure in zip(every, surer, strict=True):
        kept = len(sure.matches)
        assert sure.matches == need.matches[:kept]
        assert all(match.score >= 0.1 - ROUNDING for match in need.matches[:kept])
        assert all(match.score <= 0.1 + ROUNDING for match in need.matches[kept:])


def test_no_room_for_matches_is_not_the_same_as_nothing_fits(searcher: Searcher) -> None:
    try:
        limit = resolve({"max_matches": 0}, {}).settings.max_matches
    except ConfigError:
        return
    assert matched(matcher(searcher, limit), SEWAGE).matching != "nothing_fits"


@pytest.mark.parametrize(
    "filters",
    [{"practices": ("Water",)}, {"practices": ("energy", "buildings")}, {"client": "Marlow"}, {"since": 2021}],
)
def test_filters_leave_out_and_never_bring_in(samples: Report, searcher: Searcher, filters: dict[str, object]) -> None:
    allowed = {s.id for s in searcher.solutions if Filters(**filters).allow(s)}  # type: ignore[arg-type]
    every = [need.matches for need in rematch(samples, matcher(searcher, 59, LOW))]
    left = [need.matches for need in rematch(samples, matcher(searcher, 59, LOW, **filters))]
    assert left == [tuple(match for match in matches if match.solution_id in allowed) for matches in every]
    assert any(left)
    assert left != every


def test_the_passage_is_words_of_the_case(samples: Report, searcher: Searcher) -> None:
    cases = {s.id: s for s in searcher.solutions}
    matches = [match for need in rematch(samples, matcher(searcher, 20, LOW)) for match in need.matches]
    assert len(matches) > 100
    invented = []
    for match in matches:
        case = cases[match.solution_id]
        sources = [" ".join(part.split()) for part in (case.text, case.summary, case.title)]
        if not any(" ".join(match.passage.split()) in source for source in sources):
            invented.append((match.solution_id, match.passage))
    assert invented == []


def test_the_result_is_words_of_the_case(samples: Report, searcher: Searcher) -> None:
    cases = {s.id: s for s in searcher.solutions}
    for match in (match for need in rematch(samples, matcher(searcher, 20, LOW)) for match in need.matches):
        assert match.result == cases[match.solution_id].summary


@pytest.mark.parametrize(("practice", "outside"), [("Water", False), ("water", False), ("Energy", True), (None, False)])
def test_a_case_of_another_practice_than_the_writers_is_marked(
    searcher: Searcher, practice: str | None, outside: bool
) -> None:
    best = matched(matcher(searcher), SEWAGE, practice=practice).matches[0]
    assert best.practice == "Water"
    assert best.outside_practice is outside


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        pytest.param({"client": "Marlow", "client_unit": "Parks"}, "Public Works already has this", id="other unit"),
        pytest.param({"client": "City of Marlow", "client_unit": "Public works"}, "own Public Works", id="same unit"),
        pytest.param({"client": "City of Dunmore", "client_unit": "Parks"}, None, id="other client"),
        pytest.param({}, None, id="client not known"),
    ],
)
def test_a_case_of_the_same_client_is_a_precedent(
    searcher: Searcher, metadata: dict[str, str], words: str | None
) -> None:
    best = matched(matcher(searcher), SEWAGE, **metadata).matches[0]
    assert best.solution_id == "W-03"
    if words is None:
        assert best.precedent is None
    else:
        assert words in (best.precedent or "")


def test_a_sample_note_finds_what_another_unit_of_the_client_already_has(samples: Report) -> None:
    walk = next(a for a in samples.analyses if a.note.path.endswith("01-marlow-parks-walk.md"))
    units = [m.precedent for need in walk.needs for m in need.matches if m.precedent]
    assert any("Public Works already has this" in words for words in units)


def test_a_need_is_searched_by_its_words_its_neighbours_and_its_place() -> None:
    text = "Roof\nIt rains in. Buckets stand about. All is fine elsewhere."
    starts = [5, 17, 37]
    words = ["It rains in.", "Buckets stand about.", "All is fine elsewhere."]
    sentences = [
        Sentence(start, start + len(said), said, "prose", ("Roof",)) for start, said in zip(starts, words, strict=True)
    ]
    evidence = Evidence(start=5, end=17, quote="It rains in.")
    need = need_in("x")[2].model_copy(update={"evidence": (evidence,)})
    note = Note(text=text, path="n.md", client="City of Marlow", client_unit="Parks")
    assert queries_of(note, sentences, need) == (["It rains in."], words[:2], ["Roof City of Marlow Parks"])


def test_the_nearest_are_those_that_would_be_shown_first_and_more(samples: Report, searcher: Searcher) -> None:
    made = matcher(searcher, limit=3, threshold=LOW)
    for analysis in samples.analyses:
        sentences = split_note(analysis.note)
        nearest = made.nearest(analysis.note, sentences, analysis.needs, n=5)
        shown = made.match(analysis.note, sentences, analysis.needs)
        assert [len(ids) for ids in nearest] == [5] * len(shown)
        for ids, need in zip(nearest, shown, strict=True):
            assert ids[: len(need.matches)] == [match.solution_id for match in need.matches]
    assert made.nearest(Note(text="x", path="n.md"), [], []) == []


def test_no_needs_make_no_matches(searcher: Searcher) -> None:
    assert matcher(searcher).match(Note(text="x", path="n.md"), [], []) == []


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        ("The pumps were failing", "The need and the case both speak of “pumps” and “failing”."),
        ("The pumps are fine", "Both speak of “pumps”, and the case as a whole"),
        ("Nobody knows why", "No words in common"),
    ],
)
def test_the_reason_names_the_words_on_both_sides(evidence: str, words: str) -> None:
    assert words in explain(evidence, solution("A", "pump"), lambda stem: 1, 100)


def test_common_words_explain_nothing_and_rare_ones_come_first() -> None:
    spread = {"harbour": 0.5, "pump": 0.09, "fail": 0.01, "repair": 0.02}
    why = explain(
        "harbour pump failing, repaired", solution("A", "pump"), lambda stem: round(100 * spread.get(stem, 1.0)), 100
    )
    assert why == "The need and the case both speak of “failing”, “repaired” and “pump”."


def test_in_a_small_library_a_word_of_several_passages_explains_something() -> None:
    why = explain("the harbour pump", solution("A", "pump at the harbour"), lambda _: 3, 8)
    assert "“harbour” and “pump”" in why
    assert "No words in common" in explain("the harbour pump", solution("A", "pump"), lambda _: 4, 8)
