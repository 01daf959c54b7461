"""Reads an archive into an output folder, and goes on where it was stopped."""

import hashlib
import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from notesense.analyzer import Analyzer
from notesense.archive.contents import Contents
from notesense.archive.discover import EVERYTHING, Selection, check_archive, sources_of
from notesense.archive.ledger import Counts, Ledger
from notesense.archive.ray_runner import run_on_ray
from notesense.archive.results import Results
from notesense.archive.runners import Job, Outcome, Runner, make_runner
from notesense.archive.source import Source
from notesense.engines.llm.plan import Plan
from notesense.errors import ConfigError, NoteError, OutputError, UsageError
from notesense.reading import note_of_bytes, split_row
from notesense.settings import Settings


class Progress(NamedTuple):
    """How far a run is."""

    total: int
    """Notes that this run has to read."""
    done: int = 0
    failed: int = 0
    rate: float = 0.0
    """Notes a second."""
    cost: float = 0.0
    key: str = ""
    """The note that was finished last."""

    @property
    def seconds_left(self) -> float | None:
        """How long it will take at this rate."""
        return (self.total - self.done - self.failed) / self.rate if self.rate else None


class Summary(NamedTuple):
    """How a run ended."""

    folder: Path
    notes: int
    """Notes of the archive."""
    counts: Counts
    done: int
    """Finished by this run."""
    duplicates: int
    """Of these, those whose content was analysed already."""
    failed: int
    seconds: float
    cost: float
    left_out: dict[str, int]
    """What is no note, and how many of each: files of other formats by their ending, tables without notes, links to folders."""
    halted: str = ""
    """Why it stopped by itself: the cap is reached, or the endpoint refuses every call."""

    @property
    def is_complete(self) -> bool:
        """Whether every note of the archive is read, with all its parts."""
        return not (self.counts.pending or self.counts.failed or self.counts.partial)


class Options(NamedTuple):
    """What is done, and how."""

    selection: Selection = EVERYTHING
    fresh: bool = False
    """Read everything again."""
    accept_change: bool = False
    """Go on although engine, settings or index are not those of the results that are there, or most notes are gone."""
    retry_failed: bool = False
    workers: int | None = None
    on_ray: bool = False
    """Whether the notes are read on a Ray cluster."""
    ray_address: str | None = None


