"""Vectors of an archive's sentences and cases, kept beside the results: the account view reads a note once, not every time."""

import contextlib
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from notesense.encoding.encoder import Encoder, Vectors

FOLDER = "vectors"


class KeptVectors:
    """Encodes the sentences of a meeting or a case, and keeps what it encoded, in half precision.

    Args:
        folder: The output folder of a batch. Where it cannot be written, nothing is kept.
        encoder: The sentence encoder.
    """

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self._folder = folder / FOLDER
        self._encoder = encoder

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one vector a text, shape (len(texts), dimension); the same whether they were kept or not."""
        content = "\0".join([self._encoder.fingerprint, *texts])
        digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
        path = self._folder / digest[:2] / f"{digest}.npy"
        with contextlib.suppress(OSError, ValueError, EOFError):  # missing or damaged: made again
            kept = np.load(path, allow_pickle=False)
            if kept.shape == (len(texts), self._encoder.dimension):
                known: Vectors = kept.astype(np.float32)
                return known
        halves = self._encoder.encode(texts).astype(np.float16)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part")
            with part.open("wb") as file:
                np.save(file, halves)
            part.replace(path)
        fresh: Vectors = halves.astype(np.float32)
        return fresh
