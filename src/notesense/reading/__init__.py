"""Stage 1: files, folders or standard input → :class:`~notesense.domain.notes.Note`."""

from notesense.reading.discover import find_inputs
from notesense.reading.note import (
    MAX_BYTES,
    ROW,
    is_note_name,
    is_table,
    note_of_bytes,
    note_of_text,
    read_bytes,
    read_note,
    read_stdin,
    row_bytes,
    rows_of,
)

__all__ = [
    "MAX_BYTES",
    "ROW",
    "find_inputs",
    "is_note_name",
    "is_table",
    "note_of_bytes",
    "note_of_text",
    "read_bytes",
    "read_note",
    "read_stdin",
    "row_bytes",
    "rows_of",
]
