"""Runs engines over the cases of a suite: predictions on disk, in parallel, resumed where a run was cut off.

A prediction is kept with a key over everything that can change it (code, engine, model, settings, solutions, text). A run
into the same folder takes what has the same key and makes the rest.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from pydantic import ValidationError

import notesense
from notesense.advice import Advisor
from notesense.chunking import split_note
from notesense.domain.analysis import EngineInfo
from notesense.domain.findings import Need
from notesense.domain.notes import Metadata, Note
from notesense.encoding.encoder import Encoder, shared_encoder, shared_retriever
from notesense.encoding.logistic import Logistic
from notesense.engines.factory import Engine, make_engine
from notesense.engines.local.judge import LocalJudge
from notesense.errors import NotesenseError, UsageError
from notesense.evaluation.baselines import BASELINES, make_baseline
from notesense.evaluation.prediction import Failure, Prediction, prediction_of
from notesense.evaluation.suite import Items, Suite
from notesense.pipeline import Pipeline
from notesense.reading import note_of_text
from notesense.settings import ENGINES, IN_USE, SHIPPED, Settings, resolve
from notesense.solutions.index import build_index, open_index
from notesense.solutions.library import load_library
from notesense.solutions.match import Matcher
from notesense.solutions.search import Searcher
from notesense.threads import in_order

Progress = Callable[[str, int, int], None]
"""Called after each case with its name, how many are done, and how many there are."""
Answers = dict[str, Prediction]
"""Predictions by name of the case; those of a passage by ``GROUP#NUMBER``."""


class Task(NamedTuple):
    """One text to analyse."""

    name: str
    text: str
    metadata: Metadata | None


class Bench(NamedTuple):
    """What a worker needs to make an engine."""

    engine: str
    settings: Settings
    solutions: Path | None
    """Index of the suite's library."""
    baselines: Path
    threads: int | None


def settings_of(suite: Suite, engine: str | None = None) -> Settings:
    """Return the settings that a suite runs with: the caller's, the suite's on top, and the engine that is measured.

    Raises:
        ConfigError: A setting of the suite is wrong.
    """
    resolved = resolve(suite.settings | ({"engine": engine} if engine in ENGINES else {}))
    if resolved.origins.get("personal") == IN_USE:  # what is measured is the shipped engine, unless another is named
        return resolved.settings.model_copy(update={"personal": SHIPPED})
    return resolved.settings


def tasks_of(suite: Suite, items: Items) -> list[Task]:
    """Return the texts of a suite, in order."""
    tasks = [Task(case.name, case.note.text, case.metadata if suite.metadata else None) for case in items.notes]
    for name, passages in items.groups.items():
        tasks += [Task(f"{name}#{i}", p.note_text, None) for i, p in enumerate(passages, start=1)]
    return tasks


def check_engine(name: str) -> None:
    """Refuse an engine that does not exist.

    Raises:
        UsageError: Names those that do.
    """
    if name not in (*ENGINES, *BASELINES):
        raise UsageError(f"no engine is called {name}", f"There are: {', '.join((*ENGINES, *BASELINES))}.")


def run_engine(
    name: str,
    suite: Suite,
    items: Items,
    folder: Path,
    baselines: Path,
    jobs: int = 1,
    progress: Progress | None = None,
) -> tuple[EngineInfo, Answers]:
    """Run one engine over a suite.

    Args:
        name: An engine, or one of the floors.
        suite: The suite.
        items: Its cases.
        folder: Where predictions are kept; a folder of the engine's own.
        baselines: What the floors learnt.
        jobs: Worker processes; 1 works in this one.
        progress: Reports each case.

    Returns:
        What the engine is, and a prediction for every case. A case that failed has one that says so.

    Raises:
        UsageError: There is no such engine.
        SolutionsError: The suite's library has faults.
    """
    check_engine(name)
    tasks = tasks_of(suite, items)
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        index = None
        solutions = ""
        if suite.library:
            index = Path(stack.enter_context(TemporaryDirectory(prefix="notesense-eval-")))
            retriever = shared_retriever()
            build_index(index, load_library(suite.library), str(suite.library), retriever, "eval")
            solutions = _solutions_digest(index, retriever)
        threads = 1 if jobs > 1 else None
        bench = Bench(name, settings_of(suite, name), index, baselines, threads)
        info = pipeline_of(bench).engine.detector.info
        keys = {task.name: _key(bench, info, solutions, task) for task in tasks}
        answers = {task.name: kept for task in tasks if (kept := _read(folder, task.name, keys[task.name]))}
        if progress and answers:
            progress(f"{len(answers)} kept from the last run", len(answers), len(tasks))
        missing = [task for task in tasks if task.name not in answers]
        for task, prediction in _predict(bench, missing, jobs, stack):
            _write(folder, keys[task.name], prediction)
            answers[task.name] = prediction
            if progress:
                progress(task.name, len(answers), len(tasks))
    return info, answers


