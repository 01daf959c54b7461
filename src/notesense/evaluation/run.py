"""One evaluation: a suite, some engines or answer files → a run folder with predictions, scorecard and pages.

::

    FOLDER/
        manifest.json             what was run: suite, data, engines, versions
        predictions/ENGINE/*.json one prediction a case
        scorecard.json            metrics with intervals, whole and by split
        summary.md                the same for people
        page.html                 every note with gold and predicted spans, worst first
"""

import hashlib
import json
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import ValidationError

from notesense.domain.analysis import EngineInfo
from notesense.domain.base import Frozen
from notesense.errors import UsageError
from notesense.evaluation.page import render_page
from notesense.evaluation.prediction import Failure, Prediction, prediction_from_answer
from notesense.evaluation.runner import Answers, Progress, check_engine, run_engine, settings_of, tasks_of
from notesense.evaluation.scorecard import EngineScores, Scorecard, reliability, score_tallies, split_scores
from notesense.evaluation.suite import Gate, Items, Suite, items_of
from notesense.evaluation.summary import render_summary
from notesense.evaluation.tally import Tally, tally_group, tally_note
from notesense.settings import make_private

MANIFEST = "notesense.evaluation/1"
PACKAGES = ("notesense", "numpy", "onnxruntime", "tokenizers", "chromadb", "bm25s", "pydantic")


class RunManifest(Frozen):
    """What was run, on what, with what."""

    layout: str = MANIFEST
    suite: Suite
    quick: bool
    cases: tuple[str, ...]
    data: str
    """Hash over texts and labels of all cases."""
    engines: dict[str, EngineInfo]
    settings: str
    prompts: str | None = None
    versions: dict[str, str]
    platform: str
    revision: str | None
    """Git revision of the working folder, with ``+`` where files were changed."""
    started: datetime


class GateResult(NamedTuple):
    """A gate of a suite and whether it holds."""

    gate: Gate
    engine: str
    bound: float | None
    holds: bool


class Evaluation(NamedTuple):
    """A finished run."""

    folder: Path
    scorecard: Scorecard
    gates: list[GateResult]
    tallies: dict[str, list[Tally]]


