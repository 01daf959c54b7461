"""``notesense purge``."""

from typing import Annotated

import typer


def purge(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete what notesense keeps on this machine: the solution index and the user's data. Notes are never touched."""
    from notesense.health import kept, remove
    from notesense.settings import resolve

    places = kept(resolve().settings)
    if not places:
        typer.echo("Nothing is kept.")
        return
    for place in places:
        typer.echo(str(place))
    if not yes:
        typer.confirm("Delete these folders?", abort=True, err=True)
    remove(places)
    typer.echo("Deleted.")
