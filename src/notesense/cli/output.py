"""Where results and progress go: standard output carries the result alone, standard error the rest."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import IntEnum
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from notesense.domain.printable import printable
from notesense.errors import OutputError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from notesense.domain.analysis import Report, Skipped
    from notesense.domain.endpoint import ModelSettings
    from notesense.engines.llm.plan import Plan
    from notesense.settings import Settings

FORMATS = ("terminal", "markdown", "html", "json", "jsonl")
_BY_SUFFIX = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".json": "json",
    ".jsonl": "jsonl",
    ".txt": "terminal",
}
FILE_WIDTH = 100


def check_output(output: Path | None, format: str | None, inputs: Iterable[Path]) -> str:
    """Return the format to write, before any work is done.

    Args:
        output: The file to write; None for standard output.
        format: One of :data:`FORMATS`; None for the one that the file's ending says, else the terminal's.
        inputs: What is to be read.

    Raises:
        UsageError: No format goes with the file's ending.
        OutputError: The file is one of the inputs or something else than a report, or its folder is not there.
    """
    from notesense.domain.analysis import is_report

    if output is None:
        return format or "terminal"
    if not format and output.suffix.lower() not in _BY_SUFFIX:
        raise UsageError(f"{output}: no format goes with this ending", f"Name one: --format {'|'.join(FORMATS)}")
    if any(path.is_file() and output.exists() and path.samefile(output) for path in inputs if os.access(path, os.F_OK)):
        raise OutputError(f"{output}: one of the notes to read; the report would replace it", "Choose another name.")
    if output.is_file() and (content := output.read_bytes()).strip() and not is_report(content):
        raise OutputError(
            f"{output}: is there already, and no report of notesense", "Choose another name; nothing was replaced."
        )
    if not output.absolute().parent.is_dir():
        raise OutputError(f"{output}: there is no folder {output.parent}", "Make the folder, or choose another place.")
    return format or _BY_SUFFIX[output.suffix.lower()]


MOST_TOLD = 10
"""Unread notes that are named on the screen where the report goes to a file."""


def emit(report: "Report", format: str, output: Path | None) -> None:
    """Write a report to a file, or to standard output.

    Args:
        report: The report.
        format: One of :data:`FORMATS`.
        output: The file; None for standard output.

    Raises:
        OutputError: The file cannot be written.
    """
    if output:
        write_atomically(output, render(report, format))
        say(f"Report written to {output}")
        if report.skipped:
            complain(f"{len(report.analyses)} read, {len(report.skipped)} not:")
            for entry in report.skipped[:MOST_TOLD]:
                complain(f"  {entry.message}. {entry.hint}")
            if len(report.skipped) > MOST_TOLD:
                complain(f"  … and {len(report.skipped) - MOST_TOLD} more, at the end of the report")
        return
    if format == "terminal":
        from notesense.reporting import print_report

        console = open_console()
        with console.capture() as shown:  # rich would turn a closed pipe into exit code 1
            print_report(report, console)
        to_stdout(shown.get())
    else:
        to_stdout(render(report, format))


def to_stdout(text: str) -> None:
    """Write to standard output; a reader that has seen enough (head, less) may close it."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def echo(text: str = "") -> None:
    """Print lines of a result; no control sequence that stands in a note, a file's name or a library reaches the terminal."""
    to_stdout(printable(text) + "\n")


def render(report: "Report", format: str) -> str:
    """Return a report as text in one of the formats."""
    from notesense import reporting

    if format == "terminal":
        from rich.console import Console

        text = StringIO()
        reporting.print_report(report, Console(file=text, width=FILE_WIDTH, color_system=None))
        return text.getvalue()
    return {
        "markdown": reporting.render_markdown,
        "html": reporting.render_html,
        "json": reporting.render_json,
        "jsonl": reporting.render_jsonl,
    }[format](report)