def run_batch(
    archive: Path | Iterable[str],
    folder: Path,
    settings: Settings,
    options: Options | None = None,
    report: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> Summary:
    """Read the notes of an archive that are new or changed.

    Args:
        archive: A folder, a zip file, a table of notes, or the lines of a list of paths.
        folder: Where ledger and results go.
        settings: The settings of the run.
        options: What is done.
        report: Called after each note.
        stop: Once set, the notes in hand are finished and no other is begun.

    Raises:
        UsageError: Another run is at work on the folder, or it is the archive itself.
        ConfigError: The results there were made with something else; says with what.
        NoteError: The archive is not there.
        OutputError: A result cannot be written. What is finished is kept.
    """
    options = _with_columns(options or Options(), settings)
    started = time.monotonic()
    if isinstance(archive, Path):
        check_archive(archive)
        if archive.resolve() == folder.resolve():
            raise UsageError(
                f"{folder}: the archive itself", "Choose a folder of its own for the results: --out FOLDER"
            )
    with Ledger(folder, writing=True) as ledger, Contents(options.selection.columns) as contents:
        run = _Run(ledger, Results(folder), contents, stop or threading.Event(), report)
        here = fingerprint_of(settings)
        _check_fingerprint(ledger, here, options)
        left_out: Counter[str] = Counter()
        sources = sources_of(archive, options.selection, left_out, own=folder)
        notes = ledger.register(
            sources, retry_failed=options.retry_failed, may_go=options.accept_change, fresh=options.fresh
        )
        ledger.set_meta("fingerprint", json.dumps(here))
        ledger.set_meta("index", str(settings.index.absolute()))
        if (
            ledger.columns() != options.selection.columns
        ):  # rows were read with other columns: their words are others now
            ledger.reopen(row.key for row in ledger.rows("done") if split_row(row.key))
        ledger.set_meta("columns", json.dumps(dict(options.selection.columns)))
        ledger.reopen(row.key for row in ledger.rows("done") if not (row.hash and run.has_result(row.hash)))
        run.begin(ledger.counts().pending)
        for outcome in _runner(settings, options)(run.jobs(), run.stop):
            run.end(outcome)
        counts = ledger.counts()
        return Summary(
            folder, notes, counts, run.done, run.duplicates, run.failed, time.monotonic() - started, run.cost,
            dict(left_out.most_common()), run.halted,
        )  # fmt: skip


def _with_columns(options: Options, settings: Settings) -> Options:
    return options._replace(selection=options.selection._replace(columns=settings.firm.columns))


def _runner(settings: Settings, options: Options) -> Runner:
    if options.on_ray:
        return partial(run_on_ray, settings, options.workers, options.ray_address)
    return make_runner(settings, options.workers)


def plan_batch(archive: Path | Iterable[str], settings: Settings, options: Options | None = None) -> tuple[Plan, int]:
    """Return what reading an archive would ask of the model, and how many notes cannot be read. Nothing is sent.

    Notes that an output folder holds already are counted too.

    Raises:
        UsageError: The engine calls no model.
        NoteError: The archive is not there.
    """
    options = _with_columns(options or Options(), settings)
    plan, unreadable = Plan(), 0
    with Analyzer(settings) as analyzer, Contents(options.selection.columns) as contents:
        for source in sources_of(archive, options.selection):
            try:
                note = note_of_bytes(contents.read(source), source.key, None, settings.firm)
            except NoteError:
                unreadable += 1
                continue
            plan = plan.plus(analyzer.plan_note(note))
    return plan, unreadable


class _Run:
    """One run: jobs out, outcomes in, the ledger kept true."""

    def __init__(
        self, ledger: Ledger, results: Results, contents: Contents, stop: threading.Event,
        report: Callable[[Progress], None] | None,
    ) -> None:  # fmt: skip
        self._ledger = ledger
        self._results = results
        self._contents = contents
        self.stop = stop
        self._report = report
        self._total = 0
        self._started = time.monotonic()
        self._same: dict[str, list[str]] = defaultdict(list)
        self.done = self.failed = self.duplicates = 0
        self.cost = 0.0
        self.halted = ""

    def begin(self, total: int) -> None:
        self._total = total
        self._started = time.monotonic()

    def jobs(self) -> Iterator[Job]:
        """Yield what is to be analysed: each content once. What cannot be read fails on the way."""
        for source in self._ledger.pending():
            if self.stop.is_set():
                return
            job = self._job(source)
            if job:
                yield job

    def _job(self, source: Source) -> Job | None:
        try:
            content = self._contents.read(source)
        except NoteError as error:
            self._fail(source.key, type(error).__name__, error.message, error.hint)
            return None
        digest = hashlib.sha256(content).hexdigest()
        if digest in self._same:  # in work at this moment
            self._same[digest].append(source.key)
            return None
        if self._ledger.has_result(digest) and self.has_result(digest):
            try:
                incidents = self._incidents(digest)
            except (OutputError, LookupError):  # a damaged result is made again
                pass
            else:
                self._finish([source.key], digest, 0.0, incidents)
                self.duplicates += 1
                return None
        self._same[digest] = [source.key]
        return Job(source.key, digest, content)

    def has_result(self, digest: str) -> bool:
        """Tell whether the result of a content is on the disk."""
        return self._results.exists(digest)

    def end(self, outcome: Outcome) -> None:
        """Keep what became of a job, first the result, then the ledger."""
        keys = self._same.pop(outcome.digest, [outcome.key])
        self.cost += outcome.cost
        if outcome.ends_run:  # the note is not to blame
            self.halted = f"{outcome.message}. {outcome.hint}".strip()
            self.stop.set()
            return
        if outcome.report is None:
            for key in keys:
                self._fail(key, outcome.error, outcome.message.replace(outcome.key, key, 1), outcome.hint)
            return
        self._results.write(outcome.digest, outcome.report)
        self.duplicates += len(keys) - 1
        self._finish(keys, outcome.digest, outcome.seconds, outcome.incidents)

    def _finish(self, keys: list[str], digest: str, seconds: float, incidents: int) -> None:
        for key in keys:
            self._ledger.finish(key, digest, seconds, incidents)
            self.done += 1
            self._tell(key)

    def _fail(self, key: str, error: str, message: str, hint: str) -> None:
        self._ledger.fail(key, error, message, hint)
        self.failed += 1
        self._tell(key)

    def _incidents(self, digest: str) -> int:
        return len(self._results.read(digest)["analyses"][0]["incidents"])

    def _tell(self, key: str) -> None:
        if self._report:
            passed = time.monotonic() - self._started
            rate = (self.done + self.failed) / passed if passed > 0 else 0.0
            self._report(Progress(self._total, self.done, self.failed, rate, self.cost, key))


def fingerprint_of(settings: Settings) -> dict[str, Any]:
    """Return what results are made with: engine, model, prompts, settings, index, version."""
    with Analyzer(settings) as analyzer:
        run = analyzer.run_info.model_dump(mode="json")
    index = run["index"]
    return {
        "engine": run["engine"]["name"], "model": run["engine"]["model"], "version": run["engine"]["version"],
        "prompts": run["prompts"], "settings": run["settings"], "index": index["generation"] if index else None,
        "notesense": run["notesense"],
    }  # fmt: skip


def _check_fingerprint(ledger: Ledger, here: dict[str, Any], options: Options) -> None:
    there = ledger.fingerprint()
    changed = [
        f"{name} was {there.get(name)}, is {value}"
        for name, value in here.items()
        if there and there.get(name) != value
    ]
    if changed and not (options.fresh or options.accept_change):
        raise ConfigError(
            f"{ledger.folder}: its results were made with something else: {'; '.join(changed)}",
            "Read everything again: --fresh. Keep what is there and read only what is new: --accept-change.",
        )
