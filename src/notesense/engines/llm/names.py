"""Names to hide: whole ones, and the words of theirs that tell whose name it is."""

import re
from collections.abc import Iterable
from typing import Generic, TypeVar

from notesense.domain.names import ORDINARY, TITLES

Kind = TypeVar("Kind")

_LEAST = 3
_SAY_NOTHING = (
    ORDINARY
    | TITLES
    | frozenset(
        """
        water transit associates project projects team client engineering architects consulting management planning
        facilities facility housing community
        """.split()
    )
)
"""Words of names that say nothing of whose name it is, and are common elsewhere."""
_ALSO_WORDS = frozenset(
    """
    art baker banks best bill black brook brown bush case chase cook dawn day drew faith field fields ford frank
    gold grace grant green hill hope ivy jack joy king lane long love mark marsh may me miles moon page park parks
    pat penny power powers price rain rich rose sharp short small stone strong sue summer summers swift us we white
    will winter winters wise wood woods young april june august an in on so do ed
    """.split()
)
"""Names that are words too: hidden where they are written as names, with a capital."""


class Names(Generic[Kind]):
    """Names of several kinds, and the pattern that finds them.

    Args:
        otherwise: The kind of what is found and not known in that spelling.
    """

    def __init__(self, otherwise: Kind) -> None:
        self._otherwise = otherwise
        self._kinds: dict[str, Kind] = {}
        self.pattern = re.compile(r"(?!)")

    def add(self, kind: Kind, names: Iterable[str]) -> None:
        """Find these names from here on; a name keeps the kind that it was given first."""
        before = len(self._kinds)
        for name in filter(None, (" ".join(n.split()) for n in names)):
            for part in (name, *_telling(name)):
                self._kinds.setdefault(part.casefold(), kind)
        if len(self._kinds) > before:
            longest_first = sorted(self._kinds, key=lambda name: (-len(name), name))
            words = "|".join(map(_pattern, longest_first))
            self.pattern = re.compile(rf"(?<!\w)(?:{words})(?!\w)")

    def kind(self, found: str) -> Kind:
        """Return the kind of a name that the pattern found."""
        return self._kinds.get(" ".join(found.split()).casefold(), self._otherwise)


def is_role(speaker: str) -> bool:
    """Tell whether a speaker's label is no name: a role, a pronoun, an initial."""
    words = [word.casefold() for word in re.findall(r"\w+", speaker)]
    return all(word in _SAY_NOTHING or word in ("me", "us", "we", "speaker") or len(word) < _LEAST for word in words)


def _pattern(name: str) -> str:
    words = r"\s+".join(map(re.escape, name.split()))
    if name not in _ALSO_WORDS:
        return f"(?i:{words})"
    return f"{re.escape(name.capitalize())}|{re.escape(name.upper())}"


def _telling(name: str) -> list[str]:
    words = re.findall(r"[^\W\d_][\w'’-]*", name)
    return [word for word in words if len(word) >= _LEAST and word.casefold() not in _SAY_NOTHING and word[0].isupper()]
