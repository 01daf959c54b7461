"""What the user named → the files to read: files as they are, folders by what they hold."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from notesense.domain.analysis import Skipped
from notesense.domain.profile import Columns
from notesense.errors import NoNotesError, NoteNotFoundError, NotesenseError, NoteUnreadableError
from notesense.reading.tables import ROW, is_table, read_table, split_row

_OURS = frozenset({"notesense.toml"})
JOURNAL = ".journal"
"""Folder that ``notesense review`` keeps inside a folder of corrections, which are copies of notes."""


def find_inputs(
    paths: Iterable[Path],
    recursive: bool = False,
    exclude: Path | None = None,
    columns: Columns | None = None,
    allowed: Callable[[Path], bool] = lambda _: True,
) -> Iterator[Path | Skipped]:
    """Yield the files that the given paths stand for, each once, and a record for each that cannot be read.

    A folder stands for its files, sorted by name. Hidden files, lock files of Word, README files, ``notesense.toml`` and
    folders of corrections are no notes. A table of notes (CSV, TSV) stands for its rows.

    Args:
        paths: Files, folders, or ``-`` for standard input.
        recursive: Whether folders inside folders are read too.
        exclude: A file that is left out silently.
        columns: What the columns of tables are called, where they have no usual name.
        allowed: Tells which files may be opened; the others are left out silently.
    """
    seen = {os.path.normpath(exclude.absolute())} if exclude else set()
    for path in paths:
        try:
            files = [path] if str(path) == "-" else list(_files(path, recursive))
        except NotesenseError as error:
            yield skip(path, error)
            continue
        for file in filter(allowed, files):
            for note in _notes_of(file, columns):
                key = note.path if isinstance(note, Skipped) else _identity(note)
                if key not in seen:
                    seen.add(key)
                    yield note


def _identity(file: Path) -> str:
    return str(file) if str(file) == "-" else os.path.normpath(file.absolute())


def _notes_of(file: Path, columns: Columns | None) -> list[Path | Skipped]:
    if not is_table(file.name):
        return [file]
    try:
        return [file.with_name(f"{file.name}{ROW}{number}") for number in read_table(file, columns)]
    except NotesenseError as error:
        return [skip(file, error)]


def skip(path: Path, error: NotesenseError) -> Skipped:
    """Return the record of an input that is not analysed."""
    return Skipped(path=str(path), error=type(error).__name__, message=error.message, hint=error.hint)


def _files(path: Path, recursive: bool) -> Iterator[Path]:
    try:
        if not path.is_dir():
            if not split_row(str(path)) and not path.exists() and not path.is_symlink():
                raise NoteNotFoundError(
                    f"{path}: no such file or folder", "Check the name; put quotes around names with spaces."
                )
            yield path
            return
        found = sorted(_walk(path, recursive))
    except OSError as error:
        raise NoteUnreadableError(f"{path}: cannot be read ({error.strerror})", "Check its permissions.") from None
    if not found:
        inside = not recursive and any(entry.is_dir() for entry in path.iterdir())
        more = " (its folders were not read: --recursive does that)" if inside else ""
        raise NoNotesError(f"{path}: a folder without notes{more}", "Put notes there: Word, PDF, mail, Markdown, text.")
    yield from found


def _walk(folder: Path, recursive: bool) -> Iterator[Path]:
    for entry in folder.iterdir():
        if is_left_out(entry.name):
            continue
        if not entry.is_dir():
            yield entry
        elif recursive and not entry.is_symlink() and not holds_corrections(entry):
            yield from _walk(entry, recursive)


def is_left_out(name: str) -> bool:
    """Tell whether a file or folder of this name is never a note: hidden, a lock of Word's, a README, ours."""
    return name.startswith((".", "~$")) or name in _OURS or Path(name).stem.lower() == "readme"


def holds_corrections(folder: Path) -> bool:
    """Tell whether a folder is where reviews are kept: what is in it was read elsewhere."""
    return (folder / JOURNAL).is_dir()
