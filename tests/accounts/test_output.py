import csv
import io
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from notesense.accounts import AccountBuilder, Meeting
from notesense.accounts.page import render_page
from notesense.accounts.tables import COLUMNS, print_accounts, render_csv, render_json
from notesense.accounts.views import VIEWS, view
from notesense.domain.accounts import AccountReport
from tests.accounts.conftest import REGISTER, RENEWAL, meeting, need

NASTY = '=HYPERLINK("x") <script>alert(1)</script> & "quoted" \x1b[31m\u202e words'


class Page(HTMLParser):
    """Collects what a page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.add(tag)
        self.ids += [found["id"]] if found.get("id") else []
        self.links += [found["href"]] if found.get("href") else []
        self.outside += [v for n, v in attrs if n in ("src", "srcset", "action", "background") and v]
        assert not [n for n, _ in attrs if n.startswith("on")]


@pytest.fixture
def report(meetings: list[Meeting], build: Callable[..., AccountBuilder]) -> AccountReport:
    text = f"They said: {NASTY}. And the piano is out of tune."
    odd = meeting("2025/<odd>.md", "2025-06-01", text, need(text, NASTY, NASTY),
                  need(text, "the piano is out of tune", "Get the piano tuned.", fits=(REGISTER,)),
                  client="<b>Odd & Co</b>", unit="<i>Unit</i>", author="Ada Secret")  # fmt: skip
    return build(None, RENEWAL, REGISTER).build([*meetings, odd])


def test_the_page_stands_alone_and_every_number_opens_its_evidence(report: AccountReport) -> None:
    text = render_page(report)
    page = Page()
    page.feed(text)
    assert "script" not in page.tags
    assert not page.outside
    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert all(link.startswith("#") for link in page.links)
    for thread in report.threads:
        assert thread.id in page.ids
    policy = re.search(r"default-src 'none'; style-src 'sha256-[\w+/=]+'", text)
    assert policy
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "&lt;b&gt;Odd &amp; Co&lt;/b&gt;" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_nothing_says_who_wrote_a_note(report: AccountReport) -> None:
    for text in (render_page(report), render_json(report), render_csv(report)):
        assert "Ada Secret" not in text


def test_csv_has_its_columns_and_no_formula(report: AccountReport) -> None:
    for name in (None, *VIEWS):
        rows = list(csv.DictReader(io.StringIO(render_csv(report, name))))
        assert all(list(row) == list(COLUMNS) for row in rows)
        assert not [cell for row in rows for cell in row.values() if cell.startswith("=")]
        assert len(rows) == (len(report.threads) if name is None else len(view(report, name)))


def test_json_has_the_views(report: AccountReport) -> None:
    data = json.loads(render_json(report))
    assert data["schema"] == "notesense.accounts/1"
    ids = {t["id"] for a in data["accounts"] for t in a["threads"]}
    assert {i for found in data["views"].values() for i in found} <= ids
    assert data["views"]["exportable"] == []
    settled = [t for a in data["accounts"] for t in a["threads"] if t["status"] == "addressed"]
    assert settled[0]["settled"]["quote"]


def test_the_terminal_shows_every_view(report: AccountReport) -> None:
    from rich.console import Console

    console = Console(file=io.StringIO(), width=100, record=True)
    print_accounts(report, console)
    shown = console.export_text()
    for title, _ in VIEWS.values():
        assert title.upper() in shown
    assert "\x1b[31m" not in shown
    assert "2 clients, 4 notes, 4 needs: 3 open, 1 settled" in shown


def test_an_empty_report_is_one_too(build: Callable[..., AccountBuilder]) -> None:
    report = build().build([])
    assert "0 clients" in render_page(report)
    assert render_csv(report).count("\n") == 1
