"""Sentences → the numbers that the heads see.

Three parts side by side: the encoder's vectors of the sentence and its neighbours, what the note's shape says
(form, side, place, length), and the weighted terms of :mod:`notesense.engines.local.lexical`.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from notesense.domain.notes import Sentence
from notesense.encoding.encoder import Encoder, Vectors
from notesense.engines.local.lexical import Floats, Lexicon, Weighted

FORMS = ("prose", "item", "cell", "turn", "quote")
CONTENT_FORMS = frozenset(FORMS)
"""Forms that can hold a finding: headings and header lines are context."""
VECTOR_SCALE, NEIGHBOUR_SCALE, SHAPE_SCALE, TERM_SCALE = 3.0, 1.5, 0.9, 4.0
"""Relative weight of the parts under one L2 penalty, by leave-one-batch-out cross-validation."""
_LONG = 30.0


class Features(NamedTuple):
    """Features of n sentences."""

    dense: Floats
    """Shape (n, dense_width(dimension))."""
    terms: list[Weighted]
    """One sparse vector a sentence."""


def dense_width(dimension: int) -> int:
    """Return the number of dense columns for vectors of ``dimension``."""
    return 3 * dimension + len(FORMS) + 6


def featurize(sentences: Sequence[Sentence], encoder: Encoder, lexicon: Lexicon) -> Features:
    """Return the features of the sentences of one note, in order."""
    vectors = encoder.encode([sentence.text for sentence in sentences])
    return Features(dense_features(sentences, vectors), [weigh(sentence.text, lexicon) for sentence in sentences])


def dense_features(sentences: Sequence[Sentence], vectors: Vectors) -> Floats:
    """Return the dense part, shape (n, dense_width), for sentences with their vectors."""
    none = np.zeros((1, vectors.shape[1]), np.float32)
    before = np.concatenate([none, vectors[:-1]]) if len(vectors) else vectors
    after = np.concatenate([vectors[1:], none]) if len(vectors) else vectors
    shape = np.array([_shape(s, i / len(sentences)) for i, s in enumerate(sentences)], np.float32)
    shape = shape.reshape(len(sentences), len(FORMS) + 6)
    return np.hstack(
        [vectors * VECTOR_SCALE, before * NEIGHBOUR_SCALE, after * NEIGHBOUR_SCALE, shape * SHAPE_SCALE]
    ).astype(np.float32)


def weigh(text: str, lexicon: Lexicon) -> Weighted:
    """Return the scaled term weights of a text."""
    columns, weights = lexicon.weigh(text)
    return Weighted(columns, weights * np.float32(TERM_SCALE))


def _shape(sentence: Sentence, place: float) -> list[float]:
    words = len(sentence.text.split())
    return [
        *(float(sentence.form == form) for form in FORMS),
        float(sentence.side == "client"),
        float(sentence.side == "firm"),
        float('"' in sentence.text or "“" in sentence.text),
        float("?" in sentence.text),
        place,
        float(np.log1p(words) / np.log1p(_LONG)),
    ]
