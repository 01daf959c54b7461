import contextlib

import pytest

from notesense.errors import NoteEmptyError, NoteFormatError
from notesense.formats.rtf import extract
from notesense.reading import note_of_bytes
from tests.fuzzing.corpus import RICH
from tests.limits import time_limit


def test_the_words_of_rich_text_without_their_looks() -> None:
    text = note_of_bytes(RICH, "a.rtf").text
    assert [line.strip() for line in text.splitlines() if line.strip()] == [
        "The roof leaks … again.", "€ 40\tfor the pump", "a link",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"plain words", NoteFormatError),
        (rb"{\rtf1\ansi }", NoteEmptyError),
        (rb"{\rtf1\ansi{\*\generator Riched20;}", NoteEmptyError),
    ],
    ids=["a text", "empty", "cut off"],
)
def test_what_is_no_rich_text_is_refused(data: bytes, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=r"a\.rtf"):
        note_of_bytes(data, "a.rtf")


def test_damage_is_told_and_a_picture_costs_nothing() -> None:
    with pytest.raises(NoteFormatError, match=r"a\.rtf: damaged rich text"):
        extract(b"{\\rtf1 The roof \\u99999999999? leaks}", "a.rtf")
    with time_limit(5), contextlib.suppress(NoteEmptyError):
        extract(b"{\\rtf1 " + (b"a" * 999 + b"x") * 2_000 + b"}", "a.rtf")
    with time_limit(5):
        found = extract(b"{\\rtf1 The roof {\\pict\\pngblip\\picw1 " + b"89504e47" * 400_000 + b"} leaks}", "a.rtf")
    assert found.text.split() == ["The", "roof", "leaks"]
