"""Answers that were paid for, kept: SQLite, safe for several processes, readable by the user alone.

The key is a hash over endpoint, model, prompt, schema, messages and parameters, so a changed prompt asks again. Only
answers that could be read are kept. The file also remembers how each endpoint wants to be asked.
"""

import contextlib
import hashlib
import json
import os
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

from notesense.engines.llm.request import Answer, Request, Tokens
from notesense.errors import ConfigError
from notesense.settings import data_folder, make_private

_DAY = 86_400.0
_TABLES = """
create table if not exists answers (
    key text primary key, prompt text not null, model text not null, answer text not null,
    input_tokens integer, output_tokens integer, made real not null
);
create table if not exists endpoints (name text primary key, manner text not null);
create table if not exists ratios (model text primary key, ratio real not null);
"""


class Kept(NamedTuple):
    """What the cache holds."""

    path: Path
    answers: int
    bytes: int


class AnswerCache:
    """The cache of a machine's user.

    Args:
        path: The database; made where it is not there.
        reading: Whether kept answers are used; otherwise only what is known of endpoints is.

    Raises:
        ConfigError: The file cannot be opened or is no such database.
    """

    def __init__(self, path: Path | None = None, *, reading: bool = True) -> None:
        self.path = path or cache_path()
        self._reading = reading
        self._lock = threading.Lock()
        try:
            make_private(self.path.parent)
            self._db = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
            if os.name == "posix":
                self.path.chmod(0o600)
            self._db.execute("pragma journal_mode = wal")
            self._db.execute("pragma synchronous = normal")
            self._db.executescript(_TABLES)
        except (sqlite3.Error, OSError) as error:
            raise ConfigError(
                f"{self.path}: the cache cannot be opened ({error})", "Move the file away, or use --no-cache."
            ) from None

    def get(self, key: str) -> Answer | None:
        """Return a kept answer, or None."""
        if not self._reading:
            return None
        rows = self._run("select answer, input_tokens, output_tokens from answers where key = ?", key)
        if not rows:
            return None
        text, given, taken = rows[0]
        return Answer(text, Tokens(given, taken) if given is not None else None)

    def put(self, key: str, request: Request, model: str, answer: Answer) -> None:
        """Keep an answer."""
        if not self._reading:
            return
        tokens = answer.tokens
        self._run(
            "insert or replace into answers values (?, ?, ?, ?, ?, ?, ?)", key, request.prompt, model, answer.text,
            tokens.input if tokens else None, tokens.output if tokens else None, time.time(),
        )  # fmt: skip

    def manner(self, endpoint: str) -> dict[str, Any] | None:
        """Return how an endpoint wants to be asked, if that is known."""
        rows = self._run("select manner from endpoints where name = ?", endpoint)
        with contextlib.suppress(ValueError, IndexError):
            manner: dict[str, Any] = json.loads(rows[0][0])
            return manner
        return None

    def keep_manner(self, endpoint: str, manner: dict[str, Any]) -> None:
        """Keep how an endpoint wants to be asked."""
        self._run("insert or replace into endpoints values (?, ?)", endpoint, json.dumps(manner))

    def ratio(self, model: str) -> float | None:
        """Return how many tokens a model's endpoint counted for each that was estimated, at most; None if unknown."""
        rows = self._run("select ratio from ratios where model = ?", model)
        return float(rows[0][0]) if rows else None

    def keep_ratio(self, model: str, ratio: float) -> None:
        """Keep that ratio."""
        self._run("insert or replace into ratios values (?, ?)", model, ratio)

    def kept(self) -> Kept:
        """Return what is there."""
        return Kept(self.path, int(self._run("select count(*) from answers")[0][0]), self.path.stat().st_size)

    def prune(self, days: float = 0.0) -> int:
        """Delete answers older than some days, and return how many."""
        before = self.kept().answers
        self._run("delete from answers where made <= ?", time.time() - days * _DAY)
        self._run("vacuum")
        return before - self.kept().answers

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def _run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._db.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            if not self._reading:  # nothing that was paid for is at stake
                return []
            raise ConfigError(
                f"{self.path}: the cache cannot be used ({error})", "Move the file away, or use --no-cache."
            ) from None


def cache_path() -> Path:
    """Return where answers are kept."""
    return data_folder() / "answers.sqlite3"


def key_of(request: Request, endpoint: str, model: str, parameters: dict[str, Any]) -> str:
    """Return the key of a request: a hash over all that can change its answer."""
    content = [endpoint, model, request.prompt_digest, request.schema.__name__, request.messages, parameters]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()
