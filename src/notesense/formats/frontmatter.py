"""Front matter: the YAML block between two ``---`` lines at the head of a note or case study.

What is not valid YAML ("title: Re: our call") is still read line by line: nobody should lose a date to a colon.
"""

import re
from typing import Any, NamedTuple

import yaml

_BLOCK = re.compile(
    r"\A---[ \t]*(?:\r\n|\r|\n)(?P<yaml>.*?)(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?:\r\n|\r|\n|\Z)", re.DOTALL
)
_PAIR = re.compile(r"(?:\A|(?<=[\r\n]))(?P<key>[A-Za-z][\w -]*?)[ \t]*:[ \t]*(?P<value>\S[^\r\n]*?)[ \t]*(?=[\r\n]|\Z)")
_FIELD = re.compile(r"[A-Za-z][\w -]*?[ \t]*:|[ \t#-]")
"""Start of a line of fields: a name with a colon, or what goes on with the line before."""
MAX_LENGTH = 20_000


class FrontMatter(NamedTuple):
    """The fields, and the offset of the first character after the block."""

    fields: dict[str, Any]
    end: int


def split_front_matter(text: str) -> FrontMatter:
    """Return the front matter of a text; no fields and offset 0 where it has none."""
    found = _BLOCK.match(text[:MAX_LENGTH])
    if not found:
        return FrontMatter({}, 0)
    try:  # every value as it is written: a tag or an odd date constructs nothing, and so breaks nothing
        fields = yaml.load(found["yaml"], Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except (yaml.YAMLError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        if not all(map(_FIELD.match, filter(str.strip, found["yaml"].splitlines()))):
            return FrontMatter({}, 0)  # a rule at the head of an ordinary note
        fields = {pair["key"]: pair["value"].strip("\"'") for pair in _PAIR.finditer(found["yaml"])}
        if not fields:
            return FrontMatter({}, 0)
    keyed = {re.sub(r"[ -]", "_", str(key)).lower(): value for key, value in fields.items()}
    return FrontMatter(keyed, found.end())
