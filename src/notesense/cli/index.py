"""``notesense index``: build, list, search, check."""

from pathlib import Path
from textwrap import shorten
from typing import Annotated

import typer

from notesense.cli.output import command_settings, echo

app = typer.Typer(help="The index of past solutions.", no_args_is_help=True, rich_markup_mode=None)
IndexOption = Annotated[Path | None, typer.Option("--index", help="Folder of the solution index.")]


@app.command()
def build(
    path: Annotated[
        Path,
        typer.Argument(
            help="A folder of case studies (Markdown, Word, PDF, PowerPoint), or a YAML, JSON or CSV catalogue."
        ),
    ],
    index: IndexOption = None,
) -> None:
    """Read a solution library and make it searchable. What has not changed is not embedded again."""
    from notesense.cli.output import say
    from notesense.library import build

    settings = command_settings({"index": index})
    done = build(settings, path, say)
    say(f"{done.solutions} solutions: {done.embedded} embedded, {done.unchanged} unchanged, {done.removed} removed")
    say(f"Index: {settings.index} (generation {done.generation})")


@app.command(name="list")
def list_solutions(index: IndexOption = None) -> None:
    """List the solutions of the index, one a line, tab-separated."""
    from notesense.library import solutions

    for s in solutions(command_settings({"index": index})):
        echo("\t".join((s.id, s.practice, s.client, str(s.year or ""), s.title)))


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="A need, in any words.")],
    index: IndexOption = None,
    limit: Annotated[int, typer.Option(min=1, help="Most solutions to show.")] = 5,
    practice: Annotated[list[str] | None, typer.Option(help="Only this practice (may be repeated).")] = None,
    client: Annotated[str | None, typer.Option(help="Only solutions for this client.")] = None,
    since: Annotated[int | None, typer.Option(help="Only solutions from this year on.")] = None,
) -> None:
    """Show the solutions that are nearest to a query, best first; those that fit are marked with a star."""
    from notesense.domain.printable import one_line
    from notesense.library import search
    from notesense.solutions.filters import Filters

    filters = Filters(practices=tuple(practice or ()), client=client, since=since)
    for hit in search(command_settings({"index": index}), query, limit, filters):
        echo(f"{'*' if hit.fits else ' '} {hit.score:4.0%}  {hit.solution.id}  {hit.solution.title}")
        echo(f"         {shorten(one_line(hit.passage), 300, placeholder=' …')}")


@app.command()
def check(
    path: Annotated[Path | None, typer.Argument(help="The library; by default where the index was built from.")] = None,
    index: IndexOption = None,
) -> None:
    """Tell whether the library is sound and the index up to date."""
    from notesense.library import check

    found = check(command_settings({"index": index}), path)
    echo(found.describe())
    raise typer.Exit(0 if found.is_current else 6)
