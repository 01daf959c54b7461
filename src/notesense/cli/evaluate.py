"""``notesense eval``: run, accounts, agreement, saving, compare, validate, stats, add."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from notesense.cli.output import command_settings, echo
from notesense.errors import EXIT_GATE

app = typer.Typer(help="Measure engines on labelled notes.", no_args_is_help=True, rich_markup_mode=None)
Cases = Annotated[
    Path | None, typer.Option("--cases", help="A folder of labelled notes of your own, instead of a suite.")
]
Folder = Annotated[Path, typer.Argument(help="A folder of labelled notes and minimal pairs.")]


@app.command()
def run(
    suite: Annotated[str, typer.Option("--suite", "-s", help="Name of a shipped suite, or the path of one.")] = "core",
    engine: Annotated[list[str] | None, typer.Option("--engine", "-e", help="local, llm, hybrid, or a floor: keywords, similarity, linear (may be repeated).  [default: local]")] = None,
    cases: Cases = None,
    library: Annotated[Path | None, typer.Option(help="With --cases: the solution library that their labels name.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The run folder.  [default: eval-runs/SUITE]")] = None,
    answers: Annotated[Path | None, typer.Option(help="Score the JSON files of this folder instead: another tool's answers.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Take a part of the cases only.")] = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Worker processes.")] = min(4, os.cpu_count() or 1),
) -> None:  # fmt: skip
    """Run engines on labelled notes and say how good they are. Exit code 8: a gate does not hold."""
    from notesense.evaluation.baselines import FOLDER
    from notesense.evaluation.run import evaluate
    from notesense.evaluation.suite import find_suite, near, suite_of_folder
    from notesense.evaluation.summary import render_headline

    chosen = suite_of_folder(cases, library) if cases else find_suite(suite, Path.cwd())
    folder = out or Path("eval-runs") / (chosen.name + ("-quick" if quick else ""))
    with _progress() as report:
        done = evaluate(chosen, engine or ["local"], folder, near(FOLDER, Path.cwd()), answers, quick, jobs, report)
    echo(render_headline(chosen, done.scorecard, done.gates))
    echo(f"Run folder: {folder} (summary.md, page.html, scorecard.json)")
    raise typer.Exit(0 if all(gate.holds for gate in done.gates) else EXIT_GATE)


@app.command()
def saving(
    suite: Annotated[str, typer.Option("--suite", "-s", help="Name of a shipped suite, or the path of one.")] = "core",
    cases: Cases = None,
    quick: Annotated[bool, typer.Option("--quick", help="Take a part of the cases only.")] = False,
) -> None:
    """Say what the hybrid engine saves and what no model could find any more, by its threshold. Calls no model."""
    from notesense.evaluation.saving import render_curve, saving_curve
    from notesense.evaluation.suite import find_suite, suite_of_folder

    chosen = suite_of_folder(cases, None) if cases else find_suite(suite, Path.cwd())
    echo(render_curve(saving_curve(chosen, quick)))


@app.command()
def accounts(
    archive: Annotated[Path, typer.Argument(help="A labelled archive: notes of clients, threads.yaml, clients.yaml.")],
    library: Annotated[Path | None, typer.Option(help="The solution library that its labels name.")] = None,
    engine: Annotated[str | None, typer.Option("--engine", "-e", help="Find the needs with this engine first.  [default: take the labelled needs]")] = None,
    index: Annotated[Path | None, typer.Option(help="With --engine: folder of the solution index.")] = None,
) -> None:  # fmt: skip
    """Say how good the account view is: threads, statuses, views."""
    from notesense.evaluation.accounts import measure_archive
    from notesense.evaluation.summary import render_scores

    found_by = command_settings({"engine": engine, "index": index}) if engine else None
    scores = measure_archive(archive, library, found_by)
    needs = f"needs found by {engine}" if engine else "labelled needs"
    echo(render_scores(scores, f"{archive}: {scores.cases - 1} clients, {needs}"))


@app.command()
def agreement(
    one: Annotated[Path, typer.Argument(help="A folder of labelled notes.")],
    other: Annotated[Path, typer.Argument(help="The same notes, labelled by somebody else.")],
) -> None:
    """Say how far two people who labelled the same notes agree."""
    from notesense.evaluation.agreement import measure_agreement
    from notesense.evaluation.summary import render_scores

    notes, scores = measure_agreement(one, other)
    echo(render_scores(scores, f"{notes} notes that both have labelled"))


@app.command()
def compare(
    before: Annotated[str, typer.Argument(help="A run folder, or FOLDER:ENGINE.")],
    after: Annotated[str, typer.Argument(help="Another one, of the same suite.")],
) -> None:
    """Say what got better and what got worse, as Markdown. Exit code 8: a gate on change does not hold."""
    from notesense.evaluation.compare import compare
    from notesense.evaluation.summary import render_comparison

    found = compare(before, after)
    echo(render_comparison(found))
    raise typer.Exit(EXIT_GATE if found.broken else 0)


@app.command()
def validate(
    folder: Folder,
    library: Annotated[Path | None, typer.Option(help="The solution library that labels may name.")] = None,
) -> None:
    """List what is wrong with labelled notes, by file and line. Exit code 2: something is."""
    from notesense.cli.output import say
    from notesense.evaluation.validate import find_faults
    from notesense.solutions.library import load_library

    faults = find_faults(folder, frozenset(s.id for s in load_library(library)) if library else None)
    for fault in faults:
        echo(str(fault))
    say(f"{len(faults)} faults")
    raise typer.Exit(2 if faults else 0)


@app.command()
def stats(folder: Folder) -> None:
    """Count what is labelled, tab-separated, by batch."""
    from notesense.evaluation.validate import count_folder

    for name, counts in count_folder(folder):
        echo("\t".join((name, *(f"{count} {what}" for what, count in counts.items()))))


@app.command()
def add(
    note: Annotated[Path, typer.Argument(help="The note to label.", readable=False)],
    to: Annotated[Path, typer.Option(help="Where the pair of files goes.")] = Path("eval-cases"),
) -> None:
    """Make the pair of files that a labeller marks up: the note, and its labels to fill in."""
    from notesense.evaluation.add import add_note
    from notesense.reading import read_note

    added = add_note(read_note(note, profile=command_settings().firm), to)
    echo(f"Mark {added.note}, fill in {added.labels}, then: notesense eval validate {to}")


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None] | None]:
    from notesense.cli.output import progress

    with progress() as report:
        yield (lambda name, done, total: report(f"{name} of {total}", done)) if report else None
