"""Stage 1: files, folders or standard input → :class:`~notesense.domain.notes.Note`."""

from notesense.reading.discover import find_inputs, holds_corrections, is_left_out
from notesense.reading.files import MAX_BYTES, read_bytes
from notesense.reading.note import is_note_name, note_of_bytes, note_of_text, read_note, read_stdin
from notesense.reading.tables import ROW, is_table, notes_of, read_table, row_of, split_row

__all__ = [
    "MAX_BYTES",
    "ROW",
    "find_inputs",
    "holds_corrections",
    "is_left_out",
    "is_note_name",
    "is_table",
    "note_of_bytes",
    "note_of_text",
    "notes_of",
    "read_bytes",
    "read_note",
    "read_stdin",
    "read_table",
    "row_of",
    "split_row",
]
