"""``notesense accounts``: view (which may be left out), names, same, apart."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from notesense.cli.default_command import group_with_default
from notesense.cli.output import command_settings, echo


class Format(StrEnum):
    """Formats of the account view."""

    terminal = "terminal"
    html = "html"
    csv = "csv"
    json = "json"


class View(StrEnum):
    """The views; see notesense.accounts.views."""

    matrix = "matrix"
    unspoken = "unspoken"
    exportable = "exportable"
    unanswered = "unanswered"
    quiet = "quiet"


app = typer.Typer(
    cls=group_with_default("view"), no_args_is_help=True, rich_markup_mode=None,
    help="Clients against needs, over an archive that notesense batch has read: accounts FOLDER.",
)  # fmt: skip
Out = Annotated[Path, typer.Argument(help="The output folder of a batch.", show_default=False)]
_BY_SUFFIX = {
    ".html": Format.html,
    ".htm": Format.html,
    ".csv": Format.csv,
    ".json": Format.json,
    ".txt": Format.terminal,
}


@app.command()
def view(
    out: Out,
    view: Annotated[View | None, typer.Option(help="Only this view (terminal and csv).  [default: all]")] = None,
    format: Annotated[Format | None, typer.Option("--format", "-f", help="Default: terminal, or what the output file's ending says.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.")] = None,
    client_from_folder: Annotated[bool, typer.Option("--client-from-folder", help="A note that does not say its client is of the client that its folder is named after.")] = False,
    quiet_days: Annotated[int | None, typer.Option(min=1, help="Days of silence after which a need has gone quiet.  [default: 180]")] = None,
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Count silence up to this day.  [default: that of the newest note]")] = None,
    index: Annotated[Path | None, typer.Option(help="Folder of the solution index.")] = None,
    author: Annotated[str | None, typer.Option(help="Only this: how the pitching of one author went, for that author's eyes.")] = None,
) -> None:  # fmt: skip
    """Show what clients need, what nobody has followed up, and who could reuse what a colleague has."""
    from notesense.accounts.build import QUIET_DAYS, BuildOptions
    from notesense.archive.accounts import account_report, pitching_trend
    from notesense.cli.accounts_output import emit_accounts, print_trend
    from notesense.cli.output import progress
    from notesense.errors import UsageError
    from notesense.solutions.index import check_index

    if author is not None:
        if output or format or view:
            raise UsageError(
                "--author prints one author's trend, and nothing else", "Leave out --output, --format and --view."
            )
        print_trend(author, pitching_trend(out, author))
        return
    if output and not format and output.suffix.lower() not in _BY_SUFFIX:
        raise UsageError(f"{output}: no format goes with this ending", f"Name one: --format {'|'.join(Format)}")
    settings = command_settings({"index": index})
    if index:
        check_index(index)
    options = BuildOptions(as_of.date() if as_of else None, quiet_days or QUIET_DAYS)
    with progress() as report:
        found = account_report(
            out, settings, options, by_folder=client_from_folder, place=index,
            progress=(lambda client, number, _: report(client, number)) if report else None,
        )  # fmt: skip
    chosen = format or (_BY_SUFFIX[output.suffix.lower()] if output else Format.terminal)
    emit_accounts(found, chosen.value, view.value if view else None, output)


@app.command()
def names(
    out: Out,
    client_from_folder: Annotated[bool, typer.Option("--client-from-folder", help="As in accounts.")] = False,
) -> None:
    """List how notes write each client's name, and which names may be one client's."""
    from notesense.archive.accounts import client_names
    from notesense.cli.accounts_output import print_names

    print_names(client_names(out, command_settings(), by_folder=client_from_folder), out)


@app.command()
def same(
    out: Out,
    client: Annotated[str, typer.Argument(help="The name that stands for the client.", show_default=False)],
    others: Annotated[list[str], typer.Argument(help="Other names of the same client.", show_default=False)],
) -> None:
    """Say that names are one client's; kept in clients.yaml of the folder."""
    from notesense.accounts.clients import remember_same
    from notesense.archive.accounts import check_batch

    check_batch(out)
    remember_same(out, client, others, command_settings().clients)
    echo(f"{client} is also: {'; '.join(others)}")


@app.command()
def apart(
    out: Out,
    one: Annotated[str, typer.Argument(help="A client.", show_default=False)],
    other: Annotated[str, typer.Argument(help="Another one, which looks like it.", show_default=False)],
) -> None:
    """Say that two names are not one client's, so that it is not suggested again."""
    from notesense.accounts.clients import remember_apart
    from notesense.archive.accounts import check_batch

    check_batch(out)
    remember_apart(out, one, other)
    echo(f"{one} and {other} are two clients.")
