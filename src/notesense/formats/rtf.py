"""Rich text (RTF), as old word processors and Outlook write it: the words, without their looks."""

import re

from notesense.errors import NoteEmptyError, NoteFormatError
from notesense.formats.extract import Extract, plain_lines

_PICTURE = re.compile(rb"(?<![0-9a-fA-F])(?:[0-9a-fA-F]{1000,}+\s*+|(?:[0-9a-fA-F]{32,}+\s*+){8,}+)")
"""The bytes of a picture: one long line, or lines without a blank in them; rows of figures and words are none."""


def extract(data: bytes, name: str) -> Extract:
    """Return the words of an RTF file.

    Args:
        data: The file's content.
        name: The file's name, for messages.

    Raises:
        NoteFormatError: It is no RTF file, or damaged.
        NoteEmptyError: It has no words.
    """
    if not data.lstrip()[:5] == b"{\\rtf":
        raise NoteFormatError(f"{name}: not an RTF file", "Open it in a word processor, and save it as text or .docx.")
    text = words_of(data, name)
    if not text.strip():
        raise NoteEmptyError(f"{name}: no words in it", "Check that the note was saved.")
    return Extract(text)


def words_of(data: bytes, name: str) -> str:
    """Return the words of rich text.

    Raises:
        NoteFormatError: It is damaged.
    """
    from striprtf.striprtf import rtf_to_text

    try:
        words: str = rtf_to_text(_PICTURE.sub(b"", data).decode("latin-1"), encoding="cp1252", errors="replace")  # type: ignore[no-untyped-call]
    except (LookupError, ValueError, TypeError, OverflowError) as error:  # the library raises what its arithmetic does
        raise NoteFormatError(
            f"{name}: damaged rich text ({type(error).__name__})", "Open it in a word processor, and save it as .docx."
        ) from None
    return plain_lines(words).encode("utf-8", "replace").decode()
