"""The review app as somebody uses it: a real server, a real browser, mostly the keyboard."""

import multiprocessing
import queue as queues
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from notesense.domain.analysis import Analysis
from notesense.domain.notes import Note
from notesense.evaluation.cases import load_cases
from notesense.review import Corrections, Queue, Reviewer, serve
from notesense.review.queue import Entry
from notesense.settings import Settings
from tests.browser.conftest import AXE, PHONE, WIDE, watched
from tests.review.conftest import ANALYSES, SOLUTIONS

expect = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed").expect
pytestmark = pytest.mark.alone
Start = Callable[..., str]
LONG = "".join(
    f"[00:{n // 60:02}:{n % 60:02}] Dana: The pump in house {n} fails, said the owner's man.\n" for n in range(1500)
)


def _serve(folder: Path, name: str, long: bool, told: Any) -> None:
    analyses = {"long-3": Analysis(note=Note(text=LONG, path="long.md"), text=LONG)} if long else ANALYSES
    entries = [Entry(i, a.note.path, len(a.needs) / 9, len(a.needs) + len(a.pitches)) for i, a in analyses.items()]
    found = Queue(entries, lambda entry: (analyses[entry.id].text or "", analyses[entry.id]), Settings())
    serve(Reviewer(found, Corrections(folder), SOLUTIONS, name), 0, told.put, open_browser=False)


@pytest.fixture
def start(tmp_path: Path, browser: Any) -> Iterator[Start]:
    """Start a server for a folder of corrections; returns the address for the first browser."""
    context = multiprocessing.get_context("spawn")
    started = []

    def start(name: str = "Ana", folder: str = "corrections", long: bool = False) -> str:
        told = context.Queue()
        process = context.Process(target=_serve, args=(tmp_path / folder, name, long, told), daemon=True)
        process.start()
        started.append(process)
        try:
            said: str = told.get(timeout=60)
        except queues.Empty:
            pytest.fail("the server did not start")
        return said.split()[-1]

    start.processes = started  # type: ignore[attr-defined]
    yield start
    for process in started:
        process.kill()


@pytest.fixture(params=[WIDE, PHONE], ids=["wide", "phone"])
def page(request: pytest.FixtureRequest, browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport=request.param)
    page = context.new_page()
    troubles = watched(page, "http://127.0.0.1")
    page.troubles = troubles
    yield page
    context.close()
    assert not troubles


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def saved(page: Any) -> None:
    expect(page.locator("#status")).to_contain_text("Saved")


def test_a_whole_review_by_the_keyboard_is_found_again(page: Any, start: Start, tmp_path: Path) -> None:
    page.goto(start())
    page.wait_for_selector(".item")
    assert page.locator("#name").inner_text() == "old/roof <b>.md"
    assert page.locator(".item").count() == 3
    press(page, "a", "s", "1", "m")  # the first is right; the second is selected, and has no past work yet
    page.keyboard.type("a-3")
    press(page, "Enter", "j", "e")
    page.keyboard.type("Ask what she worries about.")
    press(page, "Enter", "k", "k", "k", *["ArrowLeft"] * 2, "n")  # the sentence before: what the engine has missed
    page.keyboard.type("A need that was missed.")
    press(page, "Enter", "Enter")
    expect(page.locator("#name")).to_have_text("calm.md")
    (case,) = load_cases(tmp_path / "corrections")
    assert [n.statement for n in case.needs] == [
        "The roof leaks again.",
        "One page for the board.",
        "A need that was missed.",
    ]
    assert [n.kind for n in case.needs] == ["implied", "stated", "implied"]
    assert case.pitches[0].rewrite == "Ask what she worries about."
    page.reload()
    expect(page.locator("#count")).to_have_text("1 of 2 done")
    expect(page.locator("#name")).to_have_text("calm.md")  # the page is there: now it listens to keys
    press(page, "[")
    page.wait_for_selector(".item.accepted")
    assert page.locator(".item.accepted").count() == 4
    assert page.locator(".item .words").all_inner_texts()[3] == "A need that was missed."


def test_words_that_the_mouse_has_chosen_become_a_need(page: Any, start: Start) -> None:
    page.goto(start())
    page.wait_for_selector(".item")
    page.evaluate(
        """() => {
        const node = [...document.querySelectorAll("#note [data-start]")].find((e) => e.textContent.includes("\\ufffd")).firstChild;
        const range = document.createRange();
        const at = node.data.indexOf("words");
        range.setStart(node, at); range.setEnd(node, at + 5);
        getSelection().removeAllRanges(); getSelection().addRange(range);
    }"""
    )
    page.get_by_role("button", name="Words are a need").click()
    assert page.locator(".edit textarea").input_value() == "words"
    page.locator(".edit button", has_text="Keep").click()
    saved(page)
    assert page.locator(".item.accepted blockquote").inner_text() == "words"


