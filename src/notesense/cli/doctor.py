"""``notesense doctor``."""

from typing import Annotated

import typer

from notesense.cli.output import echo


def doctor(
    ping: Annotated[bool, typer.Option("--ping", help="Call the model's endpoint too, with five small calls.")] = False,
) -> None:
    """Report versions, models, index, engine, settings and where data lives; exit code 3, 5 or 6 where something is wrong."""
    from notesense.health import examine

    findings = examine(ping)
    for finding in findings:
        echo(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.topic:<9} {finding.words}")
    raise typer.Exit(next((finding.exit_code for finding in findings if not finding.ok), 0))
