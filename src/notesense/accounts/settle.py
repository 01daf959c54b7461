"""Whether a later note says that a need is addressed or withdrawn, and with which words.

A logistic model over a thread and each sentence of its client's later notes: how near the sentence, alone and with its neighbours, is
to the thread, which rare words they share, and how much it sounds like news of an end. That sound is a softmax over sentence
vectors, fitted on written examples: settled, withdrawn, or neither.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from notesense.accounts.meetings import Occurrence, Rarity, Reading
from notesense.domain.accounts import Settlement
from notesense.domain.notes import Sentence
from notesense.encoding.bundle import read_decision
from notesense.encoding.encoder import Encoder, Vectors
from notesense.engines.local.lexical import Floats
from notesense.solutions.wording import stems

SETTLE_FEATURES = (
    "to_statements",
    "near_to_statements",
    "to_contexts",
    "near_to_contexts",
    "rare_words",
    "rare_share",
    "sound",
)
SOUNDS = ("open", "settled", "withdrawn")
LEAST_LENGTH = 12
"""Characters below which a sentence says nothing."""


class SettleModel(NamedTuple):
    """The fitted models."""

    weights: tuple[float, ...]
    bias: float
    threshold: float
    sounds: Vectors
    """Weights of the softmax over sentence vectors, shape (len(SOUNDS), dimension + 1); the last column is the bias."""

    @classmethod
    def of(cls, encoder: Encoder) -> "SettleModel":
        """Return the model of the encoder's bundle."""
        with np.load(encoder.bundle.path("sounds.npz"), allow_pickle=False) as file:
            return cls(**read_decision(encoder.bundle, "settle"), sounds=file["sounds"].astype(np.float32))


class Later:
    """The sentences of a meeting that could tell of the end of an earlier need: those that are no evidence themselves.

    Args:
        reading: The meeting's sentences.
        sounds: The softmax over sentence vectors.
    """

    def __init__(self, reading: Reading, sounds: Vectors) -> None:
        self.meeting = reading.meeting
        self._reading = reading
        self._sounds = sounds

    @cached_property
    def rows(self) -> list[int]:
        """Which of the meeting's sentences they are."""
        taken = [e.span for need in self.meeting.needs for e in need.evidence]
        taken += [e.span for pitch in self.meeting.pitches for e in pitch.evidence]
        return self._reading.beside(taken, LEAST_LENGTH)

    @cached_property
    def sentences(self) -> list[Sentence]:
        """The sentences."""
        return [self._reading.sentences[i] for i in self.rows]

    @cached_property
    def vectors(self) -> Vectors:
        """One vector a sentence."""
        return self._reading.vectors[self.rows]

    @cached_property
    def near_vectors(self) -> Vectors:
        """One vector a sentence with its neighbours."""
        return self._reading.near_vectors[self.rows]

    @cached_property
    def words(self) -> list[frozenset[str]]:
        """Stems of each sentence with its neighbours."""
        return [frozenset(stems(self._reading.words_near(i))) for i in self.rows]

    @cached_property
    def sound(self) -> Floats:
        """Probability of each of SOUNDS, shape (n, len(SOUNDS))."""
        scores = self.vectors @ self._sounds[:, :-1].T + self._sounds[:, -1]
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        sound: Floats = scores / scores.sum(axis=1, keepdims=True)
        return sound


def settle(
    threads: Sequence[Sequence[Occurrence]],
    later: Sequence[Later],
    rarity: Rarity,
    encoder: Encoder,
    model: SettleModel,
) -> list[Settlement | None]:
    """Return for each thread of a client what settles it, or None where nothing does.

    Args:
        threads: The needs of each thread, in order of time.
        later: The client's meetings, in order of time.
        rarity: Of words over the archive.
        encoder: The sentence encoder.
        model: The fitted models.
    """
    found: list[Settlement | None] = []
    for thread in threads:
        last = thread[-1].meeting
        best: Settlement | None = None
        for one in later:
            if not one.meeting.date or not last.date or one.meeting.date <= last.date or not one.sentences:
                continue
            likely = 1 / (
                1 + np.exp(-(settle_features(thread, one, rarity, encoder) @ np.array(model.weights) + model.bias))
            )
            i = int(likely.argmax())
            if likely[i] >= model.threshold and (best is None or likely[i] > best.confidence):
                quote = " ".join(one.sentences[i].text.split())
                best = Settlement(
                    status=_status(one.sound[i]), note=one.meeting.key, date=one.meeting.date, quote=quote,
                    confidence=round(float(likely[i]), 3),
                )  # fmt: skip
        found.append(best)
    return found


def settle_features(thread: Sequence[Occurrence], later: Later, rarity: Rarity, encoder: Encoder) -> Floats:
    """Return the features of a thread and each sentence, shape (n, len(SETTLE_FEATURES))."""
    statements = encoder.encode([o.need.statement for o in thread])
    contexts = encoder.encode([words for o in thread for words in o.context])
    known = frozenset[str]().union(*(o.words for o in thread))
    shared = np.array([rarity.of(words & known) for words in later.words])
    whole = np.array([max(1.0, rarity.of(words)) for words in later.words])
    features: Floats = np.stack(
        [
            (later.vectors @ statements.T).max(axis=1),
            (later.near_vectors @ statements.T).max(axis=1),
            (later.vectors @ contexts.T).max(axis=1),
            (later.near_vectors @ contexts.T).max(axis=1),
            np.log1p(shared),
            shared / whole,
            np.log(1 - later.sound[:, 0] + 1e-6) - np.log(later.sound[:, 0] + 1e-6),
        ],
        axis=-1,
    ).astype(np.float32)
    return features


def _status(sound: Floats) -> Literal["addressed", "withdrawn"]:
    return "withdrawn" if sound[SOUNDS.index("withdrawn")] > sound[SOUNDS.index("settled")] else "addressed"
