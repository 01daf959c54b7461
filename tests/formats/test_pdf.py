"""PDF files: lines joined by geometry, cells of rows, running lines, hyphens, scans, and what is no PDF."""

import re
import time
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notesense.chunking import split_note
from notesense.domain.notes import Note
from notesense.errors import NoteFormatError
from notesense.reading import note_of_bytes
from tests.formats.files import drawn_pdf, pdf, word
from tests.strategies import quick

WIDTHS = dict(zip("ijl.,:'I ftr-", [222, 222, 222, 278, 278, 278, 191, 278, 278, 278, 278, 333, 333], strict=True))
"""Widths of Helvetica's narrow letters in thousandths; others are some 556."""
STORM = (
    "The client explained that the telemetry at the Elm Street lift station drops out whenever it rains, and that "
    "nobody at the utility knew about the three overflows until residents called the mayor."
)
COUNCIL = (
    "The council expects a report by the end of May, and there is only one analyst, who keeps everything in "
    "spreadsheets. Tom retires in July."
)


def wrapped(words: str, width: float, size: float = 11) -> list[str]:
    """Return the lines into which a program breaks words set in Helvetica."""
    lines = [""]
    for one in words.split(" "):
        longer = f"{lines[-1]} {one}".strip()
        if sum(WIDTHS.get(c, 556) for c in longer) * size / 1000 > width and lines[-1]:
            lines.append(one)
        else:
            lines[-1] = longer
    return lines


def at(left: float, top: float, lines: list[str], leading: float = 14) -> list[tuple[float, float, str]]:
    """Return lines below each other, as :func:`drawn_pdf` takes them."""
    return [(left, top - leading * i, line) for i, line in enumerate(lines)]


def read(*pages: list[tuple[float, float, str]], rotation: int = 0) -> Note:
    return note_of_bytes(drawn_pdf(*pages, rotation=rotation), "a.pdf")


def test_lines_of_a_proportional_font_become_paragraphs() -> None:
    note = read([*at(72, 740, wrapped(STORM, 440)), *at(72, 690, wrapped(COUNCIL, 440))])
    assert note.text.splitlines() == [STORM, COUNCIL]
    assert [sentence.text for sentence in split_note(note)][-1] == "Tom retires in July."


@pytest.mark.parametrize("by_row", [False, True], ids=["column by column", "row by row"])
def test_two_columns_are_not_mixed(*, by_row: bool) -> None:
    left = [*at(72, 740, wrapped(STORM, 200)), *at(72, 640, wrapped(COUNCIL, 200))]
    right = [*at(320, 740, wrapped(COUNCIL, 200)), *at(320, 640, wrapped(STORM, 200))]
    drawn = left + right
    note = read(sorted(drawn, key=lambda line: (-line[1], line[0])) if by_row else drawn)
    assert sorted(note.text.splitlines()) == sorted([STORM, COUNCIL] * 2)


def test_a_sentence_goes_on_in_the_next_column_and_on_the_next_page() -> None:
    lines = wrapped(STORM, 200)
    note = read([*at(72, 100, lines[:2]), *at(320, 740, lines[2:4])], at(72, 740, lines[4:]))
    assert note.text == f"{STORM}\n"
    assert note.locator(note.text.index(lines[1])) == "page 1"
    assert note.locator(note.text.index(lines[4])) == "page 2"


def test_lines_that_somebody_ended_stay() -> None:
    lines = [
        "Client: Harlow Water",
        "Present: Dana Whitfield, Raj Patel, Ines Halloran, Kofi Lartey",
        "Apologies: Tom",
        "Telemetry drops out when it rains",
        "Council wants a report by the end of spring",
        "Tom retires in July",
        "1. Pumps are 41 years old",
        "2. Alarms reach nobody",
    ]
    assert read(at(72, 740, lines)).text.splitlines() == lines


