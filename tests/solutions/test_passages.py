import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notesense.domain.solutions import Solution
from notesense.solutions.library import load_library
from notesense.solutions.passages import PASSAGE_WORDS, headline, split_solution
from tests.conftest import LIBRARY
from tests.solutions.examples import solution
from tests.strategies import arbitrary_texts, quick

SENTENCE = "The pump in the north hall failed again on a cold night. "


def texts_of(text: str) -> list[str]:
    return [passage.text for passage in split_solution(solution("A-1", "pump", text=text))][1:]


def test_the_headline_comes_first_with_title_summary_and_services() -> None:
    example = solution("A-1", "pump", title="New pump.", summary="It runs.", services=("survey", "lining"))
    first, *rest = split_solution(example)
    assert first == ("A-1", "New pump. It runs. survey, lining")
    assert first.text == headline(example)
    assert rest


@pytest.mark.parametrize(
    ("text", "passages"),
    [
        pytest.param("", [], id="no text"),
        pytest.param("It leaked.\nBadly.\n\nIt is dry.", ["It leaked. Badly.", "It is dry."], id="paragraphs"),
        pytest.param("It leaked.\r\n\r\nIt is dry.", ["It leaked.", "It is dry."], id="crlf"),
        pytest.param("# Roof\n\nIt leaked.\n\n## Result\n\nIt is dry.", ["It leaked.", "It is dry."], id="headings"),
        pytest.param("## Problem\nIt leaked.\n\n## Result\nIt is dry.", ["It leaked.", "It is dry."],
                     id="headings right above their text"),
    ],
)  # fmt: skip
def test_paragraphs_are_passages_and_headings_are_none(text: str, passages: list[str]) -> None:
    assert texts_of(text) == passages


def test_a_long_paragraph_is_split_between_sentences() -> None:
    passages = texts_of(SENTENCE * 20)
    assert len(passages) > 2
    assert all(len(passage.split()) <= PASSAGE_WORDS for passage in passages)
    assert all(passage.endswith(".") for passage in passages)
    assert " ".join(passages) == (SENTENCE * 20).strip()


def test_a_sentence_longer_than_a_passage_is_kept_whole() -> None:
    long = "word " * 200 + "end."
    assert texts_of(long) == [long]


@pytest.mark.parametrize("example", load_library(LIBRARY), ids=lambda s: s.id)
def test_the_passages_of_a_sample_case_hold_every_word_of_it(example: Solution) -> None:
    there = " ".join(passage.text for passage in split_solution(example)[1:])
    assert there == " ".join(re.sub(r"(?m)^#.*$", "", example.text).split())


@quick
@given(st.lists(arbitrary_texts.filter(lambda t: not t.lstrip().startswith("#")), max_size=4).map("\n\n".join))
def test_no_visible_character_of_a_text_is_lost(text: str) -> None:
    assert "".join("".join(texts_of(text)).split()) == "".join(re.sub(r"(?m)^\s*#.*$", "", text).split())
