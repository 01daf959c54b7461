"""Tables of notes (CSV, TSV): ``calls.csv#12`` is the note in row 12 of ``calls.csv``."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from notesense.domain.analysis import is_report
from notesense.domain.profile import Column, Columns
from notesense.errors import NoteFormatError, NoteNotFoundError
from notesense.formats import table
from notesense.reading.files import read_bytes

ROW = "#"
"""Stands between the name of a table and the number of a row."""


def is_table(name: str) -> bool:
    """Tell whether a file of this name may be a table of notes."""
    return name.lower().endswith(table.SUFFIXES)


def split_row(name: str) -> tuple[str, int] | None:
    """Return the table and the row that a name such as ``calls.csv#12`` stands for; None where it is no such name."""
    base, mark, number = name.rpartition(ROW)
    is_row = mark and number.isascii() and number.isdigit() and is_table(base)
    return (base, int(number[:9])) if is_row else None


def read_table(path: Path, columns: Columns | None = None) -> Mapping[int, bytes]:
    """Return the notes of a table by row, each as a Markdown note; errors as :func:`notesense.reading.read_note`.

    The table that was read last is kept, because its rows are asked for one by one.

    Args:
        path: A CSV or TSV file.
        columns: What its columns are called, where they have no usual name.
    """
    try:
        status = path.stat()
        stamp = (status.st_ino, status.st_size, status.st_mtime_ns)
    except OSError:
        stamp = (0, 0, 0)  # reading it will say what is wrong
    return _read(path, stamp, tuple(sorted((columns or {}).items())))


@lru_cache(maxsize=1)
def _read(
    path: Path,
    stamp: tuple[int, int, int],  # noqa: ARG001 - of the file as it was when it was read
    columns: tuple[tuple[Column, str], ...],
) -> Mapping[int, bytes]:
    return notes_of(read_bytes(path), str(path), dict(columns))


def notes_of(data: bytes, name: str, columns: Columns | None = None) -> Mapping[int, bytes]:
    """Return the notes of a table whose content is ``data``; errors as :func:`notesense.reading.read_note`."""
    if is_report(data):
        raise NoteFormatError(f"{name}: a table of notesense, not of notes", "Keep reports apart from the notes.")
    return {row.number: row.note.encode("utf-8", "surrogatepass") for row in table.read_rows(data, name, columns)}


def row_of(notes: Mapping[int, bytes], name: str, number: int) -> bytes:
    """Return the note in a row.

    Raises:
        NoteNotFoundError: The row has none.
    """
    try:
        return notes[number]
    except KeyError:
        raise NoteNotFoundError(
            f"{name}{ROW}{number}: no note in this row", "Rows are counted as spreadsheets do: row 1 has the names."
        ) from None
