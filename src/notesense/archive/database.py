"""The SQLite file under the ledger: who may write it, how it is opened, how paths are kept in it."""

import os
import sqlite3
from pathlib import Path

from filelock import FileLock, Timeout

from notesense.errors import OutputError, UsageError


def lock_folder(folder: Path) -> FileLock:
    """Take an output folder for this process, and make it where it is not there. Released by the caller.

    Raises:
        UsageError: Another run is at work on it.
        OutputError: It cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.name == "posix" and not any(folder.iterdir()):
            folder.chmod(0o700)  # results hold the words of confidential notes
        lock = FileLock(folder / "batch.lock")
        lock.acquire(timeout=0)
    except Timeout:
        raise UsageError(
            f"{folder}: another run is at work on it", "Wait for it, or choose another folder: --out FOLDER"
        ) from None
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written ({error.strerror or error})", "Choose another place.") from None
    return lock


def open_to_write(path: Path, tables: str) -> sqlite3.Connection:
    """Return a connection that survives a kill at any moment; the tables are made where they are not there."""
    db = sqlite3.connect(path, timeout=30, isolation_level=None)
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    db.executescript(tables)
    return db


def open_to_look(path: Path) -> sqlite3.Connection:
    """Return a connection that changes nothing, also where nothing may be changed."""
    fixed = "" if os.access(path.parent, os.W_OK) else "&immutable=1"  # readers of a WAL database write beside it
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{fixed}", timeout=30, isolation_level=None, uri=True)


def storable(file: str) -> str | bytes:
    """Return a path as SQLite can hold it: bytes where the name of the file is no text."""
    try:
        file.encode("utf-8")
    except UnicodeEncodeError:
        return os.fsencode(file)
    return file
