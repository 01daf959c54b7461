"""The local engine's detector: sentences → claims, by a fine-tuned network and linear heads. No connection, ever."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Literal, NamedTuple, cast

import numpy as np

from notesense.domain.analysis import EngineInfo
from notesense.domain.findings import Category, Claim, NeedLabel, PitchLabel, Tactic, Where
from notesense.domain.notes import Chunk, Note, Sentence
from notesense.domain.spans import Span
from notesense.encoding.encoder import Encoder
from notesense.encoding.reader import ContextReader
from notesense.engines.local.features import CONTENT_FORMS, Features, dense_features, parts_of, weigh
from notesense.engines.local.heads import Head, Heads, read_heads
from notesense.engines.local.lexical import Floats
from notesense.engines.local.personal import Personal

FINDINGS = ("none", "stated", "implied", "pitch")
WINDOW = 20_000
MIN_LETTERS = 3


class Decision(NamedTuple):
    """What a sentence is taken for, and how surely."""

    finding: Literal["stated", "implied", "pitch"]
    confidence: float


class LocalDetector:
    """Finds needs and pitches with the shipped models.

    Args:
        encoder: Its bundle holds the heads and thresholds, and its network the detector.
        personal: Heads and thresholds that take their place.
    """

    window = WINDOW
    languages: frozenset[str] | None = frozenset({"en"})

    def __init__(self, encoder: Encoder, personal: Personal | None = None) -> None:
        self._bundle = encoder.bundle
        self._personal = personal
        self._reader = ContextReader(encoder.bundle, encoder.network)
        manifest = encoder.bundle.manifest
        version = f"{manifest.version}+{personal.name}-{personal.digest}" if personal else manifest.version
        self.info = EngineInfo(name="local", model=manifest.name, version=version)
        self._thresholds = personal.thresholds if personal else manifest.thresholds

    @cached_property
    def heads(self) -> Heads:
        """The heads that decide."""
        return self._personal.heads if self._personal else read_heads(self._bundle.path("heads.npz"))

    def detect(self, note: Note, chunk: Chunk, sentences: Sequence[Sentence]) -> list[Claim]:
        """Return the claims of a chunk; see :class:`notesense.engines.base.Detector`."""
        if not sentences:
            return []
        return claims_of(sentences, self.heads.by_name, self.features(sentences), self._thresholds)

    def suspicion(self, sentences: Sequence[Sentence]) -> Floats:
        """Return how likely each sentence is part of a need or a pitch, shape (n,); 0 for headings and the like."""
        if not sentences:
            return np.zeros(0, np.float32)
        likely = 1 - self.heads.by_name["finding"].probabilities(self.features(sentences))[:, 0]
        readable = np.array([sentence.form in CONTENT_FORMS for sentence in sentences])
        suspicion: Floats = np.where(readable, likely, 0).astype(np.float32)
        return suspicion

    def features(self, sentences: Sequence[Sentence]) -> Features:
        """Return what the heads see of sentences, which are those of one note in order."""
        heads = self.heads
        assert heads.reading
        reading = heads.reading.log_probabilities(self._reader.read(parts_of(sentences)))
        terms = [weigh(sentence.text, heads.lexicon) for sentence in sentences]
        return Features(dense_features(sentences, reading), terms)


def claims_of(
    sentences: Sequence[Sentence], heads: Mapping[str, Head], features: Features, thresholds: Mapping[str, float]
) -> list[Claim]:
    """Return the claims that heads make about sentences.

    Args:
        sentences: The sentences, in order.
        heads: The heads "finding", "category", "tactic" and "where".
        features: The features of the sentences.
        thresholds: See :func:`decide`.
    """
    probabilities = {name: head.probabilities(features) for name, head in heads.items()}

    def best(name: str, row: int) -> str:
        return heads[name].labels[int(np.argmax(probabilities[name][row]))]

    claims: list[Claim] = []
    for i, sentence in enumerate(sentences):
        if sentence.form not in CONTENT_FORMS or sum(c.isalpha() for c in sentence.text) < MIN_LETTERS:
            continue
        decision = decide(sentence, probabilities["finding"][i].tolist(), thresholds)
        if decision is None:
            continue
        label: NeedLabel | PitchLabel
        if decision.finding == "pitch":
            label = PitchLabel(tactic=cast(Tactic, best("tactic", i)), where=cast(Where, best("where", i)))
        else:
            label = NeedLabel(kind=decision.finding, category=cast(Category, best("category", i)))
        near = Span(sentence.start, sentence.end)
        claims.append(Claim(quote=sentence.text, label=label, confidence=round(decision.confidence, 4), near=near))
    return claims


def decide(sentence: Sentence, probabilities: Sequence[float], thresholds: Mapping[str, float]) -> Decision | None:
    """Return what a sentence is taken for, or None.

    Args:
        sentence: The sentence, whose speaker's side rules out what nobody does for the other side.
        probabilities: Of :data:`FINDINGS`, in that order.
        thresholds: Lowest probabilities of "need" and "pitch" that count.
    """
    _, stated, implied, pitch = probabilities
    spoken_by = sentence.side if sentence.form == "turn" else "unknown"
    need = stated + implied
    if spoken_by != "firm" and need >= thresholds["need"] and need >= pitch:
        return Decision("stated" if stated >= implied else "implied", min(need, 1.0))
    if spoken_by != "client" and pitch >= thresholds["pitch"]:
        return Decision("pitch", min(pitch, 1.0))
    return None
