"""Rows as one sparse matrix, as the linear heads see them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from notesense.engines.local.features import weigh
from notesense.engines.local.lexical import Floats, Lexicon, Weighted
from notesense.learning.rows import PAIRS, Rows

PENALTY = {"finding": 0.1, "category": 0.1, "tactic": 0.3, "where": 0.3}
"""Inverse strength of the L2 penalty of each head, by leave-one-batch-out cross-validation."""


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
    """Dense columns, one that marks look-alikes (for fitting alone), term columns."""
    labels: list[str]
    width: int
    """Number of dense columns."""

    def of_weights(self) -> sparse.csr_matrix:
        """Return the matrix without the column that marks look-alikes: the columns for which a head has weights."""
        return sparse.csr_matrix(sparse.hstack([self.matrix[:, : self.width], self.matrix[:, self.width + 1 :]]))

    def where(self, chosen: npt.NDArray[np.bool_]) -> "Prepared":
        """Return the rows for which a mask, shape (n,), is true."""
        rows = np.flatnonzero(chosen)
        return Prepared(sparse.csr_matrix(self.matrix[rows]), [self.labels[i] for i in rows.tolist()], self.width)


def prepare(rows: Rows, lexicon: Lexicon) -> Prepared:
    """Return rows as a matrix, with the terms of a lexicon."""
    # look-alikes are findings more often than a note's sentences: a column of their own takes that up, and is dropped
    of_pair = np.array([[batch == PAIRS] for batch in rows.batches], np.float32).reshape(len(rows.texts), 1)
    matrix = to_matrix(np.hstack([rows.dense, of_pair]), weigh_all(rows.texts, lexicon), len(lexicon))
    return Prepared(matrix, rows.labels, rows.dense.shape[1])
