"""``notesense doctor``."""

import typer


def doctor() -> None:
    """Report versions, models, index, engine, settings and where data lives; exit code 3 or 6 where something is wrong."""
    from notesense.health import examine

    findings = examine()
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.topic:<9} {finding.words}")
    raise typer.Exit(next((finding.exit_code for finding in findings if not finding.ok), 0))
