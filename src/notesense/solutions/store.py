"""The one place that touches Chroma: writes a generation's vectors, and reads them back.

Chroma is always given vectors (its own embedding function would download a model) and never its server. Opening a
store writes to it, so a store is opened by one process at a time, behind a lock beside it, and closed at once; where
the place is read-only, a copy in a temporary folder is opened instead.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from notesense.encoding.encoder import Vectors
from notesense.errors import IndexBusyError, IndexDamagedError
from notesense.solutions.passages import Passage

COLLECTION = "passages"
LOCK_SECONDS = 120
_REBUILD = "Build the index again: notesense index build PATH"


def write_store(folder: Path, passages: Sequence[Passage], vectors: Vectors) -> None:
    """Write passages with their vectors into a new store at ``folder``.

    Args:
        folder: A folder that nobody reads yet.
        passages: What the vectors stand for.
        vectors: Unit vectors, shape (len(passages), dimension).
    """
    with _collection(folder, create=True) as (client, collection):
        size = client.get_max_batch_size()
        for at in range(0, len(passages), size):
            batch = passages[at : at + size]
            collection.upsert(
                ids=[f"{at + i:08d}" for i in range(len(batch))],
                embeddings=vectors[at : at + size],
                documents=[passage.text for passage in batch],
                metadatas=[{"solution": passage.solution_id} for passage in batch],
            )


def read_store(folder: Path) -> tuple[list[Passage], Vectors]:
    """Return all passages of a store, in the order in which they were written, with their vectors.

    Raises:
        IndexDamagedError: The store cannot be opened.
    """
    with _readable(folder) as place, _collection(place, create=False) as (_, collection):
        found = collection.get(include=["embeddings", "documents", "metadatas"])
    order = sorted(range(len(found["ids"])), key=found["ids"].__getitem__)
    passages = [Passage(found["metadatas"][i]["solution"], found["documents"][i]) for i in order]
    vectors: Vectors = np.asarray(found["embeddings"], np.float32)[order] if order else np.zeros((0, 0), np.float32)
    return passages, vectors


@contextmanager
def _readable(folder: Path) -> Iterator[Path]:
    """Give a place where the store can be opened: itself behind its lock, or a copy where nothing can be written."""
    if not folder.is_dir():
        raise IndexDamagedError(f"{folder}: no store there", _REBUILD)
    if os.access(folder, os.W_OK) and os.access(folder.parent, os.W_OK):
        lock = FileLock(folder.parent / "open.lock", timeout=LOCK_SECONDS)
        try:
            lock.acquire()
        except Timeout:
            raise IndexBusyError(
                f"{folder}: another process has held it open for {LOCK_SECONDS} s",
                "Wait for it to end, then try again.",
            ) from None
        try:
            yield folder
        finally:
            lock.release()
        return
    with tempfile.TemporaryDirectory(prefix="notesense-") as copy:
        place = Path(copy) / "store"
        shutil.copytree(folder, place, copy_function=shutil.copyfile)
        yield place


@contextmanager
def _no_foreign_settings() -> Iterator[None]:
    """Hide Chroma's own environment variables and any ``.env`` file of the working folder while it is imported.

    They may point at a server, hold what it cannot read, or be somebody's secrets.
    """
    from pydantic_settings.sources import DotEnvSettingsSource

    source: Any = DotEnvSettingsSource
    read = source._read_env_files
    source._read_env_files = lambda _: {}
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.upper().startswith("CHROMA_")}
    try:
        yield
    finally:
        source._read_env_files = read
        os.environ.update(hidden)


@contextmanager
def _collection(folder: Path, create: bool) -> Iterator[tuple[Any, Any]]:
    with _no_foreign_settings():
        import chromadb
        from chromadb.config import Settings
        from chromadb.errors import ChromaError

        settings = Settings(anonymized_telemetry=False, is_persistent=True)
    try:
        client: Any = chromadb.PersistentClient(path=str(folder), settings=settings)
        try:
            if create:
                collection = client.create_collection(
                    COLLECTION, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
                )
            else:
                collection = client.get_collection(COLLECTION, embedding_function=None)
            yield client, collection
        finally:
            client.close()
    except (ChromaError, OSError, ValueError, AttributeError, RuntimeError) as error:
        raise IndexDamagedError(f"{folder}: Chroma cannot use it ({error})", _REBUILD) from error
