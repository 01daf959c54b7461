from datetime import UTC, date, datetime

import pytest
from compressed_rtf import compress  # noqa: TID253

from notesense.chunking import split_note
from notesense.domain.notes import Note
from notesense.domain.profile import FirmProfile
from notesense.errors import NoteEmptyError, NoteFormatError
from notesense.reading import note_of_bytes
from tests.formats.files import compound, outlook

TOM = "Tom Bauer <tom@harlow.gov>"
CHAIN = """Thanks Tom, we will come on Thursday.

Dana

________________________________
From: Tom Bauer <tom@harlow.gov>
Sent: Monday, October 12, 2026 10:00 AM
To: Dana Whitfield <dana@kva.com>
Subject: Pumps

The pumps at Mill Lane trip every time it rains.

-----Original Message-----
From: Dana Whitfield <dana@kva.com>
Sent: Friday, October 9, 2026 10:00 AM
To: Tom Bauer <tom@harlow.gov>

How are things?
"""
KVA = FirmProfile(name="KVA", mail_domains=("kva.com",))


def read(data: bytes, profile: FirmProfile | None = None) -> Note:
    return note_of_bytes(data, "a.msg", None, profile)


def test_headers_and_words_of_a_message() -> None:
    note = read(outlook("RE: Pumps", "They trip.\r\nWe need help.\r\n", TOM, datetime(2026, 10, 12, 9, tzinfo=UTC)))
    assert note.text == (
        "From: Tom Bauer <tom@harlow.gov>\nDate: 2026-10-12 09:00\nSubject: RE: Pumps\n\nThey trip.\nWe need help.\n"
    )
    assert (note.title, note.date) == ("RE: Pumps", date(2026, 10, 12))


def test_a_long_body_stands_in_sectors_of_its_own() -> None:
    words = "The pump trips every time it rains.\n" * 400
    assert read(outlook("Pumps", words, TOM)).text.count("trips") == 400


def test_a_message_in_html_alone() -> None:
    assert read(outlook("Pumps", "", TOM, html="<p>The roof <b>leaks</b>.</p>")).text.endswith("\nThe roof leaks.\n")


def test_a_message_in_compressed_rich_text_alone() -> None:
    rich = compress(rb"{\rtf1\ansi\ansicpg1252 The roof \b leaks\b0  \'85\par Again.\par}")
    assert read(outlook("Pumps", "", TOM, rich=rich)).text.endswith("\nThe roof leaks …\nAgain.\n")


@pytest.mark.parametrize("mail", ["msg", "eml"])
def test_quoted_parts_keep_their_authors(mail: str) -> None:
    if mail == "msg":
        note = read(outlook("RE: Pumps", CHAIN.replace("\n", "\r\n"), "Dana Whitfield <dana@kva.com>"), KVA)
    else:
        raw = f"From: Dana Whitfield <dana@kva.com>\nTo: {TOM}\nSubject: RE: Pumps\n\n{CHAIN}"
        note = note_of_bytes(raw.encode(), "a.eml", None, KVA)
    said = {s.text: (s.speaker, s.side) for s in split_note(note, KVA)}
    assert said["Thanks Tom, we will come on Thursday."] == ("Dana Whitfield", "firm")
    assert said["The pumps at Mill Lane trip every time it rains."] == ("Tom Bauer", "client")
    assert said["How are things?"] == ("Dana Whitfield", "firm")
    assert not any("Original Message" in words for words in said)


def test_a_message_without_words_is_refused() -> None:
    with pytest.raises(NoteEmptyError, match="a mail without words"):
        read(outlook("Pumps", "", TOM))


@pytest.mark.parametrize(
    "data",
    [b"From: Tom", outlook("Pumps", "The roof leaks.")[:700], compound({"WordDocument": b"x" * 50})],
    ids=["a text", "cut off", "another compound file"],
)
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(NoteFormatError, match=r"a\.msg: not an Outlook message"):
        read(data)
