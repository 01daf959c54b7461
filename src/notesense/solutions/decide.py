"""Stage 6, decision: fuse the searches, then accept a solution for a need or abstain.

A logistic model over what the searches say of one solution, raw and relative to the rest of the library (z-scores,
lead over the next best), gives the probability that a thoughtful colleague would show it; below the threshold nothing
is shown. Fitted and calibrated on labelled notes, by leave-one-batch-out cross-validation.
"""

from collections.abc import Sequence

import numpy as np

from notesense.solutions.search import Floats, Relevance

QUERY_PARTS = ("evidence", "context", "place")
"""What is searched for each need: its evidence; the sentences around; headings, title and client of the note."""
_MEASURES = ("passage", "headline", "lexical", "passage_z", "headline_z", "lexical_z", "lead")
LARGEST_LIBRARY = 60
"""Size beyond which a library counts as large: the model saw none that was larger."""
ACCEPT_FEATURES = (
    *(f"{part}.{measure}" for part in QUERY_PARTS for measure in _MEASURES),
    "size",
    "size.z",
    "size.lead",
)


def accept_features(parts: Sequence[Relevance]) -> Floats:
    """Return the features of every need and solution, shape (needs, solutions, len(ACCEPT_FEATURES)).

    Args:
        parts: What the search said of each of :data:`QUERY_PARTS`, in that order.
    """
    columns: list[Floats] = []
    total = np.zeros_like(parts[0].passage)
    for part in parts:
        relative = [_standardised(values) for values in part]
        columns += [*part, *relative, _lead(sum(relative, np.zeros_like(part.passage)))]
        total = total + sum(relative)
    # what is relative to the library weighs less in a small one, where the best of a few is soon far ahead
    size = np.full_like(total, np.log(min(total.shape[1], LARGEST_LIBRARY)))
    lead = columns[len(_MEASURES) - 1]
    return np.stack([*columns, size, size * total, size * lead], axis=-1)


def _standardised(values: Floats) -> Floats:
    result: Floats = (values - values.mean(axis=1, keepdims=True)) / (values.std(axis=1, keepdims=True) + 1e-6)
    return result


def _lead(values: Floats) -> Floats:
    """Return how far each solution is ahead of the best other one (negative where it is behind)."""
    if values.shape[1] < 2:
        return np.zeros_like(values)
    ordered = np.sort(values, axis=1)
    first, second = ordered[:, -1:], ordered[:, -2:-1]
    result: Floats = np.where(values >= first, values - second, values - first)
    return result
