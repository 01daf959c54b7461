"""The small models that decide: logistic regressions with a threshold, by name in a bundle's ``decisions.json``."""

import json
from typing import NamedTuple

import numpy as np

from notesense.encoding.bundle import Bundle
from notesense.encoding.network import Vectors


class Logistic(NamedTuple):
    """A fitted model: probability = sigmoid(features · weights + bias)."""

    weights: tuple[float, ...]
    bias: float
    threshold: float
    """Probability from which the answer is yes."""

    @classmethod
    def read(cls, bundle: Bundle, name: str) -> "Logistic":
        """Return the bundle's model of that name."""
        fields = json.loads(bundle.path("decisions.json").read_text(encoding="utf-8"))[name]
        return cls(tuple(fields["weights"]), fields["bias"], fields["threshold"])

    def likely(self, features: Vectors) -> Vectors:
        """Return the probability of each row of features, shape (..., len(weights)) → (...)."""
        scores = features @ np.array(self.weights, np.float32) + np.float32(self.bias)
        probability: Vectors = (1 / (1 + np.exp(-scores))).astype(np.float32)
        return probability
