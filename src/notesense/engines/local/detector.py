"""The local engine's detector: sentences → claims, by linear heads over a frozen encoder. No connection, ever."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Literal, NamedTuple, cast

import numpy as np

from notesense.domain.analysis import EngineInfo
from notesense.domain.findings import Category, Claim, NeedLabel, PitchLabel, Tactic, Where
from notesense.domain.notes import Chunk, Note, Sentence
from notesense.domain.spans import Span
from notesense.encoding.encoder import Encoder
from notesense.engines.local.features import CONTENT_FORMS, featurize
from notesense.engines.local.heads import Heads, read_heads

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
        encoder: The sentence encoder, whose bundle holds the heads and thresholds.
    """

    window = WINDOW
    languages: frozenset[str] | None = frozenset({"en"})

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        manifest = encoder.bundle.manifest
        self.info = EngineInfo(name="local", model=manifest.name, version=manifest.version)
        self._thresholds = manifest.thresholds

    @cached_property
    def _heads(self) -> Heads:
        return read_heads(self._encoder.bundle.path("heads.npz"))

    def detect(self, note: Note, chunk: Chunk, sentences: Sequence[Sentence]) -> list[Claim]:
        """Return the claims of a chunk; see :class:`notesense.engines.base.Detector`."""
        if not sentences:
            return []
        features = featurize(sentences, self._encoder, self._heads.lexicon)
        by_name = self._heads.by_name
        finding = by_name["finding"].probabilities(features)
        category = by_name["category"].probabilities(features)
        tactic = by_name["tactic"].probabilities(features)
        where = by_name["where"].probabilities(features)
        claims: list[Claim] = []
        for i, sentence in enumerate(sentences):
            if sentence.form not in CONTENT_FORMS or sum(c.isalpha() for c in sentence.text) < MIN_LETTERS:
                continue
            decision = decide(sentence, finding[i].tolist(), self._thresholds)
            label: NeedLabel | PitchLabel
            if decision is None:
                continue
            if decision.finding == "pitch":
                label = PitchLabel(
                    tactic=cast(Tactic, by_name["tactic"].labels[int(np.argmax(tactic[i]))]),
                    where=cast(Where, by_name["where"].labels[int(np.argmax(where[i]))]),
                )
            else:
                best = by_name["category"].labels[int(np.argmax(category[i]))]
                label = NeedLabel(kind=decision.finding, category=cast(Category, best))
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