def test_undo_takes_back_what_was_done_even_after_reloading(page: Any, start: Start) -> None:
    page.goto(start())
    page.wait_for_selector(".item")
    press(page, "x", "x", "x")
    expect(page.locator(".item.rejected")).to_have_count(3)
    saved(page)
    page.reload()
    page.wait_for_selector(".item.rejected")
    for left in (2, 1, 0):
        press(page, "u")
        expect(page.locator(".item.rejected")).to_have_count(left)


def test_two_people_at_once_lose_nothing(page: Any, start: Start, browser: Any) -> None:
    page.goto(start("Ana"))
    page.wait_for_selector(".item")
    other = browser.new_context().new_page()
    other.goto(start("Ben"))  # a second program on the same folder
    other.wait_for_selector(".item")
    press(other, "x")
    saved(other)
    page.troubles.append("expected: 409")
    press(page, "a")
    page.wait_for_selector("#bar:not([hidden])")
    assert "Ben has changed this note" in page.locator("#bar").inner_text()
    assert page.locator("#item-n1.accepted").count() == 1  # what Ana did is still on her page
    page.get_by_role("button", name="Show theirs").click()
    page.wait_for_selector("#item-n1.rejected")
    press(page, "k", "k", "k", "a")
    saved(page)
    assert page.locator("#item-n1.accepted").count() == 1
    page.troubles[:] = [t for t in page.troubles if "409" not in t]
    other.context.close()


def test_a_server_that_stops_loses_nothing(page: Any, start: Start, tmp_path: Path) -> None:
    page.goto(start())
    page.wait_for_selector(".item")
    press(page, "a")
    saved(page)
    start.processes[0].kill()  # type: ignore[attr-defined]
    start.processes[0].join()  # type: ignore[attr-defined]
    press(page, "x")
    page.wait_for_selector("#bar:not([hidden])")
    assert "notesense has stopped" in page.locator("#bar").inner_text()
    assert page.locator(".item.rejected").count() == 1
    page.troubles.clear()  # the browser says that the connection was refused
    again = page.context.new_page()  # the old one asks before it is left
    again.goto(start())
    expect(again.locator(".item.accepted")).to_have_count(1)


def test_nothing_in_a_note_runs_and_the_page_is_no_wider_than_the_screen(page: Any, start: Start) -> None:
    page.goto(start())
    page.wait_for_selector(".item")
    assert "<script>alert(1)</script>" in page.locator("#note").inner_text()
    assert page.locator("#note script, #note img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_finding_shows_its_words_and_words_their_finding(page: Any, start: Start) -> None:
    page.goto(start())
    page.wait_for_selector(".item")
    page.locator("mark.pitch").click()
    assert page.locator("#item-p1").get_attribute("aria-current") == "true"
    page.locator("#item-n2 .words").click()
    assert page.locator("mark.now").inner_text() == "She wants one page for the board."


def test_a_long_transcript_answers_at_once(page: Any, start: Start) -> None:
    page.goto(start(long=True))
    page.wait_for_selector("#note [data-start]")
    press(page, *["ArrowRight"] * 5)
    for _ in range(20):
        press(page, "n")
        page.wait_for_selector(".edit")
        press(page, "Enter", *["ArrowRight"] * 3)
    took = page.evaluate(
        "() => { const t = performance.now(); document.dispatchEvent(new KeyboardEvent('keydown', {key: 'k', bubbles: true})); return performance.now() - t; }"
    )
    assert took < 250
    saved(page)


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_serious(viewport: dict[str, int], start: Start, browser: Any) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm install --prefix .axe axe-core")
    context = browser.new_context(viewport=viewport, bypass_csp=True)
    page = context.new_page()
    page.goto(start())
    page.wait_for_selector(".item")
    page.add_script_tag(path=str(AXE))
    for keys in ((), ("e",), ("Escape", "?")):
        press(page, *keys)
        found = page.evaluate("() => axe.run()")["violations"]
        assert [
            f"{v['id']}: {v['nodes'][0]['html'][:150]}" for v in found if v["impact"] in ("serious", "critical")
        ] == []
    context.close()
