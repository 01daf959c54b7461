"""Which names are one client's.

Names that differ in case, blanks, accents and punctuation alone are one. Everything else is merged by somebody's word: the
profile (``[clients]`` in notesense.toml) or the file ``clients.yaml`` of the output folder. What looks alike is suggested.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

from notesense.domain.accounts import Suggestion
from notesense.domain.names import ORDINARY
from notesense.errors import ConfigError, OutputError, UsageError

FILE = "clients.yaml"
NEAR = 0.88
"""Likeness (Ratcliff and Obershelp) from which two spellings may be one name."""
MOST_SHARED = 0.2
"""Share of the names that may have a word before it says nothing; five names may in any case."""
_OF_UNITS = frozenset(
    """
    the of and for department departments dept division office unit section team service services
    """.split()
)
"""Words that units are called by, whichever they are."""


class Names:
    """Knows which names are one client's.

    Args:
        rules: Other names by the client's name.
        apart: Pairs of names that are not one client's, whatever they look like.

    Raises:
        ConfigError: A name is said to be two clients'.
    """

    def __init__(self, rules: Mapping[str, Iterable[str]] | None = None, apart: Iterable[tuple[str, str]] = ()) -> None:
        self.rules: dict[str, list[str]] = {name: list(dict.fromkeys(others)) for name, others in (rules or {}).items()}
        self.apart = {frozenset(map(bare, pair)) for pair in apart}
        self._home: dict[str, str] = {}
        for name, others in self.rules.items():
            for other in (name, *others):
                if bare(self._home.setdefault(bare(other), name)) != bare(name):
                    raise ConfigError(
                        f"{other} is said to be of two clients: {self._home[bare(other)]} and {name}",
                        f"Correct [clients] in notesense.toml, or {FILE} in the output folder.",
                    )

    def client(self, name: str, known: Mapping[str, str]) -> str:
        """Return the client that a name is of.

        Args:
            name: As a note writes it.
            known: For names without a rule: the spelling that stands for each bare name.
        """
        return self._home.get(bare(name)) or known.get(bare(name), name)

    def spelling(self, found: Counter[str]) -> dict[str, str]:
        """Return for each bare name the spelling that is used most."""
        best: dict[str, str] = {}
        for name, _ in sorted(found.items(), key=lambda item: (-item[1], item[0].isupper(), item[0])):
            best.setdefault(bare(name), name)
        return best

    def suggest(self, clients: Iterable[str]) -> list[Suggestion]:
        """Return pairs of clients that may be one, the likelier name first, each with the reason."""
        names = sorted(set(clients))
        holders: dict[str, int] = Counter(word for name in names for word in set(_telling(name)))
        most = max(5, MOST_SHARED * len(names))
        by_word: dict[str, list[str]] = defaultdict(list)
        for name in names:
            for word in {*_telling(name), *_initials(bare(name).split()), bare(name), bare(name)[:4]}:
                by_word[word].append(name)
        pairs = {
            pair for group in by_word.values() if len(group) <= most * 2 for pair in combinations(sorted(set(group)), 2)
        }
        found = []
        for one, other in sorted(pairs):
            if frozenset((bare(one), bare(other))) in self.apart:
                continue
            if reason := _reason(one, other, holders, most):
                first, second = sorted((one, other), key=lambda name: (-len(name), name))
                found.append(Suggestion(name=first, other=second, reason=reason))
        return found


def read_names(folder: Path, rules: Mapping[str, Iterable[str]]) -> Names:
    """Return the names of the profile and of the output folder.

    Args:
        folder: The output folder of a batch.
        rules: Those of the profile.

    Raises:
        ConfigError: The file is damaged, or contradicts the profile.
    """
    content = _read(folder / FILE)
    return Names(_merged(rules, content["same"]), [(a, b) for a, b in content["apart"]])


def remember_same(folder: Path, name: str, others: Iterable[str], rules: Mapping[str, Iterable[str]]) -> None:
    """Write down that names are one client's.

    Raises:
        UsageError: They are one name, or none.
        ConfigError: That contradicts the profile.
    """
    names = [name, *others]
    if any(not bare(n) for n in names) or len(set(map(bare, names))) < 2:
        raise UsageError(
            "two different names are wanted", 'For example: notesense accounts same OUT "City of Marlow" "Marlow"'
        )
    content = _read(folder / FILE)
    wanted = set(map(bare, names))
    for own, known in list(content["same"].items()):
        if wanted & set(map(bare, (own, *known))):  # clients of their own until now come along with all their names
            names = [*known, own, *names]
            del content["same"][own]
    content["same"][name] = [n for n in dict.fromkeys(names) if bare(n) != bare(name)]
    Names(_merged(rules, content["same"]))  # refuses what contradicts the profile
    _write(folder / FILE, content)


def remember_apart(folder: Path, one: str, other: str) -> None:
    """Write down that two names are not one client's.

    Raises:
        UsageError: They were said to be one.
    """
    if not bare(one) or not bare(other) or bare(one) == bare(other):
        raise UsageError(
            "two different names are wanted", 'For example: notesense accounts apart OUT "Marlow" "Marlow Bank"'
        )
    content = _read(folder / FILE)
    for name, others in content["same"].items():
        if {bare(one), bare(other)} <= set(map(bare, (name, *others))):
            raise UsageError(
                f"{one} and {other} were said to be one client", f"Remove that from {folder / FILE} first."
            )
    if [one, other] not in content["apart"]:
        content["apart"].append([one, other])
    _write(folder / FILE, content)


def bare(name: str) -> str:
    """Return a name without case, accents, punctuation and doubled blanks."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not "\u0300" <= c <= "\u036f")
    plain = unicodedata.normalize("NFC", plain)  # the marks of other scripts are letters
    return " ".join(re.sub(r"[\W_]+", " ", re.sub(r"['’]s\b|['’]", "", plain).replace("&", " and ")).casefold().split())


