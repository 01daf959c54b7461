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
    for damaged in (b"{\\rtf1 The roof \\u99999999999? leaks}", b"{\\rtf1 The roof \\uc leaks}"):
        with pytest.raises(NoteFormatError, match=r"a\.rtf: damaged rich text"):
            extract(damaged, "a.rtf")
    with time_limit(5), contextlib.suppress(NoteEmptyError):
        extract(b"{\\rtf1 " + (b"a" * 999 + b"x") * 2_000 + b"}", "a.rtf")
    with time_limit(5):
        found = extract(b"{\\rtf1 The roof {\\pict\\pngblip\\picw1 " + b"89504e47" * 400_000 + b"} leaks}", "a.rtf")
    assert found.text.split() == ["The", "roof", "leaks"]


@pytest.mark.parametrize(
    ("rich", "text"),
    [
        ("Readings were:\n" + "12 15 18 20 22 " * 100 + "\nand a fee", "Readings were:" + "12 15 18 20 22 " * 100 + "and a fee"),
        ("Hash " + "da39a3ee5e6b4b0d3255bfef95601890afd80709 and a fee", None),
        ("Faced " + "bad beef faced a decade " * 60 + "and a fee", None),
    ],
    ids=["readings", "a hash", "words of such letters"],
)  # fmt: skip
def test_figures_and_words_that_look_like_a_picture_are_kept(rich: str, text: str | None) -> None:
    read = extract(b"{\\rtf1\\ansi " + rich.encode() + b"\\par}", "a.rtf").text
    assert read.split() == (text or rich).split()


@pytest.mark.parametrize("width", [64, 128, 254])
def test_a_picture_in_lines_costs_nothing(width: int) -> None:
    hexed = b"".join(b"89504e470d0a1a0a"[:1] * width + b"\r\n" for _ in range(3_000_000 // width))
    with time_limit(5):
        read = extract(b"{\\rtf1 The roof {\\pict\\pngblip " + hexed + b"} leaks and a pump}", "a.rtf").text
    assert read.split() == ["The", "roof", "leaks", "and", "a", "pump"]
