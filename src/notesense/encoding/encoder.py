"""The sentence encoder: texts → unit vectors.

all-MiniLM-L6-v2 (sentence-transformers, Apache-2.0) with mean pooling, weights from the bundle; the retriever is the same,
fine-tuned to bring what a client says near the case studies that help. A text longer than the encoder's window is read in
several windows whose token vectors are pooled together: nothing is cut off.
"""

import threading
from collections.abc import Sequence
from functools import cache

import numpy as np

from notesense.encoding.bundle import Bundle, load_bundle
from notesense.encoding.network import Branch, Network
from notesense.encoding.network import Vectors as Vectors
from notesense.encoding.tokens import load_tokenizer


class Encoder:
    """Encodes texts with a bundle's network.

    Args:
        bundle: The model bundle.
        threads: Threads of the network; None leaves it to onnxruntime (all cores).
        remember: Most texts whose vectors are kept: the stages ask for the same sentences.
        branch: Which branch of the network.
        network: A network of the bundle that is there already.
    """

    def __init__(
        self, bundle: Bundle, threads: int | None = None, remember: int = 5000, branch: Branch = "encoder",
        network: Network | None = None,
    ) -> None:  # fmt: skip
        self.bundle = bundle
        self.network = network or Network(bundle.path("network.onnx"), threads)
        self._branch = branch
        self._remember = remember
        self._known: dict[str, Vectors] = {}
        self._lock = threading.Lock()

    @property
    def fingerprint(self) -> str:
        """What vectors come from: those of different fingerprints must not be compared."""
        manifest = self.bundle.manifest
        return manifest.retriever if self._branch == "retriever" else manifest.encoder

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

    def _encode(self, unique: Sequence[str]) -> Vectors:
        sums = np.zeros((len(unique), self.dimension), np.float32)
        windows = [(i, window) for i, text in enumerate(unique) for window in self._windows(text)]
        for number, tokens in self.network.run(self._branch, [window for _, window in windows]):
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


def shared_encoder(threads: int | None = None) -> Encoder:
    """Return the process's encoder of the shipped bundle: one session, whoever asks."""
    return _shared("encoder", threads)


def shared_retriever(threads: int | None = None) -> Encoder:
    """Return the process's retriever of the shipped bundle: needs and solutions, in the same session."""
    return _shared("retriever", threads)


@cache
def _shared(branch: Branch, threads: int | None) -> Encoder:
    network = None if branch == "encoder" else _shared("encoder", threads).network
    return Encoder(load_bundle(), threads, branch=branch, network=network)
