"""The shipped head and corrected sentences → a head near the shipped one: maximum a posteriori.

What the shipped rows say stands in a Gaussian around the shipped weights, as wide in each as their log loss lets it be (the
diagonal of a Laplace approximation, MacKay 1992; it takes words that go together for independent, and so lets them move
further than the rows would). So the corrections alone are gone through, which takes a second; the
shipped rows were, once. Adapting a maximum-entropy model by such a prior: Chelba and Acero 2004.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize

from notesense.engines.local.heads import Head
from notesense.learning.labels import answer
from notesense.learning.matrix import PENALTY, Prepared

MAX_ITERATIONS = 200
Array = npt.NDArray[np.float64]


def scores_of(matrix: sparse.csr_matrix, head: Head) -> Array:
    """Return a head's scores before its temperature, shape (rows, labels)."""
    scores: Array = matrix @ np.vstack([head.dense, head.terms]).astype(np.float64) + head.bias
    return scores


def softmax(scores: Array) -> Array:
    """Return the probabilities that scores stand for, row by row."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
    shares: Array = powers / powers.sum(axis=1, keepdims=True)
    return shares


def precision_of(name: str, head: Head, shipped: Prepared) -> Array:
    """Return how firmly the shipped rows hold each weight and, last, the bias: shape (columns + 1, labels).

    Args:
        name: Of a head of more than two labels (scikit-learn fits one column of weights for two, and penalises it once).
        head: The shipped head.
        shipped: What it was fitted on.
    """
    known = shipped.where(np.array([answer(name, label) is not None for label in shipped.labels]))
    matrix = known.of_weights()
    chances = softmax(scores_of(matrix, head))
    spread = chances * (1 - chances)
    squares = matrix.multiply(matrix).T @ spread
    return np.vstack([squares + 1 / PENALTY[name], spread.sum(axis=0, keepdims=True)])


def adapt(name: str, head: Head, precision: Array, own: Prepared, weight: float) -> Head:
    """Return a head moved towards one's own rows.

    Args:
        name: The head's name.
        head: The shipped one.
        precision: See :func:`precision_of`.
        own: One's own rows; those that say nothing to the head are left out.
        weight: How much a row counts beside a shipped one.
    """
    answers = [answer(name, label) for label in own.labels]
    known = own.where(np.array([a is not None for a in answers], bool)).of_weights()
    right = np.array([head.labels.index(a) for a in answers if a is not None], int)
    used = np.flatnonzero(known.getnnz(axis=0))
    matrix = sparse.csr_matrix(known[:, used])
    # the solver counts in widths of the Gaussian, and so needs far fewer steps
    widths = 1 / np.sqrt(precision[[*used, -1]])
    start, rows = scores_of(known, head), np.arange(len(right))

    def loss(flat: Array) -> tuple[float, Any]:
        steps = flat.reshape(widths.shape)
        moved = steps * widths
        chances = softmax(start + matrix @ moved[:-1] + moved[-1])
        value = -weight * np.log(np.maximum(chances[rows, right], 1e-12)).sum() + (steps**2).sum() / 2
        chances[rows, right] -= 1
        slope = np.vstack([matrix.T @ chances, chances.sum(axis=0, keepdims=True)])
        return float(value), (weight * widths * slope + steps).ravel()

    found = minimize(loss, np.zeros(widths.size), jac=True, method="L-BFGS-B", options={"maxiter": MAX_ITERATIONS})
    moved = found.x.reshape(widths.shape) * widths
    weights = np.vstack([head.dense, head.terms]).astype(np.float64)
    weights[used] += moved[:-1]
    width = len(head.dense)
    return head._replace(
        dense=weights[:width].astype(np.float32), terms=weights[width:].astype(np.float32),
        bias=(head.bias + moved[-1]).astype(np.float32),
    )  # fmt: skip
