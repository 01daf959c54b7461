"""One file or standard input → one :class:`Note`."""

import sys
from pathlib import Path
from typing import BinaryIO

from notesense.domain.analysis import is_report
from notesense.domain.notes import Metadata, Note, Place
from notesense.domain.profile import FirmProfile
from notesense.errors import NoteEmptyError, NoteFormatError, NoteTooLargeError
from notesense.formats import extractor_of, text
from notesense.formats.extract import Extract
from notesense.reading.files import MAX_BYTES, SPLIT_IT, read_bytes, too_large
from notesense.reading.language import guess_language
from notesense.reading.metadata import read_metadata
from notesense.reading.tables import ROW, is_table, read_table, row_of, split_row

MAX_WORDS = 500_000
"""Thirty such transcripts; more is an archive in one file, and would be read for an hour."""
STDIN = "-"
_NOT_NOTES = frozenset(
    """
    .doc .docm .dotm .dotx .dot .pptm .ppt .xlsx .xlsm .xlsb .xls .odt .ods .odp .pages .numbers .one .enex .mbox .ics .vcf .gdoc
    .gsheet .gslides .json .jsonl .yaml .yml .toml .xml .py .js .css .ini .zip .png .jpg .jpeg .gif .mp3 .mp4 .m4a .wav
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
    if row := split_row(str(path)):
        table, number = row
        notes = read_table(Path(table), profile.columns if profile else None)
        return note_of_bytes(row_of(notes, table, number), str(path), given, profile)
    _refuse_format(str(path))  # before it is read
    return note_of_bytes(read_bytes(path), str(path), given, profile)


def read_stdin(
    given: Metadata | None = None, profile: FirmProfile | None = None, stream: BinaryIO | None = None
) -> Note:
    """Read a note from standard input; the same errors as :func:`read_note`."""
    data = (stream or sys.stdin.buffer).read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise too_large("standard input", len(data))
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
    row = split_row(path)
    if not row:
        _refuse_format(path)
    if not data.strip():
        raise NoteEmptyError(f"{path}: empty", "Check that the note was saved.")
    if is_report(data):
        raise NoteFormatError(f"{path}: a report of notesense, not a note", "Keep reports apart from the notes.")
    if row:
        extract = text.extract(data, path)
        return _to_note(extract._replace(places=extract.places or (Place(0, f"row {row[1]}"),)), path, given, profile)
    return _to_note(extractor_of(path)(data, path), path, given, profile)


def is_note_name(name: str) -> bool:
    """Tell whether a file of this name may be a note: its ending is not that of a format that cannot be read."""
    return Path(name).suffix.lower() not in _NOT_NOTES and not is_table(name)


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


def _to_note(extract: Extract, path: str, given: Metadata | None, profile: FirmProfile | None) -> Note:
    words = extract.text[extract.body_start :]
    if not words.strip():
        raise NoteEmptyError(f"{path}: empty", "Check that the note was saved.")
    if len(words) > 2 * MAX_WORDS and (count := len(words.split())) > MAX_WORDS:
        raise NoteTooLargeError(f"{path}: {count:,} words, and a note may have {MAX_WORDS:,}", SPLIT_IT)
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
