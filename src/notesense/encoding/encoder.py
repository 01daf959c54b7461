"""The sentence encoder: texts → unit vectors.

all-MiniLM-L6-v2 (sentence-transformers, Apache-2.0) with mean pooling, weights from the bundle. A text longer than
the encoder's window is read in several windows whose token vectors are pooled together: nothing is cut off.
"""

import copy
import threading
from collections.abc import Sequence
from functools import cache, cached_property

import numpy as np

from notesense.encoding.bundle import Bundle, load_bundle
from notesense.encoding.network import Network
from notesense.encoding.network import Vectors as Vectors
from notesense.encoding.tokens import load_tokenizer


class Encoder:
    """Encodes texts with a bundle's network.

    Args:
        bundle: The model bundle.
        threads: Threads of the network; None leaves it to onnxruntime (all cores).
        remember: Most texts whose vectors are kept: the stages ask for the same sentences.
    """

    def __init__(self, bundle: Bundle, threads: int | None = None, remember: int = 5000) -> None:
        self.bundle = bundle
        self.network = Network(bundle.path("network.onnx"), threads)
        self._remember = remember
        self._known: dict[str, Vectors] = {}
        self._lock = threading.Lock()

    @property
    def fingerprint(self) -> str:
        """What vectors come from: those of different fingerprints must not be compared."""
        return self.bundle.manifest.encoder

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self.bundle.manifest.dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text, shape (len(texts), dimension); of a text without words, zeros."""
        with self._lock:
            unknown = [text for text in dict.fromkeys(texts) if text not in self._known]
            if len(self._known) + len(unknown) > self._remember:
                self._known.clear()
                unknown = list(dict.fromkeys(texts))
            self._known.update(zip(unknown, self._encode(unknown), strict=True))
            return np.array([self._known[text] for text in texts], np.float32).reshape(len(texts), self.dimension)

    def encode_mean(self, texts: Sequence[str]) -> Vectors:
        """Return the mean direction of several texts as one unit vector, shape (1, dimension); of none, zeros."""
        mean = self.encode(texts).sum(axis=0, keepdims=True)
        vector: Vectors = mean / (np.linalg.norm(mean) or 1)
        return vector.astype(np.float32)

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Return the direction in which solutions for what the texts say are looked for, shape (1, dimension).

        The mean of the texts, moved by a linear map that was fitted to bring a client's words near the words of the
        case studies that help; the case studies' own vectors stay as they are.
        """
        moved = self.encode_mean(texts) @ self.adapter
        vector: Vectors = moved / (np.linalg.norm(moved) or 1)
        return vector.astype(np.float32)

    @cached_property
    def adapter(self) -> Vectors:
        """The linear map of queries, shape (dimension, dimension)."""
        with np.load(self.bundle.path("adapter.npz"), allow_pickle=False) as file:
            adapter: Vectors = file["adapter"].astype(np.float32)
        return adapter

    def with_adapter(self, adapter: Vectors) -> "Encoder":
        """Return the same encoder with another map of queries."""
        other = copy.copy(self)
        other.__dict__["adapter"] = adapter
        return other

    def _encode(self, unique: Sequence[str]) -> Vectors:
        sums = np.zeros((len(unique), self.dimension), np.float32)
        windows = [(i, window) for i, text in enumerate(unique) for window in self._windows(text)]
        for number, tokens in self.network.run("encoder", [window for _, window in windows]):
            sums[windows[number][0]] += tokens.sum(axis=0)
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        vectors: Vectors = (sums / np.where(norms == 0, 1, norms)).astype(np.float32)
        return vectors

    def _windows(self, text: str) -> list[list[int]]:
        tokenizer = load_tokenizer(self.bundle)
        first, last = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
        encoded = tokenizer.encode(text, add_special_tokens=False).ids
        size = self.bundle.manifest.max_tokens - 2
        return [[first, *encoded[at : at + size], last] for at in range(0, len(encoded), size)]


@cache
def shared_encoder(threads: int | None = None) -> Encoder:
    """Return the process's encoder of the shipped bundle: one session, whoever asks."""
    return Encoder(load_bundle(), threads)
