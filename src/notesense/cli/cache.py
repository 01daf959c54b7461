"""``notesense cache``: show, prune."""

from typing import Annotated

import typer

app = typer.Typer(
    help="The answers of models that are kept on this machine.", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
def show() -> None:
    """Say how many answers are kept, and where."""
    from notesense.engines.llm.cache import AnswerCache

    kept = AnswerCache().kept()
    typer.echo(f"{kept.answers} answers, {kept.bytes / 1e6:.1f} MB, in {kept.path}")


@app.command()
def prune(
    days: Annotated[float, typer.Option(min=0, help="Keep those of so many days.")] = 0.0,
) -> None:
    """Delete kept answers: all, or those older than some days."""
    from notesense.engines.llm.cache import AnswerCache

    typer.echo(f"{AnswerCache().prune(days)} answers deleted.")
