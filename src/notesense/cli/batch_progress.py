"""How a batch shows itself: a bar, plain lines or JSON lines on standard error; Ctrl-C; the summary."""

import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from notesense.cli.output import echo, is_quiet, say
from notesense.errors import UsageError

if TYPE_CHECKING:
    from notesense.archive.batch import Progress, Summary

EVERY = 10.0
"""Seconds between two plain lines."""
Report = Callable[["Progress"], None]


def stdin_lines() -> Iterator[str]:
    """Yield the lines of standard input.

    Raises:
        UsageError: It is a terminal, where nobody would know that it waits.
    """
    if sys.stdin.isatty():
        raise UsageError(
            "a list of paths is wanted on standard input", "For example: find notes -name '*.md' | notesense batch -"
        )
    yield from sys.stdin


@contextmanager
def stopping() -> Iterator[threading.Event]:
    """Give an event that the first Ctrl-C sets; the second one interrupts at once."""
    stop = threading.Event()

    def handle(*_: Any) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        say(
            "Stopping: the notes in hand are finished. Again Ctrl-C to leave at once (nothing that is finished is lost)."
        )

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def showing(as_json: bool) -> Iterator[Report]:
    """Give a callback that shows progress on standard error, in the way that fits it."""
    if as_json:
        yield lambda progress: say(json.dumps(progress._asdict()))
    elif sys.stderr.isatty() and not is_quiet():
        with _bar() as report:
            yield report
    else:
        yield _plain()


def print_summary(summary: "Summary") -> None:
    """Print how a run ended, and what to do next."""
    from notesense.archive.discover import TABLES
    from notesense.reporting.labels import count as plural

    counts = summary.counts
    rate = f", {summary.done / summary.seconds:.1f} notes a second" if summary.done and summary.seconds > 0 else ""
    echo(f"{plural(summary.notes, 'note')}: {counts.done} done, {counts.failed} failed, {counts.pending} to be read.")
    echo(
        f"This run: {summary.done} done ({summary.duplicates} of them duplicates), {summary.failed} failed, {summary.seconds:.0f} s{rate}."
    )
    if summary.halted:
        echo(f"Stopped: {summary.halted}")
    if summary.cost:
        echo(f"Cost: {summary.cost:.4f}")
    if counts.gone:
        echo(f"{counts.gone} notes of earlier runs are not in the archive any more.")
    if counts.partial:
        echo(f"{counts.partial} notes have parts that could not be read: notesense batch status {summary.folder}")
    if summary.left_out:
        listed = ", ".join(f"{name or 'no ending'} {count}" for name, count in list(summary.left_out.items())[:8])
        echo(f"Left out: {listed}")
        if TABLES in summary.left_out:
            echo(
                "Where such a table does hold notes, name its columns: [firm.columns] in notesense.toml (docs/formats.md)."
            )
    if counts.pending:
        echo("Run the same command again to go on.")
    if counts.failed:
        echo(f"Why notes failed: notesense batch status {summary.folder}; try them again: --retry-failed")


def _plain() -> Report:
    last = time.monotonic()

    def report(progress: "Progress") -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            say(_words(progress))

    return report


def _words(progress: "Progress") -> str:
    left = progress.seconds_left
    cost = f", cost {progress.cost:.4f}" if progress.cost else ""
    remaining = f", {left / 60:.0f} min left" if left is not None else ""
    return f"{progress.done + progress.failed} of {progress.total}, {progress.failed} failed, {progress.rate:.1f} a second{remaining}{cost}"


@contextmanager
def _bar() -> Iterator[Report]:
    from rich import progress as rich_progress
    from rich.console import Console

    columns = (
        rich_progress.BarColumn(),
        rich_progress.MofNCompleteColumn(),
        rich_progress.TimeRemainingColumn(),
        rich_progress.TextColumn("{task.fields[words]}", markup=False),
    )
    with rich_progress.Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None, words="loading the models")

        def report(progress: "Progress") -> None:
            words = f"{progress.rate:.1f} a second, {progress.failed} failed"
            words += f", cost {progress.cost:.4f}" if progress.cost else ""
            bar.update(task, total=progress.total, completed=progress.done + progress.failed, words=words)

        yield report