def evaluate(
    suite: Suite,
    engines: Sequence[str],
    folder: Path,
    baselines: Path,
    answers: Path | None = None,
    quick: bool = False,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Evaluation:
    """Run engines (or score answer files) on a suite and write the run folder.

    Args:
        suite: The suite.
        engines: Names of engines and floors.
        folder: The run folder; predictions in it that still hold are kept.
        baselines: What the floors learnt.
        answers: A folder of answer files to score instead: ``NAME.json`` or ``BATCH/NAME.json`` for each case.
        quick: Take only a part of the cases; too few for the gates, which are not checked.
        jobs: Worker processes.
        progress: Reports each case.

    Raises:
        UsageError: Cases, engines or answers are not as they must be.
        SolutionsError: The suite's library has faults.
    """
    items = items_of(suite, quick)
    for name in engines:
        check_engine(name)
    started = datetime.now(UTC)
    found: dict[str, tuple[EngineInfo, Answers]] = {}
    if answers:
        found["answers"] = (
            EngineInfo(name="answers", model=answers.name, version="-"),
            read_answers(answers, [task.name for task in tasks_of(suite, items)]),
        )
    for name in () if answers else engines:
        place = folder / "predictions" / name
        found[name] = run_engine(name, suite, items, place, baselines, jobs, progress)
    manifest = RunManifest(
        suite=suite, quick=quick, cases=tuple(task.name for task in tasks_of(suite, items)), data=data_digest(items),
        engines={name: info for name, (info, _) in found.items()}, settings=settings_of(suite).digest,
        versions=_versions(), platform=f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        revision=_revision(), started=started,
    )  # fmt: skip
    tallies = {name: tally_all(items, predictions) for name, (_, predictions) in found.items()}
    card = Scorecard(
        suite=suite.name,
        cases=len(items),
        engines=tuple(_engine_scores(info, tallies[name], predictions) for name, (info, predictions) in found.items()),
    )
    held = () if quick else (gate for gate in suite.gates if gate.max_drop is None)
    gates = [check_gate(gate, card.engines[0]) for gate in held]
    make_private(folder)  # it holds the words of the notes
    if answers:
        _keep(folder / "predictions/answers", found["answers"][1])
    _save(folder / "manifest.json", manifest.model_dump_json(indent=1))
    _save(folder / "scorecard.json", card.model_dump_json(indent=1))
    _save(folder / "summary.md", render_summary(suite, card, gates))
    _save(folder / "page.html", render_page(card, items, {name: p for name, (_, p) in found.items()}))
    return Evaluation(folder, card, gates, tallies)


def tally_all(items: Items, predictions: Answers) -> list[Tally]:
    """Score every case. One without a prediction counts as failed.

    Args:
        items: The cases.
        predictions: By name.
    """

    def of(name: str) -> Prediction:
        missing = Prediction(case=name, failure=Failure(error="NoAnswer", message="there is no result for this case"))
        return predictions.get(name, missing)

    notes = [tally_note(case, of(case.name)) for case in items.notes]
    groups = [
        tally_group(name, passages, [of(f"{name}#{i}") for i in range(1, len(passages) + 1)])
        for name, passages in items.groups.items()
    ]
    return notes + groups


def check_gate(gate: Gate, scores: EngineScores) -> GateResult:
    """Hold a gate against the near end of the metric's interval; what was not measured does not hold."""
    estimate = scores.total.metrics.get(gate.metric)
    if estimate is None or estimate.value is None:
        return GateResult(gate, scores.engine, None, False)
    if gate.at_least is not None:
        bound = estimate.value if estimate.low is None else estimate.low
        return GateResult(gate, scores.engine, bound, bound >= gate.at_least)
    bound = estimate.value if estimate.high is None else estimate.high
    return GateResult(gate, scores.engine, bound, bound <= (gate.at_most or 0.0))


def read_answers(folder: Path, names: Sequence[str]) -> Answers:
    """Read the answer files of another tool.

    A file that is missing or broken is a failure of its case, which counts.

    Raises:
        UsageError: There is no folder, or it has no answer for any case.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder", "Give the folder with one JSON file a case.")
    answers: Answers = {}
    for name in names:
        options = [folder / f"{name}.json", folder / f"{name.split('/')[-1]}.json"]
        path = next((p for p in options if p.is_file()), None)
        if path is None:
            continue
        try:
            answers[name] = prediction_from_answer(name, json.loads(path.read_text(encoding="utf-8")))
        except ValidationError as error:
            first = error.errors()[0]
            reason = f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
            answers[name] = Prediction(case=name, failure=Failure(error="BadAnswer", message=reason))
        except (ValueError, AttributeError, TypeError, KeyError) as error:
            reason = f"{path.name}: not an answer ({error})"
            answers[name] = Prediction(case=name, failure=Failure(error="BadAnswer", message=reason))
    if not answers:
        example = names[0]
        raise UsageError(
            f"{folder}: no answer for any of the {len(names)} cases", f"Looked for {example}.json and so on."
        )
    return answers


def data_digest(items: Items) -> str:
    """Return the first 16 hex digits of a hash over texts and labels."""
    digest = hashlib.sha256()
    for case in items.notes:
        digest.update(repr((case.name, case.note.text, case.needs, case.pitches)).encode("utf-8", "surrogatepass"))
    for passages in items.groups.values():
        digest.update(repr(passages).encode())
    return digest.hexdigest()[:16]


def _engine_scores(info: EngineInfo, tallies: list[Tally], predictions: Answers) -> EngineScores:
    failures = {name: f"{p.failure.error}: {p.failure.message}" for name, p in predictions.items() if p.failure}
    seconds = [p.seconds for p in predictions.values()]
    total = score_tallies(tallies)
    return EngineScores(
        engine=info.name, model=info.model, version=info.version, total=total, splits=split_scores(tallies),
        reliability=reliability([j for t in tallies for j in t.judgements]), failures=failures, seconds_p95=round(float(np.quantile(seconds, 0.95)), 4) if seconds else 0.0,
    )  # fmt: skip


def _keep(folder: Path, answers: Answers) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, prediction in answers.items():
        content = {"key": "", "prediction": prediction.model_dump(mode="json")}
        _save(folder / f"{name.replace('/', '--').replace('#', '--')}.json", json.dumps(content, ensure_ascii=False))


def _save(path: Path, content: str) -> None:
    part = path.with_suffix(path.suffix + ".part")
    part.write_text(content + "\n", encoding="utf-8")
    part.replace(path)


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _revision() -> str | None:
    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], capture_output=True, text=True, check=True, timeout=10)  # noqa: S603, S607
        return done.stdout.strip()

    try:
        return git("rev-parse", "--short=12", "HEAD") + ("+" if git("status", "--porcelain", "-uno") else "")
    except (OSError, subprocess.SubprocessError):
        return None
