"""Words, word pairs and letter groups of a text, weighted: what a sentence encoder blurs ("we", "told her", "$", "?").

Weights are (1 + ln tf) · idf, scaled to unit length for words and for letters apart (Salton and Buckley 1988). The
same code trains and predicts.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_TOKEN = re.compile(r"[a-z][\w']*|\$|\?|!|\d")
LETTERS = range(3, 6)
"""Lengths of the letter groups, which stay inside a word and its blanks."""


class Weighted(NamedTuple):
    """The non-zero entries of a sparse vector."""

    columns: npt.NDArray[np.int32]
    weights: Floats


MOST_RECENT = 20_000
"""Words whose letter groups are kept at hand."""


class Lexicon:
    """A vocabulary with its inverse document frequencies; columns are words first, then letter groups.

    Args:
        words: Words and word pairs.
        letters: Letter groups.
        idf: Inverse document frequencies, shape (len(words) + len(letters),).
    """

    def __init__(self, words: Sequence[str], letters: Sequence[str], idf: Floats) -> None:
        self.words, self.letters, self.idf = list(words), list(letters), idf
        self._word = {term: i for i, term in enumerate(words)}
        self._letter = {term: len(words) + i for i, term in enumerate(letters)}
        self._recent: dict[str, list[int]] = {}

    def __len__(self) -> int:
        return len(self.words) + len(self.letters)

    def weigh(self, text: str) -> Weighted:
        """Return the weights of a text's known terms."""
        words = self._weigh([self._word[t] for t in word_terms(text) if t in self._word])
        letters = self._weigh([column for word in _letter_words(text) for column in self._columns_of(word)])
        return Weighted(
            np.concatenate([words.columns, letters.columns]), np.concatenate([words.weights, letters.weights])
        )

    def _columns_of(self, word: str) -> list[int]:
        """Return the columns of a word's letter groups; those of recent words are at hand."""
        known = self._recent.get(word)
        if known is None:
            if len(self._recent) >= MOST_RECENT:
                self._recent.clear()
            known = [self._letter[t] for t in letter_groups(word) if t in self._letter]
            self._recent[word] = known
        return known

    def _weigh(self, found: list[int]) -> Weighted:
        columns, counts = np.unique(np.array(found, np.int32), return_counts=True)
        weights = (1 + np.log(counts)).astype(np.float32) * self.idf[columns]
        norm = float(np.linalg.norm(weights)) or 1.0
        return Weighted(columns, (weights / norm).astype(np.float32))


def word_terms(text: str) -> list[str]:
    """Return the words and word pairs of a text, small-lettered, every digit as ``0``."""
    words = ["0" if t.isdigit() else t for t in _TOKEN.findall(text.lower().replace("’", "'"))]
    return words + [" ".join(pair) for pair in pairwise(words)]


def letter_terms(text: str) -> Iterator[str]:
    """Yield the letter groups of a text, word by word."""
    return (group for word in _letter_words(text) for group in letter_groups(word))


def letter_groups(word: str) -> Iterator[str]:
    """Yield the letter groups of a word, with a blank on either side."""
    padded = f" {word} "
    for length in LETTERS:
        for at in range(max(1, len(padded) - length + 1)):
            yield padded[at : at + length]


def _letter_words(text: str) -> list[str]:
    return text.lower().replace("’", "'").split()


def build_lexicon(texts: Sequence[str], least_words: int, least_letters: int) -> Lexicon:
    """Collect the terms that occur in enough texts, with their inverse document frequencies."""
    words = Counter(term for text in texts for term in set(word_terms(text)))
    letters = Counter(term for text in texts for term in set(letter_terms(text)))
    kept_words = sorted(t for t, n in words.items() if n >= least_words)
    kept_letters = sorted(t for t, n in letters.items() if n >= least_letters)
    frequency = np.array([words[t] for t in kept_words] + [letters[t] for t in kept_letters], np.float32)
    return Lexicon(kept_words, kept_letters, (np.log((1 + len(texts)) / (1 + frequency)) + 1).astype(np.float32))
