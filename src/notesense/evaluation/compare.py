"""Two runs on the same cases → what changed, with intervals that pair each case with itself."""

import json
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from pydantic import ValidationError

from notesense.errors import UsageError
from notesense.evaluation.prediction import Prediction
from notesense.evaluation.run import RunManifest, data_digest, tally_all
from notesense.evaluation.runner import Answers, tasks_of
from notesense.evaluation.scorecard import LOWER_IS_BETTER, RESAMPLES, SEED, ratio_sums
from notesense.evaluation.suite import Gate, Items, items_of
from notesense.evaluation.tally import Tally

Verdict = Literal["better", "worse", "no difference"]
UNTESTED = frozenset({"seconds", "cost"})
"""Metrics that differ from run to run of the same engine: shown, never judged."""
FINDINGS = ("need.f1", "pitch.f1", "pairs.passage")


class Change(NamedTuple):
    """One metric before and after."""

    metric: str
    before: float | None
    after: float | None
    change: float
    low: float
    high: float
    verdict: Verdict


class Comparison(NamedTuple):
    """Everything that differs between two runs."""

    before: str
    after: str
    cases: int
    changes: list[Change]
    better: list[tuple[str, str]]
    """Name of each case that gained, and what."""
    worse: list[tuple[str, str]]
    notices: list[str]
    """What to know before believing the figures."""
    broken: list[str]
    """Gates on change that do not hold."""


class Loaded(NamedTuple):
    """One engine's part of a run folder."""

    name: str
    manifest: RunManifest
    items: Items
    answers: Answers


def compare(before: str, after: str) -> Comparison:
    """Compare two runs, each ``FOLDER`` or ``FOLDER:ENGINE`` (the first engine by default).

    Raises:
        UsageError: A run cannot be read, its cases have changed since, or the two have no case in common.
    """
    a, b = load_run(before), load_run(after)
    both = [t.name for t in tasks_of(a.manifest.suite, a.items) if t.name in set(b.manifest.cases)]
    tallies = []
    for run in (a, b):
        tallies.append({t.case: t for t in tally_all(run.items, run.answers)})
    names = [name for name in tallies[0] if name in tallies[1]]
    if not names or not both:
        raise UsageError(f"{before} and {after} have no case in common", "Compare runs of one suite.")
    notices = []
    if a.manifest.settings != b.manifest.settings:
        notices.append("the settings of the two runs differ")
    if left := len(set(tallies[0]) ^ set(tallies[1])):
        notices.append(f"{left} cases are in one run only and are left out")
    pairs = [(tallies[0][name], tallies[1][name]) for name in names]
    changes = [change for metric in _metrics(pairs) if (change := _change(metric, pairs))]
    better, worse = _by_name(pairs)
    broken = [line for gate in b.manifest.suite.gates if (line := _broken(gate, changes))]
    return Comparison(a.name, b.name, len(names), changes, better, worse, notices, broken)


def load_run(place: str) -> Loaded:
    """Read one engine's predictions of a run folder, with the cases they are of.

    Raises:
        UsageError: Names what is missing or has changed.
    """
    folder, engine = _split(place)
    path = folder / "manifest.json"
    try:
        manifest = RunManifest.model_validate_json(path.read_bytes())
    except OSError:
        raise UsageError(f"{path}: not there", "Give the folder of a run of notesense eval run.") from None
    except ValidationError as error:
        raise UsageError(f"{path}: not a manifest ({error.errors()[0]['msg']})", "Run the evaluation again.") from None
    if engine is not None and engine not in manifest.engines:
        raise UsageError(f"{folder}: has no engine {engine}", f"It has: {', '.join(manifest.engines)}.")
    engine = engine or next(iter(manifest.engines))
    items = items_of(manifest.suite, manifest.quick)
    if data_digest(items) != manifest.data:
        raise UsageError(f"{folder}: its cases have changed since it was run", "Run it again, then compare.")
    answers: Answers = {}
    for name in manifest.cases:
        kept = folder / "predictions" / engine / f"{name.replace('/', '--').replace('#', '--')}.json"
        if kept.is_file():
            answers[name] = _prediction(kept)
    return Loaded(f"{folder.name}:{engine}", manifest, items, answers)


def _split(place: str) -> tuple[Path, str | None]:
    if Path(place).is_dir():
        return Path(place), None
    folder, colon, engine = place.rpartition(":")
    return (Path(folder), engine) if colon else (Path(place), None)


def _prediction(path: Path) -> Prediction:
    try:
        return Prediction.model_validate(json.loads(path.read_text(encoding="utf-8"))["prediction"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path}: not a prediction ({error})", "Run the evaluation again.") from None


def _metrics(pairs: list[tuple[Tally, Tally]]) -> list[str]:
    return list(dict.fromkeys(name for pair in pairs for tally in pair for name in tally.ratios))


def _change(metric: str, pairs: list[tuple[Tally, Tally]]) -> Change | None:
    before, after = (ratio_sums([pair[side] for pair in pairs], metric) for side in (0, 1))
    totals = [sums.sum(axis=0) for sums in (before, after)]
    if not all(total[1] for total in totals):
        return None
    draws = np.random.default_rng(SEED).integers(0, len(pairs), (RESAMPLES, len(pairs)))
    old, new = before[draws].sum(axis=1), after[draws].sum(axis=1)
    usable = (old[:, 1] > 0) & (new[:, 1] > 0)
    differences = new[usable, 0] / new[usable, 1] - old[usable, 0] / old[usable, 1]
    low, high = (float(np.quantile(differences, q)) for q in (0.025, 0.975)) if usable.any() else (0.0, 0.0)
    was, now = (float(total[0] / total[1]) for total in totals)
    sign = -1 if metric in LOWER_IS_BETTER else 1
    verdict: Verdict = "no difference"
    if metric not in UNTESTED and (low > 0 or high < 0):
        verdict = "better" if sign * low > 0 or sign * high > 0 else "worse"
    return Change(metric, was, now, now - was, low, high, verdict)


def _by_name(pairs: list[tuple[Tally, Tally]]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    better, worse = [], []
    for old, new in pairs:
        gains = []
        for metric in FINDINGS:
            if metric in old.ratios and old.ratios[metric] != new.ratios.get(metric):
                gains.append((_value(new.ratios[metric]) - _value(old.ratios[metric]), metric))
        total = sum(gain for gain, _ in gains)
        what = ", ".join(f"{metric} {gain:+.2f}" for gain, metric in gains if gain)
        if total > 0:
            better.append((total, new.case, what))
        elif total < 0:
            worse.append((total, new.case, what))
    return [(c, w) for _, c, w in sorted(better, reverse=True)], [(c, w) for _, c, w in sorted(worse)]


def _value(ratio: tuple[float, float]) -> float:
    """Return a metric of one case; where nothing was wanted and nothing was given, that is right."""
    return ratio[0] / ratio[1] if ratio[1] else 1.0


def _broken(gate: Gate, changes: list[Change]) -> str | None:
    """Return why a gate on change does not hold: the whole interval lies beyond what may be lost."""
    change = next((c for c in changes if c.metric == gate.metric), None)
    if gate.max_drop is None or change is None:
        return None
    lost = change.low if gate.metric in LOWER_IS_BETTER else -change.high
    return f"{gate.metric}: lost at least {lost:.3f}, and {gate.max_drop} may be lost" if lost > gate.max_drop else None
