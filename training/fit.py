"""Rows → linear heads, and the temperature that calibrates them."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from notesense.engines.local.heads import Head
from notesense.engines.local.lexical import Floats
from notesense.learning.labels import LABELS, answer
from notesense.learning.matrix import PENALTY, Prepared

MAX_ITERATIONS = 300
TOLERANCE = 1e-3
"""Of the solver: a tighter one costs twice the time and finds the same."""


def fit_heads(prepared: Prepared) -> dict[str, Head]:
    """Fit all heads."""
    return {name: fit_one(name, prepared) for name in LABELS}


def fit_one(name: str, prepared: Prepared) -> Head:
    """Fit a head on the rows that say something to it."""
    answers = [answer(name, label) for label in prepared.labels]
    known = [i for i, a in enumerate(answers) if a is not None]
    chosen = [a for a in answers if a is not None]
    head = fit_head(name, sparse.csr_matrix(prepared.matrix[known]), chosen, LABELS[name], prepared.width + 1)
    return head._replace(dense=head.dense[: prepared.width])


def fit_head(name: str, matrix: sparse.csr_matrix, labels: Sequence[str], names: Sequence[str], width: int) -> Head:
    """Fit one softmax head.

    Args:
        name: The head's name, which decides its penalty.
        matrix: Features, dense columns first.
        labels: The label of each row, each one of ``names``.
        names: All labels of the head, in the order of its columns.
        width: Number of dense columns.
    """
    model = LogisticRegression(C=PENALTY[name], max_iter=MAX_ITERATIONS, tol=TOLERANCE)
    model.fit(matrix, [names.index(label) for label in labels])
    if set(model.classes_) != set(range(len(names))):
        raise ValueError(f"head {name}: labels without an example: {set(range(len(names))) - set(model.classes_)}")
    coefficients, bias = model.coef_, model.intercept_
    if len(names) == 2:
        coefficients, bias = np.vstack([-coefficients, coefficients]) / 2, np.array([-bias[0], bias[0]]) / 2
    return Head(
        tuple(names), coefficients[:, :width].T.astype(np.float32), coefficients[:, width:].T.astype(np.float32),
        bias.astype(np.float32), 1.0,
    )  # fmt: skip


def fit_temperature(probabilities: Floats, truth: Sequence[int]) -> float:
    """Return the temperature that minimises the log loss of held-out probabilities."""
    scores = np.log(np.clip(probabilities, 1e-9, 1))
    rows = np.arange(len(truth))

    def loss(log_temperature: float) -> float:
        z = scores / np.exp(log_temperature)
        z = z - z.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[rows, list(truth)]))

    return float(np.exp(minimize_scalar(loss, bounds=(-1.5, 1.5), method="bounded").x))
