"""An account report as rows: for spreadsheets, and for the terminal."""

import csv
from io import StringIO
from typing import TYPE_CHECKING, Any

from notesense.accounts.views import VIEWS, Item, View, matrix, view
from notesense.domain.accounts import Account, AccountReport, Thread
from notesense.domain.findings import Category
from notesense.domain.printable import one_line
from notesense.reporting.cells import safe_cell
from notesense.reporting.jsonformat import dump_json
from notesense.reporting.labels import CATEGORY, SHORT, count, percent

if TYPE_CHECKING:
    from rich.console import Console

COLUMNS = (
    "view", "client", "units", "category", "kind", "statement", "status", "first_seen", "last_seen", "mentions", "notes",
    "evidence", "settled_by", "settled_quote", "solution", "solution_title", "solution_client", "solution_client_unit",
    "lead", "exportable", "told_quote", "thread",
)  # fmt: skip
"""Columns of the CSV; new ones are added at the end. Lists are joined by " | "."""
EVERY = "threads"
"""Name of the table of every thread, settled ones too."""
_MOST = 40
"""Most threads of one view on the terminal."""


def render_csv(report: AccountReport, name: View | None = None) -> str:
    """Return a view, or every thread, as CSV with :data:`COLUMNS`."""
    items = view(report, name) if name else [Item(thread, next(iter(thread.fits), None)) for thread in report.threads]
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for item in items:
        row = _row(name or EVERY, item)
        writer.writerow([safe_cell(row[column]) for column in COLUMNS])
    return text.getvalue()


def render_json(report: AccountReport) -> str:
    """Return the report as one JSON object, with the thread ids of each view under ``views``."""
    data = report.model_dump(mode="json", by_alias=True)
    data["views"] = {name: list(dict.fromkeys(item.thread.id for item in view(report, name))) for name in VIEWS}
    return dump_json(data, indent=1) + "\n"


def print_accounts(report: AccountReport, console: "Console", name: View | None = None) -> None:
    """Print the report, or one view of it, for the terminal."""
    from rich.text import Text

    for line in remarks(report):
        console.print(Text(line, style="yellow"))
    for each in [name] if name else VIEWS:
        title, meaning = VIEWS[each]
        console.print()
        console.print(Text(f"{title.upper()}  ", style="bold").append(meaning, style="not bold dim"))
        if each == "matrix":
            _print_matrix(report, console)
        else:
            _print_items(view(report, each), console)


def remarks(report: AccountReport) -> list[str]:
    """Return what a reader must know before the first figure."""
    threads = report.threads
    settled = sum(thread.status != "open" for thread in threads)
    lines = [
        f"{count(len(report.accounts), 'client')}, {count(report.notes, 'note')}, {count(len(threads), 'need')}: "
        f"{len(threads) - settled} open, {settled} settled."
        + (f" Silence is counted up to {report.as_of}." if report.as_of else "")
    ]
    if report.without_client:
        lines.append(
            f"{count(report.without_client, 'note')} without a client: in no account. Where folders are named by client: "
            "--client-from-folder."
        )
    if report.without_date:
        lines.append(f"{count(report.without_date, 'note')} without a date: nothing can be said to be later.")
    if report.without_text:
        lines.append(
            f"{count(report.without_text, 'note')} changed or gone since the batch: what they say of earlier needs is unknown."
        )
    if not any(thread.searched for thread in threads) and threads:
        lines.append("No past solutions were searched: build an index, and read the archive with it.")
    if any(not fit.looked for thread in threads for fit in thread.fits):
        lines.append(
            "Whether the client was told of some fits could not be looked for: the index with the case, or the note, is missing."
        )
    if report.suggestions:
        lines.append(
            f"{count(len(report.suggestions), 'pair')} of names may be one client: notesense accounts names FOLDER"
        )
    return lines


def _row(name: str, item: Item) -> dict[str, Any]:
    thread, fit = item
    return {
        "view": name, "client": thread.client, "units": " | ".join(thread.units), "category": thread.category,
        "kind": thread.kind, "statement": thread.statement, "status": thread.status, "first_seen": thread.first_seen,
        "last_seen": thread.last_seen, "mentions": len(thread.mentions),
        "notes": " | ".join(dict.fromkeys(m.note for m in thread.mentions)),
        "evidence": " | ".join(one_line(quote) for m in thread.mentions for quote in m.quotes),
        "settled_by": thread.settled.note if thread.settled else None,
        "settled_quote": thread.settled.quote if thread.settled else None,
        "solution": fit.solution_id if fit else None, "solution_title": fit.title if fit else None,
        "solution_client": fit.client if fit else None, "solution_client_unit": fit.client_unit if fit else None,
        "lead": fit.lead if fit else None, "exportable": fit.exportable if fit else None,
        "told_quote": fit.told.quote if fit and fit.told else None, "thread": thread.id,
    }  # fmt: skip


def _print_matrix(report: AccountReport, console: "Console") -> None:
    from rich.table import Table
    from rich.text import Text

    cells = matrix(report)
    used: list[Category] = [category for category in CATEGORY if any(category in row for row in cells.values())]
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("client", overflow="fold")
    for category in used:
        table.add_column(SHORT[category], justify="right", no_wrap=True)
    table.add_column("open", justify="right", style="bold")
    for client, row in sorted(cells.items(), key=lambda item: -sum(map(len, item[1].values()))):
        numbers = [str(len(row[category])) if category in row else "·" for category in used]
        table.add_row(Text(one_line(client)), *numbers, str(sum(map(len, row.values()))))
    console.print(table)


def _print_items(items: list[Item], console: "Console") -> None:
    from rich.padding import Padding
    from rich.text import Text

    for thread, fit in items[:_MOST]:
        head = Text(one_line(thread.client), style="bold")
        head.append(f"{', ' + one_line(' / '.join(thread.units)) if thread.units else ''}: ")
        head.append(one_line(thread.statement), style="not bold")
        console.print(Padding(head, (0, 0, 0, 1)))
        console.print(Padding(Text(when(thread), style="dim"), (0, 0, 0, 3)))
        if fit:
            whom = f"{fit.client}{', ' + fit.client_unit if fit.client_unit else ''}"
            sure = "" if fit.score is None else f", {percent(fit.score)}"
            line = (
                f"{fit.solution_id} {fit.title} (for {whom}{sure}); bring in {fit.lead or 'somebody'} of {fit.practice}"
            )
            console.print(Padding(Text(one_line(line)), (0, 0, 0, 3)))
    if len(items) > _MOST:
        console.print(
            Padding(Text(f"… and {len(items) - _MOST} more: --format csv or html", style="dim"), (0, 0, 0, 1))
        )
    if not items:
        console.print(Padding(Text("none", style="dim"), (0, 0, 0, 1)))


def when(thread: Thread) -> str:
    """Return when a need was mentioned, how often, and by what kind of words."""
    mentions = count(len(thread.mentions), "mention")
    return f"{thread.kind}, {CATEGORY[thread.category]}, {mentions}, {span(thread)}"


def span(seen: Thread | Account) -> str:
    """Return from when to when something was seen."""
    first, last = seen.first_seen, seen.last_seen
    return "no date" if first is None else str(first) if first == last else f"{first} to {last}"