def predict(bench: Bench, task: Task) -> Prediction:
    """Analyse one text; whatever goes wrong is part of the answer."""
    pipeline = pipeline_of(bench)
    try:
        note = note_of_text(task.text, task.name, task.metadata, bench.settings.firm)
        analysis = pipeline.analyze(note)
        candidates = _candidates(bench, note, analysis.needs) if bench.solutions else None
        return prediction_of(task.name, analysis, candidates)
    except NotesenseError as error:
        return Prediction(case=task.name, failure=Failure(error=type(error).__name__, message=error.message))
    except Exception as error:  # a crash of the engine is a result of the evaluation, not its end
        return Prediction(case=task.name, failure=Failure(error=type(error).__name__, message=str(error)))


def _predict(bench: Bench, tasks: list[Task], jobs: int, stack: ExitStack) -> Iterator[tuple[Task, Prediction]]:
    if pipeline_of(bench).engine.llm:  # waits for an endpoint: threads, as many as it may be asked at once
        yield from zip(tasks, in_order(lambda t: predict(bench, t), tasks, bench.settings.llm.concurrency), strict=True)
        return
    if jobs == 1 or len(tasks) < 2:
        yield from ((task, predict(bench, task)) for task in tasks)
        return
    pool = stack.enter_context(ProcessPoolExecutor(min(jobs, len(tasks)), get_context("spawn")))
    yield from zip(tasks, pool.map(predict, [bench] * len(tasks), tasks), strict=True)


@cache
def pipeline_of(bench: Bench) -> Pipeline:
    """Return the pipeline of a bench; one a process."""
    encoder = shared_encoder(bench.threads)
    if bench.engine in BASELINES:
        engine = Engine(make_baseline(bench.engine, bench.baselines, encoder), LocalJudge(encoder.bundle))
    else:
        engine = make_engine(bench.settings, encoder)
    return Pipeline(engine, Advisor(encoder), lambda: _matcher(bench), bench.settings.firm)


@cache
def _matcher(bench: Bench) -> Matcher | None:
    if bench.solutions is None:
        return None
    retriever = shared_retriever(bench.threads)
    model = Logistic.read(retriever.bundle, "accept")
    return Matcher(Searcher(open_index(bench.solutions, retriever), retriever), model, bench.settings.max_matches)


def _candidates(bench: Bench, note: Note, needs: Sequence[Need]) -> list[list[str]]:
    matcher = _matcher(bench)
    assert matcher
    sentences = split_note(note, bench.settings.firm)
    return matcher.nearest(note, sentences, needs)


def _solutions_digest(index: Path, retriever: Encoder) -> str:
    solutions = open_index(index, retriever).solutions
    content = json.dumps([s.model_dump(mode="json") for s in solutions], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def _key(bench: Bench, info: EngineInfo, solutions: str, task: Task) -> str:
    """Return a digest of everything that can change a prediction."""
    encoder = shared_encoder(bench.threads)
    parts = [info.model_dump_json(), bench.settings.digest, solutions, task.text,
             task.metadata.model_dump_json() if task.metadata else "", encoder.bundle.digest, code_digest()]  # fmt: skip
    if bench.engine in BASELINES:
        parts += [hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(bench.baselines.iterdir()) if p.is_file()]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


@cache
def code_digest() -> str:
    """Return a digest of notesense's own code: another pipeline makes other predictions of the same models."""
    digest = hashlib.sha256()
    package = Path(notesense.__file__).parent
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name.replace('/', '--').replace('#', '--')}.json"


def _read(folder: Path, name: str, key: str) -> Prediction | None:
    try:
        kept = json.loads(_path(folder, name).read_text(encoding="utf-8"))
        prediction = Prediction.model_validate(kept["prediction"])
    except (OSError, ValueError, KeyError, TypeError, ValidationError):
        return None
    return prediction if kept.get("key") == key and not prediction.failure else None


def _write(folder: Path, key: str, prediction: Prediction) -> None:
    path = _path(folder, prediction.case)
    content = {"key": key, "prediction": prediction.model_dump(mode="json")}
    part = path.with_suffix(".part")
    part.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    part.replace(path)
