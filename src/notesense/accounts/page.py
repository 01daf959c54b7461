"""An account report as one self-contained HTML page without a script: opened from a file, printed on paper."""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from notesense.accounts.tables import remarks, when
from notesense.accounts.views import VIEWS, matrix, view
from notesense.domain.accounts import AccountReport
from notesense.reporting.excerpts import printable
from notesense.reporting.labels import CATEGORY, percent

HEATS = 5
"""Shades of the matrix; the number stands in every cell, so nothing depends on them."""


def render_page(report: AccountReport) -> str:
    """Return the page."""
    cells = matrix(report)
    most = max((len(threads) for row in cells.values() for threads in row.values()), default=1)
    clients = sorted(cells, key=lambda client: -sum(map(len, cells[client].values())))
    style = files("notesense.accounts").joinpath("page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    html: str = _template().render(
        report=report, remarks=remarks(report), cells=cells, clients=clients, categories=CATEGORY, style=style, digest=digest,
        views={name: (*VIEWS[name], view(report, name)) for name in VIEWS if name != "matrix"},
        heat=lambda threads: -(-len(threads) * HEATS // most), number={a.client: i for i, a in enumerate(report.accounts)},
    )  # fmt: skip
    return html


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    source = files("notesense.accounts").joinpath("page.html").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_shown
    )
    environment.filters |= {"when": when, "percent": percent}
    return environment.from_string(source)


def _shown(value: Any) -> Any:
    """Return what is put into the page: text without characters that steer a terminal or turn the writing round."""
    if value is None:
        return ""
    return printable(value) if type(value) is str else value
