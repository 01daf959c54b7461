"""The solution index on disk: generations, one of them current.

::

    index/
        CURRENT                 name of the generation in use; replaced atomically
        build.lock              held while a build runs
        generations/NAME/
            manifest.json       encoder, dimension, source, count, digest of each solution
            solutions.json      the solutions themselves
            lexical/            BM25 over the passages (bm25s)
            chroma/             passages with their vectors

A build writes a new generation and then moves CURRENT: killed at any moment, it leaves the old one usable, and readers
are never disturbed. The generation before the current one is kept, for readers that have just begun.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from filelock import FileLock, Timeout
from pydantic import ValidationError

from notesense.domain.base import Frozen
from notesense.domain.solutions import Solution
from notesense.encoding.encoder import Encoder, Vectors
from notesense.errors import (
    IndexBusyError,
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    IndexUnwritableError,
)
from notesense.settings import make_private
from notesense.solutions.passages import Passage, split_solution
from notesense.solutions.store import read_store, write_store
from notesense.solutions.wording import stems

_NO_WORD = "\0"
LAYOUT = "notesense.index/1"
BUILD_WAIT_SECONDS = 300
_BUILD = "Build it: notesense index build PATH"
_REBUILD = "Build the index again: notesense index build PATH"

Progress = Callable[[str], None]


class IndexManifest(Frozen):
    """What a generation says of itself."""

    layout: str
    notesense: str
    created: datetime
    source: str
    encoder: str
    """Fingerprint of the encoder that made the vectors."""
    dimension: int
    digests: dict[str, str]
    """Digest of each solution's content by id, in the order of solutions.json."""


class SolutionIndex(NamedTuple):
    """A generation, read into memory."""

    path: Path
    generation: str
    manifest: IndexManifest
    solutions: tuple[Solution, ...]
    passages: tuple[Passage, ...]
    vectors: Vectors
    """One unit vector a passage, shape (len(passages), dimension)."""
    bm25: Any
    """The BM25 model over the passages, in the same order."""

    def cases(self) -> dict[str, Vectors]:
        """Return the vectors of each solution's passages, by its id."""
        rows: dict[str, list[int]] = {}
        for row, passage in enumerate(self.passages):
            rows.setdefault(passage.solution_id, []).append(row)
        return {solution: self.vectors[own] for solution, own in rows.items()}


class BuildResult(NamedTuple):
    """What a build did, in numbers of solutions."""

    generation: str
    solutions: int
    embedded: int
    unchanged: int
    removed: int


def build_index(
    root: Path,
    solutions: Sequence[Solution],
    source: str,
    encoder: Encoder,
    version: str,
    progress: Progress | None = None,
) -> BuildResult:
    """Build a new generation and make it current. Solutions that have not changed keep their vectors.

    Args:
        root: The index folder.
        solutions: The whole library: what is not in it leaves the index.
        source: Where the library was read from, for the manifest.
        encoder: Makes the vectors.
        version: notesense's version, for the manifest.
        progress: Called with a line before each longer step.

    Raises:
        IndexBusyError: Another build held the lock for too long.
        IndexUnwritableError: Nothing can be written there.
    """
    say = progress or (lambda _: None)
    try:
        make_private(root)
        with FileLock(root / "build.lock", timeout=BUILD_WAIT_SECONDS):
            return _build(root, solutions, source, encoder, version, say)
    except Timeout:
        raise IndexBusyError(
            f"{root}: another build has been under way for {BUILD_WAIT_SECONDS} s",
            "Wait for it to end, then try again.",
        ) from None
    except OSError as error:
        raise IndexUnwritableError(
            f"{root}: cannot be written ({error.strerror or error})",
            "Choose another folder: --index, or NOTESENSE_INDEX.",
        ) from error


def open_index(root: Path, encoder: Encoder) -> SolutionIndex:
    """Read the current generation.

    Raises:
        IndexMissingError: There is none.
        IndexMismatchError: It was built by another encoder or layout.
        IndexDamagedError: It cannot be read.
    """
    for attempt in range(3):
        try:
            return _open(root, encoder)
        except (IndexDamagedError, FileNotFoundError):
            # the generation may have been replaced twice between reading CURRENT and opening it
            if attempt == 2 or current_generation(root) is None:
                raise
    raise AssertionError("unreachable")


def index_or_none(root: Path, encoder: Encoder) -> SolutionIndex | None:
    """Read the current generation; None where there is none. Raises as :func:`open_index` otherwise."""
    try:
        return open_index(root, encoder)
    except IndexMissingError:
        return None


def check_index(root: Path) -> None:
    """Refuse a place where there is no index: for one that somebody has named.

    Raises:
        IndexMissingError: There is none.
    """
    if current_generation(root) is None:
        raise IndexMissingError(f"{root}: no solution index there", _BUILD)


