"""Where notes are analysed: in processes (the local engine), or in threads (an engine that waits for an endpoint).

A runner takes jobs and gives outcomes, in any order, never more jobs under way than it can hold. A worker that dies takes
nobody's note with it: the jobs that were under way are tried once more, one at a time, so that the guilty one is found.
"""

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache, partial
from itertools import islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

from notesense.analyzer import Analyzer
from notesense.domain.analysis import Report
from notesense.errors import EngineError, EngineUnavailableError, NotesenseError
from notesense.reading import note_of_bytes
from notesense.reporting import render_json
from notesense.settings import Settings

AHEAD = 3
"""Jobs under way for each worker: one in work, the others at hand."""
LOOK_UP = 0.5
"""Seconds after which it is looked whether the run was stopped."""
DIED = "WorkerDied"


class Job(NamedTuple):
    """One content to analyse."""

    key: str
    digest: str
    content: bytes


class Outcome(NamedTuple):
    """What became of a job: a report, or an error."""

    key: str
    digest: str
    report: str | None
    seconds: float = 0.0
    incidents: int = 0
    cost: float = 0.0
    error: str = ""
    message: str = ""
    hint: str = ""
    ends_run: bool = False
    """Whether the next note would fare no better."""


Work = Callable[[Job], Outcome]


Runner = Callable[[Iterable[Job], Event], Iterator[Outcome]]
"""Yields an outcome for each job, as they are finished; once the event is set, for those that are in work."""


def make_runner(settings: Settings, workers: int | None = None) -> Runner:
    """Return the runner on this machine that fits the engine.

    Args:
        settings: The settings of the run.
        workers: How many notes at once; by default the cores, or the calls that the endpoint may be asked at once.
    """
    if settings.engine == "local":
        return partial(run_in_processes, settings, workers or usable_cores())
    return partial(run_in_threads, settings, workers or settings.llm.concurrency)


def run_in_processes(settings: Settings, workers: int, jobs: Iterable[Job], stop: Event) -> Iterator[Outcome]:
    """Yield an outcome for each job: worker processes, each with models of its own and one thread."""

    def pool(size: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(size, get_context("spawn"), initializer=_begin, initargs=(settings,))

    waiting = iter(jobs)
    work_of_worker = partial(work_here, settings)
    while True:
        lost: list[Job] = []
        with pool(workers) as many:
            _check_start(many)
            yield from _flow(many, work_of_worker, waiting, AHEAD * workers, lost, stop)
        if not lost:
            return
        for job in (
            lost if not stop.is_set() else []
        ):  # one at a time, each in a pool of its own: whoever dies again is the one
            dead: list[Job] = []
            with pool(1) as one:
                yield from _flow(one, work_of_worker, iter([job]), 1, dead, stop)
            if dead:
                yield died(job)


def _check_start(pool: ProcessPoolExecutor) -> None:
    """Refuse to give notes to workers that cannot even start: none of the notes is to blame."""
    try:
        with _interrupts_held():
            first = pool.submit(usable_cores)
        first.result()
    except BrokenProcessPool:
        raise EngineUnavailableError(
            "the worker processes cannot start", "Is there memory for the models? Try fewer at once: --workers 1"
        ) from None


def run_in_threads(settings: Settings, workers: int, jobs: Iterable[Job], stop: Event) -> Iterator[Outcome]:
    """Yield an outcome for each job: threads around one engine, so that while one waits for the endpoint others go on."""
    with Analyzer(settings) as analyzer, ThreadPoolExecutor(workers) as pool:
        yield from _flow(pool, partial(work, analyzer), iter(jobs), AHEAD * workers, [], stop)


def died(job: Job) -> Outcome:
    """Return the outcome of a job of which a worker died more than once."""
    return Outcome(
        job.key, job.digest, None, error=DIED, message=f"{job.key}: the worker died of it, twice",
        hint="It may need more memory than there is; look at the note.",
    )  # fmt: skip


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def work(analyzer: Analyzer, job: Job, index: Path | None = None) -> Outcome:
    """Analyse one job; whatever goes wrong is part of the outcome.

    Args:
        analyzer: Analyses.
        job: The content.
        index: Where the report says that the index is, if not where the analyzer has it.
    """
    try:
        note = note_of_bytes(job.content, job.key, None, analyzer.settings.firm)
        analysis = analyzer.pipeline.analyze(note)
        run = analyzer.run_info
        if index and run.index:
            run = run.model_copy(update={"index": run.index.model_copy(update={"path": str(index)})})
        report = render_json(Report(run=run, analyses=(analysis,)))
        usage = analysis.usage
        return Outcome(job.key, job.digest, report, usage.seconds, len(analysis.incidents), usage.cost or 0.0)
    except NotesenseError as error:
        ends_run = isinstance(error, EngineError) and error.ends_run
        name = type(error).__name__
        return Outcome(job.key, job.digest, None, error=name, message=error.message, hint=error.hint, ends_run=ends_run)
    except Exception as error:  # a crash on one note is that note's failure, not the end of thousands
        return Outcome(
            job.key, job.digest, None, error=type(error).__name__, message=f"{job.key}: a bug: {error}",
            hint="Please report it, with the note if you may.",
        )  # fmt: skip


def _flow(
    pool: Executor, work: Work, jobs: Iterator[Job], most: int, lost: list[Job], stop: Event
) -> Iterator[Outcome]:
    """Keep a pool busy; where it breaks, the jobs that were under way go to ``lost``.

    Once ``stop`` is set, what no worker has begun is taken back.
    """
    under_way: dict[Future[Outcome], Job] = {}

    def begin(job: Job) -> None:
        try:
            with _interrupts_held():
                under_way[pool.submit(work, job)] = job
        except BrokenProcessPool:
            lost.append(job)
            raise

    try:
        for job in islice(jobs, most):
            begin(job)
        while under_way:
            done, _ = wait(under_way, LOOK_UP, return_when=FIRST_COMPLETED)
            if stop.is_set():
                under_way = {future: job for future, job in under_way.items() if future in done or not future.cancel()}
            for future in done:
                outcome = future.result()
                del under_way[future]
                yield outcome
                for job in islice(jobs, 1):
                    begin(job)
    except BrokenProcessPool:
        lost += [job for future, job in under_way.items() if not _is_good(future)]
        yield from (future.result() for future in under_way if _is_good(future))


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let a worker that starts here never see Ctrl-C, not even while it imports: it is for the parent, which gets it after."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _is_good(future: Future[Outcome]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def work_here(settings: Settings, job: Job) -> Outcome:
    """Analyse one job with the analyzer of this worker process."""
    return work(_analyzer(settings), job)


def _begin(settings: Settings) -> None:
    """Prepare a worker process: Ctrl-C is for the parent, and the models are loaded before the first note.

    A worker whose parent was killed would wait for its next job for ever: it leaves instead.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_leave_with_parent, daemon=True).start()
    _analyzer(settings).matcher()


def _leave_with_parent() -> None:
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)


@cache
def _analyzer(settings: Settings) -> Analyzer:
    """Return the analyzer of this worker process; it computes with one thread, as there is a process for each core."""
    return Analyzer(settings, threads=1)
