"""How the account view reaches the reader."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from notesense.cli.output import echo, open_console, say, to_stdout, write_atomically
from notesense.domain.printable import one_line, printable

if TYPE_CHECKING:
    from notesense.accounts.directory import Directory
    from notesense.accounts.views import View
    from notesense.archive.accounts import Trend
    from notesense.domain.accounts import AccountReport


def emit_accounts(report: "AccountReport", format: str, view: "View | None", output: Path | None) -> None:
    """Write an account report to a file, or to standard output.

    Args:
        report: The report.
        format: ``terminal``, ``html``, ``csv`` or ``json``.
        view: Only this view, for the terminal and CSV.
        output: The file; None for standard output.

    Raises:
        OutputError: The file cannot be written.
    """
    text = _render(report, format, view, to_file=output is not None)
    if output:
        write_atomically(output, text)
        say(f"Written to {output}")
    else:
        to_stdout(printable(text) if format == "csv" and sys.stdout.isatty() else text)


def print_names(found: "Directory", folder: Path) -> None:
    """Print the names of each client, and the suggestions with the commands that accept or refuse them."""
    from notesense.accounts.directory import spellings
    from notesense.reporting.labels import count

    notes = {client: len(meetings) for client, meetings in found.clients.items()}
    for client, meetings in found.clients.items():
        written = one_line("; ".join(spellings(meetings)))
        echo(f"{one_line(client)}: {count(len(meetings), 'note')}, written as {written}")
    if not found.suggestions:
        return
    echo("\nMay be one client:")
    groups: dict[str, frozenset[str]] = {}
    for s in found.suggestions:
        only_case = [name for name in (s.name, s.other) if name not in notes]
        more = f"; {one_line(only_case[0])} is a client of past work" if only_case else ""
        echo(f"  {one_line(s.name)} / {one_line(s.other)} ({s.reason}{more})")
        joined = groups.get(s.name, frozenset({s.name})) | groups.get(s.other, frozenset({s.other}))
        groups |= dict.fromkeys(joined, joined)
    echo("\nIf they are (leave out those that are not):")
    for group in dict.fromkeys(groups.values()):
        first, *others = sorted(group, key=lambda name: (-notes.get(name, 0), name))
        echo("  " + shlex.join(["notesense", "accounts", "same", str(folder), *map(one_line, (first, *others))]))
    echo("If two are not, so that it is not asked again:")
    echo("  " + shlex.join(["notesense", "accounts", "apart", str(folder), "NAME", "OTHER"]))


def print_trend(author: str, trends: "Sequence[Trend]") -> None:
    """Print one author's pitching by quarter."""
    from notesense.reporting.labels import count

    echo(f"{author}: pitching by quarter. For {author}'s eyes.")
    for t in trends:
        tactics = ", ".join(f"{name} {number}" for name, number in sorted(t.tactics.items(), key=lambda item: -item[1]))
        told = f"{count(t.notes, 'note')}, {t.flagged} with a pitch, {count(t.pitches, 'pitch', 'pitches')}"
        echo(f"{t.quarter:<14} {told}  {tactics}".rstrip())


def _render(report: "AccountReport", format: str, view: "View | None", *, to_file: bool) -> str:
    if format == "html":
        from notesense.accounts.page import render_page

        return render_page(report)
    from notesense.accounts import tables

    if format == "csv":
        mark = "\ufeff" if to_file else ""  # by which spreadsheets know UTF-8
        return mark + tables.render_csv(report, view)
    if format == "json":
        return tables.render_json(report)
    console = open_console(to_file=to_file)
    with console.capture() as shown:
        tables.print_accounts(report, console, view)
    return shown.get()
