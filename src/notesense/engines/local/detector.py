"""The local engine's detector: sentences → claims, by linear heads over a frozen encoder. No connection, ever."""

from collections.abc import Sequence
from functools import cached_property
from typing import cast

import numpy as np

from notesense.domain.analysis import EngineInfo
from notesense.domain.findings import Category, Claim, Kind, NeedLabel, PitchLabel, Tactic, Where
from notesense.domain.notes import Chunk, Note, Sentence
from notesense.domain.spans import Span
from notesense.encoding.encoder import Encoder
from notesense.engines.local.features import CONTENT_FORMS, featurize
from notesense.engines.local.heads import Heads, read_heads

FINDINGS = ("none", "stated", "implied", "pitch")
WINDOW = 20_000
MIN_LETTERS = 3


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
        self._need_threshold = manifest.thresholds["need"]
        self._pitch_threshold = manifest.thresholds["pitch"]

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
            _, stated, implied, pitch = finding[i].tolist()
            label: NeedLabel | PitchLabel
            if stated + implied >= self._need_threshold and stated + implied >= pitch:
                best = by_name["category"].labels[int(np.argmax(category[i]))]
                kind: Kind = "stated" if stated >= implied else "implied"
                label, confidence = NeedLabel(kind=kind, category=cast(Category, best)), stated + implied
            elif pitch >= self._pitch_threshold and sentence.side != "client":  # the client cannot pitch for us
                label = PitchLabel(
                    tactic=cast(Tactic, by_name["tactic"].labels[int(np.argmax(tactic[i]))]),
                    where=cast(Where, by_name["where"].labels[int(np.argmax(where[i]))]),
                )
                confidence = pitch
            else:
                continue
            quote = sentence.text
            near = Span(sentence.start, sentence.end)
            claims.append(Claim(quote=quote, label=label, confidence=round(min(confidence, 1.0), 4), near=near))
        return claims
