"""``notesense analyze``."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from notesense.cli.output import command_settings


class Format(StrEnum):
    """Formats of the report."""

    terminal = "terminal"
    markdown = "markdown"
    html = "html"
    json = "json"
    jsonl = "jsonl"


def analyze(
    paths: Annotated[list[Path], typer.Argument(help="Notes: files, folders, or - for standard input.", show_default=False, readable=False)],
    format: Annotated[Format | None, typer.Option("--format", "-f", help="Default: terminal, or what the output file's ending says.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the report to this file.")] = None,
    recursive: Annotated[bool, typer.Option("--recursive", "-r", help="Read folders inside folders too.")] = False,
    client: Annotated[str | None, typer.Option(help="The client that the notes are about.")] = None,
    unit: Annotated[str | None, typer.Option(help="The part of the client's organisation in the room.")] = None,
    practice: Annotated[str | None, typer.Option(help="The note-taker's own practice.")] = None,
    author: Annotated[str | None, typer.Option(help="Who wrote the notes.")] = None,
    date: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Date of the meeting, like 2026-03-31.")] = None,
    engine: Annotated[str | None, typer.Option(help="What reads the notes: local (default), llm or hybrid.")] = None,
    model: Annotated[str | None, typer.Option(help="For llm and hybrid: the model's name.")] = None,
    base_url: Annotated[str | None, typer.Option(help="Address of the endpoint, up to /v1.  [default: OpenAI]")] = None,
    redact: Annotated[bool | None, typer.Option("--redact", help="Hide names, addresses, numbers and money from the endpoint.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be called and could cost at most; send nothing.")] = False,
    max_cost: Annotated[float | None, typer.Option(help="Stop before the run costs more.")] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither use nor keep answers of the endpoint.")] = False,
    answers: Annotated[Path | None, typer.Option(help="Take the model's answers from this folder; see notesense prompts.")] = None,
    index: Annotated[Path | None, typer.Option(help="Folder of the solution index.")] = None,
    max_matches: Annotated[int | None, typer.Option(help="Most past solutions for one need.  [default: 3]")] = None,
    from_practice: Annotated[list[str] | None, typer.Option(help="Only solutions of this practice (may be repeated).")] = None,
    from_client: Annotated[str | None, typer.Option(help="Only solutions for this client.")] = None,
    since: Annotated[int | None, typer.Option(help="Only solutions from this year on.")] = None,
    with_text: Annotated[bool, typer.Option("--with-text", help="Carry the notes' text in JSON.")] = False,
) -> None:  # fmt: skip
    """Say what the client needs, where we pitched, and which past solutions fit, with the words that prove it."""
    from notesense.analyzer import Analyzer, exit_code
    from notesense.cli.output import check_output, describe_run, emit, print_plan, progress
    from notesense.domain.notes import Metadata
    from notesense.errors import EXIT_PARTIAL
    from notesense.settings import without_key
    from notesense.solutions.filters import Filters
    from notesense.solutions.index import check_index

    chosen = check_output(output, format.value if format else None, paths)
    called = {"model": model, "base_url": base_url, "redact": redact, "max_cost": max_cost, "answers": answers}
    flags = {"engine": engine, "index": index, "max_matches": max_matches, "llm.cache": False if no_cache else None}
    settings = command_settings(flags | {f"llm.{name}": value for name, value in called.items()})
    stated = Metadata(
        client=client, client_unit=unit, practice=practice, author=author, date=date.date() if date else None
    )
    filters = Filters(practices=tuple(from_practice or ()), client=from_client, since=since)
    if index:
        check_index(index)
    if dry_run:
        settings = without_key(settings)
    with progress() as report_progress, Analyzer(settings, filters) as analyzer:
        if dry_run:
            plan, skipped = analyzer.plan(paths, stated, recursive)
            print_plan(settings.llm, plan, skipped)
            raise typer.Exit(EXIT_PARTIAL if skipped else 0)
        report = analyzer.analyze(paths, stated, recursive, with_text, report_progress, exclude=output)
    describe_run(report)
    emit(report, chosen, output)
    raise typer.Exit(exit_code(report))