def current_generation(root: Path) -> str | None:
    """Return the name of the current generation, or None where there is no index."""
    try:
        return (root / "CURRENT").read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def read_manifest(root: Path) -> tuple[str, IndexManifest, list[Solution]]:
    """Return name, manifest and solutions of the current generation, without its vectors.

    Raises:
        IndexMissingError: There is none.
        IndexMismatchError: It is of another layout.
        IndexDamagedError: It cannot be read.
    """
    name = current_generation(root)
    if name is None:
        raise IndexMissingError(f"{root}: no solution index there", _BUILD)
    folder = root / "generations" / name
    try:
        raw = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if not isinstance(raw, dict):
            raise IndexDamagedError(f"{folder}: its manifest is none", _REBUILD)
        if raw.get("layout") != LAYOUT:
            raise IndexMismatchError(f"{folder}: layout {raw.get('layout')}, and this version reads {LAYOUT}", _REBUILD)
        manifest = IndexManifest.model_validate(raw)
        solutions = [Solution.model_validate(s) for s in json.loads((folder / "solutions.json").read_text("utf-8"))]
    except (OSError, ValueError, TypeError, ValidationError) as error:
        raise IndexDamagedError(f"{folder}: cannot be read ({error})", _REBUILD) from error
    return name, manifest, solutions


def _open(root: Path, encoder: Encoder) -> SolutionIndex:
    import bm25s

    name, manifest, solutions = read_manifest(root)
    folder = root / "generations" / name
    if manifest.encoder != encoder.fingerprint:
        raise IndexMismatchError(f"{folder}: built by another encoder ({manifest.encoder})", _REBUILD)
    passages, vectors = read_store(folder / "chroma")
    try:
        bm25 = bm25s.BM25.load(folder / "lexical", load_vocab=True)
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise IndexDamagedError(f"{folder}: its lexical part cannot be read ({error})", _REBUILD) from error
    if [s.id for s in solutions] != list(manifest.digests) or not vectors.shape[0] == len(passages) > 0:
        raise IndexDamagedError(f"{folder}: its parts do not belong together", _REBUILD)
    return SolutionIndex(root, name, manifest, tuple(solutions), tuple(passages), vectors, bm25)


def _build(
    root: Path, solutions: Sequence[Solution], source: str, encoder: Encoder, version: str, say: Progress
) -> BuildResult:
    kept, old = _reusable(root, encoder)
    digests = {solution.id: digest(solution) for solution in solutions}
    passages = [(s.id, split_solution(s)) for s in solutions]
    changed = {s.id for s in solutions if old.get(s.id) != digests[s.id]}
    say(f"Embedding {len(changed)} of {len(solutions)} solutions")
    texts = [passage.text for identity, parts in passages if identity in changed for passage in parts]
    fresh = iter(encoder.encode(texts))
    rows = [
        next(fresh) if identity in changed else kept[identity][i]
        for identity, parts in passages
        for i in range(len(parts))
    ]
    flat = [passage for _, parts in passages for passage in parts]
    created = datetime.now(UTC)
    stamp = hashlib.sha256(json.dumps([digests, encoder.fingerprint]).encode()).hexdigest()[:8]
    name = f"{created:%Y%m%dT%H%M%S%f}-{stamp}"
    folder = root / "generations" / name
    folder.mkdir(parents=True)
    say("Writing the index")
    write_store(folder / "chroma", flat, np.asarray(rows, np.float32))
    _write_lexical(folder / "lexical", flat)
    _write(folder / "solutions.json", json.dumps([s.model_dump() for s in solutions], ensure_ascii=False, indent=1))
    manifest = IndexManifest(
        layout=LAYOUT, notesense=version, created=created, source=source, encoder=encoder.fingerprint,
        dimension=encoder.dimension, digests=digests,
    )  # fmt: skip
    _write(folder / "manifest.json", manifest.model_dump_json(indent=1))
    before = current_generation(root)
    _write(root / "CURRENT.new", name)
    os.replace(root / "CURRENT.new", root / "CURRENT")
    _sweep(root, keep={name, before})
    removed = len(set(old) - set(digests))
    return BuildResult(name, len(solutions), len(changed), len(solutions) - len(changed), removed)


def digest(solution: Solution) -> str:
    """Return a digest of a solution's content (not of where it was read)."""
    return hashlib.sha256(solution.model_dump_json().encode()).hexdigest()[:16]


def _reusable(root: Path, encoder: Encoder) -> tuple[dict[str, Vectors], dict[str, str]]:
    """Return the vectors and digests of the current generation by id; none where it cannot be used."""
    try:
        index = _open(root, encoder)
    except (IndexMissingError, IndexMismatchError, IndexDamagedError):
        return {}, {}
    return index.cases(), index.manifest.digests


def _write_lexical(folder: Path, passages: Sequence[Passage]) -> None:
    import bm25s

    model = bm25s.BM25(method="lucene")
    words = [stems(passage.text) for passage in passages]
    if not any(words):  # a library without a content word has an index all the same; nobody can ask for this one
        words = [[_NO_WORD] for _ in words]
    model.index(words, show_progress=False)
    model.save(folder, show_progress=False)


def _write(path: Path, content: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sweep(root: Path, keep: set[str | None]) -> None:
    """Remove generations that nobody uses: older ones, and what a killed build left behind."""
    for folder in (root / "generations").iterdir():
        if folder.name not in keep:
            shutil.rmtree(folder, ignore_errors=True)
