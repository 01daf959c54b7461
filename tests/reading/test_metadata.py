from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notesense.reading.metadata import HEAD, parse_date, read_metadata
from tests.strategies import quick, texts


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-04", date(2026, 3, 4)),
        ("2026/3/4", date(2026, 3, 4)),
        ("2026-03-04T09:30:00Z", date(2026, 3, 4)),
        ("2026-03-04 09:30", date(2026, 3, 4)),
        ("12 March 2026", date(2026, 3, 12)),
        ("12th of March, 2026", date(2026, 3, 12)),
        ("12-Mar-2026", date(2026, 3, 12)),
        ("Mar 12, 2026", date(2026, 3, 12)),
        ("September 1st 2026", date(2026, 9, 1)),
        ("Tue, 4 Mar 2025 09:12:11 +0100", date(2025, 3, 4)),
        ("25/3/2026", date(2026, 3, 25)),
        ("3/25/2026", date(2026, 3, 25)),
        ("25.03.2026", date(2026, 3, 25)),
        ("3/3/2026", date(2026, 3, 3)),
        (date(2026, 3, 4), date(2026, 3, 4)),
        (datetime(2026, 3, 4, 9, 30), date(2026, 3, 4)),
        ("met 4 March 2026, again 9 May 2026", date(2026, 3, 4)),
    ],
    ids=str,
)
def test_dates_that_can_be_read_one_way_are_read(value: object, expected: date) -> None:
    assert parse_date(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "4/3/2026", "04.03.2026", "12/11/2026", "31/4/2026", "13/13/2026", "2026-13-45", "31 February 2026", "March 2026",
        "12 March", "next Tuesday", "12 Foo 2026", "Unit 12 Marlow 2030", "3 Decatur 2026", "5554/3/20260", "", None, 20260304,
    ],
    ids=str,
)  # fmt: skip
def test_dates_that_are_ambiguous_or_none_are_not_guessed(value: object) -> None:
    assert parse_date(value) is None


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2099, 12, 31)))
@quick
def test_every_unambiguous_spelling_gives_the_same_date(day: date) -> None:
    month = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
             "November", "December"][day.month - 1]  # fmt: skip
    for spelling in (
        day.isoformat(),
        f"{day.day} {month} {day.year}",
        f"{month} {day.day}, {day.year}",
        f"{day.day} {month[:3]} {day.year}",
        f"held on {day.isoformat()} in the annex",
    ):
        assert parse_date(spelling) == day, spelling
    in_numbers = parse_date(f"{day.day}/{day.month}/{day.year}")
    assert in_numbers == (day if day.day > 12 or day.day == day.month else None)


@given(texts)
@quick
def test_any_text_has_a_date_or_none(text: str) -> None:
    found = parse_date(text)
    assert found is None or isinstance(found, date)


HEADERS = "Client: City of Marlow\nClient unit: Parks\nAuthor: Lee Park\nPractice: Water\nSubject: Pool walk\nDate: 4 March 2026\n\nRoof leaks."


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_header_lines_are_read_whatever_the_line_ends(end: str) -> None:
    found = read_metadata(HEADERS.replace("\n", end), 0, {})
    assert found.model_dump() == {
        "title": "Pool walk", "client": "City of Marlow", "client_unit": "Parks", "author": "Lee Park",
        "practice": "Water", "date": date(2026, 3, 4),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("Notes by: Lee Park", "Lee Park"),
        ("**Note-taker:** Lee Park", "Lee Park"),
        ("Note taker: Lee Park", "Lee Park"),
        ("> Written by: Lee Park", "Lee Park"),
        ("- Taken by: Lee Park", "Lee Park"),
        ("Recorded by: Lee Park", "Lee Park"),
        ("Author:", None),
        ("The author: Lee Park", None),
    ],
    ids=lambda value: str(value),
)
def test_the_author_is_read_from_every_kind_of_header(line: str, author: str | None) -> None:
    assert read_metadata(f"{line}\nRoof leaks.", 0, {}).author == author


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# Pool walk\nRoof leaks.", "Pool walk"),
        ("# Pool walk\r\nRoof leaks.", "Pool walk"),
        ("## Pool walk ##\nRoof leaks.", "Pool walk"),
        ("Hello\n\n# Pool walk", "Pool walk"),
        ("### Too deep\nRoof leaks.", None),
        ("#hashtag\nRoof leaks.", None),
        ("Subject: Re: pool\n# Pool walk", "Re: pool"),
        ("Roof leaks.", None),
    ],
    ids=repr,
)
def test_the_title_is_the_subject_or_the_first_heading(text: str, title: str | None) -> None:
    assert read_metadata(text, 0, {}).title == title


def test_front_matter_wins_over_header_lines_and_headings() -> None:
    fields = {"title": "From the block", "client": "Marlow", "author": ["Lee", "Dana"], "date": "2026-01-02"}
    found = read_metadata("# Heading\nClient: Other\nAuthor: Nobody\nUnit: Parks\nDate: 2025-05-05\n", 0, fields)
    assert found.title == "From the block"
    assert found.client == "Marlow"
    assert found.author == "Lee, Dana"
    assert found.client_unit == "Parks"
    assert found.date == date(2026, 1, 2)


@pytest.mark.parametrize("empty", [None, "", []], ids=repr)
def test_an_empty_field_leaves_the_word_to_the_header(empty: object) -> None:
    assert read_metadata("Client: Marlow\n", 0, {"client": empty}).client == "Marlow"


def test_the_first_of_two_header_lines_counts() -> None:
    assert read_metadata("Client: Marlow\nClient: Tolland\n", 0, {}).client == "Marlow"


def test_headers_far_down_are_not_metadata() -> None:
    assert read_metadata("x" * HEAD + "\nClient: Marlow\n", 0, {}).client is None


def test_what_stands_in_the_front_matter_is_no_header_line() -> None:
    text = "---\nAuthor: Lee\n---\nClient: Marlow\n"
    found = read_metadata(text, text.index("Client"), {})
    assert (found.author, found.client) == (None, "Marlow")


def test_a_date_in_the_first_words_is_the_date_of_the_note() -> None:
    assert read_metadata("Site walk, 4 March 2026\nRoof leaks.", 0, {}).date == date(2026, 3, 4)
    assert read_metadata("Site walk, 4/3/2026\nRoof leaks.", 0, {}).date is None


@given(texts)
@quick
def test_any_text_has_metadata_on_one_line_each(text: str) -> None:
    found = read_metadata(text, 0, {"title": text})
    for value in (found.title, found.client, found.client_unit, found.author, found.practice):
        assert value is None or (value == " ".join(value.split()) and 0 < len(value) <= 200)
