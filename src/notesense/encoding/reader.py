"""The detector's network: the parts of a note, read in their context → one vector each.

MiniLM fine-tuned on labelled notes (``training/tune.py``). Each vector is the mean of a part's token vectors, computed
while the network sees the parts around it.
"""

from collections.abc import Sequence

import numpy as np

from notesense.encoding.bundle import Bundle
from notesense.encoding.network import Network, Vectors
from notesense.encoding.tokens import load_tokenizer
from notesense.encoding.windows import Part, windows_of


class ContextReader:
    """Reads parts with the detector of a bundle's network.

    Args:
        bundle: The model bundle.
        network: Its network.
    """

    def __init__(self, bundle: Bundle, network: Network) -> None:
        self._bundle = bundle
        self._network = network

    def read(self, parts: Sequence[Part]) -> Vectors:
        """Return one vector a part, shape (len(parts), dimension); of a part without words, zeros."""
        sums = np.zeros((len(parts), self._bundle.manifest.dimension), np.float32)
        counts = np.zeros((len(parts), 1), np.float32)
        windows = windows_of(parts, load_tokenizer(self._bundle))
        for number, tokens in self._network.run("detector", [window.tokens for window in windows]):
            for part, (start, end) in zip(windows[number].parts, windows[number].places, strict=True):
                sums[part] += tokens[start:end].sum(axis=0)
                counts[part] += end - start
        vectors: Vectors = (sums / np.maximum(counts, 1)).astype(np.float32)
        return vectors
