"""Floors to measure an engine against: keywords, likeness to descriptions, linear heads on the frozen encoder.

Each is a detector like any other and runs through the same pipeline. What they learnt stands in a folder that
``make train`` writes (``eval/baselines`` of a checkout), never in the package.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from pydantic import ValidationError

from notesense.domain.analysis import EngineInfo
from notesense.domain.base import Frozen
from notesense.domain.findings import Category, Claim, Kind, NeedLabel, PitchLabel, Tactic
from notesense.domain.notes import Chunk, Note, Sentence
from notesense.domain.spans import Span
from notesense.encoding.encoder import Encoder, Vectors
from notesense.engines.base import Detector
from notesense.engines.local.detector import claims_of
from notesense.engines.local.features import CONTENT_FORMS, Features, shapes_of, weigh
from notesense.engines.local.heads import Heads, read_heads
from notesense.engines.local.lexical import word_terms
from notesense.errors import UsageError

BaselineName = Literal["keywords", "similarity", "linear"]
BASELINES: tuple[BaselineName, ...] = get_args(BaselineName)
FOLDER = "eval/baselines"
_WINDOW = 1_000_000
VECTOR_SCALE, NEIGHBOUR_SCALE = 3.0, 1.5
"""Relative weight of the vectors under one L2 penalty with :mod:`notesense.engines.local.features`."""


class Keywords(Frozen):
    """Words and word pairs with the highest log odds, and the fewest different ones that make a finding."""

    terms: tuple[str, ...]
    least: int

    def hits(self, text: str) -> bool:
        """Tell whether enough of them stand in a text."""
        return len(frozenset(self.terms) & set(word_terms(text))) >= self.least


class KeywordModel(Frozen):
    """What the keyword engine knows; kind, category and tactic are the commonest of the training notes."""

    need: Keywords
    pitch: Keywords
    kind: Kind
    category: Category
    tactic: Tactic


class SimilarityModel(Frozen):
    """Descriptions of each label, and how much nearer a sentence must be to one than to those of nothing."""

    needs: dict[Kind, tuple[str, ...]]
    pitches: dict[Tactic, tuple[str, ...]]
    categories: dict[Category, str]
    nothing: tuple[str, ...]
    need_margin: float
    pitch_margin: float


class KeywordDetector:
    """A sentence is a need, or a pitch, where its keywords say so."""

    window = _WINDOW
    languages: frozenset[str] | None = None
    info = EngineInfo(name="keywords", model="log-odds", version="1")

    def __init__(self, model: KeywordModel) -> None:
        self._model = model

    def detect(self, note: Note, chunk: Chunk, sentences: Sequence[Sentence]) -> list[Claim]:
        """Return the claims of a chunk; see :class:`notesense.engines.base.Detector`."""
        model, claims = self._model, []
        for sentence in sentences:
            if sentence.form not in CONTENT_FORMS:
                continue
            if model.need.hits(sentence.text):
                claims.append(_claim(sentence, NeedLabel(kind=model.kind, category=model.category)))
            elif model.pitch.hits(sentence.text):
                claims.append(_claim(sentence, PitchLabel(tactic=model.tactic, where="said")))
        return claims


class SimilarityDetector:
    """Zero-shot: a sentence is what the description nearest to it says, if that is near enough."""

    window = _WINDOW
    languages: frozenset[str] | None = None
    info = EngineInfo(name="similarity", model="minilm-l6", version="1")

    def __init__(self, model: SimilarityModel, encoder: Encoder) -> None:
        self._model = model
        self._encoder = encoder

    def detect(self, note: Note, chunk: Chunk, sentences: Sequence[Sentence]) -> list[Claim]:
        """Return the claims of a chunk; see :class:`notesense.engines.base.Detector`."""
        model = self._model
        content = [s for s in sentences if s.form in CONTENT_FORMS]
        if not content:
            return []
        vectors = self._encoder.encode([s.text for s in content])
        kinds, tactics, categories = list(model.needs), list(model.pitches), list(model.categories)
        need = np.stack([self._nearest(vectors, model.needs[kind]) for kind in kinds], axis=1)
        pitch = np.stack([self._nearest(vectors, model.pitches[tactic]) for tactic in tactics], axis=1)
        category = vectors @ self._encoder.encode(list(model.categories.values())).T
        nothing = self._nearest(vectors, model.nothing)
        claims = []
        for i, sentence in enumerate(content):
            if need[i].max() - nothing[i] >= model.need_margin:
                kind, topic = kinds[int(need[i].argmax())], categories[int(category[i].argmax())]
                claims.append(_claim(sentence, NeedLabel(kind=kind, category=topic)))
            elif pitch[i].max() - nothing[i] >= model.pitch_margin:
                tactic = tactics[int(pitch[i].argmax())]
                claims.append(_claim(sentence, PitchLabel(tactic=tactic, where="said")))
        return claims

    def _nearest(self, vectors: np.ndarray, descriptions: Sequence[str]) -> np.ndarray:
        nearest: np.ndarray = (vectors @ self._encoder.encode(descriptions).T).max(axis=1)
        return nearest


class Thresholds(Frozen):
    """Lowest probabilities that count."""

    need: float
    pitch: float


class LinearDetector:
    """Linear heads on the frozen encoder: vectors of the sentence and its neighbours, shape, words."""

    window = _WINDOW
    languages: frozenset[str] | None = None
    info = EngineInfo(name="linear", model="minilm-l6-frozen", version="1")

    def __init__(self, heads: Heads, thresholds: Thresholds, encoder: Encoder) -> None:
        self._heads = heads
        self._thresholds = thresholds.model_dump()
        self._encoder = encoder

    def detect(self, note: Note, chunk: Chunk, sentences: Sequence[Sentence]) -> list[Claim]:
        """Return the claims of a chunk; see :class:`notesense.engines.base.Detector`."""
        if not sentences:
            return []
        dense = frozen_features(sentences, self._encoder.encode([s.text for s in sentences]))
        features = Features(dense, [weigh(s.text, self._heads.lexicon) for s in sentences])
        return claims_of(sentences, self._heads.by_name, features, self._thresholds)


def frozen_features(sentences: Sequence[Sentence], vectors: Vectors) -> Vectors:
    """Return the dense features of the linear floor: vectors of the sentence and its neighbours, and its shape."""
    none = np.zeros((1, vectors.shape[1]), np.float32)
    before, after = np.concatenate([none, vectors[:-1]]), np.concatenate([vectors[1:], none])
    scaled = [vectors * VECTOR_SCALE, before * NEIGHBOUR_SCALE, after * NEIGHBOUR_SCALE, shapes_of(sentences)]
    return np.hstack(scaled).astype(np.float32)


def make_baseline(name: BaselineName, folder: Path, encoder: Encoder) -> Detector:
    """Return a floor engine.

    Args:
        name: Which.
        folder: Where ``make train`` left what the floors learnt.
        encoder: The shipped encoder.

    Raises:
        UsageError: The folder lacks the file, or it is damaged.
    """
    path = folder / {"keywords": "keywords.json", "similarity": "similarity.json", "linear": "linear.npz"}[name]
    if not path.is_file():
        raise UsageError(f"{path}: not there", f"The {name} engine is a floor that a checkout carries in {FOLDER}.")
    try:
        match name:
            case "keywords":
                return KeywordDetector(KeywordModel.model_validate_json(path.read_bytes()))
            case "similarity":
                return SimilarityDetector(SimilarityModel.model_validate_json(path.read_bytes()), encoder)
            case "linear":
                thresholds = Thresholds.model_validate_json(path.with_suffix(".json").read_bytes())
                return LinearDetector(read_heads(path), thresholds, encoder)
    except (ValidationError, OSError, KeyError) as error:
        raise UsageError(f"{path}: cannot be used ({error})", "Run make train, or restore the file.") from None


def _claim(sentence: Sentence, label: NeedLabel | PitchLabel) -> Claim:
    return Claim(quote=sentence.text, label=label, near=Span(sentence.start, sentence.end))