def same_unit(one: str, other: str) -> bool:
    """Tell whether two names of a unit may be the same one's: "Roads" and "Roads Department" are."""
    a, b = (set(bare(name).split()) - _OF_UNITS for name in (one, other))
    return bool(a and b and (a <= b or b <= a)) or bare(one) == bare(other)


_TRADES = frozenset("water port energy power rail transport housing homes bank museum library".split())
"""What many clients of one firm have in their names."""


def _telling(name: str) -> list[str]:
    return [word for word in bare(name).split() if word not in ORDINARY | _TRADES and len(word) > 2]


def _initials(words: list[str]) -> set[str]:
    return {"".join(w[0] for w in words), "".join(w[0] for w in words if w not in ("of", "the", "and", "for"))}


def _reason(one: str, other: str, holders: Mapping[str, int], most: float) -> str:
    a, b = bare(one).split(), bare(other).split()
    short, long = sorted((a, b), key=len)
    if len(short) == 1 and len(long) > 1 and short[0] in _initials(long):
        return "one is the other's initials"
    if _telling(" ".join(short)) and set(short) <= set(long):
        return "one name is within the other"
    if SequenceMatcher(None, " ".join(a), " ".join(b)).ratio() >= NEAR:
        return "spelt nearly alike"
    shared = [w for w in _telling(one) if w in set(_telling(other)) and holders[w] <= most]
    return f"both have the word {shared[0]}" if shared else ""


def _merged(rules: Mapping[str, Iterable[str]], more: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    merged = {name: list(others) for name, others in rules.items()}
    for name, others in more.items():
        merged.setdefault(name, []).extend(others)
    return merged


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {"same": {}, "apart": []}
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        same = {str(name): [str(o) for o in others] for name, others in (content.get("same") or {}).items()}
        apart = [[str(a), str(b)] for a, b in content.get("apart") or []]
    except (OSError, yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
        raise ConfigError(
            f"{path}: cannot be read ({type(error).__name__})",
            "Mend it (same: {NAME: [OTHER]}, apart: [[A, B]]), or move it away.",
        ) from None
    return {"same": same, "apart": apart}


def _write(path: Path, content: Mapping[str, Any]) -> None:
    part = path.with_suffix(".part")
    try:
        part.write_text(yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=False), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror or error})", "Check its permissions.") from None
