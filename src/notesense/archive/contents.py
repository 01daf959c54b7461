"""A source of an archive → its bytes."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from notesense.archive.source import Source, open_zip, table_in, unpack
from notesense.domain.profile import Columns
from notesense.reading import is_table, read_bytes, read_table, row_of, split_row


class Contents:
    """Reads notes. The zip file that was read last stays open: its directory is read once, not for each member.

    Args:
        columns: What the columns of tables of notes are called, where they have no usual name.
    """

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._path = ""
        self._zip: zipfile.ZipFile | None = None
        self._last = ("", "")
        self._notes: Mapping[int, bytes] = {}

    def __enter__(self) -> Self:
        """Use it in a ``with`` statement."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the zip file that is open."""
        self._close()

    def read(self, source: Source) -> bytes:
        """Return the bytes of a note.

        Raises:
            NoteError: It is not there any more, too large or damaged.
        """
        if row := split_row(source.key):
            return row_of(self._table(source), *row)
        if is_table(source.key):
            self._table(source)  # it gave no rows when it was looked at: this says why
        return unpack(self._opened(source.file), source) if source.member else read_bytes(Path(source.file))

    def _table(self, source: Source) -> Mapping[int, bytes]:
        """Return the notes of the table that a row stands in; of a zip file, the last one is kept."""
        if not source.member:
            return read_table(Path(source.file), self._columns)
        if (source.file, source.member) != self._last:
            self._notes = table_in(self._opened(source.file), source, self._columns)
            self._last = (source.file, source.member)
        return self._notes

    def _opened(self, path: str) -> zipfile.ZipFile:
        if self._zip is None or self._path != path:
            self._close()
            self._zip, self._path = open_zip(Path(path)), path
        return self._zip

    def _close(self) -> None:
        if self._zip:
            self._zip.close()
            self._zip = None
