import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notesense.domain.prose import LONG_SENTENCE, MIN_CLAUSE, split_clauses, split_sentences
from notesense.domain.spans import Span
from tests.strategies import quick, texts


def sentences(text: str) -> list[str]:
    return [text[s.start : s.end] for s in split_sentences(text, 0, len(text))]


def clauses(text: str) -> list[str]:
    return [text[s.start : s.end] for s in split_clauses(text, Span(0, len(text)))]


@given(texts, st.integers(0, 40), st.integers(0, 80))
@quick
def test_sentences_cover_every_word_of_the_range_once_in_order(text: str, start: int, length: int) -> None:
    start = min(start, len(text))
    end = min(start + length, len(text))
    at = start
    for span in split_sentences(text, start, end):
        assert at <= span.start < span.end <= end
        assert not text[at : span.start].strip()
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        at = span.end
    assert not text[at:end].strip()


@given(texts)
@quick
def test_clauses_leave_out_nothing_but_joints(text: str) -> None:
    at = 0
    for span in split_clauses(text, Span(0, len(text))):
        assert at <= span.start < span.end
        assert re.fullmatch(r"[\s;—–\->=→⇒]*", text[at : span.start])
        at = span.end
    assert not text[at:].strip()


WORD = st.sampled_from(["roof", "leaks", "and", "so", "he", "the", "but", "then", "um,", "which", "was", "it", "stair"])


@given(st.lists(WORD, min_size=1, max_size=400))
@quick
def test_dictation_without_stops_falls_back_to_windows(words: list[str]) -> None:
    text = " ".join(words)
    pieces = clauses(text)
    assert " ".join(pieces) == text
    assert max(len(piece.split()) for piece in pieces) <= 2 * LONG_SENTENCE


@pytest.mark.parametrize(
    ("text", "most"),
    [
        pytest.param("leaks " * 500, 2 * LONG_SENTENCE, id="no joint"),
        pytest.param("leaks " * 200 + "and then he said it was fine", 2 * LONG_SENTENCE, id="a joint at the end"),
        pytest.param("so he said it was " + "leaks " * 200, 2 * LONG_SENTENCE, id="a joint at the head"),
        pytest.param("the roof leaks again and he knows it so " * 30, LONG_SENTENCE, id="many joints"),
    ],
)
def test_no_window_is_longer_than_a_reader_can_hold(text: str, most: int) -> None:
    pieces = clauses(text.strip())
    assert " ".join(pieces) == text.strip()
    assert max(len(piece.split()) for piece in pieces) <= most


@pytest.mark.parametrize(
    "text",
    [
        "It costs approx. 3 million.",
        "We met at St. Brannoc today.",
        "Pump No. 4 failed.",
        "Some rooms, e.g. the labs, are hot.",
        "Some rooms, i.e. The Labs, are hot.",
        "Dr. Lee and Mrs. Ruiz asked.",
        "J. Peterson and A. B. Long left.",
        "The gap is 3.5 m wide.",
        "Budget is $3.2M this year.",
        "See www.marlow.gov/parks.html for it.",
        "Mail ana.ruiz@x.org about it.",
        "Due in Sept. 2026 at the latest.",
        "Main St. closes w. the crossing.",
        "Smith vs. Jones et al. is open.",
        "Open 9 a.m. to 5 p.m. on Fri. and later.",
        "It is in bldg. 7 (approx. 40 ft. from the road).",
        "v2.1 of the form",
        "no stop at all",
    ],
)
def test_full_stops_in_abbreviations_numbers_and_addresses_do_not_end_a_sentence(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Roof leaks. Walls too.", ["Roof leaks.", "Walls too."]),
        ("Roof leaks! Really? Yes.", ["Roof leaks!", "Really?", "Yes."]),
        ("It leaks... Then it stops…  And so on", ["It leaks...", "Then it stops…", "And so on"]),
        ('"Why now?" she said.', ['"Why now?"', "she said."]),
        ("He said “it leaks.” Then left.", ["He said “it leaks.”", "Then left."]),
        ("It leaks (badly.) Still.", ["It leaks (badly.)", "Still."]),
        ("roof leaks. walls damp. fix it", ["roof leaks.", "walls damp.", "fix it"]),
        ("Is it 3.5? No. 4 is.", ["Is it 3.5?", "No. 4 is."]),
        ("Roof\nleaks.\nWalls\ntoo.", ["Roof\nleaks.", "Walls\ntoo."]),
        ("It ends with plan B.", ["It ends with plan B."]),
        ("What?! Again?", ["What?!", "Again?"]),
        ("...", ["..."]),
        ("   ", []),
        ("", []),
    ],
    ids=repr,
)
def test_sentences_end_at_stops_before_white_space(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the roof leaks every single winter; the walls are damp and nobody cares",
         ["the roof leaks every single winter", "the walls are damp and nobody cares"]),
        ("the roof leaks every single winter — the walls are damp and cold",
         ["the roof leaks every single winter", "the walls are damp and cold"]),
        ("the roof leaks every single winter -> tenants complain to the mayor",
         ["the roof leaks every single winter", "tenants complain to the mayor"]),
        ("the roof; the wall", ["the roof; the wall"]),
        ("a long-standing, well-known problem with the mid-century wing", ["a long-standing, well-known problem with the mid-century wing"]),
        ("open 9-5 on weekdays for the public; closed", ["open 9-5 on weekdays for the public; closed"]),
    ],
)  # fmt: skip
def test_clauses_are_cut_only_where_both_parts_can_stand_alone(text: str, expected: list[str]) -> None:
    assert clauses(text) == expected
    assert all(len(piece.split()) >= MIN_CLAUSE for piece in expected) or len(expected) == 1


def test_dictation_is_cut_where_a_new_subject_begins() -> None:
    text = (
        "so we went out to the plant this morning and he told me the whole story about the intake screens and then "
        "she said the council wants a number by june but they have nobody who can write it up for them right now"
    )
    assert clauses(text) == [
        "so we went out to the plant this morning",
        "and he told me the whole story about the intake screens",
        "and then she said the council wants a number by june",
        "but they have nobody who can write it up for them right now",
    ]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("She said no. Then the roof leaked.", "She said no."),
        ("We meet on Sat. The boiler is older.", "We meet on Sat."),
        ("Pumps, valves, etc. Ana wants a list.", "Pumps, valves, etc."),
        ("Minutes of no. 6 agreed.", "Minutes of no. 6 agreed."),
        ("See no. B12 in the list.", "See no. B12 in the list."),
        ("Due Mar. 3 at noon.", "Due Mar. 3 at noon."),
    ],
)
def test_an_abbreviation_that_is_a_word_ends_a_sentence_before_a_capital(text: str, first: str) -> None:
    span = next(iter(split_sentences(text, 0, len(text))))

    assert text[span.start : span.end] == first
