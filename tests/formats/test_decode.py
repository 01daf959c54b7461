import codecs

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from notesense.errors import NoteFormatError, NotTextError
from notesense.formats.decode import decode
from tests.strategies import quick

NOTE = "The café’s roof leaks – 3 m² of it.\r\nÜber-hot in August.\n"
LATIN = "Roof leaks above the stair.\r\nAgain.\n"

printable = st.text(alphabet=st.one_of(st.characters(exclude_categories=["Cs", "Cc"]), st.sampled_from("\t\r\n")))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param(NOTE.encode(), NOTE, id="utf-8"),
        pytest.param(codecs.BOM_UTF8 + NOTE.encode(), NOTE, id="utf-8 with mark"),
        pytest.param(codecs.BOM_UTF16_LE + NOTE.encode("utf-16-le"), NOTE, id="utf-16-le with mark"),
        pytest.param(codecs.BOM_UTF16_BE + NOTE.encode("utf-16-be"), NOTE, id="utf-16-be with mark"),
        pytest.param(codecs.BOM_UTF32_LE + NOTE.encode("utf-32-le"), NOTE, id="utf-32-le with mark"),
        pytest.param(codecs.BOM_UTF32_BE + NOTE.encode("utf-32-be"), NOTE, id="utf-32-be with mark"),
        pytest.param(LATIN.encode("utf-16-le"), LATIN, id="utf-16-le without mark"),
        pytest.param(LATIN.encode("utf-16-be"), LATIN, id="utf-16-be without mark"),
        pytest.param("Hi".encode("utf-16-le"), "Hi", id="two letters of utf-16-le without mark"),
        pytest.param(NOTE.encode("cp1252"), NOTE, id="windows-1252"),
        pytest.param(b"the client\x92s \x93need\x94 \x96 \x8050k", "the client’s “need” – €50k", id="windows quotes"),
        pytest.param(b"a\r\nb\rc\n\r\nd", "a\r\nb\rc\n\r\nd", id="mixed line ends"),
        pytest.param(
            b"\x1b[1mbold\x1b[0m text\x0c next page", "\x1b[1mbold\x1b[0m text\x0c next page", id="terminal colours"
        ),
        pytest.param(b"", "", id="nothing"),
        pytest.param(codecs.BOM_UTF8, "", id="a mark alone"),
    ],
)
def test_text_comes_out_as_it_was_typed(data: bytes, text: str) -> None:
    assert decode(data, "n.md") == text


@given(printable)
@quick
def test_utf8_round_trips_with_and_without_mark(text: str) -> None:
    assume(not text.startswith(("\ufeff", "%PDF", "PK", "GIF8", "{\\rtf")))
    assert decode(text.encode(), "n.md") == text
    assert decode(codecs.BOM_UTF8 + text.encode(), "n.md") == text


@given(printable, st.sampled_from([(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")]))
@quick
def test_marked_utf16_round_trips(text: str, form: tuple[bytes, str]) -> None:
    mark, encoding = form
    assert decode(mark + text.encode(encoding), "n.md") == text


@pytest.mark.parametrize(
    ("data", "what"),
    [
        pytest.param(b"%PDF-1.7\n%\xe2\xe3", "PDF", id="pdf"),
        pytest.param(b"PK\x03\x04\x14\x00\x06\x00", "Office", id="docx"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Office", id="doc"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00", "picture", id="png"),
        pytest.param(b"\xff\xd8\xff\xe0\x00\x10JFIF", "picture", id="jpeg"),
        pytest.param(b"GIF89a\x01\x00", "picture", id="gif"),
        pytest.param(b"\x1f\x8b\x08\x00", "gzip", id="gzip"),
        pytest.param(b"{\\rtf1\\ansi roof}", "RTF", id="rtf"),
    ],
)
def test_known_formats_that_are_no_text_are_named(data: bytes, what: str) -> None:
    with pytest.raises(NoteFormatError, match=r"site visit\.md") as caught:
        decode(data, "site visit.md")
    assert what in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\x7fELF\x02\x01\x01\x00\x00\x00\x01\x03", id="program"),
        pytest.param(b"the roof leaks\x00 and leaks", id="one NUL in text"),
        pytest.param(bytes(500), id="only NULs"),
        pytest.param(bytes(range(256)) * 4, id="every byte"),
        pytest.param(b"roof \x81\x8d leaks \xe9", id="bytes that no encoding has"),
        pytest.param(b"\x01\x02\x03\x04\x05\x06 roof leaks", id="control characters"),
        pytest.param(b"\xe9\x01\x02\x03\x04\x05 roof leaks", id="control characters in windows-1252"),
        pytest.param(codecs.BOM_UTF16_LE + b"r\x00o", id="utf-16 cut inside a character"),
        pytest.param(codecs.BOM_UTF16_LE + b"\x00\xd8r\x00", id="utf-16 with half a surrogate pair"),
        pytest.param(codecs.BOM_UTF8 + b"roof \xff", id="marked utf-8 that is none"),
        pytest.param(codecs.BOM_UTF8 + bytes(500), id="NULs after a utf-8 mark"),
        pytest.param(
            codecs.BOM_UTF16_LE + bytes([1, 0, 2, 0, 3, 0, 4, 0] * 50), id="control characters after a utf-16 mark"
        ),
    ],
)
def test_binary_data_is_refused_with_the_name_and_a_hint(data: bytes) -> None:
    with pytest.raises(NotTextError, match=r"site visit\.md") as caught:
        decode(data, "site visit.md")
    assert caught.value.hint


@given(st.binary(max_size=60))
@quick
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        text = decode(data, "n.md")
    except (NoteFormatError, NotTextError) as error:
        assert "n.md" in error.message
    else:
        assert isinstance(text, str)
        text.encode()  # no surrogates


def test_a_few_stray_control_characters_are_let_through() -> None:
    text = "roof leaks " * 50 + "\x01"
    assert decode(text.encode(), "n.md") == text
