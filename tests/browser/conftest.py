"""Headless Chromium, driven by Playwright; the tests are skipped where either is missing."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
AXE = Path(os.environ.get("NOTESENSE_AXE") or ROOT / ".axe/node_modules/axe-core/axe.min.js")
WIDE, PHONE = {"width": 1400, "height": 900}, {"width": 390, "height": 800}


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A browser; skips with a clear word where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if not CHROMIUM:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    playwright.expect.set_options(timeout=30_000)
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def watched(page: Any, own: str) -> list[str]:
    """Return a list that fills with whatever goes wrong on a page: errors, dialogs, requests but to its own address."""
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda sent: troubles.append(sent.url) if not sent.url.startswith(own) else None)
    page.on("dialog", lambda dialog: troubles.append(f"dialog: {dialog.message}"))
    return troubles


@pytest.fixture(params=[WIDE, PHONE], ids=["wide", "phone"])
def page(request: pytest.FixtureRequest, browser: Any) -> Iterator[Any]:
    """A page in which nothing may go wrong: no error in the console, no request but for the file itself."""
    context = browser.new_context(viewport=request.param, bypass_csp=False, offline=True)
    page = context.new_page()
    troubles = watched(page, "file:")
    yield page
    context.close()
    assert not troubles


@pytest.fixture
def violations(browser: Any) -> Iterator[Any]:
    """Return what axe-core finds serious or critical on a page."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm install --prefix .axe axe-core")
    context = browser.new_context(viewport=WIDE, bypass_csp=True)

    def find(path: Path) -> list[str]:
        page = context.new_page()
        page.goto(path.as_uri())
        page.add_script_tag(path=str(AXE))
        found = page.evaluate("() => axe.run()")["violations"]
        return [f"{v['id']}: {v['nodes'][0]['html'][:150]}" for v in found if v["impact"] in ("serious", "critical")]

    yield find
    context.close()
