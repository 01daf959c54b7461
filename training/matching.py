"""Labelled needs and the sample library → the accept model, and what it reaches on held-out batches."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression

from notesense.chunking import split_note
from notesense.domain.findings import Evidence, Need
from notesense.encoding.encoder import Encoder
from notesense.evaluation.cases import Case
from notesense.solutions.decide import AcceptModel, accept_features
from notesense.solutions.index import build_index, open_index
from notesense.solutions.library import load_library
from notesense.solutions.match import queries_of
from notesense.solutions.search import Searcher


class Examples(NamedTuple):
    """One row a labelled need."""

    batches: list[str]
    features: Any
    """Shape (needs, solutions, features)."""
    fits: Any
    """Whether the solution is labelled for the need, shape (needs, solutions)."""


def collect(cases: Sequence[Case], library: Path, encoder: Encoder) -> Examples:
    """Search the library for every labelled need of the cases."""
    with tempfile.TemporaryDirectory() as folder:
        build_index(Path(folder), load_library(library), str(library), encoder, "training")
        searcher = Searcher(open_index(Path(folder), encoder), encoder)
    queries, fits, batches = [], [], []
    for case in cases:
        sentences = split_note(case.note)
        for gold in case.needs:
            evidence = tuple(
                Evidence(start=s.start, end=s.end, quote=case.note.text[s.start : s.end]) for s in gold.spans
            )
            need = Need(
                id=gold.id,
                key="",
                kind=gold.kind,
                category=gold.category,
                statement="",
                confidence=None,
                evidence=evidence,
            )
            queries.append(queries_of(case.note, sentences, need))
            fits.append([solution.id in gold.solutions for solution in searcher.solutions])
            batches.append(case.batch)
    parts = [searcher.relevance([query[part] for query in queries]) for part in range(len(queries[0]))]
    return Examples(batches, accept_features(parts), np.array(fits))


def fit_accept(features: Any, fits: Any, threshold: float = 0.5) -> AcceptModel:
    """Fit the accept model on needs (rows) and solutions (columns)."""
    flat = features.reshape(-1, features.shape[-1]).astype(np.float64)
    mean, scale = flat.mean(axis=0), flat.std(axis=0) + 1e-9
    model = LogisticRegression(C=1.0, max_iter=3000).fit((flat - mean) / scale, fits.ravel())
    as_tuple = lambda values: tuple(round(float(v), 6) for v in values)  # noqa: E731
    return AcceptModel(as_tuple(mean), as_tuple(scale), as_tuple(model.coef_[0]), float(model.intercept_[0]), threshold)


def train_accept(training: Examples, test: Examples) -> tuple[AcceptModel, dict[str, dict[str, float]]]:
    """Choose the threshold by leave-one-batch-out cross-validation, fit on all, and report on the test needs.

    The threshold maximises joint accuracy: the right solution first, or rightly none.
    """
    batches = np.array(training.batches)
    held_out = np.zeros(training.fits.shape)
    for batch in dict.fromkeys(training.batches):
        model = fit_accept(training.features[batches != batch], training.fits[batches != batch])
        held_out[batches == batch] = model.probabilities(training.features[batches == batch])
    grid = np.arange(0.1, 0.7, 0.02)
    threshold = max(grid, key=lambda t: matching_figures(held_out, training.fits, float(t))["joint_accuracy"])
    final = fit_accept(training.features, training.fits, round(float(threshold), 3))
    return final, {
        "cross-validation": matching_figures(held_out, training.fits, final.threshold),
        "test": matching_figures(final.probabilities(test.features), test.fits, final.threshold),
    }


def matching_figures(probabilities: Any, fits: Any, threshold: float) -> dict[str, float]:
    """Return the figures of matching on labelled needs; "hit" and "recall" over needs that have a solution."""
    order = np.argsort(-probabilities, axis=1, kind="stable")
    has = fits.any(axis=1)
    shown = probabilities >= threshold
    first = fits[np.arange(len(fits)), order[:, 0]]
    any_shown = shown.any(axis=1)
    top = np.take_along_axis(fits, order[:, :10], axis=1)
    return {
        "needs": len(fits),
        "hit@1 before the gate": round(float(first[has].mean()), 3),
        "recall@10 before the gate": round(float((top.sum(axis=1)[has] / fits.sum(axis=1)[has]).mean()), 3),
        "precision of shown": round(float((fits & shown).sum() / max(1, shown.sum())), 3),
        "correct abstention": round(float((~any_shown[~has]).mean()), 3),
        "joint_accuracy": round(float(np.where(has, first & any_shown, ~any_shown).mean()), 3),
    }
