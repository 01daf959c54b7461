"""Whether a later note says that a need is addressed or withdrawn, and with which words.

A logistic model over a thread and each sentence of its later notes: how near the sentence, alone and with its neighbours, is
to the thread, which rare words they share, and how much it sounds like news of an end.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from notesense.accounts.meetings import Occurrence, Rarity, Reading, masked
from notesense.accounts.sounds import SOUNDS, Sounds, read_sounds
from notesense.domain.accounts import Settlement
from notesense.domain.notes import Sentence
from notesense.encoding.encoder import Encoder, Vectors
from notesense.encoding.logistic import Logistic
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
LEAST_LENGTH = 12
"""Characters below which a sentence says nothing."""


class SettleModel(NamedTuple):
    """The fitted models: whether words settle a thread, and how words sound."""

    decision: Logistic
    sounds: Sounds

    @classmethod
    def of(cls, encoder: Encoder) -> "SettleModel":
        """Return the model of the encoder's bundle."""
        return cls(Logistic.read(encoder.bundle, "settle"), read_sounds(encoder.bundle.path("sounds.npz")))


class Later:
    """The sentences of a meeting that could tell of the end of an earlier need: those that are no evidence themselves.

    Args:
        reading: The meeting's sentences.
        sounds: Tells how they sound.
    """

    def __init__(self, reading: Reading, sounds: Sounds) -> None:
        self.meeting = reading.meeting
        self._reading = reading
        self._sounds = sounds
        self._rarities: tuple[Rarity, Floats] | None = None

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

    def rarities(self, rarity: Rarity) -> Floats:
        """Return how rare the words of each are together, at least 1, shape (n,); worked out once for each archive."""
        if self._rarities is None or self._rarities[0] is not rarity:
            self._rarities = rarity, np.array([max(1.0, rarity.of(words)) for words in self.words], np.float32)
        return self._rarities[1]

    @cached_property
    def sound(self) -> Floats:
        """Probability of each of SOUNDS, shape (n, len(SOUNDS))."""
        return self._sounds.hear([s.text for s in self.sentences], self.vectors)


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
    claims: list[tuple[float, int, Later, int]] = []  # how likely, thread, meeting, sentence
    for number, thread in enumerate(threads):
        last, subject = thread[-1].meeting, Subject.of(thread, encoder)
        for one in later:
            if one.meeting.date and last.date and one.meeting.date > last.date and one.sentences:
                likely = model.decision.likely(settle_features(subject, one, rarity))
                claims += [
                    (float(likely[i]), number, one, i)
                    for i in np.flatnonzero(likely >= model.decision.threshold).tolist()
                ]
    found: list[Settlement | None] = [None] * len(threads)
    taken: set[tuple[str, int]] = set()
    for likely_it_is, number, one, i in sorted(claims, key=lambda claim: -claim[0]):
        if found[number] is None and (one.meeting.key, i) not in taken:  # words tell of the end of one need
            taken.add((one.meeting.key, i))
            found[number] = Settlement(
                status=_status(one.sound[i]), note=one.meeting.key, date=one.meeting.date,
                quote=masked(one.sentences[i].text, one.meeting), confidence=round(likely_it_is, 3),
            )  # fmt: skip
    return found


class Subject(NamedTuple):
    """What a thread is about."""

    statements: Vectors
    contexts: Vectors
    words: frozenset[str]

    @classmethod
    def of(cls, thread: Sequence[Occurrence], encoder: Encoder) -> "Subject":
        """Return the subject of a thread."""
        return cls(
            encoder.encode([o.need.statement for o in thread]),
            encoder.encode([words for o in thread for words in o.context]),
            frozenset[str]().union(*(o.words for o in thread)),
        )


def settle_features(subject: Subject, later: Later, rarity: Rarity) -> Floats:
    """Return the features of a thread and each sentence of a later meeting, shape (n, len(SETTLE_FEATURES))."""
    shared = np.array([rarity.of(words & subject.words) for words in later.words])
    whole = later.rarities(rarity)
    features: Floats = np.stack(
        [
            (later.vectors @ subject.statements.T).max(axis=1),
            (later.near_vectors @ subject.statements.T).max(axis=1),
            (later.vectors @ subject.contexts.T).max(axis=1),
            (later.near_vectors @ subject.contexts.T).max(axis=1),
            np.log1p(shared),
            shared / whole,
            np.log(1 - later.sound[:, 0] + 1e-6) - np.log(later.sound[:, 0] + 1e-6),
        ],
        axis=-1,
    ).astype(np.float32)
    return features


def _status(sound: Floats) -> Literal["addressed", "withdrawn"]:
    return "withdrawn" if sound[SOUNDS.index("withdrawn")] > sound[SOUNDS.index("settled")] else "addressed"
