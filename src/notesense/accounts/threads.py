"""Needs of one client that are the same need, over meetings.

A logistic model over pairs of needs of different meetings (likeness of statements and of the words around the evidence,
rare words that both have, the same category), then average linkage. A statement that an engine wrote says more than
words that were only copied, and so does its category: each kind has a model of its own.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from notesense.accounts.meetings import Occurrence, Rarity
from notesense.encoding.encoder import Encoder
from notesense.encoding.logistic import Logistic
from notesense.engines.local.judge import link
from notesense.engines.local.lexical import Floats

THREAD_FEATURES = ("statements", "contexts", "rare_words", "same_category")


class Threading(NamedTuple):
    """The models of both kinds of statements."""

    written: Logistic
    quoted: Logistic

    @classmethod
    def of(cls, encoder: Encoder) -> "Threading":
        """Return the models of the encoder's bundle."""
        return cls(*(Logistic.read(encoder.bundle, f"thread_{name}") for name in cls._fields))

    def group(self, found: Sequence[Occurrence], rarity: Rarity, encoder: Encoder) -> tuple[list[list[int]], Floats]:
        """Return groups of indices, each one thread, and the probability of every pair, shape (n, n).

        Args:
            found: The needs of one client.
            rarity: Of words over the archive.
            encoder: The sentence encoder.
        """
        if not found:
            return [], np.zeros((0, 0), np.float32)
        features = thread_features(found, rarity, encoder)
        both_written = np.array([o.is_written for o in found])
        both_written = both_written[:, None] & both_written[None, :]
        written, quoted = self.written.likely(features), self.quoted.likely(features)
        # on one scale, on which the linkage cuts at one half
        likely = np.where(both_written, _moved(written, self.written.threshold), _moved(quoted, self.quoted.threshold))
        meetings = np.array([o.meeting.key for o in found])
        likely[meetings[:, None] == meetings[None, :]] = -1.0  # an engine that saw both in one note told them apart
        return link(likely, 0.5), np.where(both_written, written, quoted)


def thread_features(found: Sequence[Occurrence], rarity: Rarity, encoder: Encoder) -> Floats:
    """Return the features of every pair, shape (n, n, len(THREAD_FEATURES)); symmetric in the pair."""
    statements = encoder.encode([o.need.statement for o in found])
    contexts = np.vstack([encoder.encode_mean(o.context) for o in found])
    rare = rarity.shared([o.words for o in found])
    categories = np.array([o.need.category for o in found])
    features: Floats = np.stack(
        [statements @ statements.T, contexts @ contexts.T, rare, categories[:, None] == categories[None, :]], axis=-1
    ).astype(np.float32)
    return features


def _moved(likely: Floats, threshold: float) -> Floats:
    """Return probabilities moved so that the threshold becomes one half."""
    odds = likely / np.maximum(1 - likely, 1e-9) * ((1 - threshold) / threshold)
    moved: Floats = (odds / (1 + odds)).astype(np.float32)
    return moved
