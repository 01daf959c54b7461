"""Rows → linear heads, and the temperature that calibrates them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from notesense.engines.local.features import weigh
from notesense.engines.local.heads import Head
from notesense.engines.local.lexical import Floats, Lexicon, Weighted
from notesense.learning.labels import LABELS, answer
from notesense.learning.rows import PAIRS, Rows

PENALTY = {"finding": 0.1, "category": 0.1, "tactic": 0.3, "where": 0.3}
"""Inverse strength of the L2 penalty of each head, by leave-one-batch-out cross-validation."""
MAX_ITERATIONS = 300
TOLERANCE = 1e-3
"""Of the solver. A tighter one costs twice the time and finds the same (corrections learnt: F1 0.99 either way)."""


def weigh_all(texts: Sequence[str], lexicon: Lexicon) -> list[Weighted]:
    """Return the scaled term weights of the texts."""
    return [weigh(text, lexicon) for text in texts]


def to_matrix(dense: Floats, terms: Sequence[Weighted], lexicon_size: int) -> sparse.csr_matrix:
    """Return dense columns and term columns side by side as one sparse matrix."""
    indptr = np.cumsum([0, *(len(t.columns) for t in terms)])
    indices = np.concatenate([t.columns for t in terms]) if terms else np.zeros(0, np.int32)
    data = np.concatenate([t.weights for t in terms]) if terms else np.zeros(0, np.float32)
    right = sparse.csr_matrix((data, indices, indptr), shape=(len(terms), lexicon_size))
    return sparse.csr_matrix(sparse.hstack([sparse.csr_matrix(dense), right]))


class Prepared(NamedTuple):
    """Rows as one sparse matrix: what fitting starts from, worked out once for many fits."""

    matrix: sparse.csr_matrix
    """Dense columns, one that marks look-alikes, term columns."""
    labels: list[str]
    width: int
    """Number of dense columns."""

    def where(self, chosen: npt.NDArray[np.bool_]) -> "Prepared":
        """Return the rows for which a mask, shape (n,), is true."""
        rows = np.flatnonzero(chosen)
        return Prepared(sparse.csr_matrix(self.matrix[rows]), [self.labels[i] for i in rows.tolist()], self.width)

    def plus(self, other: "Prepared") -> "Prepared":
        """Return these rows and others after them."""
        both = sparse.csr_matrix(sparse.vstack([self.matrix, other.matrix]))
        return Prepared(both, self.labels + other.labels, self.width)


def prepare(rows: Rows, lexicon: Lexicon) -> Prepared:
    """Return rows as a matrix, with the terms of a lexicon."""
    # look-alikes are findings more often than a note's sentences: a column of their own takes that up, and is dropped
    of_pair = np.array([[batch == PAIRS] for batch in rows.batches], np.float32).reshape(len(rows.texts), 1)
    matrix = to_matrix(np.hstack([rows.dense, of_pair]), weigh_all(rows.texts, lexicon), len(lexicon))
    return Prepared(matrix, rows.labels, rows.dense.shape[1])


def fit_heads(prepared: Prepared) -> dict[str, Head]:
    """Fit all heads."""
    return {name: fit_one(name, prepared) for name in LABELS}


def fit_one(name: str, prepared: Prepared, weights: Floats | None = None, start: Head | None = None) -> Head:
    """Fit a head.

    Args:
        name: The head's name.
        prepared: What to learn from; rows that say nothing to the head are left out.
        weights: How much each row counts, shape (n,); one each by default.
        start: A head from which the solver starts: one that is near the answer.
    """
    answers = [answer(name, label) for label in prepared.labels]
    known = [i for i, a in enumerate(answers) if a is not None]
    chosen = [a for a in answers if a is not None]
    own = None if weights is None else weights[known]
    head = fit_head(
        name, sparse.csr_matrix(prepared.matrix[known]), chosen, LABELS[name], prepared.width + 1, own, start
    )
    return head._replace(dense=head.dense[: prepared.width])


def fit_head(
    name: str, matrix: sparse.csr_matrix, labels: Sequence[str], names: Sequence[str], width: int,
    weights: Floats | None = None, start: Head | None = None,
) -> Head:  # fmt: skip
    """Fit one softmax head.

    Args:
        name: The head's name, which decides its penalty.
        matrix: Features, dense columns first.
        labels: The label of each row, each one of ``names``.
        names: All labels of the head, in the order of its columns.
        width: Number of dense columns.
        weights: How much each row counts, shape (n,).
        start: A head from which the solver starts; it may lack the last dense columns.
    """
    model = LogisticRegression(C=PENALTY[name], max_iter=MAX_ITERATIONS, tol=TOLERANCE, warm_start=bool(start))
    if start:
        missing = np.zeros((width - len(start.dense), len(names)), np.float32)
        columns = np.vstack([start.dense, missing, start.terms]).T.astype(np.float64)
        bias = start.bias.astype(np.float64)
        if len(names) == 2:  # scikit-learn wants one column for two classes
            columns, bias = columns[1:] - columns[:1], bias[1:] - bias[:1]
        model.coef_, model.intercept_ = columns, bias
    model.fit(matrix, [names.index(label) for label in labels], sample_weight=weights)
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
