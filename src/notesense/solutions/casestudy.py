"""A case study → an entry of the library: Markdown with front matter, or a Word, PDF or PowerPoint file.

An Office file says its fields in lines at its head ("Client: City of Marlow") or in a table of two columns. Its name
stands for the id, its heading for the title, where nothing else says them.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from notesense.errors import NoteError
from notesense.formats import extractor_of
from notesense.solutions.entry import Entry, is_field, make_entry, problem_of, read_text

OFFICE_SUFFIXES = (".docx", ".pptx", ".pdf")
_HEAD_LINES = 60
"""Lines at the head of an Office file in which its fields are looked for."""
_FIELD = re.compile(r"\s*(?:[-#|]+\s*)?(?P<key>[A-Za-z][A-Za-z _-]{0,20}?)\s*[:|]\s*(?P<value>[^|]*[^|\s])\s*\|?\s*")


def read_case_study(path: Path) -> tuple[list[Entry], list[str]]:
    """Return the case study of a file and the faults found in it.

    The front matter is strict here, unlike in notes: a library is kept by somebody who can mend it.
    """
    text, fault = read_text(path)
    if fault:
        return [], [fault]
    head, body, fault = _split(text)
    if fault:
        return [], [f"{path}:1: {fault}"]
    try:
        fields = yaml.load(head, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (
        yaml.YAMLError,
        ValueError,
        LookupError,
        AttributeError,
        TypeError,
        RecursionError,
    ) as error:  # ValueError: a date such as 2021-13-45
        mark = getattr(error, "problem_mark", None)
        return [], [f"{path}:{mark.line + 2 if mark else 1}: {problem_of(error)}"]
    if not isinstance(fields, dict):
        return [], [f"{path}:1: the front matter has no fields"]
    faults: list[str] = []
    entry = make_entry({**fields, "text": body}, f"{path}:1", faults, is_case=True)
    return [entry], faults


def read_office_case(path: Path) -> tuple[list[Entry], list[str]]:
    """Return the case study in an Office file and the faults found in it."""
    try:
        extract = extractor_of(path.name)(path.read_bytes(), str(path))
    except NoteError as error:
        return [], [f"{error.message}. {error.hint}"]
    except OSError as error:
        return [], [f"{path}: cannot be read ({error.strerror or error})"]
    fields: dict[str, Any] = {}
    words: list[str] = []
    for number, line in enumerate(extract.text.split("\n")):
        found = _FIELD.fullmatch(line) if number < _HEAD_LINES else None
        if found and is_field(found["key"]) and found["key"].lower() not in fields:
            fields[found["key"].lower()] = found["value"]
        else:
            words.append(line)
    heading = next((line.lstrip("#-| ").rstrip("| ") for line in words if line.strip("#-| ")), path.stem)
    faults: list[str] = []
    entry = make_entry({**fields, "text": "\n".join(words)}, str(path), faults, is_case=True)
    guesses = {"title": extract.title or heading[:200]}
    return [entry._replace(fields={"id": path.stem, **entry.fields}, guesses=guesses)], faults


def _split(text: str) -> tuple[str, str, str]:
    lines = text.splitlines(keepends=True)
    if not lines or lines[0].strip() != "---":
        return "", "", "no front matter (a block between two --- lines with id, title, practice, client)"
    for number, line in enumerate(lines[1:], start=1):
        if line.strip() == "---":
            return "".join(lines[1:number]), "".join(lines[number + 1 :]), ""
    return "", "", "the front matter does not end (a second --- line is missing)"