def test_paragraphs_that_space_alone_parts_are_two() -> None:
    first = wrapped("The telemetry drops out whenever it rains and nobody knows until a resident calls the town", 200)
    second = wrapped(
        "Second the council wants a report by the end of spring and there is one analyst in the house", 200
    )
    note = read([*at(72, 740, first), *at(72, 740 - 14 * len(first) - 10, second)])
    assert note.text.splitlines() == [" ".join(first), " ".join(second)]


def test_wrapped_bullets_go_on_below_their_words() -> None:
    item = "The council wants a report by the end of May, and there is only one analyst"
    head, *rest = wrapped(item, 220)
    drawn = [(72, 740, "\u2022"), (90, 740, head), *at(90, 726, rest), (72, 726 - 14 * len(rest), "\u2022"), (90, 726 - 14 * len(rest), "Pumps are old")]  # fmt: skip
    note = read(drawn)
    assert note.text.splitlines() == [f"\u2022 {item}", "\u2022 Pumps are old"]
    assert {sentence.form for sentence in split_note(note)} == {"item"}


def test_an_item_that_breaks_after_the_end_of_goes_on() -> None:
    lines = ["\u2022 The council wants a report by the end of", "May, and there is only one analyst", "\u2022 Pumps"]
    note = read([*at(72, 740, wrapped(STORM, 440)), *at(72, 650, lines)])
    assert note.text.splitlines()[1:] == [f"{lines[0]} {lines[1]}", lines[2]]


def test_cells_of_a_row_do_not_run_into_each_other() -> None:
    need = wrapped(
        "Dana needs the telemetry fixed before the next wet season, because the council is losing patience", 230
    )
    drawn = [(72, 740, "No"), (102, 740, "Item"), (382, 740, "Who"), (442, 740, "Due"),
             (72, 712, "1"), *at(102, 712, need), (382, 705, "KVA"), (442, 705, "12 May 2025")]  # fmt: skip
    note = read(drawn)
    assert note.text.splitlines() == ["| No | Item | Who | Due |", f"| 1 | {' '.join(need)} | KVA | 12 May 2025 |"]
    assert " ".join(need) in [sentence.text for sentence in split_note(note)]


def test_tabs_after_labels_and_before_times_are_blanks() -> None:
    note = read([(72, 740, "Client:"), (160, 740, "Harlow Water"), (72, 700, "Dana Whitfield"), (200, 700, "0:14"),
                 (72, 686, "Rough, honestly."), (72, 640, "3"), (102, 640, "Succession")])  # fmt: skip
    assert note.text.splitlines() == [
        "Client: Harlow Water",
        "Dana Whitfield  0:14",
        "Rough, honestly.",
        "3 Succession",
    ]
    assert note.client == "Harlow Water"


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_page_is_read_as_it_is_shown(rotation: int) -> None:
    note = read([*at(72, 740, wrapped(STORM, 440)), *at(72, 690, wrapped(COUNCIL, 440))], rotation=rotation)
    assert note.text.splitlines() == [STORM, COUNCIL]


def test_running_lines_are_kept_once() -> None:
    pages = [
        [
            (72, 800, "Kestrel Vane | CONFIDENTIAL"),
            (72, 700, f"Dana spoke of {thing} that fails."),
            (72, 30, f"Page {n} of 4"),
        ]
        for n, thing in enumerate(["a pump", "a valve", "a gate", "an alarm"], start=1)
    ]
    note = read(*pages)
    assert note.text.count("CONFIDENTIAL") == 1
    assert re.findall(r"Page \d of 4", note.text) == ["Page 1 of 4"]
    assert re.findall(r"of (an? \w+) that", note.text) == ["a pump", "a valve", "a gate", "an alarm"]
    two = read(*pages[:2])
    assert two.text.count("CONFIDENTIAL") == 2


