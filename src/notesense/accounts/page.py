"""An account report as one self-contained HTML page without a script: opened from a file, printed on paper."""

from notesense.accounts.tables import remarks, span, when
from notesense.accounts.views import VIEWS, matrix, view
from notesense.domain.accounts import AccountReport
from notesense.reporting import pages
from notesense.reporting.labels import CATEGORY, count, percent

HEATS = 5
"""Shades of the matrix; the number stands in every cell, so nothing depends on them."""


def render_page(report: AccountReport) -> str:
    """Return the page."""
    cells = matrix(report)
    most = max((len(threads) for row in cells.values() for threads in row.values()), default=1)
    return pages.render_page(
        "notesense.accounts", "page", "Clients and their needs", report=report, remarks=remarks(report), cells=cells,
        clients=sorted(cells, key=lambda client: -sum(map(len, cells[client].values()))), categories=CATEGORY,
        views={name: (*VIEWS[name], view(report, name)) for name in VIEWS if name != "matrix"}, when=when, span=span, percent=percent, count=count,
        heat=lambda threads: -(-len(threads) * HEATS // most), number={a.client: i for i, a in enumerate(report.accounts)},
    )  # fmt: skip
