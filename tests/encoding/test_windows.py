from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from notesense.encoding.bundle import load_bundle
from notesense.encoding.tokens import load_tokenizer
from notesense.encoding.windows import MAX_TOKENS, Part, windows_of
from tests.strategies import quick

words = st.lists(st.sampled_from(["roof", "leaks", "permit", "2027", "Überlauf", "🙂", "…"]), max_size=60).map(" ".join)
leads = st.sampled_from(["", "-", "#", "Dana client:", "x " * 300])
parts = st.lists(st.builds(Part, leads, words, st.sampled_from(["", "# Wishes", "# " + "x " * 300])), max_size=25)


@cache
def tokenizer() -> Any:
    return load_tokenizer(load_bundle())


@given(parts)
@quick
def test_every_token_of_every_part_is_read_once_in_order(given_parts: list[Part]) -> None:
    read: dict[int, list[int]] = {i: [] for i in range(len(given_parts))}
    seen: list[int] = []
    for window in windows_of(given_parts, tokenizer()):
        assert len(window.tokens) <= MAX_TOKENS
        for part, (start, end) in zip(window.parts, window.places, strict=True):
            assert 0 < start < end < len(window.tokens)
            read[part] += window.tokens[start:end]
            seen.append(part)
    assert seen == sorted(seen)
    for i, part in enumerate(given_parts):
        assert read[i] == tokenizer().encode(part.text, add_special_tokens=False).ids


def test_a_window_is_opened_closed_and_holds_the_lead_before_the_words() -> None:
    (window,) = windows_of([Part("Dana client:", "The roof leaks."), Part("", "Again.")], tokenizer())
    shown = tokenizer().decode(window.tokens, skip_special_tokens=False)
    assert shown == "[CLS] dana client : the roof leaks. again. [SEP]"
    start, end = window.places[0]
    assert tokenizer().decode(window.tokens[start:end]) == "the roof leaks."


def test_parts_that_fit_stand_in_one_window_and_a_long_one_goes_on_in_the_next() -> None:
    short = [Part("-", "roof " * 20)] * 13
    windows = windows_of(short, tokenizer())
    assert [len(w.parts) for w in windows] == [12, 1]
    long = windows_of([Part("", "roof " * 600)], tokenizer())
    assert [w.parts for w in long] == [[0], [0], [0]]


def test_a_window_that_begins_below_a_heading_says_the_heading_first() -> None:
    heading, items = Part("#", "Wishes"), [Part("-", "roof " * 20, "# Wishes")] * 13

    windows = [tokenizer().decode(window.tokens) for window in windows_of([heading, *items], tokenizer())]

    assert [window.startswith("# wishes - roof") for window in windows] == [True, True]
    assert [window.count("wishes") for window in windows] == [1, 1]
