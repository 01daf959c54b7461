"""The curated banks: questions by category and rewrites by tactic, with the vectors that find the nearest entry.

The vectors are made with the bundle (training/banks.py) and carry the digest of the text that they were made from, so
a changed bank cannot be read with old vectors.
"""

import hashlib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
import yaml

from notesense.encoding.bundle import Bundle
from notesense.encoding.encoder import Vectors
from notesense.errors import BundleError

_DATA = files("notesense.advice") / "data"


class Question(NamedTuple):
    """An open question that fits a situation."""

    category: str
    about: str
    """The situation, in the words of such notes; what the vectors stand for."""
    ask: str
    angle: str
    """What it asks about (cause, effect, people, …): two questions shown together differ in it."""


class Rewrite(NamedTuple):
    """A typical pitch and what a client-focused colleague would say instead."""

    tactic: str
    pitch: str
    where: str
    instead: str


class Banks(NamedTuple):
    """Both banks, with one unit vector an entry."""

    questions: tuple[Question, ...]
    question_vectors: Vectors
    rewrites: tuple[Rewrite, ...]
    rewrite_vectors: Vectors
    anywhere: Mapping[str, Mapping[str, str]]
    """By tactic and where: what can be said or written whatever it is about."""


def read_banks(bundle: Bundle) -> Banks:
    """Read the banks and their vectors.

    Raises:
        BundleError: The vectors were made from another text.
    """
    questions, rewrites = read_questions(), read_rewrites()
    path = bundle.path("banks.npz")
    with np.load(path, allow_pickle=False) as file:
        if str(file["digest"]) != banks_digest(questions, rewrites):
            raise BundleError(f"{path}: made from other advice banks", "Run: python -m training.banks")
        vectors = file["questions"].astype(np.float32), file["rewrites"].astype(np.float32)
    return Banks(questions, vectors[0], rewrites, vectors[1], read_anywhere())


def read_questions() -> tuple[Question, ...]:
    """Return the bank of questions."""
    return tuple(
        Question(category, entry["about"], entry["ask"], entry["angle"])
        for category, entries in _read("questions.yaml")["questions"].items()
        for entry in entries
    )


def read_rewrites() -> tuple[Rewrite, ...]:
    """Return the bank of rewrites."""
    return tuple(
        Rewrite(tactic, entry["pitch"], entry["where"], entry["instead"])
        for tactic, entries in _read("rewrites.yaml")["rewrites"].items()
        for entry in entries
    )


def read_anywhere() -> Mapping[str, Mapping[str, str]]:
    """Return the rewrites that fit whatever a pitch is about, by tactic and where."""
    found: Mapping[str, Mapping[str, str]] = _read("rewrites.yaml")["anywhere"]
    return found


def banks_digest(questions: Sequence[Question], rewrites: Sequence[Rewrite]) -> str:
    """Return a digest of what the vectors stand for."""
    texts = [q.about for q in questions] + [r.pitch for r in rewrites]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def _read(name: str) -> Any:
    return yaml.load((_DATA / name).read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
