"""``notesense batch``: run (which may be left out), status, show, export."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from notesense.cli.analyze import Format as ReportFormat
from notesense.cli.default_command import group_with_default


class Format(StrEnum):
    """Formats of the tables."""

    csv = "csv"
    jsonl = "jsonl"
    parquet = "parquet"


app = typer.Typer(
    cls=group_with_default("run"), help="Read whole archives: batch ARCHIVE --out FOLDER. It can be stopped and goes on where it was.",
    no_args_is_help=True, rich_markup_mode=None,
)  # fmt: skip
Out = Annotated[Path, typer.Argument(help="The output folder of a batch.", show_default=False)]


@app.command()
def run(
    archive: Annotated[Path, typer.Argument(help="A folder, a zip file, or - for a list of paths on standard input.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where ledger and results go.", show_default=False)],
    include: Annotated[list[str] | None, typer.Option(help="Only names that fit this pattern (may be repeated).")] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="No names that fit this pattern (may be repeated).")] = None,
    workers: Annotated[int | None, typer.Option("--workers", "-j", min=1, help="Notes at once.  [default: the cores]")] = None,
    engine: Annotated[str | None, typer.Option(help="local (default), llm or hybrid.")] = None,
    index: Annotated[Path | None, typer.Option(help="Folder of the solution index.")] = None,
    max_cost: Annotated[float | None, typer.Option(help="Stop before the run costs more.")] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Try the notes again that failed.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Read everything again.")] = False,
    accept_change: Annotated[bool, typer.Option("--accept-change", help="Go on with another engine, setting or index.")] = False,
    json_progress: Annotated[bool, typer.Option("--json-progress", help="Report progress as JSON lines on standard error.")] = False,
) -> None:  # fmt: skip
    """Read the notes of an archive that are new or changed. Exit code 7: some notes, or parts of them, could not be read."""
    from notesense.archive.batch import Options, run_batch
    from notesense.archive.discover import Selection
    from notesense.cli.batch_progress import print_summary, showing, stdin_lines, stopping
    from notesense.errors import EXIT_PARTIAL
    from notesense.settings import resolve

    settings = resolve({"engine": engine, "index": index, "llm.max_cost": max_cost}).settings
    selection = Selection(tuple(include or ()), tuple(exclude or ()))
    options = Options(selection, fresh, accept_change, retry_failed, workers)
    source = stdin_lines() if str(archive) == "-" else archive
    with stopping() as stop, showing(json_progress) as report:
        summary = run_batch(source, out, settings, options, report, stop)
    print_summary(summary)
    raise typer.Exit(0 if summary.is_complete else EXIT_PARTIAL)


@app.command()
def status(out: Out) -> None:
    """Say how many notes are read, failed, still to be read, and why notes failed."""
    from notesense.archive.look import status_of

    typer.echo(status_of(out))


@app.command()
def show(
    out: Out,
    note: Annotated[str, typer.Argument(help="The note's name in the archive, or the end of it.", show_default=False)],
    format: Annotated[ReportFormat, typer.Option("--format", "-f", help="Of the report.")] = ReportFormat.terminal,
) -> None:
    """Show the report of one note, or why there is none."""
    from notesense.archive.look import show_note
    from notesense.cli.output import emit, say

    shown = show_note(out, note)
    if shown.report is None:
        typer.echo(shown.words)
        return
    emit(shown.report, format.value, None)
    if shown.words:
        say(shown.words)


@app.command()
def export(
    out: Out,
    to: Annotated[Path, typer.Option(help="The folder of the tables.", show_default=False)],
    format: Annotated[Format, typer.Option("--format", "-f", help="Of the tables.")] = Format.csv,
    with_authors: Annotated[bool, typer.Option("--with-authors", help="Say who wrote the note, beside pitches too.")] = False,
) -> None:  # fmt: skip
    """Write needs, pitches and matches as tables."""
    from notesense.archive.export import export

    for path in export(out, to, format.value, with_authors=with_authors):
        typer.echo(str(path))
