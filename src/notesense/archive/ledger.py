"""The ledger of a batch: what is known of each note, in SQLite, safe against a kill at any moment.

States: ``pending`` (to be read), ``done``, ``failed`` (with the reason), ``gone`` (not in the archive any more). Results
are files of their own, named by the hash of the content, so the same content is analysed once.
"""

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from filelock import FileLock

from notesense.archive.database import lock_folder, open_to_look, open_to_write, storable
from notesense.archive.source import Source
from notesense.domain.profile import Columns
from notesense.errors import ConfigError, NoNotesError, UsageError

State = Literal["pending", "done", "failed", "gone"]
FILE = "ledger.sqlite3"
_TABLES = """
create table if not exists meta (name text primary key, value text not null);
create table if not exists notes (
    key text primary key, file text not null, member text not null, size integer not null, stamp integer not null,
    hash text, state text not null, attempts integer not null default 0, seconds real, incidents integer not null default 0,
    error text, message text, hint text, seen integer not null default 0, changed real not null
);
create index if not exists notes_by_state on notes (state, key);
create index if not exists notes_by_hash on notes (hash, state);
"""
LAYOUT = "1"
FEWEST_GONE, MOST_GONE = 5, 0.5
"""From how many missing notes, and from which share of them, it is asked whether this is the right archive."""


class Row(NamedTuple):
    """What the ledger knows of one note."""

    key: str
    state: State
    hash: str | None
    attempts: int
    seconds: float | None
    incidents: int
    """Parts of the note that failed while the rest stands."""
    error: str | None
    message: str | None
    hint: str | None


class Counts(NamedTuple):
    """How many notes are in each state."""

    pending: int = 0
    done: int = 0
    failed: int = 0
    gone: int = 0
    partial: int = 0
    """Of the done ones, those with parts that failed."""


