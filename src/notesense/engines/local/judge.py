"""The local engine's judge: which mentions are of one need.

A logistic model over pairs of mentions (likeness of vectors and words, how near they stand, who speaks), then
average linkage: two groups are joined while the mean probability of their pairs exceeds the threshold.
"""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from notesense.domain.findings import Mention
from notesense.domain.notes import Note
from notesense.encoding.bundle import read_decision
from notesense.encoding.encoder import Encoder, Vectors
from notesense.engines.local.lexical import Floats

PAIR_FEATURES = ("likeness", "shared_words", "adjacent", "same_line", "same_paragraph", "distance", "same_speaker")
_LINE_BREAK = re.compile(r"[\r\n]")
_BLANK_LINE = re.compile(r"(?:\r\n?+|\n)[ \t]*(?:\r\n?+|\n)")
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

    def same_need(self, note: Note, mentions: Sequence[Mention]) -> list[list[int]]:
        """Return groups of indices; see :class:`notesense.engines.base.Judge`."""
        if len(mentions) < 2:
            return [[i] for i in range(len(mentions))]
        vectors = self._encoder.encode([mention.evidence.quote for mention in mentions])
        scores = pair_features(note, mentions, vectors) @ np.array(self._model.weights) + self._model.bias
        return link(1 / (1 + np.exp(-scores)), self._model.threshold)


def pair_features(note: Note, mentions: Sequence[Mention], vectors: Vectors) -> Floats:
    """Return the features of every pair, shape (n, n, len(PAIR_FEATURES)); symmetric in the pair.

    Labels are left out on purpose: a predicted category is wrong too often to keep two mentions apart.

    Args:
        note: The note, whose line breaks tell what stands together.
        mentions: The mentions, in order of the text.
        vectors: One unit vector a mention.
    """
    n = len(mentions)
    spans = [m.evidence.span for m in mentions]
    words = [set(_WORD.findall(m.evidence.quote.lower())) for m in mentions]
    likeness = vectors @ vectors.T
    features = np.zeros((n, n, len(PAIR_FEATURES)), np.float32)
    for i in range(n):
        for j in range(i):
            between = note.text[min(spans[i].end, spans[j].end) : max(spans[i].start, spans[j].start)]
            between = between.replace("\r\n", "\n")
            shared = len(words[i] & words[j]) / (min(len(words[i]), len(words[j])) or 1)
            speakers = mentions[i].evidence.speaker, mentions[j].evidence.speaker
            features[i, j] = features[j, i] = (
                likeness[i, j],
                shared,
                float(len(between) <= _NEXT_DOOR),
                float(not _LINE_BREAK.search(between)),
                float(not _BLANK_LINE.search(between)),
                np.log1p(len(between)) / 8,
                float(speakers[0] is not None and speakers[0] == speakers[1]),
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
