"""An encoder that remembers: cross-validation asks for the same sentences many times."""

from collections.abc import Sequence

import numpy as np

from notesense.encoding.bundle import Bundle
from notesense.encoding.encoder import Encoder, Vectors


class RememberingEncoder(Encoder):
    """Encodes each text once."""

    def __init__(self, bundle: Bundle) -> None:
        super().__init__(bundle)
        self._known: dict[str, Vectors] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text; see :meth:`Encoder.encode`."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(fresh, super().encode(fresh), strict=True))
        rows = [self._known[text] for text in texts]
        return np.array(rows, np.float32).reshape(len(rows), self.dimension)
