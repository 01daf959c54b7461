import pytest

from notesense.errors import NoteEmptyError, NoteFormatError
from notesense.reading import note_of_bytes
from tests.fuzzing.corpus import RICH


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
