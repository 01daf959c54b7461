import re

import pytest
from hypothesis import given

from notesense.domain.wording import tidy
from tests.strategies import quick, texts


@pytest.mark.parametrize(
    ("quote", "sentence"),
    [
        ("roof leaks", "Roof leaks."),
        ("Roof leaks.", "Roof leaks."),
        ("does it leak?", "Does it leak?"),
        ("it leaks!", "It leaks!"),
        ("it leaks…", "It leaks…"),
        ("roof\r\n  leaks\tbadly", "Roof leaks badly."),
        ("the **roof** leaks `now` and __badly__", "The roof leaks now and badly."),
        ("the *roof* _leaks_ ~~not~~", "The roof leaks not."),
        ("[ ] fix the roof", "Fix the roof."),
        ("[x] fix the roof", "Fix the roof."),
        ("snake_case and 5*6 stay", "Snake_case and 5*6 stay."),
        ("um, so the roof uh leaks", "The roof leaks."),
        ("and then the roof leaks", "The roof leaks."),
        ("But, well, the roof leaks", "The roof leaks."),
        ("because the roof leaks", "The roof leaks."),
        ("so sorry", "So sorry."),
        ("– roof leaks;", "Roof leaks."),
        ("roof leaks, |", "Roof leaks."),
        ("“The roof leaks.”", "The roof leaks."),
        ('"the roof leaks"', "The roof leaks."),
        ("the “roof” leaks", "The “roof” leaks."),
        ("roof leaks (badly)", "Roof leaks (badly)"),
        ("3 of 5 pumps are down", "3 of 5 pumps are down."),
        ("élan is low here", "Élan is low here."),
        ("---", "---"),
        ("", ""),
    ],
    ids=repr,
)
def test_a_quote_becomes_one_readable_sentence(quote: str, sentence: str) -> None:
    assert tidy(quote) == sentence


@pytest.mark.parametrize(
    ("quote", "sentence"),
    [
        pytest.param(
            "nurses leave the ER because of the noise", "Nurses leave the ER because of the noise.", id="emergency room"
        ),
        pytest.param("Well 7 has gone dry again", "Well 7 has gone dry again.", id="a well"),
        pytest.param('"Is it safe"?', "Is it safe?", id="a question mark after the quotation mark"),
        pytest.param("-4 F in the cold store", "-4 F in the cold store.", id="a minus sign"),
        pytest.param(
            "humming pumps and an umbrella", "Humming pumps and an umbrella.", id="words that begin like fillers"
        ),
        pytest.param("plus-size doors", "Plus-size doors.", id="words that begin like joints"),
    ],
)
def test_no_word_that_means_something_is_dropped(quote: str, sentence: str) -> None:
    assert tidy(quote) == sentence


@given(texts)
@quick
def test_nothing_is_invented_and_the_result_is_one_line(quote: str) -> None:
    sentence = tidy(quote)
    assert bool(sentence) == bool(quote.strip())
    assert sentence == " ".join(sentence.split())
    allowed = re.sub(r"\W+|_", "", quote).casefold()
    at = 0
    for char in re.sub(r"\W+|_", "", sentence).casefold():  # in the order of the quote
        at = allowed.find(char, at) + 1
        assert at, "a letter that the quote does not have"


@given(texts)
@quick
def test_a_tidy_sentence_ends_with_a_stop(quote: str) -> None:
    sentence = tidy(quote)
    assert not sentence or sentence[-1] in ".!?…\"”'’)" or sentence == " ".join(quote.split())
