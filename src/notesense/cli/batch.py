"""``notesense batch``: run (which may be left out), status, show, export."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from notesense.cli.analyze import Format as ReportFormat
from notesense.cli.default_command import group_with_default
from notesense.cli.output import command_settings, echo


class Where(StrEnum):
    """Where notes are read."""

    local = "local"
    ray = "ray"


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
    archive: Annotated[Path, typer.Argument(help="A folder, a zip file, a table of notes, or - for a list of paths on standard input.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where ledger and results go.", show_default=False)],
    include: Annotated[list[str] | None, typer.Option(help="Only names that fit this pattern (may be repeated).")] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="No names that fit this pattern (may be repeated).")] = None,
    workers: Annotated[int | None, typer.Option("--workers", "-j", min=1, help="Notes at once.  [default: the cores]")] = None,
    runner: Annotated[Where, typer.Option(help="Where notes are read: on this machine, or on a Ray cluster.")] = Where.local,
    ray_address: Annotated[str | None, typer.Option(help="With --runner ray: HOST:PORT of the cluster.  [default: RAY_ADDRESS]")] = None,
    engine: Annotated[str | None, typer.Option(help="local (default), llm or hybrid.")] = None,
    model: Annotated[str | None, typer.Option(help="For llm and hybrid: the model's name.")] = None,
    base_url: Annotated[str | None, typer.Option(help="Address of the endpoint, up to /v1.  [default: OpenAI]")] = None,
    redact: Annotated[bool | None, typer.Option("--redact", help="Hide names, addresses, numbers and money from the endpoint.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be called and could cost at most; send and write nothing.")] = False,
    index: Annotated[Path | None, typer.Option(help="Folder of the solution index.")] = None,
    max_cost: Annotated[float | None, typer.Option(help="Stop before the run costs more.")] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Try the notes again that failed.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Read everything again.")] = False,
    accept_change: Annotated[bool, typer.Option("--accept-change", help="Go on with another engine, setting or index, or where most notes are gone.")] = False,
    json_progress: Annotated[bool, typer.Option("--json-progress", help="Report progress as JSON lines on standard error.")] = False,
) -> None:  # fmt: skip
    """Read the notes of an archive that are new or changed. Exit code 7: some notes, or parts of them, could not be read."""
    from notesense.archive.batch import Options, plan_batch, run_batch
    from notesense.archive.discover import Selection
    from notesense.cli.batch_progress import print_summary, showing, stdin_lines, stopping
    from notesense.cli.output import print_plan
    from notesense.errors import EXIT_PARTIAL
    from notesense.settings import without_key
    from notesense.solutions.index import check_index

    called = {"model": model, "base_url": base_url, "redact": redact, "max_cost": max_cost}
    flags = {"engine": engine, "index": index}
    settings = command_settings(flags | {f"llm.{name}": value for name, value in called.items()})
    if index:
        check_index(index)
    selection = Selection(tuple(include or ()), tuple(exclude or ()))
    options = Options(selection, fresh, accept_change, retry_failed, workers, runner is Where.ray, ray_address)
    source = stdin_lines() if str(archive) == "-" else archive
    if dry_run:
        settings = without_key(settings)
        plan, unreadable = plan_batch(source, settings, options)
        print_plan(settings.llm, plan)
        raise typer.Exit(EXIT_PARTIAL if unreadable else 0)
    with stopping() as stop, showing(json_progress) as report:
        summary = run_batch(source, out, settings, options, report, stop)
    print_summary(summary)
    raise typer.Exit(0 if summary.is_complete else EXIT_PARTIAL)


@app.command()
def status(out: Out) -> None:
    """Say how many notes are read, failed, still to be read, and why notes failed."""
    from notesense.archive.look import status_of

    echo(status_of(out))


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
        echo(shown.words)
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
        echo(str(path))
