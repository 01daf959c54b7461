"""One call for each thing that ``notesense index`` does."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from notesense import __version__
from notesense.domain.solutions import Solution
from notesense.encoding.encoder import shared_retriever
from notesense.encoding.logistic import Logistic
from notesense.errors import LibraryError
from notesense.settings import Settings
from notesense.solutions.decide import accept_features
from notesense.solutions.filters import Filters
from notesense.solutions.index import BuildResult, Progress, build_index, digest, open_index, read_manifest
from notesense.solutions.library import load_library
from notesense.solutions.search import Searcher


class Hit(NamedTuple):
    """A solution that a search found."""

    solution: Solution
    score: float
    fits: bool
    """Whether it would be shown for a need in these words."""
    passage: str


class Check(NamedTuple):
    """How an index stands to its library."""

    path: Path
    generation: str
    solutions: int
    source: Path
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def is_current(self) -> bool:
        """Whether the index holds just what the library holds."""
        return not (self.added or self.changed or self.removed)

    def describe(self) -> str:
        """Return the state in words."""
        lines = [f"{self.path}: {self.solutions} solutions (generation {self.generation}), built from {self.source}"]
        for word, ids in (("new", self.added), ("changed", self.changed), ("gone", self.removed)):
            if ids:
                lines.append(f"{word} in the library: {', '.join(ids)}")
        lines.append("Up to date." if self.is_current else f"Bring it up to date: notesense index build {self.source}")
        return "\n".join(lines)


def build(settings: Settings, path: Path, progress: Progress | None = None) -> BuildResult:
    """Build the index of a library; see :func:`notesense.solutions.index.build_index`."""
    solutions = load_library(path)
    return build_index(settings.index, solutions, str(path.absolute()), shared_retriever(), __version__, progress)


def solutions(settings: Settings) -> list[Solution]:
    """Return the solutions of the index, ordered by id."""
    return read_manifest(settings.index)[2]


def search(settings: Settings, query: str, limit: int, filters: Filters | None = None) -> list[Hit]:
    """Return the solutions that are nearest to a query, best first."""
    retriever = shared_retriever()
    searcher = Searcher(open_index(settings.index, retriever), retriever)
    (filters or Filters()).check(searcher.solutions)
    model = Logistic.read(retriever.bundle, "accept")
    part, no_place = searcher.relevance([[query]]), searcher.relevance([[""]])
    scores = model.likely(accept_features([part, part, no_place]))[0]
    allowed = [
        i for i in np.argsort(-scores, kind="stable").tolist() if (filters or Filters()).allow(searcher.solutions[i])
    ]
    return [
        Hit(
            searcher.solutions[i],
            float(scores[i]),
            bool(scores[i] >= model.threshold),
            searcher.best_passage([query], i),
        )
        for i in allowed[:limit]
    ]


def check(settings: Settings, path: Path | None = None) -> Check:
    """Compare the index with its library.

    Args:
        settings: Where the index is.
        path: The library; by default where the index was built from.

    Raises:
        LibraryError: The library has faults, or is not where it was.
    """
    generation, manifest, indexed = read_manifest(settings.index)
    source = path or Path(manifest.source)
    if not source.exists():
        raise LibraryError([f"{source}: the library is not there any more"], "Name it: notesense index check PATH")
    there = {solution.id: digest(solution) for solution in load_library(source)}
    here = manifest.digests
    return Check(
        settings.index, generation, len(indexed), source,
        added=tuple(sorted(set(there) - set(here))),
        changed=tuple(sorted(i for i in set(there) & set(here) if there[i] != here[i])),
        removed=tuple(sorted(set(here) - set(there))),
    )  # fmt: skip
