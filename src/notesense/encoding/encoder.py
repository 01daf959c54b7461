"""The sentence encoder: texts → unit vectors. The only module that imports onnxruntime.

all-MiniLM-L6-v2 (sentence-transformers, Apache-2.0) with mean pooling, weights from the bundle. A text longer than
the encoder's window is read in several windows whose token vectors are pooled together: nothing is cut off.
"""

import os
from collections.abc import Sequence
from functools import cache, cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from notesense.encoding.bundle import Bundle, load_bundle

Vectors = npt.NDArray[np.float32]

BATCH_TOKENS = 512
"""Tokens, padding included, that go through the network at once: bounds memory, and padding (30 % faster than 2048)."""


class Encoder:
    """Encodes texts with a bundle's network.

    Args:
        bundle: The model bundle.
        threads: Threads of the network; None leaves it to onnxruntime (all cores).
        remember: Most texts whose vectors are kept: the stages ask for the same sentences.
    """

    def __init__(self, bundle: Bundle, threads: int | None = None, remember: int = 5000) -> None:
        self.bundle = bundle
        self._threads = threads
        self._remember = remember
        self._known: dict[str, Vectors] = {}

    @property
    def fingerprint(self) -> str:
        """Digest of the network and tokenizer: vectors of different fingerprints must not be compared."""
        files = self.bundle.manifest.files
        return f"{files['encoder.onnx'][:16]}-{files['tokenizer.json'][:8]}"

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self.bundle.manifest.dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text, shape (len(texts), dimension); of a text without words, zeros."""
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
        windows.sort(key=lambda pair: len(pair[1]))
        for batch in _batches(windows):
            for (i, _), pooled in zip(batch, self._run([ids for _, ids in batch]), strict=True):
                sums[i] += pooled
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        vectors: Vectors = (sums / np.where(norms == 0, 1, norms)).astype(np.float32)
        return vectors

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.bundle.path("tokenizer.json")))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        # read at import: without it, onnxruntime leaves a device id and a telemetry store in the user's cache folder
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # threads that wait actively take the core on which Chroma is being imported
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if self._threads:
            options.intra_op_num_threads = self._threads
        path = str(self.bundle.path("encoder.onnx"))
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def _windows(self, text: str) -> list[list[int]]:
        encoded = self._tokenizer.encode(text, add_special_tokens=False).ids
        size = self.bundle.manifest.max_tokens - 2
        first, last = self._special
        return [[first, *encoded[at : at + size], last] for at in range(0, len(encoded), size)]

    @cached_property
    def _special(self) -> tuple[int, int]:
        return self._tokenizer.token_to_id("[CLS]"), self._tokenizer.token_to_id("[SEP]")

    def _run(self, batch: Sequence[Sequence[int]]) -> Vectors:
        """Return the summed token vectors of each sequence, shape (len(batch), dimension)."""
        length = max(map(len, batch))
        ids = np.zeros((len(batch), length), np.int64)
        mask = np.zeros((len(batch), length), np.int64)
        for i, sequence in enumerate(batch):
            ids[i, : len(sequence)] = sequence
            mask[i, : len(sequence)] = 1
        (tokens,) = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        pooled: Vectors = np.einsum("btd,bt->bd", tokens, mask.astype(np.float32))
        return pooled


@cache
def shared_encoder(threads: int | None = None) -> Encoder:
    """Return the process's encoder of the shipped bundle: one session, whoever asks."""
    return Encoder(load_bundle(), threads)


def _batches(windows: list[tuple[int, list[int]]]) -> list[list[tuple[int, list[int]]]]:
    batches: list[list[tuple[int, list[int]]]] = []
    for window in windows:  # in order of length, so the newest is the longest
        if not batches or len(window[1]) * (len(batches[-1]) + 1) > BATCH_TOKENS:
            batches.append([])
        batches[-1].append(window)
    return batches
