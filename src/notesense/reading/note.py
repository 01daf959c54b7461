"""One file or standard input → one :class:`Note`."""

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from notesense.domain.analysis import is_report
from notesense.domain.notes import Metadata, Note
from notesense.domain.profile import FirmProfile
from notesense.errors import (
    NoteEmptyError,
    NoteFormatError,
    NoteNotFoundError,
    NoteTooLargeError,
    NoteUnreadableError,
)
from notesense.reading import captions, mail, pdf, text, web, word
from notesense.reading.extract import Extract
from notesense.reading.language import guess_language

MAX_BYTES = 20_000_000
"""A 90-minute transcript has about 100 kB; this leaves room for two hundred of them."""
STDIN = "-"

Reader = Callable[[bytes, str], Extract]
_READERS: dict[str, Reader] = {
    **dict.fromkeys((".md", ".markdown", ".txt", ".text", ""), text.extract),
    ".docx": word.extract,
    ".pdf": pdf.extract,
    **dict.fromkeys((".html", ".htm"), web.extract),
    ".eml": mail.extract,
    **dict.fromkeys((".vtt", ".srt"), captions.extract),
}
_OTHER_TEXT: Reader = text.extract
_NOT_NOTES = frozenset(
    """
    .doc .docm .msg .pptx .ppt .xlsx .xls .rtf .odt .csv .json .jsonl .yaml .yml .toml .xml .py .js .css .ini .zip .png .jpg .jpeg .gif
    """.split()
)


def read_note(path: Path, given: Metadata | None = None, profile: FirmProfile | None = None) -> Note:
    """Read a note from a file.

    Args:
        path: The file.
        given: Metadata that the caller states; it wins over what the note says.
        profile: The firm's profile, which knows the practice of the author.

    Raises:
        NoteError: The file is missing, unreadable, empty, too large, binary or of an unknown format.
    """
    _reader_for(path)  # refuses a format before it is read
    return note_of_bytes(read_bytes(path), str(path), given, profile)


def read_stdin(
    given: Metadata | None = None, profile: FirmProfile | None = None, stream: BinaryIO | None = None
) -> Note:
    """Read a note from standard input; the same errors as :func:`read_note`."""
    data = (stream or sys.stdin.buffer).read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _too_large("standard input", len(data))
    if not data.strip():
        raise NoteEmptyError("standard input: no text came in", "Pipe the note in, or name its file.")
    if is_report(data):
        raise NoteFormatError("standard input: a report of notesense, not a note", "Give the note itself.")
    return _to_note(text.extract(data, "standard input"), STDIN, given, profile)


def note_of_text(content: str, path: str, given: Metadata | None = None, profile: FirmProfile | None = None) -> Note:
    """Return a text that is in memory as a note called ``path``; the same metadata as if it were read from there.

    Raises:
        NoteEmptyError: The text has no words.
    """
    return _to_note(text.extract_text(content), path, given, profile)


def note_of_bytes(data: bytes, path: str, given: Metadata | None = None, profile: FirmProfile | None = None) -> Note:
    """Return the bytes of a file, whose name tells the format, as a note called ``path``; errors as :func:`read_note`."""
    reader = _reader_for(Path(path))
    if not data.strip():
        raise NoteEmptyError(f"{path}: empty", "Check that the note was saved.")
    if is_report(data):
        raise NoteFormatError(f"{path}: a report of notesense, not a note", "Keep reports apart from the notes.")
    return _to_note(reader(data, path), path, given, profile)


def is_note_name(name: str) -> bool:
    """Tell whether a file of this name may be a note: its ending is not that of a format that cannot be read."""
    return Path(name).suffix.lower() not in _NOT_NOTES


def _reader_for(path: Path) -> Reader:
    suffix = path.suffix.lower()
    if suffix in _NOT_NOTES:
        hint = (
            "Read what is in it: notesense batch ARCHIVE --out FOLDER"
            if suffix == ".zip"
            else "Save the note as Word (.docx), PDF, Markdown (.md) or plain text (.txt)."
        )
        raise NoteFormatError(f"{path}: {suffix} files cannot be read as notes", hint)
    return _READERS.get(suffix, _OTHER_TEXT)


def read_bytes(path: Path) -> bytes:
    """Return the content of an ordinary file; errors as :func:`read_note`."""
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise NoteUnreadableError(f"{path}: not an ordinary file", "Name a file that holds the note.")
            if status.st_size > MAX_BYTES:
                raise _too_large(str(path), status.st_size)
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise NoteNotFoundError(
            f"{path}: no such file", "Check the name; put quotes around names with spaces."
        ) from None
    except IsADirectoryError:
        raise NoteUnreadableError(f"{path}: a folder, not a file", "Name a file that holds the note.") from None
    except PermissionError:
        raise NoteUnreadableError(
            f"{path}: no permission to read it", "Ask its owner, or copy it to your own folder."
        ) from None
    except OSError as error:
        raise NoteUnreadableError(
            f"{path}: cannot be read ({error.strerror or error})", "Check the file and its disk."
        ) from None
    if len(data) > MAX_BYTES:
        raise _too_large(str(path), len(data))
    return data


def _open_without_waiting(path: str, flags: int) -> int:
    """Open a file; a pipe without a writer is opened too, and refused afterwards, instead of being waited for."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _too_large(name: str, size: int) -> NoteTooLargeError:
    return NoteTooLargeError(
        f"{name}: {size / 1e6:,.1f} MB, and a note may have {MAX_BYTES / 1e6:,.0f} MB",
        "Split it into the single meetings, or check that it is a note at all.",
    )


def _to_note(extract: Extract, path: str, given: Metadata | None, profile: FirmProfile | None) -> Note:
    if not extract.text[extract.body_start :].strip():
        raise NoteEmptyError(f"{path}: empty", "Check that the note was saved.")
    found = extract.metadata.model_dump(exclude_none=True)
    stated = given.model_dump(exclude_none=True) if given else {}
    metadata = {**found, **stated}
    if not metadata.get("practice") and profile:
        metadata["practice"] = profile.practice_of(metadata.get("author"))
    language = guess_language(extract.text[extract.body_start :])
    return Note(
        text=extract.text,
        path=path,
        body_start=extract.body_start,
        places=extract.places,
        language=language,
        **metadata,
    )
