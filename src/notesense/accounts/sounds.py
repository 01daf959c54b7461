"""How a sentence sounds: like news that something is settled, or given up, or like neither.

A softmax over the sentence's vector and its words. Words tell what a vector blurs: "still", "will", "since", "no longer".
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from notesense.encoding.encoder import Vectors
from notesense.engines.local.lexical import Floats, Lexicon

SOUNDS = ("open", "settled", "withdrawn")


class Sounds(NamedTuple):
    """The fitted softmax; rows of the weights are :data:`SOUNDS`."""

    words: tuple[str, ...]
    """Words and word pairs that it knows."""
    idf: Floats
    of_vector: Floats
    """Shape (3, dimension)."""
    of_words: Floats
    """Shape (3, words)."""
    bias: Floats

    def hear(self, texts: Sequence[str], vectors: Vectors) -> Floats:
        """Return the probability of each of SOUNDS, shape (n, 3).

        Args:
            texts: Sentences.
            vectors: One vector a sentence.
        """
        lexicon = Lexicon(self.words, (), self.idf)
        scores = vectors @ self.of_vector.T + self.bias
        for row, text in enumerate(texts):
            found = lexicon.weigh(text)
            scores[row] += self.of_words[:, found.columns] @ found.weights
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        heard: Floats = (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)
        return heard


def read_sounds(path: Path) -> Sounds:
    """Read the model of a bundle."""
    with np.load(path, allow_pickle=False) as file:
        words: npt.NDArray[np.str_] = file["words"]
        numbers = [file[name].astype(np.float32) for name in Sounds._fields[1:]]
    return Sounds(tuple(words.tolist()), *numbers)


def write_sounds(path: Path, sounds: Sounds) -> None:
    """Write the model into a bundle, in half precision."""
    numbers = {name: getattr(sounds, name).astype(np.float16) for name in Sounds._fields[1:]}
    np.savez_compressed(path, words=np.array(sounds.words), **numbers)
