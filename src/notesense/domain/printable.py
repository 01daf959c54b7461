"""Text that is safe to show: notes, file names and libraries may hold what steers a terminal or turns words around."""

import re
import unicodedata

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"
"""Format characters that spell words (in names, in emoji) and turn nothing around."""


def one_line(text: str, keep_ends: bool = False) -> str:
    """Return a text on one line, without control sequences or marks that change the direction of writing."""
    joined = printable(re.sub(r"\s+", " ", text))
    return joined if keep_ends else joined.strip()


def printable(text: str) -> str:
    """Return a text with every control, format, private and unassigned character but tab and line feed replaced."""
    return "".join(c if is_safe(c) else "\ufffd" for c in text)


def is_safe(character: str) -> bool:
    """Tell whether a character can be shown: it steers no terminal, turns no words around, and hides none."""
    return character in "\n\t" or character in _JOINERS or unicodedata.category(character) not in _UNSAFE
