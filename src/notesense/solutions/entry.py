"""One raw entry of a library: field names brought to ours, values checked, faults named by place."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

_NAMES = {
    "id": "id", "title": "title", "practice": "practice", "client": "client", "client_unit": "client_unit",
    "unit": "client_unit", "year": "year", "lead": "lead", "team_lead": "lead", "services": "services",
    "summary": "summary", "result": "summary", "text": "text", "description": "text",
}  # fmt: skip
_IGNORED = frozenset({"contact_role"})
"""Fields that libraries carry and that matching has no use for."""
FIRST_YEAR, LAST_YEAR = 1900, 2100


def read_text(path: Path) -> tuple[str, str]:
    """Return the text of a library file, and what is wrong with it, if anything.

    UTF-8; a CSV file may be Windows-1252 too, which is what a spreadsheet writes by default.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        return "", f"{path}: cannot be read ({error.strerror or error})"
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n"), ""
    except UnicodeDecodeError as error:
        if path.suffix.lower() == ".csv":
            return data.decode("cp1252", "replace").replace("\r\n", "\n"), ""
        line = data.count(b"\n", 0, error.start) + 1
        return "", f"{path}:{line}: a byte that is not UTF-8; save the file as UTF-8"


class Entry(NamedTuple):
    """Fields of a solution by our names, and where they were read."""

    fields: dict[str, Any]
    place: str
    is_case: bool
    """Whether it is a case study (else a line of a catalogue)."""
    guesses: Mapping[str, Any] = MappingProxyType({})
    """Fields that count where nothing else gives them."""


def make_entry(raw: dict[Any, Any], place: str, faults: list[str], *, is_case: bool) -> Entry:
    """Bring the raw fields to our names and types; add what is wrong to ``faults``."""
    fields: dict[str, Any] = {}
    for key, value in raw.items():
        name = _bare(key)
        if name not in _NAMES:
            faults += [f"{place}: {fault}" for fault in unknown_fields([key])]
            continue
        if value is None or value == "":
            continue
        ours = _NAMES[name]
        if ours == "year":
            year = _year(value)
            if year is None:
                faults.append(f"{place}: year {value!r} is not a year")
                continue
            fields["year"] = year
        elif ours == "services":
            parts = value if isinstance(value, list) else str(value).replace(";", ",").split(",")
            fields["services"] = tuple(str(part).strip() for part in parts if str(part).strip())
        elif isinstance(value, (dict, list)):
            faults.append(f"{place}: {key} must be text, not a list")
        else:
            fields[ours] = " ".join(str(value).split()) if ours != "text" else str(value).strip()
    return Entry(fields, place, is_case)


def _year(value: Any) -> int | None:
    found = re.fullmatch(r"(\d{4})(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?", str(value).strip())
    if not found:
        return None
    year = int(found[1])
    return year if FIRST_YEAR <= year <= LAST_YEAR else None


def unknown_fields(keys: Iterable[Any]) -> list[str]:
    """Return a fault for each field name that means nothing here."""
    return [
        f"unknown field {key!r} (known: {', '.join(sorted(_NAMES))})"
        for key in keys
        if _bare(key) not in _NAMES and _bare(key) not in _IGNORED
    ]


def is_field(key: str) -> bool:
    """Tell whether a library knows a field of this name."""
    return _bare(key) in _NAMES


def _bare(key: Any) -> str:
    return str(key).strip().lower().replace(" ", "_").replace("-", "_")


def problem_of(error: Exception) -> str:
    """Return what is wrong with YAML in words that somebody who writes a case study understands."""
    problem = str(getattr(error, "problem", None) or error)
    if problem.startswith("mapping values are not allowed"):
        return 'a value with a colon in it must stand in quotes (title: "Sewers: a survey")'
    return problem
