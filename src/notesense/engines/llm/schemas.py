"""What the model is asked to answer, and how an answer is read.

The wire's own types, apart from the domain's. An answer is read item by item: what is malformed becomes a fault that the
model is told once; what is still malformed after that is left out and counted, and the rest stands.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from notesense.domain.findings import Category, Kind, Tactic, Where

_FENCED = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL | re.IGNORECASE)
_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL | re.IGNORECASE)


class Wire(BaseModel):
    """Base: flat, all fields required, as strict schemas want it."""

    model_config = ConfigDict(extra="forbid")


class WireNeed(Wire):
    """A need as the model tells it."""

    kind: Kind
    category: Category
    statement: str = Field(min_length=1)
    quotes: list[str] = Field(min_length=1)
    questions: list[str]


class WirePitch(Wire):
    """A pitch as the model tells it."""

    tactic: Tactic
    where: Where
    quote: str = Field(min_length=1)
    rewrite: str


class Reading(Wire):
    """Answer to the prompt ``detect``."""

    needs: list[WireNeed]
    pitches: list[WirePitch]


class WireChoice(Wire):
    """A solution that fits."""

    id: str
    why: str


class WireVerdict(Wire):
    """What fits one need; an empty list is an answer."""

    need: str
    solutions: list[WireChoice]


class Verdicts(Wire):
    """Answer to the prompt ``match``."""

    verdicts: list[WireVerdict]


class Groups(Wire):
    """Answer to the prompt ``group``."""

    groups: list[list[str]]


class WireQuote(Wire):
    """Words of the note for one quote that was not in it; empty where there are none."""

    number: int
    quote: str


class Quotes(Wire):
    """Answer to the prompt ``quote``."""

    quotes: list[WireQuote]


SCHEMAS: Mapping[str, type[Wire]] = {model.__name__: model for model in (Reading, Verdicts, Groups, Quotes)}
"""By the name that a prompt file gives."""


class Parsed(NamedTuple):
    """What could be read of an answer."""

    value: Any
    """An instance of the schema, without the items that are faulty."""
    faults: tuple[str, ...]
    """One sentence for each fault."""


@cache
def json_schema(schema: type[Wire]) -> dict[str, Any]:
    """Return a schema in the dialect of strict structured output: no defaults, no unions, nothing left open."""
    strict: dict[str, Any] = _strict(schema.model_json_schema())
    return strict


def parse_answer(text: str, schema: type[Wire]) -> Parsed | None:
    """Read an answer.

    Args:
        text: What the model wrote: JSON, in a Markdown fence, or after some words.
        schema: What it should be.

    Returns:
        What could be read with its faults, or None where there is no JSON object in it at all.
    """
    found = _first_object(_THOUGHT.sub("", text), set(schema.model_fields))
    if found is None:
        return None
    values: dict[str, list[Any]] = {}
    faults: list[str] = []
    for name, field in schema.model_fields.items():
        items = found.get(name)
        if not isinstance(items, list):
            faults.append(f'"{name}" must be a list')
            items = []
        values[name] = []
        for number, item in enumerate(items, start=1):
            read = _item(item, get_args(field.annotation)[0], f"{name} {number}", faults)
            if read is not None:
                values[name].append(read)
    return Parsed(schema.model_construct(None, **values), tuple(faults))


def _item(item: Any, kind: Any, place: str, faults: list[str]) -> Any:
    if get_origin(kind) is list:
        if isinstance(item, list) and all(isinstance(part, str) for part in item):
            return item
        faults.append(f"{place}: a list of strings is wanted")
        return None
    if isinstance(item, dict):  # a field too many does no harm
        item = {name: item[name] for name in kind.model_fields if name in item}
    try:
        return kind.model_validate(item)
    except ValidationError as error:
        for one in error.errors():
            where = ".".join(str(part) for part in one["loc"])
            given = one.get("input")
            said = f" (it was {given!r:.60})" if isinstance(given, str) else ""
            faults.append(f"{place}: {where}: {one['msg']}{said}")
        return None


def _first_object(text: str, names: set[str]) -> dict[str, Any] | None:
    """Return the first JSON object of a text that has one of the fields, wherever it stands."""
    for candidate in (text, *_FENCED.findall(text)):
        try:
            value = json.loads(candidate)
        except (json.JSONDecodeError, RecursionError):
            continue
        if isinstance(value, dict) and names & set(value):
            return value
    decoder = json.JSONDecoder()
    for brace in (found.start() for found in re.finditer(r"\{", text)):
        try:
            value, _ = decoder.raw_decode(text, brace)
        except (json.JSONDecodeError, RecursionError):
            continue
        if isinstance(value, dict) and names & set(value):
            return value
    return None


def _strict(node: Any) -> Any:
    if isinstance(node, Sequence) and not isinstance(node, str):
        return [_strict(part) for part in node]
    if not isinstance(node, dict):
        return node
    dropped = {"title", "description", "default", "minLength", "minItems"}
    kept = {name: _strict(part) for name, part in node.items() if name not in dropped or name == "properties"}
    if kept.get("type") == "object":
        kept["additionalProperties"] = False
        kept["required"] = list(kept["properties"])
    return kept
