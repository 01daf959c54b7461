"""Tallies → the scorecard: every metric with its 95 % interval, whole and by batch, style, length and industry."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from notesense.domain.base import Frozen
from notesense.evaluation.tally import Judgement, Ratio, Tally

RESAMPLES = 2000
SEED = 20_260
BINS = 10
HEADLINE = ("need.f1", "pitch.f1")
LOWER_IS_BETTER = frozenset(
    {"need.over_merged", "no_pitch.flagged", "no_pitch.flags", "no_need.flagged", "no_need.needs", "failed", "seconds",
     "cost", "calibration_error"}
)  # fmt: skip

Sums = npt.NDArray[np.float64]


class Estimate(Frozen):
    """A metric: a ratio of two sums, with its interval by bootstrap over cases."""

    value: float | None
    """None where there was nothing to count."""
    low: float | None = None
    high: float | None = None
    numerator: float
    denominator: float


class Bin(Frozen):
    """One row of the reliability table."""

    low: float
    high: float
    count: int
    confidence: float
    """Mean of what was claimed."""
    right: float
    """Share that was right."""


class Scores(Frozen):
    """The metrics over a set of cases."""

    cases: int
    metrics: dict[str, Estimate]


class EngineScores(Frozen):
    """Everything about one engine on one suite."""

    engine: str
    model: str
    version: str
    total: Scores
    splits: dict[str, dict[str, Scores]]
    """By attribute, then by its value."""
    reliability: tuple[Bin, ...]
    failures: dict[str, str]
    """Reason of each case that failed, by its name."""
    seconds_p95: float


class Scorecard(Frozen):
    """What ``scorecard.json`` holds."""

    suite: str
    cases: int
    engines: tuple[EngineScores, ...]


def score_tallies(tallies: Sequence[Tally], resamples: int = RESAMPLES) -> Scores:
    """Return every metric over some cases.

    Args:
        tallies: One a case.
        resamples: Bootstrap samples for the intervals (Efron 1979, percentile method); 0 for none.
    """
    metrics: dict[str, Estimate] = {}
    draws = _draws(len(tallies), resamples)
    for name in _names(tallies):
        sums = ratio_sums(tallies, name)
        numerator, denominator = sums.sum(axis=0)
        low = high = None
        if resamples and denominator:
            values = resampled(sums, draws)
            low, high = (round(float(np.quantile(values, q)), 4) for q in (0.025, 0.975))
        metrics[name] = Estimate(
            value=round(float(numerator / denominator), 4) if denominator else None, low=low, high=high,
            numerator=round(float(numerator), 4), denominator=round(float(denominator), 4),
        )  # fmt: skip
    bins = reliability([j for t in tallies for j in t.judgements])
    if total := sum(b.count for b in bins):
        error = sum(b.count * abs(b.confidence - b.right) for b in bins)
        metrics["calibration_error"] = Estimate(
            value=round(error / total, 4), numerator=round(error, 4), denominator=total
        )
    return Scores(cases=len(tallies), metrics=metrics)


def split_scores(tallies: Sequence[Tally], resamples: int = 500) -> dict[str, dict[str, Scores]]:
    """Return the metrics by every attribute that tells cases apart."""
    splits: dict[str, dict[str, Scores]] = {}
    for attribute in dict.fromkeys(name for t in tallies for name in t.groups):
        values = dict.fromkeys(t.groups[attribute] for t in tallies if attribute in t.groups)
        if len(values) > 1:
            splits[attribute] = {
                value: score_tallies([t for t in tallies if t.groups.get(attribute) == value], resamples)
                for value in sorted(values)
            }
    return splits


def reliability(judgements: Iterable[Judgement]) -> tuple[Bin, ...]:
    """Return the reliability table in ten bins of equal width (expected calibration error: Guo et al. 2017)."""
    bins: list[list[Judgement]] = [[] for _ in range(BINS)]
    for judgement in judgements:
        bins[min(int(judgement.confidence * BINS), BINS - 1)].append(judgement)
    return tuple(
        Bin(
            low=i / BINS, high=(i + 1) / BINS, count=len(found),
            confidence=round(sum(j.confidence for j in found) / len(found), 4),
            right=round(sum(j.right for j in found) / len(found), 4),
        )
        for i, found in enumerate(bins) if found
    )  # fmt: skip


def ratio_sums(tallies: Sequence[Tally], name: str) -> Sums:
    """Return numerator and denominator of a metric for each case, shape (cases, 2); zeros where it says nothing."""
    none: Ratio = (0, 0)
    return np.array([t.ratios.get(name, none) for t in tallies], np.float64).reshape(-1, 2)


def resampled(sums: Sums, draws: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """Return the metric in every bootstrap sample in which there is something to count."""
    totals = sums[draws].sum(axis=1)
    totals = totals[totals[:, 1] > 0]
    return totals[:, 0] / totals[:, 1] if len(totals) else np.zeros(1)


def _draws(cases: int, resamples: int) -> npt.NDArray[np.intp]:
    return np.random.default_rng(SEED).integers(0, max(1, cases), (resamples, cases))


def _names(tallies: Sequence[Tally]) -> list[str]:
    return list(dict.fromkeys(name for t in tallies for name in t.ratios))
