"""``notesense learn``: run (which may be left out), list, compare, use, remove."""

from pathlib import Path
from typing import Annotated

import typer

from notesense.cli.default_command import group_with_default
from notesense.cli.output import echo

app = typer.Typer(
    cls=group_with_default("run"), no_args_is_help=True, rich_markup_mode=None,
    help="Learn from corrections: learn CORRECTIONS. The local engine's model is fitted to your notes, where that helps.",
)  # fmt: skip
Corrections = Annotated[
    Path, typer.Argument(help="A folder of corrected notes, as notesense review leaves them.", show_default=False)
]
Name = Annotated[str, typer.Argument(help="The model's name.", show_default=False)]


@app.command()
def run(
    corrections: Corrections,
    name: Annotated[str | None, typer.Option(help="Name of the new model.  [default: by date and time]")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Measure, and keep nothing.")] = False,
) -> None:  # fmt: skip
    """Fit a personal model, and use it from here on. Exit code 8: it would not help, and nothing is changed."""
    from notesense.cli.output import progress, say
    from notesense.errors import EXIT_GATE
    from notesense.learning.keep import keep, require_solver
    from notesense.reporting.labels import count

    require_solver()
    with progress() as report:
        kept = keep(corrections, name, dry_run=dry_run, step=(lambda words: report(words, 1)) if report else None)
    learnt = kept.learnt
    say(f"{count(learnt.notes, 'corrected note')}, {count(learnt.findings, 'finding')}")
    echo(
        f"on your notes (each by a model that has not seen it): F1 {learnt.own.shipped:.2f} shipped, {learnt.own.personal:.2f} personal"
    )
    echo(
        f"on notes of others, set aside:                        F1 {learnt.development.shipped:.2f} shipped, {learnt.development.personal:.2f} personal"
    )
    echo(f"that it helps on more notes like yours: {learnt.chance:.0%} of samples")
    if learnt.refusal:
        echo(f"Not kept: {learnt.refusal}.")
        raise typer.Exit(EXIT_GATE)
    if kept.name:
        echo(f"Kept as {kept.name}, and in use. Back to the shipped one: notesense learn use shipped")


@app.command("list")
def list_models() -> None:
    """List the personal models, and say which is in use."""
    from notesense.engines.local.personal import list_personal
    from notesense.settings import SHIPPED, personal_in_use

    used = personal_in_use()
    echo(f"{'*' if used == SHIPPED else ' '} {SHIPPED}")
    for found in list_personal():
        echo(
            f"{'*' if used == found.name else ' '} {found.name}: {found.notes} notes of {found.learnt_from}, {found.made:%Y-%m-%d}; "
            f"F1 there {found.own.personal:.2f} (shipped {found.own.shipped:.2f})"
        )


@app.command()
def compare(
    cases: Annotated[Path, typer.Argument(help="A folder of labelled notes, better not those that were learnt from.", show_default=False)],
) -> None:  # fmt: skip
    """Measure the shipped and every personal model on labelled notes."""
    from notesense.learning.keep import compare as compare_models

    for name, metrics in compare_models(cases):
        echo(f"{name:<30} " + "  ".join(f"{metric} {value}" for metric, value in metrics.items()))


@app.command()
def use(name: Annotated[str, typer.Argument(help="The model's name, or shipped.", show_default=False)]) -> None:
    """Switch to a model, or back to the shipped one."""
    from notesense.encoding.bundle import load_bundle
    from notesense.engines.local.personal import use_personal

    use_personal(name, load_bundle())
    echo(f"In use: {name}")


@app.command()
def remove(name: Name) -> None:
    """Delete a personal model. Where it was in use, the shipped one is."""
    from notesense.engines.local.personal import remove_personal

    remove_personal(name)
    echo(f"Removed: {name}")
