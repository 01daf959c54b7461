"""Words for lexical search: small-lettered, without stop words, stemmed (Snowball English)."""

import re
from functools import cache
from typing import Any

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_STOP = frozenset(
    """
    a about after again all also am an and any are as at back be because been before being but by can could did do
    does doing done down for from get gets getting go goes going got had has have having he her here him his how i
    if in into is it its just know like made make me more most much my need needs no not now of off on one or other
    our out over own put said say says she so some still such take tell than that the their them then there these
    they thing things this those through to told too two up us very want wants was way we well went were what when
    where which while who whole why will with would yes you your
    """.split()
)


def stems(text: str) -> list[str]:
    """Return the stemmed content words of a text, in order."""
    words = (word.lower().replace("’", "'").removesuffix("'s") for word in _WORD.findall(text))
    return [_stem(word) for word in words if word not in _STOP and len(word) > 1]


@cache
def _stem(word: str) -> str:
    stemmed: str = _stemmer().stemWord(word)
    return stemmed


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")
