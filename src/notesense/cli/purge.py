"""``notesense purge``."""

from typing import Annotated

import typer

from notesense.cli.output import command_settings
from notesense.errors import UsageError


def purge(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete what notesense keeps on this machine: the solution index and the user's data. Notes are never touched."""
    from notesense.health import kept, remove

    places = kept(command_settings())
    if not places:
        typer.echo("Nothing is kept.")
        return
    for place in places:
        typer.echo(str(place))
    if not yes and not _confirmed():
        typer.echo("Nothing was deleted. To delete without being asked: notesense purge --yes", err=True)
        raise typer.Exit(UsageError.exit_code)
    remove(places)
    typer.echo("Deleted.")


def _confirmed() -> bool:
    try:
        return typer.confirm("Delete these folders?", err=True)
    except typer.Abort:  # nobody there to ask
        return False
