"""Fit the linear map that brings a client's words near the case studies that help (a linear query adapter).

Trained with a softmax over the library's cases, from each labelled need to the cases that fit it, three times: from
its evidence, from the sentences around it, and from its written statement. Held near the identity, so that it says
something of libraries that it has not seen; how much it gains there is measured by ``python -m training.adapter``.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from notesense.chunking import split_note
from notesense.domain.findings import Evidence, Need
from notesense.encoding.encoder import Encoder, Vectors
from notesense.evaluation.cases import Case, GoldNeed
from notesense.solutions.index import build_index, open_index
from notesense.solutions.library import load_library
from notesense.solutions.match import queries_of

STEPS, RATE, SHARPNESS = 60, 3e-4, 20.0
PENALTY = 0.3
"""Of the squared distance from the identity; by the gain on solutions and authors that were both left out."""


class Shelf(NamedTuple):
    """A solution library, and the notes whose needs were labelled with its cases."""

    library: Path
    cases: list[Case]


class Labelled(NamedTuple):
    """Labelled needs and the library."""

    batches: list[str]
    queries: list[Vectors]
    """Evidence, context and statement of each need, shape (needs, dimension) each."""
    fits: Vectors
    """Whether each solution fits, shape (needs, solutions)."""
    passages: Vectors
    owners: list[int]
    """Solution of each passage."""


class Part(NamedTuple):
    """What to learn from of a library."""

    found: Labelled
    rows: np.ndarray
    """Which needs, shape (needs,)."""
    solutions: np.ndarray
    """Which solutions there are, as far as the adapter knows, shape (solutions,)."""


def fit_adapters(shelves: Sequence[Shelf], encoder: Encoder) -> tuple[Vectors, dict[str, Vectors]]:
    """Return the adapter of all notes, and for each batch one that was fitted without it."""
    torch.set_num_threads(2)
    found = [gather(shelf.cases, shelf.library, encoder) for shelf in shelves]

    def without(batch: str | None) -> Vectors:
        return fit([Part(f, np.array(f.batches) != batch, np.ones(f.fits.shape[1], bool)) for f in found])

    batches = dict.fromkeys(case.batch for shelf in shelves for case in shelf.cases)
    return without(None), {batch: without(batch) for batch in batches}


def gather(cases: Sequence[Case], library: Path, encoder: Encoder) -> Labelled:
    """Encode every labelled need and the library."""
    with tempfile.TemporaryDirectory() as folder:
        build_index(Path(folder), load_library(library), str(library), encoder, "training")
        index = open_index(Path(folder), encoder)
    rows: list[list[Vectors]] = []
    batches, fits = [], []
    for case in cases:
        sentences = split_note(case.note)
        for gold in case.needs:
            evidence, context, _ = queries_of(case.note, sentences, _need(case, gold))
            rows.append([encoder.encode_mean(texts)[0] for texts in (evidence, context, [gold.statement])])
            batches.append(case.batch)
            fits.append([solution.id in gold.solutions for solution in index.solutions])
    places = {solution.id: i for i, solution in enumerate(index.solutions)}
    owners = [places[passage.solution_id] for passage in index.passages]
    queries = [np.array([row[part] for row in rows], np.float32) for part in range(3)]
    return Labelled(batches, queries, np.array(fits, np.float32), index.vectors, owners)


def fit(parts: Sequence[Part], penalty: float = PENALTY) -> Vectors:
    """Fit an adapter.

    Args:
        parts: What to learn from, library by library; every need counts the same.
        penalty: Of the squared distance from the identity.
    """
    identity = torch.eye(parts[0].found.passages.shape[1])
    change = torch.zeros_like(identity, requires_grad=True)
    optimizer = torch.optim.Adam([change], lr=RATE)
    chosen = [np.flatnonzero(part.rows & ((part.found.fits * part.solutions).sum(axis=1) > 0)) for part in parts]
    needs = sum(map(len, chosen))
    for _ in range(STEPS):
        loss = penalty * (change**2).sum()
        for part, rows in zip(parts, chosen, strict=True):
            fits = torch.tensor((part.found.fits * part.solutions)[rows])
            absent = torch.tensor(np.where(part.solutions, 0.0, -1e4), dtype=torch.float32)
            wanted = fits / fits.sum(dim=1, keepdim=True)
            for queries in part.found.queries:
                scores = _scores(torch.tensor(queries[rows]), identity + change, part.found) * SHARPNESS + absent
                loss = loss - (wanted * torch.log_softmax(scores, dim=1)).sum() / needs
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    adapter: Vectors = (identity + change).detach().numpy()
    return adapter


def _scores(queries: torch.Tensor, adapter: torch.Tensor, found: Labelled) -> torch.Tensor:
    """Return how near the nearest passage of each solution is, shape (queries, solutions)."""
    cosines = (queries @ adapter) @ torch.tensor(found.passages).T
    owners = torch.tensor(found.owners).expand(len(queries), -1)
    start = torch.full((len(queries), found.fits.shape[1]), -9.0)
    return start.scatter_reduce(1, owners, cosines, "amax", include_self=False)


def _need(case: Case, gold: GoldNeed) -> Need:
    evidence = tuple(Evidence(start=s.start, end=s.end, quote=case.note.text[s.start : s.end]) for s in gold.spans)
    return Need(
        id="n", key="", kind=gold.kind, category=gold.category, statement="", confidence=None, evidence=evidence
    )


def measure(cases: Sequence[Case], library: Path, encoder: Encoder, repeats: int = 6) -> None:
    """Print hit@1 and recall@5 for needs of authors, and among solutions, that an adapter has both not seen."""
    found = gather(cases, library, encoder)
    names = sorted(set(found.batches))
    batches, identity = np.array(found.batches), np.eye(found.passages.shape[1], dtype=np.float32)
    print("penalty  adapted hit@1, recall@5   without adapter")
    for penalty in (0.01, 0.03, 0.1, 0.3, 1.0):
        figures = []
        for seed in range(repeats):
            random = np.random.default_rng(seed)
            known = np.zeros(found.fits.shape[1], bool)
            known[random.permutation(len(known))[: len(known) // 2]] = True
            unseen = np.isin(batches, random.permutation(names)[: len(names) // 2])
            adapter = fit([Part(found, ~unseen, known)], penalty)
            figures.append([_figures(found, unseen, ~known, matrix) for matrix in (adapter, identity)])
        adapted, plain = np.mean(figures, axis=0).round(3)
        print(f"{penalty:7}  {adapted}   {plain}", flush=True)


def _figures(found: Labelled, rows: np.ndarray, solutions: np.ndarray, adapter: Vectors) -> list[float]:
    rows = rows & (found.fits[:, solutions].sum(axis=1) > 0)
    parts = [_scores(torch.tensor(q[rows]), torch.tensor(adapter), found).numpy() for q in found.queries[:2]]
    scores = (parts[0] + 0.7 * parts[1])[:, solutions]
    fits = found.fits[rows][:, solutions]
    order = np.argsort(-scores, axis=1)
    top = np.take_along_axis(fits, order[:, :5], axis=1).sum(axis=1) / fits.sum(axis=1)
    return [float(np.take_along_axis(fits, order[:, :1], axis=1).mean()), float(top.mean())]


def main() -> None:
    """Measure on the training notes."""
    from notesense.encoding.encoder import shared_encoder
    from notesense.evaluation.cases import load_cases

    root = Path(__file__).parents[1]
    cases = [c for c in load_cases(root / "eval/notes") if c.has_solutions and not c.is_test]
    measure(cases, root / "sample_notes/library", shared_encoder())


if __name__ == "__main__":
    sys.exit(main())