def test_a_page_of_nothing_but_a_running_line_keeps_it() -> None:
    note = note_of_bytes(pdf(*[f"The roof leaks badly on sheet {n} of 4, they say." for n in range(1, 5)]), "a.pdf")
    assert re.findall(r"sheet (\d)", note.text) == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("above", "below", "word"),
    [
        ("They said that the telem-", "etry drops out", "telemetry"),
        ("She wants a well-", "founded decision", "well-founded"),
        ("Look at the short-term and the longer-", "term plan for it", "longer-term"),
        ("The project has number 24-", "117 in our books", "24-117"),
        ("The state-of-the-", "art pumps of the town", "state-of-the-art"),
        ("The overflow came, and an over-", "flow is a fine", "overflow is"),
        ("It was the e-mail of Dana; an e-", "mail says more", "an e-mail says"),
    ],
)
def test_hyphens_at_line_ends(above: str, below: str, word: str) -> None:
    assert word in read(at(72, 740, [above, below])).text


def test_a_cover_page_before_scans_is_refused() -> None:
    cover = at(
        72,
        740,
        ["Scanned by the office printer on 12 March 2025,", "cover sheet, the five pages of the minutes follow"],
    )
    data = drawn_pdf(cover, None, None, None, None, None)
    with pytest.raises(NoteFormatError, match=r"5 of its 6 pages are pictures without words \(pages 2–6\)") as caught:
        note_of_bytes(data, "scan.pdf")
    assert "OCR" in caught.value.hint
    mostly_words = drawn_pdf(cover, cover, None, [])
    assert "Scanned by" in note_of_bytes(mostly_words, "photo.pdf").text


@pytest.mark.parametrize(
    ("data", "message", "hint"),
    [
        (word("The pump fails."), "zip or Office file", ".docx"),
        (b"{\\rtf1 The pump fails.}", "an RTF file", ".rtf"),
        (b"\x89PNG\r\n\x1a\n", "a picture", "OCR"),
        (b"\n<!doctype html><p>The pump fails.", "web page", ".html"),
        (b"", "empty", "again"),
    ],
    ids=["Word", "RTF", "picture", "HTML", "empty"],
)
def test_another_kind_of_file_is_named(data: bytes, message: str, hint: str) -> None:
    from notesense.formats.pdf import extract

    with pytest.raises(NoteFormatError, match=f"^a.pdf: not a PDF file.*{message}") as caught:
        extract(data, "a.pdf")
    assert hint in caught.value.hint


placed = st.tuples(
    st.floats(0, 580), st.floats(0, 830), st.text("abcXYZ019 .:-|", min_size=1).filter(lambda t: t.strip(" -"))
)


@given(page=st.lists(placed, min_size=1, max_size=12))
@quick
def test_no_letter_is_lost_wherever_words_stand(page: list[tuple[float, float, str]]) -> None:
    import pypdfium2

    data = drawn_pdf(at(5, 830, [STORM]), page)
    note = note_of_bytes(data, "a.pdf")
    document = pypdfium2.PdfDocument(data)  # which draws no letter twice in one place
    drawn = "".join(one.get_textpage().get_text_range() for one in document)
    assert Counter(filter(str.isalnum, note.text)) == Counter(filter(str.isalnum, drawn))
    assert all(a.start < b.start for a, b in pairwise(note.places))


def test_signs_that_are_no_words_do_no_harm() -> None:
    note = read(
        [*at(72, 740, [STORM]), (72, 700, "\xad"), (72, 670, "\0"), (72, 640, "-"), (72, 610, "The pump fails.")]
    )
    assert note.text.splitlines()[0] == STORM
    assert note.text.endswith("The pump fails.\n")


def test_many_pieces_on_one_page_take_linear_time() -> None:
    def seconds(rows: int) -> float:
        page = [(20 + 25 * i, 835 - 0.5 * row, "ab") for row in range(rows) for i in range(20)]
        data = drawn_pdf([*at(72, 838, [STORM]), *page])
        start = time.process_time()
        note_of_bytes(data, "a.pdf")
        return time.process_time() - start

    assert seconds(400) < 12 * seconds(100) + 0.5
