"""What a reader sees: Markdown is rendered with markdown-it (CommonMark with tables and strikethrough)."""

import html
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from notesense.analyzer import Analyzer
from notesense.domain.printable import one_line
from notesense.reporting.markdown import escape, render_markdown
from notesense.settings import Settings
from tests.conftest import SAMPLES
from tests.reporting.hand_made import FIELDS, NEEDS, REPORT, filled_with
from tests.reporting.test_excerpts import unsafe
from tests.strategies import quick

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
SPECIAL = [
    "*stars* and **more**", "_under_ scores", "`code`", "[a link](http://x.example)", "![image](x.png)", "<b>html</b>",
    "<script>alert(1)</script>", "<http://x.example>", "# heading", "#hash", "- item", "+ item", "* item", "> quote",
    "1. number", "12) number", "1.5 m deep", "2026. A year", "~~gone~~", "| a | b |", "back\\slash", "---", "===", "***",
    "$x$", "&amp; &copy; &#42;", "AT&amp;T", "R&D", "[bold]rich[/bold]", "a\\*b", "ends with \\", "    indented",
    "line\nbreak", "# Title #", "[^1]", "[ ] box", "a  b", "!important", "1986",
]  # fmt: skip


def seen(markdown: str) -> str:
    """Return the text that a reader of the rendered Markdown sees, on one line."""
    return one_line(html.unescape(re.sub(r"<[^>]*>", "", MARKDOWN.render(markdown))))


@pytest.mark.parametrize("words", SPECIAL)
def test_a_reader_sees_the_words_as_they_are(words: str) -> None:
    assert seen(escape(words)) == one_line(words)


@quick
@given(st.text(alphabet="*_`[]()<>#+-=.!|~$&;\\ab1 \n:/x\"'", max_size=12))
def test_no_combination_of_marks_is_read_as_markup(words: str) -> None:
    assert seen("Said: " + escape(words)) == one_line("Said: " + one_line(words))


@pytest.mark.parametrize("words", SPECIAL)
def test_every_field_of_a_report_is_shown_as_it_is(words: str) -> None:
    page = seen(render_markdown(filled_with(words)))
    missing = [name for name in FIELDS if one_line(f"{words} {name}") not in page]
    assert missing == []


@pytest.mark.parametrize("words", ["\x1b[31mred", "\u202edesrever", "a\x08b", "\x9b0m", "\u2066x"])
def test_control_sequences_and_turning_marks_are_neutralised(words: str) -> None:
    assert unsafe(render_markdown(filled_with(words))) == {"\n"}


def test_evidence_is_bold_whatever_stands_beside_it(sample_index: Path) -> None:
    report = Analyzer(Settings(index=sample_index)).analyze([SAMPLES])
    bold = re.findall(r"<strong>(.*?)</strong>", MARKDOWN.render(render_markdown(report)), re.DOTALL)
    shown = {one_line(html.unescape(words)) for words in bold}
    quotes = [
        one_line(evidence.quote)
        for analysis in report.analyses
        for finding in (*analysis.needs, *analysis.pitches)
        for evidence in finding.evidence
    ]
    assert len(quotes) > 40
    assert [quote for quote in quotes if quote not in shown] == []


def test_questions_and_past_work_are_lists_of_their_own() -> None:
    lists = re.findall(r"<p>Ask next:</p>\s*<ul>(.*?)</ul>", MARKDOWN.render(render_markdown(REPORT)), re.DOTALL)
    assert len(lists) == 3
    assert all("Past work" not in questions for questions in lists)
    assert all(question in lists[0] for question in NEEDS[1].questions)


def test_all_pieces_of_evidence_are_there() -> None:
    page = seen(render_markdown(REPORT))
    for need in NEEDS:
        for evidence in need.evidence:
            assert one_line(evidence.quote) in page
