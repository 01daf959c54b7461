"""The local engine's judge: which mentions are of one need.

A logistic model over pairs of mentions (words that both have, how near they stand, who speaks), then
average linkage: two groups are joined while the mean probability of their pairs exceeds the threshold.
"""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from notesense.domain.findings import Mention
from notesense.domain.notes import LINE_ENDS, Note
from notesense.encoding.bundle import Bundle
from notesense.encoding.logistic import Logistic
from notesense.engines.local.lexical import Floats

PAIR_FEATURES = ("shared_words", "adjacent", "same_line", "same_paragraph", "distance", "same_speaker")
_RETURN = re.compile(r"\r(?=\n)")
_LINE_BREAK = re.compile(rf"[{LINE_ENDS}]")
_BLANK_LINE = re.compile(r"(?:\r\n?+|\n)[ \t]*(?:\r\n?+|\n)")
_WORD = re.compile(r"[a-z]{4,}")
_NEXT_DOOR = 6
"""Characters between two spans that follow each other: the mark and blank between two clauses or sentences."""


class LocalJudge:
    """Groups mentions with the shipped pair model.

    Args:
        bundle: The model bundle.
        model: The pair model; the bundle's own by default.
    """

    def __init__(self, bundle: Bundle, model: Logistic | None = None) -> None:
        self._bundle = bundle
        self._given = model

    @cached_property
    def _model(self) -> Logistic:
        return self._given or Logistic.read(self._bundle, "same_need")

    def same_need(self, note: Note, mentions: Sequence[Mention]) -> list[list[int]]:
        """Return groups of indices; see :class:`notesense.engines.base.Judge`."""
        if len(mentions) < 2:
            return [[i] for i in range(len(mentions))]
        return link(self._model.likely(pair_features(note, mentions)), self._model.threshold)


def pair_features(note: Note, mentions: Sequence[Mention]) -> Floats:
    """Return the features of every pair, shape (n, n, len(PAIR_FEATURES)); symmetric in the pair.

    Labels are left out on purpose: a predicted category is wrong too often to keep two mentions apart. So is the likeness
    of sentence vectors, which told nothing beyond these (docs/decisions/0005) and took a fifth of the time of a note.

    Args:
        note: The note, whose line breaks tell what stands together.
        mentions: The mentions, in order of the text.
    """
    starts = np.array([m.evidence.start for m in mentions])
    ends = np.array([m.evidence.end for m in mentions])
    inner_end = np.minimum(ends[:, None], ends[None, :])
    inner_start = np.maximum(np.maximum(starts[:, None], starts[None, :]), inner_end)
    returns = _count_between([m.start() for m in _RETURN.finditer(note.text)], inner_end, inner_start)
    gap = inner_start - inner_end - returns  # a Windows line end counts as one character
    speakers = np.array([m.evidence.speaker or f"\0{i}" for i, m in enumerate(mentions)], dtype=object)
    features: Floats = np.stack(
        [
            _shared_words(mentions),
            gap <= _NEXT_DOOR,
            _count_between([m.start() for m in _LINE_BREAK.finditer(note.text)], inner_end, inner_start) == 0,
            _count_between([m.start() for m in _BLANK_LINE.finditer(note.text)], inner_end, inner_start) == 0,
            np.log1p(gap) / 8,
            speakers[:, None] == speakers[None, :],
        ],
        axis=-1,
    ).astype(np.float32)
    return features


def _count_between(positions: list[int], start: npt.NDArray[Any], end: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return how many of the positions lie in each range; arrays of one shape."""
    ordered = np.array(positions)
    counts: npt.NDArray[Any] = np.searchsorted(ordered, end) - np.searchsorted(ordered, start)
    return counts


def _shared_words(mentions: Sequence[Mention]) -> Floats:
    """Return for each pair which share of the shorter one's longer words the other has too, shape (n, n)."""
    words = [set(_WORD.findall(m.evidence.quote.lower())) for m in mentions]
    column = {word: i for i, word in enumerate(sorted(set().union(*words)))}
    table = np.zeros((len(mentions), len(column)), np.float32)
    for row, own in enumerate(words):
        table[row, [column[word] for word in own]] = 1
    sizes = table.sum(axis=1)
    shared: Floats = table @ table.T / np.maximum(np.minimum(sizes[:, None], sizes[None, :]), 1)
    return shared


def link(probabilities: Floats, threshold: float) -> list[list[int]]:
    """Group by average linkage (Sokal and Michener 1958).

    Args:
        probabilities: Symmetric, shape (n, n): how likely two mentions are of one need; below zero where they must not be
            in one group, directly or by way of others.
        threshold: Groups are joined while their mean pair probability is above it.
    """
    n = len(probabilities)
    groups = {i: [i] for i in range(n)}
    mean = np.array(probabilities, np.float64)
    np.fill_diagonal(mean, -1.0)
    best = mean.argmax(axis=1)  # of each row, kept up to date: the whole takes n² steps, not n³
    top = mean[np.arange(n), best]
    while len(groups) > 1:
        i = int(top.argmax())
        i, j = sorted((i, int(best[i])))
        if mean[i, j] <= threshold:
            break
        a, b = len(groups[i]), len(groups[j])
        mean[i] = mean[:, i] = np.where((mean[i] < 0) | (mean[j] < 0), -1.0, (a * mean[i] + b * mean[j]) / (a + b))
        mean[i, i] = -1.0
        mean[j] = mean[:, j] = -1.0
        groups[i] = sorted(groups[i] + groups.pop(j))
        stale = np.flatnonzero((best == i) | (best == j) | (mean[:, i] > top))
        for row in {*stale.tolist(), i, j}:
            best[row] = mean[row].argmax()
            top[row] = mean[row, best[row]]
    return sorted(groups.values())
