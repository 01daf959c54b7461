"""One file or standard input → one :class:`Note`."""

import os
import stat
import sys
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from notesense.domain.analysis import is_report
from notesense.domain.notes import Metadata, Note, Place
from notesense.domain.profile import Column, Columns, FirmProfile
from notesense.errors import (
    NoteEmptyError,
    NoteFormatError,
    NoteNotFoundError,
    NoteTooLargeError,
    NoteUnreadableError,
)
from notesense.formats import extractor_of, table, text
from notesense.formats.extract import Extract
from notesense.reading.language import guess_language
from notesense.reading.metadata import read_metadata

MAX_BYTES = 20_000_000
"""A 90-minute transcript has about 100 kB; this leaves room for two hundred of them."""
MAX_WORDS = 500_000
"""Thirty such transcripts; more is an archive in one file, and would be read for an hour."""
STDIN = "-"
ROW = "#"
"""Stands between the name of a table of notes and the number of a row: ``calls.csv#12``."""

_SPLIT = "Split it into the single meetings, or check that it is a note at all."
_NOT_NOTES = frozenset(
    """
    .doc .docm .dotm .pptm .ppt .xlsx .xlsm .xls .odt .pages .one .json .jsonl .yaml .yml .toml .xml .py .js .css .ini .zip .png
    .jpg .jpeg .gif .mp3 .mp4 .m4a .wav
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
    if row := split_row(path):
        return note_of_bytes(row_bytes(*row, profile.columns if profile else None), str(path), given, profile)
    _refuse_format(str(path))  # before it is read
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
    row = split_row(Path(path))
    if not row:
        _refuse_format(path)
    if not data.strip():
        raise NoteEmptyError(f"{path}: empty", "Check that the note was saved.")
    if is_report(data):
        raise NoteFormatError(f"{path}: a report of notesense, not a note", "Keep reports apart from the notes.")
    if row:
        return _to_note(text.extract(data, path)._replace(places=(Place(0, f"row {row[1]}"),)), path, given, profile)
    return _to_note(extractor_of(path)(data, path), path, given, profile)


def is_note_name(name: str) -> bool:
    """Tell whether a file of this name may be a note: its ending is not that of a format that cannot be read."""
    return Path(name).suffix.lower() not in _NOT_NOTES and not is_table(name)


def is_table(name: str) -> bool:
    """Tell whether a file of this name may be a table of notes."""
    return name.lower().endswith(table.SUFFIXES)


def split_row(path: Path) -> tuple[Path, int] | None:
    """Return the table and the row that a name such as ``calls.csv#12`` stands for; None where it is no such name."""
    name, mark, number = path.name.rpartition(ROW)
    is_row = mark and number.isascii() and number.isdigit() and is_table(name)
    return (path.with_name(name), int(number[:9])) if is_row else None


def rows_of(path: Path, columns: Columns | None = None) -> list[int]:
    """Return the rows of a table that hold notes; errors as :func:`read_note`.

    Args:
        path: A CSV or TSV file.
        columns: What its columns are called, where they have no usual name.
    """
    return list(_rows(path, columns))


def row_bytes(path: Path, number: int, columns: Columns | None = None) -> bytes:
    """Return the note in a row of a table, as a Markdown note; errors as :func:`read_note`."""
    try:
        return _rows(path, columns)[number].encode("utf-8", "surrogatepass")
    except KeyError:
        raise NoteNotFoundError(
            f"{path}{ROW}{number}: no note in this row", "Rows are counted as spreadsheets do: row 1 has the names."
        ) from None


def _rows(path: Path, columns: Columns | None) -> dict[int, str]:
    return _parsed(read_bytes(path), str(path), tuple(sorted((columns or {}).items())))


@lru_cache(maxsize=1)
def _parsed(data: bytes, name: str, columns: tuple[tuple[Column, str], ...]) -> dict[int, str]:
    """Return the notes of a table by row; kept, because its rows are read one by one."""
    if is_report(data):
        raise NoteFormatError(f"{name}: a table of notesense, not of notes", "Keep reports apart from the notes.")
    return {row.number: row.note for row in table.read_rows(data, name, dict(columns))}


def _refuse_format(name: str) -> None:
    suffix = Path(name).suffix.lower()
    if is_table(name):
        raise NoteFormatError(f"{name}: a table of notes, not one note", f"Name a row of it: {name}{ROW}2")
    if suffix in _NOT_NOTES:
        hint = (
            "Read what is in it: notesense batch ARCHIVE --out FOLDER"
            if suffix == ".zip"
            else "Save the note as Word (.docx), PDF, Markdown (.md) or plain text (.txt)."
        )
        raise NoteFormatError(f"{name}: {suffix} files cannot be read as notes", hint)


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
        _SPLIT,
    )


def _to_note(extract: Extract, path: str, given: Metadata | None, profile: FirmProfile | None) -> Note:
    words = extract.text[extract.body_start :]
    if not words.strip():
        raise NoteEmptyError(f"{path}: empty", "Check that the note was saved.")
    if len(words) > 2 * MAX_WORDS and (count := len(words.split())) > MAX_WORDS:
        raise NoteTooLargeError(f"{path}: {count:,} words, and a note may have {MAX_WORDS:,}", _SPLIT)
    found = read_metadata(extract.text, extract.body_start, extract.fields).model_dump(exclude_none=True)
    stated = given.model_dump(exclude_none=True) if given else {}
    metadata = {"title": extract.title, **found, **stated}
    if not metadata.get("practice") and profile:
        metadata["practice"] = profile.practice_of(metadata.get("author"))
    return Note(
        text=extract.text,
        path=path,
        body_start=extract.body_start,
        places=extract.places,
        language=guess_language(words),
        **metadata,
    )
