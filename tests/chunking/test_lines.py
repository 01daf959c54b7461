import pytest
from hypothesis import given
from hypothesis import strategies as st

from notesense.chunking.lines import MarkedLine, header_name, mark_lines, split_lines
from tests.strategies import quick, texts


def mark(text: str) -> MarkedLine:
    (line,) = mark_lines(text)
    return line


@given(texts, st.integers(0, 30))
@quick
def test_lines_and_line_ends_concatenate_to_the_text(text: str, start: int) -> None:
    start = min(start, len(text))
    at = start
    for line in split_lines(text, start):
        assert text[at : line.start] in ("", "\r\n", *"\n\r\v\f\x85\u2028\u2029")
        assert line.text == text[line.start : line.end]
        assert len(line.text.splitlines()) <= 1 or set(line.text) & set("\x1c\x1d\x1e")
        at = line.end
    assert text[at:] in ("", "\r\n", *"\n\r\v\f\x85\u2028\u2029")


@given(texts)
@quick
def test_every_line_has_a_kind_and_its_words_lie_in_it(text: str) -> None:
    for line in mark_lines(text):
        assert line.line.start <= line.body <= line.line.end
        if line.kind in ("heading", "item", "prose"):
            assert line.words, "such lines have words of their own"
        if line.kind == "blank":
            assert not line.line.text.strip()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\n", ["a"]),
        ("a\r\nb\rc\nd", ["a", "b", "c", "d"]),
        ("\n\n", ["", ""]),
        ("a\r\n\r\nb", ["a", "", "b"]),
        ("a\u2028b\x0bc\x85d\u2029", ["a", "b", "c", "d"]),
    ],
    ids=repr,
)
def test_whatever_ends_a_line_ends_it(text: str, lines: list[str]) -> None:
    assert [line.text for line in split_lines(text)] == lines


BULLETS = [
    "- ", "* ", "+ ", "• ", "· ", "▪ ", "◦ ", "‣ ", "○ ", "– ", "— ", "→ ", "► ", "» ", "✓ ", "☐ ", "☑ ", "-", "•",
    "1. ", "2) ", "(3) ", "12. ", "3.1 ", "3.1. ", "3.1.2 ", "a) ", "(b) ", "c. ", "iv. ", "(ii) ",
    "[ ] ", "[x] ", "- [ ] ", "- [x] ", "* [✓] ", "1. [ ] ", "  - ", "\t* ", "        • ", "\u00a0- ",
]  # fmt: skip


@pytest.mark.parametrize("bullet", BULLETS, ids=repr)
def test_bullets_and_numbers_of_every_fashion_are_left_out_of_the_words(bullet: str) -> None:
    line = mark(bullet + "roof leaks at the stair")
    assert (line.kind, line.words) == ("item", "roof leaks at the stair")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("3.5 million is the gap", "3.5 million is the gap"),
        ("- 3.5 m wide", "3.5 m wide"),
        ("1974 building, never renovated", "1974 building, never renovated"),
        ("2026. That is when", "2026. That is when"),
        ("a lot of it leaks", "a lot of it leaks"),
        ("(approx.) half of it", "(approx.) half of it"),
        ("e.g. the west wing", "e.g. the west wing"),
        ("#5 pump failed", "#5 pump failed"),
        ("-40 in the cold store", "-40 in the cold store"),
        ("- - - and then", "- - and then"),
        ("1.", "1."),
        ("x", "x"),
    ],
)
def test_the_words_of_a_line_are_never_taken_for_its_bullet(text: str, words: str) -> None:
    assert mark(text).words == words


@pytest.mark.parametrize(
    ("text", "level", "words"),
    [
        ("# Roof", 1, "Roof"),
        ("###### Roof", 6, "Roof"),
        ("   ## Roof", 2, "Roof"),
        ("**Next steps**", 6, "Next steps"),
        ("**Next steps:**", 6, "Next steps:"),
        ("__Next steps__", 6, "Next steps"),
        ("MUNI BLDG (1974, 22,400 sf)", 6, "MUNI BLDG (1974, 22,400 sf)"),
        ("NEXT STEPS", 6, "NEXT STEPS"),
    ],
)
def test_headings_are_hashes_bold_lines_and_shouted_lines(text: str, level: int, words: str) -> None:
    line = mark(text)
    assert (line.kind, line.level) == ("heading", level)
    assert line.words == words


@pytest.mark.parametrize(
    "text",
    [
        "#hashtag",
        "####### seven",
        "**bold** words in a line",
        "FY26 budget",
        "ABC",
        "THE ROOF LEAKS AND WE MUST ACT.",
        "ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE",
    ],
)
def test_other_lines_with_capitals_and_marks_are_prose(text: str) -> None:
    assert mark(text).kind == "prose"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "blank"),
        (" \t", "blank"),
        ("\u00a0", "blank"),
        ("---", "rule"),
        ("- - -", "rule"),
        ("=====", "rule"),
        ("* * *", "rule"),
        ("___", "rule"),
        ("|---|:--:|", "rule"),
        ("--- | ---", "rule"),
        ("```python", "rule"),
        ("| Unit | Need |", "row"),
        ("|one cell", "row"),
        ("Unit | Need | By", "row"),
        ("this | that", "prose"),
        ("-- Lee", "item"),
        ("--", "rule"),
    ],
    ids=repr,
)
def test_blanks_rules_and_rows_are_told_apart(text: str, kind: str) -> None:
    (line,) = mark_lines(text + "\n")
    assert line.kind == kind


@pytest.mark.parametrize(
    ("text", "depth"),
    [("> roof", 1), (">roof", 1), ("> > roof", 2), (">> roof", 2), (">>> roof", 3), ("  > roof", 1), ("> >> roof", 3)],
)
def test_quoted_mail_has_a_depth(text: str, depth: int) -> None:
    line = mark(text)
    assert (line.kind, line.level, line.words) == ("quote", depth, "roof")


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("From: Ana Ruiz <ana@x.org>", "from", "Ana Ruiz <ana@x.org>"),
        ("SUBJECT: pump", "subject", "pump"),
        ("**Date:** 4 March", "date", "4 March"),
        ("**Attendees**: Ana", "attendees", "Ana"),
        ("Note-taker: Lee", "note-taker", "Lee"),
        ("In attendance: Lee", "in attendance", "Lee"),
        ("Re: pump", "re", "pump"),
        ("Attachments: a.pdf", "attachments", "a.pdf"),
    ],
)
def test_mail_and_minute_headers_have_a_name_and_words(text: str, name: str, words: str) -> None:
    line = mark(text)
    assert line.kind == "header"
    assert header_name(line) == name
    assert line.words == words


@pytest.mark.parametrize("text", ["From the roof: water", "Fromage: yes", "Today: roof", "# From: x", "- To: x"])
def test_other_lines_with_a_colon_are_no_headers(text: str) -> None:
    assert header_name(mark(text)) is None
