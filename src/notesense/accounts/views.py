"""What an account report is read for: five views, each a list of threads."""

import datetime
from collections import defaultdict
from typing import Literal, NamedTuple

from notesense.domain.accounts import AccountReport, Fit, Thread
from notesense.domain.findings import Category

View = Literal["matrix", "unspoken", "exportable", "unanswered", "quiet"]
VIEWS: dict[View, tuple[str, str]] = {
    "matrix": ("Clients × needs", "open needs, by client and category"),
    "unspoken": ("Unspoken fits", "open needs that past work fits, which nobody seems to have mentioned to the client"),
    "exportable": ("Exportable wins", "open needs of one unit, where another unit of the same client already has the solution"),
    "unanswered": ("No answer yet", "open needs that nothing in the library fits"),
    "quiet": ("Gone quiet", "open needs that no note has mentioned for a long time"),
}  # fmt: skip
"""Title and meaning of each view."""


class Item(NamedTuple):
    """A thread in a view, with the solution that put it there."""

    thread: Thread
    fit: Fit | None = None


def view(report: AccountReport, name: View) -> list[Item]:
    """Return the threads of a view, the longest unanswered first; of the gone quiet the longest silent."""
    found = [Item(t, fit) for t in report.threads if t.status == "open" for fit in _fits(name, report, t)]
    key = "last_seen" if name == "quiet" else "first_seen"
    return sorted(found, key=lambda item: (getattr(item.thread, key) or datetime.date.max, item.thread.client))


def matrix(report: AccountReport) -> dict[str, dict[Category, list[Thread]]]:
    """Return the open needs of each client by category; clients without any are left out."""
    cells: dict[str, dict[Category, list[Thread]]] = {}
    for thread in report.threads:
        if thread.status == "open":
            cells.setdefault(thread.client, defaultdict(list))[thread.category].append(thread)
    return {client: dict(row) for client, row in cells.items()}


def _fits(name: View, report: AccountReport, thread: Thread) -> list[Fit] | list[None]:
    """Return the solutions that put an open thread into a view: one None where it is there without any."""
    here: list[None] = [None]
    match name:
        case "matrix":
            return here
        case "unspoken":
            return list(thread.fits[:1]) if all(fit.told is None for fit in thread.fits) else []
        case "exportable":
            return [fit for fit in thread.fits if fit.exportable]
        case "unanswered":
            return here if thread.searched and not thread.fits else []
        case "quiet":
            silent = (report.as_of - thread.last_seen).days if report.as_of and thread.last_seen else 0
            return here if silent >= report.quiet_days else []
