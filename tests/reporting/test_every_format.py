"""What no format may leave out."""

import io
import json
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from notesense.domain.analysis import Report
from notesense.domain.printable import printable
from notesense.reporting import print_report, render_json, render_jsonl, render_markdown
from notesense.reporting.jsonformat import dump_json
from tests.reporting.hand_made import REPORT
from tests.strategies import quick

Render = Callable[[Report], str]


def render_terminal(report: Report) -> str:
    out = io.StringIO()
    print_report(report, Console(file=out, width=80, color_system=None))
    return out.getvalue()


def words(page: str) -> str:
    """Return a page on one line, without the backslashes of Markdown and JSON."""
    return re.sub(r"\s+", " ", page.replace("\\", ""))


RENDERERS = pytest.mark.parametrize(
    "render",
    [render_terminal, render_markdown, render_json, render_jsonl],
    ids=["terminal", "markdown", "json", "jsonl"],
)


@RENDERERS
@pytest.mark.parametrize(
    "said",
    [
        pytest.param(["the pumps are old", "need:implied:operations", "not in the note"], id="rejected claims"),
        pytest.param(["120", "240", "detect", "no answer in 30 s [retry]"], id="incidents"),
        pytest.param(["scan.pdf: a PDF file, not a text note", "Save it as text", "[red]x.md: empty"], id="skipped"),
        pytest.param(["What did the last night cost you?", "Since when?"], id="questions"),
        pytest.param(["W-11", "M-02", "Utilities already has this", "Ines Halloran"], id="matches"),
        pytest.param(["Ask what they would do with the readings."], id="rewrites"),
        pytest.param(["notes/harbour.md", "second.txt", "third.txt", "City of Marlow", "2025-03-06"], id="notes"),
    ],
)
def test_nothing_is_dropped(render: Render, said: list[str]) -> None:
    page = words(render(REPORT))
    assert [part for part in said if part not in page] == []


@pytest.mark.parametrize("render", [render_terminal, render_markdown], ids=["terminal", "markdown"])
def test_nothing_fits_no_index_and_no_needs_are_three_answers(render: Render) -> None:
    harbour, second, third = (
        words(render(REPORT.model_copy(update={"analyses": (analysis,), "skipped": ()})))
        for analysis in REPORT.analyses
    )
    for page, fits, searched, needs in (
        (harbour, False, True, True), (second, None, False, True), (third, None, None, False)
    ):  # fmt: skip
        assert ("Nothing we have done fits this need." in page) == (fits is False)
        assert ("No past solutions were searched" in page) == (searched is False)
        assert ("No needs found" in page) == (not needs)


@RENDERERS
def test_a_report_without_analyses_still_tells_what_was_skipped(render: Render) -> None:
    page = words(render(REPORT.model_copy(update={"analyses": ()})))
    assert "scan.pdf" in page
    assert "No needs found" not in page


def test_json_gives_back_the_report() -> None:
    assert "text" not in json.loads(render_json(REPORT))["analyses"][0]
    assert json.loads(render_json(REPORT))["analyses"][2]["text"] == "All is well."
    for analysis, data in zip(REPORT.analyses, json.loads(render_json(REPORT))["analyses"], strict=True):
        assert data == {k: v for k, v in analysis.model_dump(mode="json").items() if k != "text" or v is not None}


def test_json_lines_are_the_analyses_of_the_object() -> None:
    lines = [json.loads(line) for line in render_jsonl(REPORT).splitlines()]
    whole = json.loads(render_json(REPORT))
    for line in lines:
        assert line.pop("schema") == whole["schema"]
        assert line.pop("run") == whole["run"]
    assert lines == whole["analyses"] + [{"skipped": entry} for entry in whole["skipped"]]


def test_a_name_that_no_encoding_can_write_does_not_stop_json() -> None:
    skipped = REPORT.skipped[0].model_construct(path="caf\udce9.md", error="NoteError", message="m", hint="h")
    page = render_json(REPORT.model_copy(update={"skipped": (skipped,)}))
    assert "caf" in json.loads(page)["skipped"][0]["path"]
    page.encode("utf-8")


@given(st.text())
@quick
def test_json_says_the_same_with_nothing_that_hides_or_steers(words: str) -> None:
    words += "a\x1b[31m\x7f\x9b\u202e\u2028\U000e0041\ue000\udce9"
    dumped = dump_json({"words": words})
    assert json.loads(dumped) == {"words": words}
    assert dumped == printable(dumped)
    dumped.encode("utf-8")
