"""``notesense prompts``: list, show."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from notesense.cli.output import command_settings

app = typer.Typer(help="See what a model would be sent.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_prompts() -> None:
    """List the prompts: name, version, hash, what for."""
    from notesense.engines.llm.prompts import Prompts

    for prompt in Prompts(command_settings().llm.prompts).all():
        typer.echo(f"{prompt.name:<8} {prompt.version}  {prompt.digest}  {prompt.purpose}")


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="detect or match; any of the list with --source.", show_default=False)],
    note: Annotated[Path | None, typer.Option(help="The note to put into it.", readable=False)] = None,
    part: Annotated[int, typer.Option(min=1, help="Which part of a long note.")] = 1,
    redact: Annotated[bool | None, typer.Option("--redact", help="Hide names, addresses, numbers and money.")] = None,
    answers: Annotated[Path | None, typer.Option(help="For match: the folder with the answer to detect.")] = None,
    source: Annotated[bool, typer.Option("--source", help="Print the prompt's file, as without --note.")] = False,
) -> None:
    """Print exactly what would be sent. Paste it into any chat, save the answer, then: notesense analyze --answers."""
    from notesense.cli.output import to_stdout
    from notesense.domain.printable import printable
    from notesense.prompting import show_prompt, source_of

    settings = command_settings({"llm.redact": redact})
    shown = source_of(settings, name) if source or not note else show_prompt(settings, name, note, part, answers)
    to_stdout(printable(shown) if sys.stdout.isatty() else shown)  # a file gets just what would be sent
