"""Where a note of an archive stands, and what a zip file holds there."""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from notesense.domain.profile import Columns
from notesense.errors import NoteTooLargeError, NoteUnreadableError
from notesense.reading import MAX_BYTES, notes_of

ZIP_FAULTS = (
    OSError, zipfile.BadZipFile, KeyError, RuntimeError, EOFError, ValueError, zlib.error, lzma.LZMAError, struct.error,
)  # fmt: skip
"""What opening and unpacking a damaged, encrypted or hostile zip file raises."""
MEMBER = "!"
"""Stands between a zip file and the name of what is in it."""


class Source(NamedTuple):
    """One note of an archive, not read yet."""

    key: str
    """Its name in the archive: the path below the folder, with ``/``; of a list, the path as it was given. A row of a table
    is called ``calls.csv#12``."""
    file: str
    """The file that holds it."""
    member: str
    """Its name in the zip file, or that of its table; empty outside zip files."""
    size: int
    stamp: int
    """Changes with the content: time of the last change in nanoseconds, or a zip member's checksum."""


def open_zip(path: Path) -> zipfile.ZipFile:
    """Open a zip file.

    Raises:
        NoteUnreadableError: It is damaged or gone.
    """
    try:
        return zipfile.ZipFile(path)
    except ZIP_FAULTS as error:
        raise NoteUnreadableError(f"{path}: cannot be read ({error})", "Repair or unpack the zip file.") from None


def unpack(file: zipfile.ZipFile, source: Source) -> bytes:
    """Return what a member of a zip file holds.

    Raises:
        NoteError: It is too large or damaged.
    """
    if source.size > MAX_BYTES:
        raise NoteTooLargeError(
            f"{source.key}: {source.size / 1e6:,.1f} MB", "Split it, or check that it is a note at all."
        )
    try:
        with file.open(source.member) as member:
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


def table_in(file: zipfile.ZipFile, source: Source, columns: Columns) -> Mapping[int, bytes]:
    """Return the notes of a table in a zip file by row; errors as :func:`unpack`, and where it holds no notes."""
    return notes_of(unpack(file, source), f"{source.file}{MEMBER}{source.member}", columns)
