"""Each format against a file. ``NOTESENSE_UPDATE_GOLDEN=1 python -m pytest tests/reporting`` writes them anew."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from notesense.domain.analysis import Report
from notesense.reporting import print_report, render_json, render_jsonl, render_markdown
from tests.reporting.hand_made import REPORT

GOLDEN = Path(__file__).parent / "golden"
UPDATE = bool(os.environ.get("NOTESENSE_UPDATE_GOLDEN"))  # read here: every test runs in a clean environment


def render_terminal(report: Report) -> str:
    out = io.StringIO()
    print_report(report, Console(file=out, width=80, color_system=None))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "render"),
    [
        ("report.txt", render_terminal),
        ("report.md", render_markdown),
        ("report.json", render_json),
        ("report.jsonl", render_jsonl),
    ],
    ids=["terminal", "markdown", "json", "jsonl"],
)
def test_a_report_looks_as_it_did(name: str, render: Callable[[Report], str]) -> None:
    found = render(REPORT)
    path = GOLDEN / name
    if UPDATE:
        path.write_text(found, encoding="utf-8", newline="\n")
    assert found == path.read_text(encoding="utf-8")
