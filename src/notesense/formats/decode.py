"""Bytes → text, without guessing wildly: byte-order marks, UTF-8, UTF-16, then Windows-1252.

A byte-order mark is not part of the text; line ends stay as they are.
"""

import codecs
import contextlib
import re

from notesense.errors import NoteFormatError, NotTextError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC = {
    b"%PDF": "a PDF file",
    b"PK\x03\x04": "a zip or Office file",
    b"\xd0\xcf\x11\xe0": "an old Office or Outlook file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a gzip file",
    b"{\\rtf": "an RTF file",
}
_CONTROL = frozenset(chr(c) for c in range(32)) - frozenset("\t\n\r\f\v\x1b\x08") | {"\x7f"}
MAX_CONTROL_SHARE = 0.02
_COUNTRY = re.compile(
    r"(?:iso-?8859-?(?:[2-9]|1[0-6])|(?:windows-|cp)125\d|koi8-[ru]|macintosh|shift[_-]jis|euc-(?:jp|kr)|gb2312|gbk|gb18030|big5)",
    re.IGNORECASE,
)
"""Encodings of single countries. ISO 8859-1 is none: what says so is Windows-1252."""


def kind_of(data: bytes) -> str | None:
    """Return what a file of a known format that is no text is, in words; None for any other."""
    return next((what for magic, what in _MAGIC.items() if data.startswith(magic)), None)


def decode(data: bytes, name: str, stated: str | None = None) -> str:
    """Return the text of a note file.

    Args:
        data: The file's content.
        name: The file's name, for messages.
        stated: The encoding that the file says it has, tried before Windows-1252 where it is one of single countries.

    Raises:
        NoteFormatError: A known format that is no text (PDF, Office, …).
        NotTextError: Binary, or of no known encoding.
    """
    if what := kind_of(data):
        raise NoteFormatError(f"{name}: {what}, not a text note", "Save it as text or Markdown, then try again.")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _plain(_strict(data[len(mark) :], encoding, name), name)
    if guessed := _bare_utf16(data):
        return _plain(_strict(data, guessed, name), name)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1") if b"\0" in data else _of_country(data, stated, name)
    return _plain(text, name)


def _plain(text: str, name: str) -> str:
    """Return the text where it is one: no NUL, few control characters."""
    if "\0" in text:
        raise NotTextError(f"{name}: a binary file, not a text note", "Give the note as text or Markdown.")
    if sum(c in _CONTROL for c in text[:20_000]) > MAX_CONTROL_SHARE * min(len(text), 20_000):
        raise NotTextError(f"{name}: full of control characters, not a text note", "Give the note as plain text.")
    return text


def _of_country(data: bytes, stated: str | None, name: str) -> str:
    """Return the text in the encoding that the file states, else in Windows-1252."""
    if stated and _COUNTRY.fullmatch(stated):
        with contextlib.suppress(LookupError, UnicodeDecodeError):
            return data.decode(stated)
    return _strict(data, "cp1252", name)


def _strict(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotTextError(
            f"{name}: neither UTF-8, UTF-16 nor Windows-1252 (byte {error.start} fits none)",
            "Save the file as UTF-8, then try again.",
        ) from None


def _bare_utf16(data: bytes) -> str | None:
    """Recognise UTF-16 without a mark: of mostly Latin text, every second byte is NUL."""
    head = data[:2000]
    if len(head) < 4 or len(data) % 2:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > 0.6 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.6 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None
