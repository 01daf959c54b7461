import pytest
from hypothesis import given
from hypothesis import strategies as st

from notesense.chunking import split_chunks
from notesense.domain.notes import Note
from tests.limits import time_limit
from tests.strategies import quick, texts


@given(texts, st.integers(1, 90))
@quick
def test_chunks_concatenate_to_the_text_and_none_is_longer_than_the_window(text: str, window: int) -> None:
    chunks = split_chunks(Note(text=text, path="n.md"), window)
    assert "".join(text[c.start : c.end] for c in chunks) == text
    assert [c.number for c in chunks] == list(range(len(chunks)))
    assert [c.start for c in chunks] == [0, *(c.end for c in chunks[:-1])]
    assert all(c.end - c.start <= window for c in chunks)
    assert all(c.end > c.start for c in chunks) or text == ""


@pytest.mark.parametrize(
    ("text", "window", "pieces"),
    [
        pytest.param("", 10, [""], id="nothing is one empty chunk"),
        pytest.param("roof leaks", 10, ["roof leaks"], id="what fits is one chunk"),
        pytest.param("one two.\n\nthree four.", 14, ["one two.", "\n\nthree four."], id="at paragraphs first"),
        pytest.param("one\n# two\nx\n# three", 11, ["one\n# two\nx", "\n# three"], id="before headings"),
        pytest.param("one two. three four.", 12, ["one two", ". three", " four."], id="then between sentences"),
        pytest.param("abcdefgh", 3, ["abc", "def", "gh"], id="a long word is cut, not dropped"),
        pytest.param("日本語のノート", 3, ["日本語", "のノー", "ト"], id="code points, not bytes"),
    ],
)
def test_texts_are_cut_at_the_best_place(text: str, window: int, pieces: list[str]) -> None:
    assert [text[c.start : c.end] for c in split_chunks(Note(text=text, path="n.md"), window)] == pieces


def test_a_megabyte_is_cut_in_good_time() -> None:
    text = "The roof leaks above the stair. " * 30_000
    with time_limit(5):
        chunks = split_chunks(Note(text=text, path="n.md"), 2000)
    assert sum(c.end - c.start for c in chunks) == len(text)
    assert len(chunks) < 2 * len(text) / 2000
