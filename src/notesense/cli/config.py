"""``notesense config``: show, init."""

from pathlib import Path
from typing import Annotated, Any

import typer

from notesense.cli.output import echo

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Settings: where each comes from, and a first file of your own."
)


@app.command()
def show() -> None:
    """List every setting with its value and where it comes from. Keys are never shown."""
    from notesense.domain.printable import one_line
    from notesense.settings import resolve

    resolved = resolve()
    for name, value in resolved.rows():
        origin = resolved.origins.get(name) or resolved.origins.get(name.split(".")[0]) or "default"
        echo(f"{name:<22} {one_line(_written(value)):<40} {origin}")


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Where notesense.toml goes: the folder that you work in.")] = Path(),
    name: Annotated[str | None, typer.Option(help="The firm's name.  [default: asked]")] = None,
    short_names: Annotated[str | None, typer.Option(help="What it is called for short, separated by commas.  [default: asked]")] = None,
    mail_domains: Annotated[str | None, typer.Option(help="Its mail domains, separated by commas.  [default: asked]")] = None,
    people: Annotated[str | None, typer.Option(help="NAME: PRACTICE; NAME: PRACTICE …  [default: asked]")] = None,
) -> None:  # fmt: skip
    """Write a notesense.toml with the firm's profile, by which notes are read more sharply: who is on whose side."""
    from notesense.profile_file import profile_of, refuse_existing, write_profile

    path = folder / "notesense.toml"
    refuse_existing(path)  # asks nothing in vain
    profile = profile_of(
        _asked(name, "The firm's name"),
        _asked(short_names, "What is it called for short? Several with commas, none: just Enter"),
        _asked(mail_domains, "Mail domains, such as firm.com"),
        _asked(people, "People and their practices, such as  Ana Ruiz: Water; Tom Ito: Energy"),
    )
    write_profile(path, profile)
    echo(f"Written: {path}. See: notesense config show")


def _asked(given: str | None, question: str) -> str:
    from notesense.errors import UsageError

    if given is not None:
        return given
    try:
        return str(typer.prompt(question, default="", show_default=False))
    except typer.Abort:
        raise UsageError("nobody answered", "Give the answers as options: notesense config init --help") from None


def _written(value: Any) -> str:
    if isinstance(value, (list, tuple, dict)):
        return f"{len(value)} entries" if len(value) else "none"
    return "none" if value is None else str(value)
