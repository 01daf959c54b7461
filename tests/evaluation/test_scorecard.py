import numpy as np
import pytest

from notesense.evaluation.scorecard import reliability, score_tallies, split_scores
from notesense.evaluation.tally import Judgement, Tally


def tally(name: str, ratio: tuple[float, float], batch: str = "a", judgements: list[Judgement] | None = None) -> Tally:
    return Tally(name, batch, {"need.f1": ratio}, judgements or [], {"batch": batch, "style": "bullets"})


def test_a_metric_is_the_ratio_of_sums_not_the_mean_of_ratios() -> None:
    scores = score_tallies([tally("1", (1, 1)), tally("2", (0, 9))])
    estimate = scores.metrics["need.f1"]
    assert (estimate.value, estimate.numerator, estimate.denominator) == (0.1, 1, 10)


def test_the_interval_is_that_of_the_bootstrap_over_cases() -> None:
    random = np.random.default_rng(1)
    right = random.random(400) < 0.7
    estimate = score_tallies([tally(str(i), (int(r), 1)) for i, r in enumerate(right)]).metrics["need.f1"]
    error = 1.96 * np.sqrt(right.mean() * (1 - right.mean()) / 400)  # normal approximation
    assert estimate.low == pytest.approx(right.mean() - error, abs=0.01)
    assert estimate.high == pytest.approx(right.mean() + error, abs=0.01)


def test_whole_cases_are_drawn_so_that_a_note_of_many_needs_widens_the_interval() -> None:
    together = [tally(str(i), (10 * (i % 2), 10)) for i in range(20)]
    apart = [tally(str(i), (i % 2, 1)) for i in range(200)]
    wide, narrow = (score_tallies(t).metrics["need.f1"] for t in (together, apart))
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)  # type: ignore[operator]


def test_scores_are_the_same_every_time() -> None:
    tallies = [tally(str(i), (i % 3, 3)) for i in range(30)]
    assert score_tallies(tallies) == score_tallies(tallies)


def test_where_nothing_counts_there_is_no_value() -> None:
    assert score_tallies([tally("1", (0, 0))]).metrics["need.f1"].value is None


def test_splits_are_by_what_tells_cases_apart() -> None:
    splits = split_scores([tally("1", (1, 1), "a"), tally("2", (0, 1), "b"), tally("3", (1, 1), "b")])
    assert list(splits) == ["batch"]
    assert {name: s.metrics["need.f1"].value for name, s in splits["batch"].items()} == {"a": 1.0, "b": 0.5}


def test_calibration_error_is_the_weighted_gap() -> None:
    judgements = [Judgement(0.95, True), Judgement(0.95, False), Judgement(0.15, False), Judgement(1.0, True)]
    bins = reliability(judgements)
    assert [(b.low, b.count, b.right) for b in bins] == [(0.1, 1, 0.0), (0.9, 3, pytest.approx(2 / 3, abs=1e-4))]
    error = score_tallies([tally("1", (1, 1), judgements=judgements)]).metrics["calibration_error"]
    assert error.value == pytest.approx((0.15 + 3 * abs((0.95 + 0.95 + 1) / 3 - 2 / 3)) / 4, abs=1e-3)
