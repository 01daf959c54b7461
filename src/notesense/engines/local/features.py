"""Sentences → the numbers that the heads see.

Three parts side by side: what the fine-tuned network says of each sentence in its context (log probabilities of every
label), what the note's shape says (form, side, place, length), and the weighted terms of
:mod:`notesense.engines.local.lexical`.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from notesense.domain.notes import Sentence
from notesense.encoding.windows import Part
from notesense.engines.local.lexical import Floats, Lexicon, Weighted

FORMS = ("prose", "item", "cell", "turn", "quote")
CONTENT_FORMS = frozenset(FORMS)
"""Forms that can hold a finding: headings and header lines are context."""
READING_SCALE, SHAPE_SCALE, TERM_SCALE = 1.0, 0.9, 4.0
"""Relative weight of the parts under one L2 penalty, by leave-one-batch-out cross-validation."""
_FLOOR = -6.0
"""Log probability below which the network's certainty says nothing more."""
_LONG = 30.0
_ENDLESS = re.compile(r"(\S{100})\S{100,}")
_SIGNS = {"heading": "#", "item": "-", "cell": "|", "quote": ">"}
SHAPE_WIDTH = len(FORMS) + 6


class Features(NamedTuple):
    """Features of n sentences."""

    dense: Floats
    """Shape (n, columns)."""
    terms: list[Weighted]
    """One sparse vector a sentence."""


class Reading(NamedTuple):
    """The network's own heads: what it makes of a sentence's vector, before anything else is known."""

    weights: Floats
    """Shape (dimension, labels of all heads)."""
    bias: Floats
    sizes: tuple[int, ...]
    """Number of labels of each head, in order of the columns."""

    def log_probabilities(self, vectors: Floats) -> Floats:
        """Return the log probability of every label of every head, shape (n, labels), none below a floor."""
        logits = vectors @ self.weights + self.bias
        return normalise(logits, self.sizes)


def normalise(logits: Floats, sizes: Sequence[int]) -> Floats:
    """Return logits as log probabilities, head by head, none below a floor."""
    heads = []
    for part in np.split(logits, np.cumsum(sizes)[:-1], axis=1):
        shifted = part - part.max(axis=1, keepdims=True, initial=-np.inf)
        heads.append(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))
    result: Floats = np.maximum(np.hstack(heads), _FLOOR).astype(np.float32)
    return result


def parts_of(sentences: Sequence[Sentence]) -> list[Part]:
    """Return the sentences as the network reads them: who speaks and for whom, or the sign of their form, then the words.

    Of what is no word (a picture in letters, an endless address) the head alone is read.
    """
    return [Part(_lead(s), _ENDLESS.sub(r"\1", s.text), f"# {s.headings[-1]}" if s.headings else "") for s in sentences]


def dense_features(sentences: Sequence[Sentence], reading: Floats) -> Floats:
    """Return the dense part.

    Args:
        sentences: The sentences of one note, in order.
        reading: The network's log probabilities, shape (n, labels).
    """
    return np.hstack([reading * READING_SCALE, shapes_of(sentences)]).astype(np.float32)


def shapes_of(sentences: Sequence[Sentence]) -> Floats:
    """Return what the note's shape says of each sentence, shape (n, SHAPE_WIDTH)."""
    shape = np.array([_shape(s, i / len(sentences)) for i, s in enumerate(sentences)], np.float32)
    return shape.reshape(len(sentences), SHAPE_WIDTH) * np.float32(SHAPE_SCALE)


def weigh(text: str, lexicon: Lexicon) -> Weighted:
    """Return the scaled term weights of a text."""
    columns, weights = lexicon.weigh(text)
    return Weighted(columns, weights * np.float32(TERM_SCALE))


def _lead(sentence: Sentence) -> str:
    if sentence.form == "turn":
        side = "" if sentence.side == "unknown" else f" {sentence.side}"
        return f"{sentence.speaker or 'speaker'}{side}:"
    return _SIGNS.get(sentence.form, "")


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
