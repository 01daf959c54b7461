"""The pages as somebody uses them: in a browser, from a file."""

from pathlib import Path
from typing import Any

import pytest

from notesense.accounts.page import render_page
from notesense.domain.accounts import Account, AccountReport, NeedMention, Thread
from notesense.reporting import render_html
from tests.reporting.hand_made import REPORT
from tests.reporting.test_html import NASTY, with_text

pytestmark = pytest.mark.alone


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    path.write_text(render_html(with_text(REPORT, NASTY + "x" * 20_000 + "\n")), encoding="utf-8")
    return path


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    def thread(client: str, number: int) -> Thread:
        mention = NeedMention(note=f"{number}.md", date=None, unit="Estates", practice=None, key=f"{number}", kind="stated",
                              category="operations", statement=f"Need {number}", quotes=(f"words {number} {NASTY}",),
                              likeness=None)  # fmt: skip
        return Thread(id=f"t-{client}-{number}".replace(" ", ""), client=client, category="operations", kind="stated", statement=f"Need {number} {NASTY}",
                      first_seen=None, last_seen=None, units=("Estates",), mentions=(mention,), settled=None, fits=(), searched=True)  # fmt: skip

    found = tuple(
        Account(client=name, spellings=(name,), notes=3, units=("Estates",), first_seen=None, last_seen=None,
                threads=tuple(thread(name, n) for n in range(3))) for name in ("Oakmere", "Pell County")
    )  # fmt: skip
    made = AccountReport(as_of=None, quiet_days=180, notes=6, without_client=0, without_date=6, without_text=0, accounts=found,
                         suggestions=())  # fmt: skip
    path = tmp_path / "accounts.html"
    path.write_text(render_page(made), encoding="utf-8")
    return path


def test_a_finding_shows_its_words_and_words_their_finding(page: Any, report: Path) -> None:
    page.goto(report.as_uri())
    need = REPORT.analyses[0].needs[0]
    page.locator(f"#a1-{need.id} .quotes a").first.click()
    page.wait_for_url(f"**#a1-{need.id}-1")
    mark = page.locator(f"#a1-{need.id}-1")
    assert mark.evaluate("e => e.matches(':target')")
    assert _in_view(mark)
    mark.click()
    page.wait_for_url(f"**#a1-{need.id}")
    assert page.locator(f"#a1-{need.id}").evaluate("e => e.matches(':target')")
    assert _in_view(page.locator(f"#a1-{need.id} .label").first)


def test_filters_hide_what_is_not_wanted(page: Any, report: Path) -> None:
    page.goto(report.as_uri())
    shown = page.locator("article:visible")
    everything = shown.count()
    assert everything == sum(len(a.needs) + len(a.pitches) for a in REPORT.analyses)
    page.get_by_label("implied needs").uncheck()
    assert page.locator("article.implied:visible").count() == 0
    assert 0 < shown.count() < everything
    page.get_by_label("pitching").uncheck()
    assert page.locator("article.pitch:visible").count() == 0
    page.get_by_label("implied needs").check()
    page.get_by_label("from 70%").check()
    assert page.locator("article.sure-0:visible, article.sure-1:visible").count() == 0


def test_the_keyboard_reaches_everything(page: Any, report: Path) -> None:
    page.goto(report.as_uri())
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('tag')"):
            break
    assert page.evaluate("document.activeElement.classList.contains('tag')")
    page.keyboard.press("Enter")
    assert "#a" in page.url


def test_nothing_is_wider_than_the_window(page: Any, report: Path, accounts: Path) -> None:
    for path in (report, accounts):
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), path.name


def test_on_paper_everything_is_there(page: Any, report: Path) -> None:
    page.goto(report.as_uri())
    page.emulate_media(media="print")
    assert page.locator(".filters").is_hidden()
    assert page.locator(".findings").first.evaluate("e => getComputedStyle(e).maxHeight") == "none"


def test_every_cell_of_the_matrix_opens_its_evidence(page: Any, accounts: Path) -> None:
    page.goto(accounts.as_uri())
    cells = page.locator("#matrix td a")
    assert cells.count() == 2
    cells.first.click()
    target = page.locator(":target")
    assert "operations" in target.inner_text().lower()
    assert target.locator("blockquote").count() == 3
    assert _in_view(target.locator("h4"))


def test_a_long_transcript_opens_at_once(page: Any, tmp_path: Path) -> None:
    first = REPORT.analyses[0]
    lines = "".join(
        f"Speaker {n % 7}: sentence number {n} of a very long meeting about this and that.\n" for n in range(1500)
    )
    long = REPORT.model_copy(update={"analyses": (with_text(REPORT, lines).analyses[0],)})
    assert len(long.analyses[0].needs) == len(first.needs)
    path = tmp_path / "long.html"
    path.write_text(render_html(long), encoding="utf-8")
    page.goto(path.as_uri())
    assert page.evaluate("performance.getEntriesByType('navigation')[0].domComplete") < 3000


def test_axe_finds_no_serious_fault(violations: Any, report: Path, accounts: Path) -> None:
    assert violations(report) == []
    assert violations(accounts) == []


def _in_view(locator: Any) -> bool:
    """Tell whether it comes into view: scrolling takes its time."""
    for _ in range(40):
        seen: bool = locator.evaluate(
            "e => { const r = e.getBoundingClientRect(); return r.bottom > 0 && r.top < innerHeight; }"
        )
        if seen:
            return True
        locator.page.wait_for_timeout(100)
    return False
