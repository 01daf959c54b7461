"""``notesense cache``: show, prune."""

from contextlib import closing
from typing import Annotated

import typer

from notesense.cli.output import echo

app = typer.Typer(
    help="The answers of models that are kept on this machine.", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
def show() -> None:
    """Say how many answers are kept, and where."""
    from notesense.engines.llm.cache import AnswerCache
    from notesense.reporting.labels import count

    with closing(AnswerCache()) as cache:
        kept = cache.kept()
    echo(f"{count(kept.answers, 'answer')}, {kept.bytes / 1e6:.1f} MB, in {kept.path}")


@app.command()
def prune(
    days: Annotated[float, typer.Option(min=0, help="Keep those of so many days.")] = 0.0,
) -> None:
    """Delete kept answers: all, or those older than some days."""
    from notesense.engines.llm.cache import AnswerCache
    from notesense.reporting.labels import count

    with closing(AnswerCache()) as cache:
        echo(f"{count(cache.prune(days), 'answer')} deleted.")
