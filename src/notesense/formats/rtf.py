"""Rich text (RTF), as old word processors and Outlook write it: the words, without their looks."""

from notesense.errors import NoteEmptyError, NoteFormatError
from notesense.formats.extract import Extract


def extract(data: bytes, name: str) -> Extract:
    """Return the words of an RTF file.

    Args:
        data: The file's content.
        name: The file's name, for messages.

    Raises:
        NoteFormatError: It is no RTF file.
        NoteEmptyError: It has no words.
    """
    if not data.lstrip()[:5] == b"{\\rtf":
        raise NoteFormatError(f"{name}: not an RTF file", "Open it in a word processor, and save it as text or .docx.")
    text = words_of(data)
    if not text.strip():
        raise NoteEmptyError(f"{name}: no words in it", "Check that the note was saved.")
    return Extract(text)


def words_of(data: bytes) -> str:
    """Return the words of rich text."""
    from striprtf.striprtf import rtf_to_text

    try:
        words: str = rtf_to_text(data.decode("latin-1"), encoding="cp1252", errors="replace")  # type: ignore[no-untyped-call]
    except (LookupError, ValueError, OverflowError, IndexError):  # damage; the library raises what its arithmetic does
        return ""
    return words.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").encode("utf-8", "replace").decode()