class Ledger:
    """The ledger of one output folder. One process writes it at a time.

    Args:
        folder: The output folder, made where it is not there.
        writing: Whether it is written; otherwise it is only looked at.

    Raises:
        UsageError: Another run is at work on the folder, or there is no ledger to look at.
        ConfigError: The ledger is of another version or damaged.
    """

    def __init__(self, folder: Path, *, writing: bool) -> None:
        self.folder = folder
        self._lock: FileLock | None = None
        path = folder / FILE
        if not writing and not path.exists():
            raise UsageError(f"{folder}: no batch was run there", "Run one: notesense batch ARCHIVE --out FOLDER")
        if writing:
            self._lock = lock_folder(folder)
        try:
            self._db = open_to_write(path, _TABLES) if writing else open_to_look(path)
            layout = self.meta("layout")
            if layout is None and writing:
                self.set_meta("layout", LAYOUT)
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise ConfigError(
                f"{path}: cannot be used ({error})", "Choose another folder, or move this one away."
            ) from None
        if layout not in (None, LAYOUT):
            self.close()
            raise ConfigError(f"{path}: made by another version of notesense", "Choose another folder.")

    def close(self) -> None:
        """Close it, and let others in."""
        with contextlib.suppress(AttributeError, sqlite3.Error):
            self._db.close()
        if self._lock:
            self._lock.release()

    def __enter__(self) -> "Ledger":
        """Use it in a ``with`` statement."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def meta(self, name: str) -> str | None:
        """Return a remembered value."""
        row = self._db.execute("select value from meta where name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def columns(self) -> Columns:
        """Return what the columns of tables of notes are called, where they have no usual name."""
        found: Columns = json.loads(self.meta("columns") or "{}")
        return found

    def set_meta(self, name: str, value: str) -> None:
        """Remember a value."""
        self._db.execute("insert or replace into meta values (?, ?)", (name, value))

    def fingerprint(self) -> dict[str, Any] | None:
        """Return what the results were made with."""
        value = self.meta("fingerprint")
        return json.loads(value) if value else None

    def register(
        self, sources: Iterable[Source], *, retry_failed: bool = False, may_go: bool = True, fresh: bool = False
    ) -> int:
        """Bring the ledger up to the archive, in one transaction: new and changed notes are pending, missing ones gone.

        Args:
            sources: The archive's notes.
            retry_failed: Whether notes that failed are tried again.
            fresh: Whether every note is read again, whatever is known of it.
            may_go: Whether most of the known notes may be missing: a drive that is not there looks like that.

        Returns:
            How many notes the archive has.

        Raises:
            NoNotesError: The archive has no note.
            ConfigError: Most of the known notes are missing, and may not.
        """
        scan = int(self.meta("scan") or 0) + 1
        known = {
            key: (size, stamp, state)
            for key, size, stamp, state in self._db.execute("select key, size, stamp, state from notes")
        }
        count = 0
        with self._transaction():
            new: list[tuple[Any, ...]] = []
            same: list[tuple[Any, ...]] = []
            for source in sources:
                count += 1
                before = known.get(source.key)
                is_new = fresh or before is None or before[:2] != (source.size, source.stamp) or before[2] == "gone"
                if is_new or (before and before[2] == "failed" and retry_failed):
                    new.append((source.key, storable(source.file), *source[2:], scan, time.time()))
                else:
                    same.append((scan, storable(source.file), source.member, source.key))
                if len(new) + len(same) >= 10_000:
                    self._write(new, same)
            self._write(new, same)
            if fresh:
                self._db.execute("update notes set attempts = 0, hash = null where seen = ?", (scan,))
            if not count:
                raise NoNotesError("there is no note in the archive", "Check its name, --include and --exclude.")
            gone = self._db.execute(
                "update notes set state = 'gone' where seen < ? and state != 'gone'", (scan,)
            ).rowcount
            there = sum(state != "gone" for _, _, state in known.values())
            if gone >= FEWEST_GONE and gone > MOST_GONE * there and not may_go:
                raise ConfigError(
                    f"{gone} of {there} notes that {self.folder} knows are not in this archive",
                    "Another archive: choose another --out. The drive or filter is wrong: correct it. They are gone: --accept-change.",
                )
            self.set_meta("scan", str(scan))
        return count

    def reopen(self, keys: Iterable[str]) -> None:
        """Make notes pending again, as their results are lost."""
        lost = [(key,) for key in keys]
        with self._transaction():
            self._db.executemany("update notes set state = 'pending', hash = null where key = ?", lost)

    def pending(self) -> Iterator[Source]:
        """Yield the notes that are to be read, by key. Notes may be finished in between."""
        last = ""
        while True:
            rows = self._db.execute(
                "select key, file, member, size, stamp from notes where state = 'pending' and key > ? order by key limit 500",
                (last,),
            ).fetchall()
            if not rows:
                return
            yield from map(_source, rows)
            last = rows[-1][0]

    def has_result(self, digest: str) -> bool:
        """Tell whether some note had this content when it was read."""
        return bool(self._db.execute("select 1 from notes where hash = ? limit 1", (digest,)).fetchone())

    def finish(self, key: str, digest: str, seconds: float, incidents: int) -> None:
        """Note that a note is done; its result must be on disk by then."""
        self._db.execute(
            "update notes set state = 'done', hash = ?, seconds = ?, incidents = ?, attempts = attempts + 1, error = null, "
            "message = null, hint = null, changed = ? where key = ?",
            (digest, seconds, incidents, time.time(), key),
        )

    def fail(self, key: str, error: str, message: str, hint: str) -> None:
        """Note that a note failed, and why."""
        self._db.execute(
            "update notes set state = 'failed', attempts = attempts + 1, error = ?, message = ?, hint = ?, changed = ? "
            "where key = ?",
            (error, message, hint, time.time(), key),
        )

    def counts(self) -> Counts:
        """Return how many notes are in each state."""
        found = dict(self._db.execute("select state, count(*) from notes group by state"))
        partial = self._db.execute("select count(*) from notes where state = 'done' and incidents > 0").fetchone()[0]
        by_state = {state: int(found.get(state, 0)) for state in ("pending", "done", "failed", "gone")}
        return Counts(**by_state, partial=int(partial))

    def rows(self, state: State | None = None) -> Iterator[Row]:
        """Yield what is known of the notes, by key; of one state, or of all."""
        where, values = ("where state = ?", (state,)) if state else ("", ())
        yield from (Row(*row) for row in self._db.execute(f"select {_COLUMNS} from notes {where} order by key", values))  # noqa: S608

    def row(self, key: str) -> Row | None:
        """Return what is known of one note."""
        found = self._db.execute(f"select {_COLUMNS} from notes where key = ?", (key,)).fetchone()  # noqa: S608
        return Row(*found) if found else None

    def source(self, key: str) -> Source:
        """Return where a note of the ledger stands."""
        row = self._db.execute("select key, file, member, size, stamp from notes where key = ?", (key,)).fetchone()
        return _source(row)

    def _write(self, fresh: list[tuple[Any, ...]], same: list[tuple[Any, ...]]) -> None:
        self._db.executemany(
            "insert into notes (key, file, member, size, stamp, state, seen, changed) values (?, ?, ?, ?, ?, 'pending', ?, ?) "
            "on conflict (key) do update set file = excluded.file, member = excluded.member, size = excluded.size, "
            "stamp = excluded.stamp, state = 'pending', seen = excluded.seen, changed = excluded.changed",
            fresh,
        )
        self._db.executemany("update notes set seen = ?, file = ?, member = ? where key = ?", same)
        fresh.clear()
        same.clear()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")


def _source(row: tuple[Any, ...]) -> Source:
    return Source(row[0], os.fsdecode(row[1]), *row[2:])


_COLUMNS = "key, state, hash, attempts, seconds, incidents, error, message, hint"
