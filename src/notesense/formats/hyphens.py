"""Words that a line end parts: with the hyphen or without?"""

import re
from collections.abc import Sequence

from notesense.formats.layout import Piece

_WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LAST = re.compile(r"[^\W_]++(?:[-'’][^\W_]++)*+-?$")
_FIRST = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_COMPOUNDING = frozenset("cross half ill long non self short well".split())
"""First halves that keep their hyphen."""


class Hyphens:
    """Decides which hyphens at line ends belong to their words."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        """Learn the words of a document.

        Args:
            pieces: All its pieces.
        """
        is_needed = any(piece.is_broken for piece in pieces)
        self._words = set(_WORDS.findall(" ".join(piece.text for piece in pieces).casefold())) if is_needed else set()
        compounds = [word for word in self._words if "-" in word]
        self._firsts = _COMPOUNDING | {word.split("-")[0] for word in compounds}
        self._lasts = {word.rsplit("-", 1)[1] for word in compounds}

    def stays(self, upper: str, lower: str) -> bool:
        """Tell whether a hyphen stays where a word is put together again.

        It does where the text has the word with a hyphen elsewhere and not without; where a half has a figure, a capital
        behind the hyphen or a hyphen of its own; where another compound of the text begins or ends alike.

        Args:
            upper: What stands before the line end, without the hyphen.
            lower: What stands after it.
        """
        first, last = _LAST.search(upper[-80:]), _FIRST.match(lower)
        if not first or not last:
            return True
        head, tail = first.group().casefold(), last.group().casefold()
        if head + tail in self._words:
            return False
        if f"{head}-{tail}" in self._words or not head.isalpha() or not last.group()[0].islower():
            return True
        return len(tail) > 3 and (head in self._firsts or tail in self._lasts)
