"""A source of an archive → its bytes."""

import json
import zipfile
from pathlib import Path
from types import TracebackType
from typing import Self

from notesense.archive.discover import ZIP_FAULTS, Source
from notesense.errors import NoteTooLargeError, NoteUnreadableError
from notesense.reading import MAX_BYTES, is_table, read_bytes, row_bytes


class Contents:
    """Reads notes. The zip file that was read last stays open: its directory is read once, not for each member."""

    def __init__(self) -> None:
        self._path = ""
        self._zip: zipfile.ZipFile | None = None

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
        if not source.member:
            return read_bytes(Path(source.file))
        if is_table(source.file):
            place = json.loads(source.member)
            return row_bytes(Path(source.file), place["row"], place["columns"])
        if source.size > MAX_BYTES:
            raise NoteTooLargeError(
                f"{source.key}: {source.size / 1e6:,.1f} MB", "Split it, or check that it is a note at all."
            )
        try:
            with self._opened(source.file).open(source.member) as member:
                data = member.read(MAX_BYTES + 1)  # whatever the directory of the zip file says of the size
        except ZIP_FAULTS as error:
            raise NoteUnreadableError(
                f"{source.key}: cannot be unpacked ({error})", "Unpack it by hand, and try again."
            ) from None
        if len(data) > MAX_BYTES:
            raise NoteTooLargeError(
                f"{source.key}: larger than it says", "It may be made to fill a disk: look at it with care."
            )
        return data

    def _opened(self, path: str) -> zipfile.ZipFile:
        if self._zip is None or self._path != path:
            self._close()
            self._zip, self._path = zipfile.ZipFile(path), path
        return self._zip

    def _close(self) -> None:
        if self._zip:
            self._zip.close()
            self._zip = None
