from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notesense.domain.spans import Span
from notesense.evaluation.metrics import MAX_SPAN, Score, meet, pair_up, score
from tests.strategies import quick

spans = st.builds(lambda a, n: Span(a, a + n), st.integers(0, 24), st.integers(0, 12))
findings = st.lists(st.lists(spans, min_size=1, max_size=3), max_size=5)


@pytest.mark.parametrize(
    ("a", "b", "met"),
    [
        pytest.param((0, 10), (0, 10), True, id="the same"),
        pytest.param((0, 10), (10, 20), False, id="neighbours"),
        pytest.param((0, 10), (30, 40), False, id="apart"),
        pytest.param((0, 10), (5, 15), True, id="half of each"),
        pytest.param((0, 10), (6, 16), False, id="less than half"),
        pytest.param((0, 10), (5, 60), False, id="half of the shorter, 5 of 60 is too little"),
        pytest.param((0, 15), (0, 100), True, id="15 % of the union"),
        pytest.param((0, 14), (0, 100), False, id="14 % of the union"),
        pytest.param((0, 20), (10, 60), True, id="half of the shorter, a sixth of the union"),
        pytest.param((0, 20), (11, 60), False, id="less than half of the shorter"),
        pytest.param((0, MAX_SPAN), (0, MAX_SPAN), True, id="the longest"),
        pytest.param((0, MAX_SPAN + 1), (0, MAX_SPAN), False, id="too long"),
        pytest.param((0, MAX_SPAN + 1), (0, MAX_SPAN + 1), False, id="both too long"),
        pytest.param((5, 5), (0, 10), False, id="an empty one"),
        pytest.param((5, 5), (5, 5), False, id="two empty ones"),
    ],
)
def test_spans_meet_on_half_of_the_shorter_and_15_percent_of_the_union(
    a: tuple[int, int], b: tuple[int, int], met: bool
) -> None:
    assert meet(Span(*a), Span(*b)) is met
    assert meet(Span(*b), Span(*a)) is met


@given(spans, spans, st.integers(0, 1000))
@quick
def test_meeting_is_mutual_and_does_not_depend_on_the_place(a: Span, b: Span, shift: int) -> None:
    assert meet(a, b) == meet(b, a) == meet(Span(a.start + shift, a.end + shift), Span(b.start + shift, b.end + shift))
    assert meet(a, a) == (a.length > 0)


def touch(a: list[Span], b: list[Span]) -> bool:
    return any(meet(x, y) for x in a for y in b)


def largest(predicted: list[list[Span]], gold: list[list[Span]]) -> int:
    """Return the size of the largest matching by trying every order."""
    edges = {(p, g) for p, a in enumerate(predicted) for g, b in enumerate(gold) if touch(a, b)}
    wide = max(len(predicted), len(gold))
    return max(sum((p, g) in edges for p, g in enumerate(order)) for order in permutations(range(wide)))


@given(findings, findings)
@quick
def test_pairs_are_a_largest_one_to_one_matching(predicted: list[list[Span]], gold: list[list[Span]]) -> None:
    pairs = pair_up(predicted, gold)
    assert len({p for p, _ in pairs}) == len({g for _, g in pairs}) == len(pairs)
    assert all(touch(predicted[p], gold[g]) for p, g in pairs)
    assert len(pairs) == largest(predicted, gold)
    assert pairs == sorted(pairs)


def test_a_greedy_choice_is_undone_where_that_finds_more() -> None:
    both, left, right = Span(0, 20), Span(0, 10), Span(10, 20)
    assert pair_up([[both], [left]], [[left], [right]]) == [(0, 1), (1, 0)]


@pytest.mark.parametrize(
    ("predicted", "gold", "expected"),
    [
        pytest.param([], [], (0, 0, 0), id="nothing"),
        pytest.param([[(0, 10)]], [], (0, 1, 0), id="a false alarm"),
        pytest.param([], [[(0, 10)]], (0, 0, 1), id="a miss"),
        pytest.param([[(0, 5)], [(5, 10)]], [[(0, 10)]], (1, 2, 1), id="fragments score once"),
        pytest.param([[(0, 40)]], [[(0, 20)], [(20, 40)]], (1, 1, 2), id="one span over two findings scores once"),
        pytest.param([[(90, 99), (0, 10)]], [[(50, 60), (0, 10)]], (1, 1, 1), id="any of the spans"),
        pytest.param([[(0, 601)]], [[(0, 601)]], (0, 1, 1), id="a huge span never counts"),
    ],
)
def test_findings_are_counted_one_to_one(
    predicted: list[list[tuple[int, int]]], gold: list[list[tuple[int, int]]], expected: tuple[int, int, int]
) -> None:
    assert score([[Span(*s) for s in f] for f in predicted], [[Span(*s) for s in f] for f in gold]) == expected


def test_many_findings_in_a_row_can_be_paired() -> None:
    """Each prediction touches two neighbours, so that the last one makes all of them move."""
    gold = [[Span(20 * i, 20 * i + 20)] for i in range(300)]
    predicted = [[Span(20 * i + 10, 20 * i + 30)] for i in range(299)] + [[Span(0, 20)]]
    assert len(pair_up(predicted, gold)) == 300


@pytest.mark.parametrize(
    ("counts", "precision", "recall", "f1"),
    [
        (Score(0, 0, 0), 0, 0, 0),
        (Score(0, 4, 0), 0, 0, 0),
        (Score(0, 0, 4), 0, 0, 0),
        (Score(2, 4, 8), 0.5, 0.25, 1 / 3),
        (Score(4, 4, 4), 1, 1, 1),
    ],
)
def test_precision_recall_and_f1(counts: Score, precision: float, recall: float, f1: float) -> None:
    assert (counts.precision, counts.recall, counts.f1) == pytest.approx((precision, recall, f1))


@given(st.lists(st.tuples(findings, findings), max_size=3))
@quick
def test_scores_add_up_over_notes(notes: list[tuple[list[list[Span]], list[list[Span]]]]) -> None:
    total = sum((score(p, g) for p, g in notes), Score(0, 0, 0))
    assert total.predicted == sum(len(p) for p, _ in notes)
    assert total.gold == sum(len(g) for _, g in notes)
    assert 0 <= total.found <= min(total.predicted, total.gold)
    assert 0 <= total.f1 <= 1
