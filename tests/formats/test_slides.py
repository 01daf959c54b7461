import pytest

from notesense.errors import NoteFormatError
from notesense.reading import note_of_bytes
from tests.formats.files import slides, with_part, word


def test_titles_words_and_notes_of_slides_with_their_places() -> None:
    data = slides(("Harlow pumps", "They trip\nThey need help", "Ask about spares."), ("Next", "A visit", ""))
    note = note_of_bytes(data, "a.pptx")
    assert [line for line in note.text.split("\n") if line] == [
        "# Harlow pumps", "- They trip", "- They need help", "Ask about spares.", "# Next", "- A visit",
    ]  # fmt: skip
    assert note.title == "Harlow pumps"
    assert note.locator(note.text.index("need help")) == "slide 1"
    assert note.locator(note.text.index("A visit")) == "slide 2"


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04 nothing", word("A Word file"), b"plain words"], ids=["zip", "Word", "text"]
)
def test_what_is_no_presentation_is_refused(data: bytes) -> None:
    with pytest.raises(NoteFormatError, match=r"a\.pptx"):
        note_of_bytes(data, "a.pptx")


def test_entities_are_not_expanded() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    data = with_part(slides(("Harlow", "They trip", "")), "ppt/slides/slide1.xml", "They trip", "&b;")
    data = with_part(data, "ppt/slides/slide1.xml", "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>", bomb)
    assert "aaaa" not in note_of_bytes(data, "a.pptx").text
