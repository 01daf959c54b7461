"""A Markdown case study with front matter → an entry of the library."""

from pathlib import Path

import yaml

from notesense.solutions.entry import Entry, make_entry, read_text


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
        return [], [f"{path}:{mark.line + 2 if mark else 1}: {getattr(error, 'problem', None) or error}"]
    if not isinstance(fields, dict):
        return [], [f"{path}:1: the front matter has no fields"]
    faults: list[str] = []
    entry = make_entry({**fields, "text": body}, f"{path}:1", faults, is_case=True)
    return [entry], faults


def _split(text: str) -> tuple[str, str, str]:
    lines = text.splitlines(keepends=True)
    if not lines or lines[0].strip() != "---":
        return "", "", "no front matter (a block between two --- lines with id, title, practice, client)"
    for number, line in enumerate(lines[1:], start=1):
        if line.strip() == "---":
            return "".join(lines[1:number]), "".join(lines[number + 1 :]), ""
    return "", "", "the front matter does not end (a second --- line is missing)"
