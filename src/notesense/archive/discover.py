"""A folder, a zip file or a list → the notes in it, by names, sizes and stamps. Only tables are read, for their rows."""

import fnmatch
import os
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from notesense.archive.source import MEMBER, Source, open_zip, table_in
from notesense.domain.profile import Columns
from notesense.errors import (
    NoNotesError,
    NoNotesInTableError,
    NoteError,
    NoteNotFoundError,
    NoteUnreadableError,
)
from notesense.reading import ROW, holds_corrections, is_left_out, is_note_name, is_table, read_table

TABLES = "tables without notes"
"""What a table that holds none is counted as."""


class Selection(NamedTuple):
    """Which names of an archive are notes, and what the columns of its tables of notes are called."""

    include: tuple[str, ...] = ()
    """Patterns of which one must fit the key or the name; none takes all."""
    exclude: tuple[str, ...] = ()
    columns: Columns = MappingProxyType({})

    def takes(self, key: str) -> bool:
        """Tell whether a name is taken. Hidden files and folders, README files and ``notesense.toml`` never are."""
        parts = key.split("/")
        name = parts[-1]
        if any(part.startswith(".") and part.strip(".") for part in parts) or is_left_out(name):
            return False
        if self.include and not _fits(key, name, self.include):
            return False
        return not _fits(key, name, self.exclude)


EVERYTHING = Selection()


def discover(
    archive: Path, selection: Selection = EVERYTHING, left_out: Counter[str] | None = None, own: Path | None = None
) -> Iterator[Source]:
    """Yield the notes of a folder, with all folders inside it, of a zip file, or of a table.

    Links to folders are not followed, so no link leads in a circle; zip files inside a folder are looked into.

    Args:
        archive: The folder, zip file or table.
        selection: Which names are taken.
        left_out: Counts what is left out: files of other formats, by their ending, and tables without notes.
        own: A folder that is passed over: the output folder, which may stand in the archive.

    Raises:
        NoteError: The archive is not there or cannot be read.
    """
    archive = archive.absolute()  # the ledger is looked at from anywhere
    left_out = Counter() if left_out is None else left_out
    check_archive(archive)
    if archive.is_dir():
        yield from _folder(archive, "", selection, left_out, own.resolve() if own else None)
    elif is_table(archive.name):
        status = archive.stat()
        table = Source(_shown(archive.name), str(archive), "", status.st_size, status.st_mtime_ns)
        for row in read_table(archive, selection.columns):
            yield table._replace(key=f"{table.key}{ROW}{row}")
    else:
        yield from _zip(archive, "", selection, left_out)


def check_archive(archive: Path) -> None:
    """Refuse what is neither a folder nor a zip file nor a table.

    Raises:
        NoteError: It is not there, or something else.
    """
    if not archive.exists():
        raise NoteNotFoundError(f"{archive}: no such folder or file", "Name a folder, a zip file or a table of notes.")
    if not archive.is_dir() and not is_table(archive.name) and not zipfile.is_zipfile(archive):
        raise NoNotesError(f"{archive}: neither a folder, a zip file nor a table", "One note: notesense analyze.")


def sources_of(
    archive: Path | Iterable[str],
    selection: Selection = EVERYTHING,
    left_out: Counter[str] | None = None,
    own: Path | None = None,
) -> Iterator[Source]:
    """Yield the notes of an archive: a folder or file (:func:`discover`), or a list of paths (:func:`listed`)."""
    if isinstance(archive, Path):
        return discover(archive, selection, left_out, own=own)
    return listed(archive, selection, left_out)


def listed(
    lines: Iterable[str], selection: Selection = EVERYTHING, left_out: Counter[str] | None = None
) -> Iterator[Source]:
    """Yield the notes of a list of paths, one a line, or parted by NUL (``find -print0``).

    A path that is not there is yielded all the same: reading it says so, and the ledger keeps it.
    """
    left_out = Counter() if left_out is None else left_out
    for path in dict.fromkeys(path for line in lines for path in line.rstrip("\r\n").split("\0")):
        if path.strip() and selection.takes(Path(path).name):
            file = Path(path).absolute()
            try:
                status = file.stat()
            except OSError:
                yield Source(_shown(path), str(file), "", -1, -1)
                continue
            source = Source(_shown(path), str(file), "", status.st_size, status.st_mtime_ns)
            if is_table(path):
                yield from _rows(source, partial(read_table, file, selection.columns), left_out)
            else:
                yield source


def _folder(
    folder: Path, prefix: str, selection: Selection, left_out: Counter[str], own: Path | None
) -> Iterator[Source]:
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        if not prefix:
            raise NoteUnreadableError(
                f"{folder}: cannot be read ({error.strerror})", "Check its permissions."
            ) from None
        left_out["folders that cannot be read"] += 1
        return
    for entry in found:
        key = prefix + _shown(entry.name)
        try:
            if entry.is_dir(follow_symlinks=False):
                is_own = own is not None and entry.name == own.name and Path(entry.path).resolve() == own
                if not entry.name.startswith(".") and not is_own and not holds_corrections(Path(entry.path)):
                    yield from _folder(Path(entry.path), key + "/", selection, left_out, own)
            elif entry.is_dir():
                left_out["links to folders"] += 1
            elif entry.name.lower().endswith(".zip") and not entry.name.startswith("."):
                yield from _zip(Path(entry.path), key + MEMBER, selection, left_out)
            elif selection.takes(key):
                yield from _file(entry, key, selection.columns, left_out)
        except OSError:
            yield Source(key, entry.path, "", -1, -1)  # reading it will say what is wrong


def _file(entry: "os.DirEntry[str]", key: str, columns: Columns, left_out: Counter[str]) -> Iterator[Source]:
    if not is_table(entry.name) and not is_note_name(entry.name):
        left_out[Path(entry.name).suffix.lower()] += 1
        return
    status = entry.stat()
    source = Source(key, entry.path, "", status.st_size, status.st_mtime_ns)
    if is_table(entry.name):
        yield from _rows(source, partial(read_table, Path(entry.path), columns), left_out)
    else:
        yield source


def _rows(table: Source, read: Callable[[], Mapping[int, bytes]], left_out: Counter[str]) -> Iterator[Source]:
    """Yield the rows of a table; one that holds no notes, such as a budget, is left out."""
    try:
        rows = read()
    except NoNotesInTableError:
        left_out[TABLES] += 1
    except NoteError:
        yield table  # reading it will say what is wrong
    else:
        for row in rows:
            yield table._replace(key=f"{table.key}{ROW}{row}")


def _zip(path: Path, prefix: str, selection: Selection, left_out: Counter[str]) -> Iterator[Source]:
    try:
        file = open_zip(path)
    except NoteUnreadableError:
        if not prefix:
            raise
        left_out["damaged zip files"] += 1
        return
    with file:
        for member in sorted((m for m in file.infolist() if not m.is_dir()), key=lambda member: member.filename):
            name = member.filename.replace("\\", "/")
            if not selection.takes(name):
                continue
            source = Source(prefix + name, str(path), member.filename, member.file_size, member.CRC)
            if is_table(name):
                yield from _rows(source, partial(table_in, file, source, selection.columns), left_out)
            elif is_note_name(name):
                yield source
            else:
                left_out[Path(name).suffix.lower()] += 1


def _shown(name: str) -> str:
    """Return a file's name as text: bytes that are none in UTF-8 are written out."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _fits(key: str, name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatch(key, pattern) or fnmatch.fnmatch(name, pattern) for pattern in patterns)
