"""The linear heads: multinomial logistic regressions over the features, with a temperature each.

Probabilities are softmax(z / T), T fitted on held-out folds (temperature scaling: Guo et al. 2017).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from notesense.engines.local.features import Features, Reading
from notesense.engines.local.lexical import Floats, Lexicon

HEADS = ("finding", "category", "tactic", "where")


class Head(NamedTuple):
    """One softmax head over k labels."""

    labels: tuple[str, ...]
    dense: Floats
    """Shape (dense columns, k)."""
    terms: Floats
    """Shape (size of the lexicon, k)."""
    bias: Floats
    """Shape (k,)."""
    temperature: float

    def probabilities(self, features: Features) -> Floats:
        """Return the probability of each label for each sentence, shape (n, k)."""
        scores = features.dense @ self.dense + self.bias
        for row, (columns, weights) in enumerate(features.terms):
            scores[row] += weights @ self.terms[columns]
        scores = scores / self.temperature
        scores -= scores.max(axis=1, keepdims=True, initial=-np.inf)
        exponents = np.exp(scores)
        probabilities: Floats = exponents / exponents.sum(axis=1, keepdims=True)
        return probabilities


class Heads(NamedTuple):
    """All heads, the lexicon that they share, and what the network itself makes of a sentence."""

    lexicon: Lexicon
    reading: Reading | None
    """None for heads that do not look at the network."""
    by_name: Mapping[str, Head]


def write_heads(path: Path, heads: Heads) -> None:
    """Write the heads as one ``.npz``; weights in half precision, which moves no probability by more than 1e-3."""
    arrays: dict[str, Any] = {
        "words": np.array("\n".join(heads.lexicon.words)),
        "letters": np.array("\n".join(heads.lexicon.letters)),
        "idf": heads.lexicon.idf.astype(np.float32),
    }
    if heads.reading:
        arrays["reading.weights"] = heads.reading.weights.astype(np.float16)
        arrays["reading.bias"] = heads.reading.bias.astype(np.float32)
        arrays["reading.sizes"] = np.array(heads.reading.sizes)
    for name, head in heads.by_name.items():
        arrays[f"{name}.labels"] = np.array("\n".join(head.labels))
        arrays[f"{name}.dense"] = head.dense.astype(np.float16)
        arrays[f"{name}.terms"] = head.terms.astype(np.float16)
        arrays[f"{name}.bias"] = head.bias.astype(np.float32)
        arrays[f"{name}.temperature"] = np.array(head.temperature, np.float32)
    np.savez_compressed(path, **arrays)


def read_heads(path: Path) -> Heads:
    """Read what :func:`write_heads` wrote."""
    with np.load(path, allow_pickle=False) as file:
        lexicon = Lexicon(str(file["words"]).split("\n"), str(file["letters"]).split("\n"), file["idf"])
        heads = {
            name: Head(
                tuple(str(file[f"{name}.labels"]).split("\n")),
                file[f"{name}.dense"].astype(np.float32),
                file[f"{name}.terms"].astype(np.float32),
                file[f"{name}.bias"],
                float(file[f"{name}.temperature"]),
            )
            for name in HEADS
        }
        reading = None
        if "reading.sizes" in file:
            sizes = tuple(file["reading.sizes"].tolist())
            reading = Reading(file["reading.weights"].astype(np.float32), file["reading.bias"], sizes)
    return Heads(lexicon, reading, heads)
