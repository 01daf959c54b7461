"""``notesense review``."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from notesense.cli.output import command_settings


def review(
    place: Annotated[Path, typer.Argument(help="The output folder of a batch, or a note or folder of notes, which is analysed first.", show_default=False)],
    to: Annotated[Path, typer.Option(help="The folder of the corrections: labelled notes, and every state on the way.")] = Path("corrections"),
    name: Annotated[str | None, typer.Option("--as", help="Who reviews.  [default: your user name]")] = None,
    recursive: Annotated[bool, typer.Option("--recursive", "-r", help="Read folders inside a folder of notes too.")] = False,
    engine: Annotated[str | None, typer.Option(help="For notes: local (default), llm or hybrid.")] = None,
    index: Annotated[Path | None, typer.Option(help="Folder of the solution index.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the page.  [default: any that is free]", show_default=False)] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Show the address, and open no browser.")] = False,
) -> None:  # fmt: skip
    """Look at the findings in a browser, accept, reject and correct them; corrections become labelled notes.

    The page is served to this machine alone. Every change is saved at once; Ctrl-C ends it.
    """
    from notesense.cli.output import progress, say
    from notesense.reporting.labels import count
    from notesense.review import Corrections, Reviewer, queue_of, serve
    from notesense.review.queue import MOST_TOLD
    from notesense.review.server import last_port
    from notesense.solutions.index import check_index, current_generation, read_manifest

    settings = command_settings({"engine": engine, "index": index})
    if index:
        check_index(index)
    with progress() as report:
        queue = queue_of(place, settings, recursive=recursive, progress=report)
    corrections = Corrections(to)
    solutions = read_manifest(settings.index)[2] if current_generation(settings.index) else []
    for words in queue.left_out[:MOST_TOLD]:
        say(f"Left out: {words}")
    more = len(queue.left_out) - MOST_TOLD
    say(
        f"{count(len(queue.entries), 'note')} to review{f'; {more} more left out' if more > 0 else ''}. Corrections go to {to}. Ctrl-C ends it."
    )
    reviewer = Reviewer(queue, corrections, solutions, name or getpass.getuser())
    serve(reviewer, port or last_port(to), say, open_browser=not no_browser)
    done = sum(1 for entry in queue.entries if (saved := corrections.load(entry.id)) and saved.review.done)
    say(f"{done} of {count(len(queue.entries), 'note')} done, in {to}.")
