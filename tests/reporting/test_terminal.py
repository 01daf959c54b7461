import io
from pathlib import Path

import pytest
from hypothesis import given
from rich.cells import cell_len
from rich.console import Console

from notesense.analyzer import Analyzer
from notesense.domain.analysis import Report
from notesense.domain.printable import one_line
from notesense.reporting import print_report
from notesense.settings import Settings
from tests.conftest import SAMPLES
from tests.reporting.hand_made import FIELDS, REPORT, filled_with
from tests.reporting.test_excerpts import unsafe
from tests.strategies import quick, texts


def printed(report: Report, width: int = 80, colour: bool = False) -> str:
    out = io.StringIO()
    print_report(
        report, Console(file=out, width=width, force_terminal=colour, color_system="standard" if colour else None)
    )
    return out.getvalue()


@pytest.mark.parametrize(
    "words",
    ["[bold]roof[/bold]", "[/]", "[link=http://x.example]y[/link]", "[red", ":smile:", "{braces}", "%s", "\\[x]",
     "http://x.example/[a]", "'quoted'", "12.5 %", "[@click=app.bell]x[/]"],
)  # fmt: skip
def test_nothing_of_a_note_is_read_as_markup(words: str) -> None:
    page = printed(filled_with(words), width=1000)
    assert [name for name in FIELDS if f"{words} {name}" not in page] == []


@pytest.mark.parametrize(
    "words", ["\x1b[31mred", "\x1b]8;;http://x\x07y", "\u202edesrever", "a\x08b", "a\rb", "\x9b0m", "\u2066x", "\x00"]
)
def test_control_sequences_and_turning_marks_are_neutralised(words: str) -> None:
    page = printed(filled_with(words), width=1000)
    assert unsafe(page) == {"\n"}
    assert [name for name in FIELDS if f"{one_line(words)} {name}" not in page] == []


def test_an_id_of_a_solution_is_neutralised_too() -> None:
    report = filled_with("x")
    need = report.analyses[0].needs[0]
    match = need.matches[0].model_copy(update={"solution_id": "W-01\x1b[31m"})
    need = need.model_copy(update={"matches": (match,)})
    analysis = report.analyses[0].model_copy(update={"needs": (need,)})
    assert unsafe(printed(report.model_copy(update={"analyses": (analysis,)}))) == {"\n"}


def test_colour_comes_from_us_alone() -> None:
    plain, coloured = printed(REPORT), printed(REPORT, colour=True)
    assert "\x1b[" in coloured
    assert "\x1b" not in plain
    assert "\x1b[31mevery" not in coloured


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(sample_index: Path, width: int) -> None:
    report = Analyzer(Settings(index=sample_index)).analyze([SAMPLES])
    for page in (printed(report, width), printed(REPORT, width)):
        assert max(cell_len(line) for line in page.splitlines()) <= width


@pytest.mark.parametrize("words", ["漢字" * 60, "👩‍🔧 " * 60, "x" * 300, "e\u0301" * 200])
def test_wide_and_endless_words_stay_inside_the_terminal(words: str) -> None:
    page = printed(filled_with(words))
    assert max(cell_len(line) for line in page.splitlines()) <= 80


@pytest.mark.parametrize("width", [40, 80])
def test_no_line_ends_with_blanks(width: int) -> None:
    assert [line for line in printed(REPORT, width).splitlines() if line != line.rstrip()] == []


@quick
@given(texts)
def test_any_words_can_be_printed(words: str) -> None:
    page = printed(filled_with(words))
    assert unsafe(page) == {"\n"}
    assert max(cell_len(line) for line in page.splitlines()) <= 80


def test_the_command_that_builds_an_index_is_not_broken_over_lines() -> None:
    assert "notesense index build PATH" in printed(REPORT)
