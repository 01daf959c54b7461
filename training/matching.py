"""Labelled needs and solution libraries → the accept model, and what it reaches on held-out batches."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from joblib import Parallel, delayed
from sklearn.linear_model import LogisticRegression

from notesense.chunking import split_note
from notesense.domain.findings import Evidence, Need
from notesense.domain.notes import Note, Sentence
from notesense.domain.spans import Span
from notesense.encoding.encoder import Encoder
from notesense.encoding.logistic import Logistic
from notesense.engines.local.features import CONTENT_FORMS
from notesense.evaluation.cases import Case
from notesense.solutions.decide import accept_features
from notesense.solutions.index import build_index, open_index
from notesense.solutions.library import load_library
from notesense.solutions.match import queries_of
from notesense.solutions.search import Query, Relevance, Searcher

SIZES = ((5, 2), (10, 2), (25, 2))
"""Sizes of the random smaller libraries, and how many of each."""
SMALL_TALK = 1
"""Sentences of each note without need that are searched for too, so that the model learns to abstain."""
GIVEN_UP = 0.015
"""Joint accuracy that is given up for surer matches: it is flat around its best, and a case that does not fit costs trust."""
FEW = 10
"""Size of the small library that is reported on."""


class Examples(NamedTuple):
    """One row a labelled need of one library."""

    batches: list[str]
    parts: list[Relevance]
    """What the search says of each part of the query."""
    fits: Any
    """Whether the solution is labelled for the need, shape (needs, solutions)."""

    def within(self, rows: Any, size: int | None = None, seed: int = 0) -> tuple[Any, Any]:
        """Return features and labels of some needs, as if the library held only ``size`` solutions.

        The solutions that fit a need are always among them: a small library is small because the firm is, not because
        it has done nothing for its clients. The others are drawn at random for each need.
        """
        fits = self.fits[rows]
        draw = np.random.default_rng(seed).random(fits.shape) - fits
        columns = np.sort(np.argsort(draw, axis=1)[:, : size or fits.shape[1]], axis=1)
        parts = [Relevance(*(np.take_along_axis(v[rows], columns, axis=1) for v in part)) for part in self.parts]
        return accept_features(parts), np.take_along_axis(fits, columns, axis=1)


def collect(
    cases: Sequence[Case], library: Path, retrievers: Mapping[str, Encoder], *, small_talk: bool = False
) -> Examples:
    """Search the library for every labelled need of the cases, or for sentences in which nobody needs anything.

    Args:
        cases: Labelled notes.
        library: The solution library.
        retrievers: For each batch one that has seen neither it nor the library.
        small_talk: Whether to search for sentences without a need.
    """
    searchers: dict[Encoder, Searcher] = {}
    solutions = load_library(library)
    for retriever in {retrievers[case.batch] for case in cases}:
        with tempfile.TemporaryDirectory() as folder:
            build_index(Path(folder), solutions, str(library), retriever, "training")
            searchers[retriever] = Searcher(open_index(Path(folder), retriever), retriever)
    names = [solution.id for solution in next(iter(searchers.values())).solutions]
    queries, fits, batches = [], [], []
    random = np.random.default_rng(3)
    for case in cases:
        sentences = split_note(case.note)
        found = [(tuple(gold.spans), gold.solutions) for gold in case.needs]
        if small_talk:
            found = [((Span(s.start, s.end),), ()) for s in _no_needs(case, sentences, random)]
        for spans, fitting in found:
            queries.append(queries_of(case.note, sentences, need_of(case.note, spans)))
            fits.append([name in fitting for name in names])
            batches.append(case.batch)
    searching = {case.batch: searchers[retrievers[case.batch]] for case in cases}
    parts = [_relevance(searching, batches, [query[part] for query in queries]) for part in range(len(queries[0]))]
    return Examples(batches, parts, np.array(fits))


def need_of(note: Note, spans: Sequence[Span]) -> Need:
    """Return the need that some words show, as the matcher gets it: only they matter to it."""
    evidence = tuple(Evidence(start=s.start, end=s.end, quote=note.text[s.start : s.end]) for s in spans)
    return Need(id="n", key="", kind="implied", category="operations", statement="", confidence=None, evidence=evidence)


def _relevance(searchers: Mapping[str, Searcher], batches: Sequence[str], queries: Sequence[Query]) -> Relevance:
    rows = [searchers[batch].relevance([query]) for batch, query in zip(batches, queries, strict=True)]
    return Relevance(*(np.concatenate(values) for values in zip(*rows, strict=True)))


def _no_needs(case: Case, sentences: Sequence[Sentence], random: Any) -> list[Sentence]:
    """Draw a few sentences of a note that show neither need nor pitch: whatever they say, no solution fits it."""
    marked = [span for finding in (*case.needs, *case.pitches) for span in finding.spans]
    free = [
        s for s in sentences
        if s.form in CONTENT_FORMS and len(s.text.split()) >= 5
        and not any(Span(s.start, s.end).overlap(span) for span in marked)
    ]  # fmt: skip
    return [free[int(i)] for i in random.permutation(len(free))[:SMALL_TALK]]


def fit_accept(shelves: Sequence[Examples], without: str | None = None, threshold: float = 0.5) -> Logistic:
    """Fit the accept model, with each library whole and cut to random smaller ones.

    What is relative to the library (z-scores, lead) means less in a small one; a model that saw one size only would
    find nothing in a new user's first seven cases.

    Args:
        shelves: Labelled needs, and sentences without a need, of each library.
        without: A batch that is left out.
        threshold: Of the model.
    """
    found = []
    for examples in shelves:
        rows = np.array([i for i, batch in enumerate(examples.batches) if batch != without], int)
        if not len(rows):
            continue
        found.append(examples.within(rows))
        smaller = [(size, n) for size, n in SIZES if size < examples.fits.shape[1]]
        found += [examples.within(rows, size, seed) for size, n in smaller for seed in range(n)]
    flat = np.concatenate([features.reshape(-1, features.shape[-1]) for features, _ in found]).astype(np.float64)
    labels = np.concatenate([fits.ravel() for _, fits in found])
    mean, scale = flat.mean(axis=0), flat.std(axis=0) + 1e-9
    model = LogisticRegression(C=1.0, max_iter=3000).fit((flat - mean) / scale, labels)
    weights = model.coef_[0] / scale
    bias = float(model.intercept_[0] - weights @ mean)
    return Logistic(tuple(round(float(w), 6) for w in weights), round(bias, 6), threshold)


def train_accept(shelves: Sequence[Examples], idle: Sequence[Examples]) -> tuple[Logistic, dict[str, dict[str, float]]]:
    """Choose the threshold by leave-one-batch-out cross-validation, then fit on all.

    The threshold is the highest at which joint accuracy (the right solution first, or rightly none) is near its best. A batch with a library of its own is
    judged by a model that has seen neither its author nor its library.

    Args:
        shelves: Labelled needs of each library.
        idle: Sentences without a need, of each library.

    Returns:
        The model, and its cross-validated figures for labelled needs by size of the library.
    """
    whole: list[tuple[Any, Any]] = []
    few: list[tuple[Any, Any]] = []
    batches = list(dict.fromkeys(batch for examples in shelves for batch in examples.batches))
    models = Parallel(n_jobs=2)(delayed(fit_accept)([*shelves, *idle], batch) for batch in batches)
    for batch, model in zip(batches, models, strict=True):
        for examples in shelves:
            rows = np.flatnonzero(np.array(examples.batches) == batch)
            if len(rows):
                for found, size in ((whole, None), (few, FEW)):
                    features, fits = examples.within(rows, size, seed=99)
                    found.append((model.likely(features), fits))
    probabilities, fits = _padded(whole)
    grid = np.arange(0.1, 0.7, 0.02)
    joint = {float(t): matching_figures(probabilities, fits, float(t))["joint_accuracy"] for t in grid}
    threshold = max(t for t in joint if joint[t] >= max(joint.values()) - GIVEN_UP)
    final = fit_accept([*shelves, *idle], threshold=round(float(threshold), 3))
    return final, {
        "the whole library": matching_figures(probabilities, fits, final.threshold),
        f"a library of {FEW}": matching_figures(*_padded(few), final.threshold),
    }


def _padded(found: Sequence[tuple[Any, Any]]) -> tuple[Any, Any]:
    """Return probabilities and labels of several libraries in one array each; where there is no solution, none is likely."""
    width = max(fits.shape[1] for _, fits in found)
    missing = [((0, 0), (0, width - fits.shape[1])) for _, fits in found]
    likely = [np.pad(p, m, constant_values=-1.0) for (p, _), m in zip(found, missing, strict=True)]
    return np.concatenate(likely), np.concatenate([np.pad(f, m) for (_, f), m in zip(found, missing, strict=True)])


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
        "recall of shown": round(float((fits & shown).sum() / max(1, fits.sum())), 3),
        "precision of shown": round(float((fits & shown).sum() / max(1, shown.sum())), 3),
        "correct abstention": round(float((~any_shown[~has]).mean()), 3),
        "joint_accuracy": round(float(np.where(has, first & any_shown, ~any_shown).mean()), 3),
    }