def write_atomically(path: Path, content: str) -> None:
    """Write a file whole or not at all; a pipe or device is written to, never replaced."""
    try:
        path = path.resolve()  # a link stays, and its target is written
        if path.exists() and not path.is_file():
            path.write_text(content, encoding="utf-8", newline="\n")
            return
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="\n", dir=path.parent, delete=False) as file:
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                if path.exists():
                    shutil.copymode(path, file.name)
                os.replace(file.name, path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror or error})", "Choose another place.") from None


def print_plan(settings: "ModelSettings", plan: "Plan", skipped: "Iterable[Skipped]" = ()) -> None:
    """Print what an analysis would ask of a model."""
    from notesense.engines.llm.plan import plan_cost

    likely, most = plan_cost(settings, plan)
    rows = [
        ("", "likely", "at most"),
        ("calls", f"{plan.calls:,}", f"{plan.most_calls:,}"),
        ("input tokens", f"{plan.likely_input:,}", f"{plan.most_input:,}"),
        ("output tokens", f"{plan.likely_output:,}", f"{plan.most_output:,}"),
        ("cost", *(f"{cost:,.4f}" if cost is not None else "no price known" for cost in (likely, most))),
    ]
    echo(f"{plan.notes} notes, model {settings.model}; nothing was sent.")
    for row in rows:
        echo(f"{row[0]:<14}{row[1]:>16}{row[2]:>16}")
    if likely is None:
        echo(f'To see the cost, add to notesense.toml: llm.prices."{settings.model}" = {{input = …, output = …}}')
    for entry in skipped:
        complain(f"{entry.message}. {entry.hint}")


class Loudness(IntEnum):
    """How much stands on standard error beside errors."""

    quiet = 0
    normal = 1
    verbose = 2


_loudness = Loudness.normal


def set_loudness(loudness: Loudness) -> None:
    """Choose how much this process says."""
    global _loudness
    _loudness = loudness


def is_quiet() -> bool:
    """Tell whether nothing but results and errors is wanted."""
    return _loudness is Loudness.quiet


def say(message: str) -> None:
    """Print a notice to standard error, unless ``--quiet``."""
    if not is_quiet():
        complain(message)


def complain(message: str) -> None:
    """Print to standard error what is said in any case."""
    print(printable(message), file=sys.stderr)


def detail(message: str) -> None:
    """Print to standard error what only ``--verbose`` asks for."""
    if _loudness is Loudness.verbose:
        complain(message)


def command_settings(flags: Mapping[str, object] | None = None) -> "Settings":
    """Return the settings of a command, and say, where asked for, what each of them comes from.

    Args:
        flags: What the command line says; None values are left out.
    """
    from notesense.settings import resolve

    settings, origins = resolve(flags or {})
    for name, origin in origins.items():
        detail(f"{name}: from {origin}")
    return settings


def describe_run(report: "Report") -> None:
    """Say, where asked for, what a report was made with, and what each note took."""
    run = report.run
    detail(f"engine {run.engine.name} ({run.engine.model or 'no model'}, {run.engine.version or 'no version'})")
    detail(f"index {run.index.path}, generation {run.index.generation}" if run.index else "no index")
    for analysis in report.analyses:
        note, usage = analysis.note, analysis.usage
        took = f", {usage.seconds:.2f} s" if usage else ""
        calls = f", {usage.calls} calls" if usage and usage.calls else ""
        detail(
            f"{note.path}: {note.words} words, {len(analysis.needs)} needs, {len(analysis.pitches)} pitches{took}{calls}"
        )


@contextmanager
def progress() -> Iterator[Callable[[str, int], None] | None]:
    """Give a callback that shows the note in work, where standard error is a terminal."""
    if is_quiet() or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status(Text("Loading the models")) as status:
        yield lambda path, number: status.update(Text(f"{number}: {path}"))


def open_console(*, to_file: bool = False) -> "Console":
    """Return a console for standard output, or one without colours for a file."""
    from rich.console import Console

    if to_file:
        return Console(file=StringIO(), width=FILE_WIDTH, color_system=None, highlight=False)
    piped = not sys.stdout.isatty()
    return Console(width=FILE_WIDTH if piped and "COLUMNS" not in os.environ else None, highlight=False)
