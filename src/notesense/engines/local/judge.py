"""The local engine's judge: which mentions are of one need.

A logistic model over pairs of mentions (likeness of vectors and words, distance, same category, same speaker), then
average linkage: two groups are joined while the mean probability of their pairs exceeds the threshold.
"""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from notesense.domain.findings import Mention, NeedLabel
from notesense.encoding.bundle import read_decision
from notesense.encoding.encoder import Encoder, Vectors
from notesense.engines.local.lexical import Floats

PAIR_FEATURES = ("likeness", "shared_words", "adjacent", "distance", "same_category", "same_speaker", "same_kind")
_WORD = re.compile(r"[a-z]{4,}")
_NEXT_DOOR = 6
"""Characters between two spans that follow each other: the mark and blank between two clauses or sentences."""


class PairModel(NamedTuple):
    """The fitted logistic model and the threshold of the linkage."""

    weights: tuple[float, ...]
    bias: float
    threshold: float


class LocalJudge:
    """Groups mentions with the shipped pair model.

    Args:
        encoder: The sentence encoder.
        model: The pair model; the bundle's own by default.
    """

    def __init__(self, encoder: Encoder, model: PairModel | None = None) -> None:
        self._encoder = encoder
        self._given = model

    @cached_property
    def _model(self) -> PairModel:
        return self._given or PairModel(**read_decision(self._encoder.bundle, "same_need"))

    def same_need(self, mentions: Sequence[Mention]) -> list[list[int]]:
        """Return groups of indices; see :class:`notesense.engines.base.Judge`."""
        if len(mentions) < 2:
            return [[i] for i in range(len(mentions))]
        vectors = self._encoder.encode([mention.evidence.quote for mention in mentions])
        scores = pair_features(mentions, vectors) @ np.array(self._model.weights) + self._model.bias
        return link(1 / (1 + np.exp(-scores)), self._model.threshold)


def pair_features(mentions: Sequence[Mention], vectors: Vectors) -> Floats:
    """Return the features of every pair, shape (n, n, len(PAIR_FEATURES)); symmetric in the pair."""
    n = len(mentions)
    words = [set(_WORD.findall(m.evidence.quote.lower())) for m in mentions]
    features = np.zeros((n, n, len(PAIR_FEATURES)), np.float32)
    likeness = vectors @ vectors.T
    for i, a in enumerate(mentions):
        for j in range(i):
            b = mentions[j]
            gap = max(0, max(a.evidence.start, b.evidence.start) - min(a.evidence.end, b.evidence.end))
            shared = len(words[i] & words[j]) / (min(len(words[i]), len(words[j])) or 1)
            same_category = isinstance(a.label, NeedLabel) and isinstance(b.label, NeedLabel) and (
                a.label.category == b.label.category
            )  # fmt: skip
            same_kind = (
                isinstance(a.label, NeedLabel) and isinstance(b.label, NeedLabel) and a.label.kind == b.label.kind
            )
            features[i, j] = features[j, i] = (
                likeness[i, j],
                shared,
                float(gap <= _NEXT_DOOR),
                np.log1p(gap) / 8,
                float(same_category),
                float(a.evidence.speaker is not None and a.evidence.speaker == b.evidence.speaker),
                float(same_kind),
            )
    return features


def link(probabilities: Floats, threshold: float) -> list[list[int]]:
    """Group by average linkage (Sokal and Michener 1958).

    Args:
        probabilities: Symmetric, shape (n, n): how likely two mentions are of one need.
        threshold: Groups are joined while their mean pair probability is above it.
    """
    groups = [[i] for i in range(len(probabilities))]
    mean = np.array(probabilities, np.float64)
    np.fill_diagonal(mean, -1.0)
    while len(groups) > 1:
        i, j = sorted(divmod(int(np.argmax(mean)), len(groups)))
        if mean[i, j] <= threshold:
            break
        a, b = len(groups[i]), len(groups[j])
        mean[i] = (a * mean[i] + b * mean[j]) / (a + b)
        mean[:, i] = mean[i]
        mean[i, i] = -1.0
        mean = np.delete(np.delete(mean, j, 0), j, 1)
        groups[i] = sorted(groups[i] + groups.pop(j))
    return sorted(groups)
