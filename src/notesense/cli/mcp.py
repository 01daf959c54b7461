"""``notesense mcp``."""

from pathlib import Path
from typing import Annotated

import typer

from notesense.cli.output import command_settings


def mcp(
    folders: Annotated[list[Path], typer.Argument(help="The folders whose notes the assistant may read.", show_default=False)],
    batch: Annotated[Path | None, typer.Option(help="Output folder of notesense batch: for clients' open needs.")] = None,
    index: Annotated[Path | None, typer.Option(help="Folder of the solution index.")] = None,
) -> None:  # fmt: skip
    """Serve an assistant over the Model Context Protocol (standard input and output): read-only."""
    from notesense.assistants import Desk, make_server

    desk = Desk(command_settings({"index": index}), folders, batch)
    make_server(desk).run()
