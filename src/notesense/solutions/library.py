"""Stage 6, first part: a folder of case studies, or a catalogue, → :class:`Solution`s.

A folder holds Markdown case studies with front matter (``id``, ``title``, ``practice``, ``client``; optional
``client_unit``, ``year``, ``team_lead``, ``services``, ``summary``), or catalogues (YAML, JSON, CSV), or both: then an
id in both is one solution, the catalogue giving what the case study leaves out. Every fault is found at once and named
by file and line; nothing is guessed.
"""

from collections.abc import Iterable
from pathlib import Path

from notesense.domain.solutions import Solution
from notesense.errors import LibraryError
from notesense.solutions.casestudy import read_case_study
from notesense.solutions.catalogue import CATALOGUE_SUFFIXES, read_catalogue
from notesense.solutions.entry import Entry

CASE_SUFFIXES = (".md", ".markdown")
_REQUIRED = ("id", "title", "practice", "client")
_HINT = "Mend the lines named above; docs/library.md shows a complete example of each format."


def load_library(path: Path) -> list[Solution]:
    """Read a solution library.

    Args:
        path: A folder (read with its folders), or one catalogue file.

    Returns:
        The solutions, ordered by id.

    Raises:
        LibraryError: Nothing is there, or there are faults: each is named by file and line.
    """
    faults: list[str] = []
    entries: list[Entry] = []
    for file in _files(path):
        read = read_case_study if file.suffix.lower() in CASE_SUFFIXES else read_catalogue
        found, wrong = read(file)
        entries += found
        faults += wrong
    merged = _merge(entries, faults)
    solutions = [s for entry in merged if (s := _solution(entry, faults))]
    if faults:
        raise LibraryError(faults, _HINT)
    if not solutions:
        raise LibraryError([f"{path}: no solutions in it"], "Give a folder of Markdown case studies, or a catalogue.")
    return sorted(solutions, key=lambda s: s.id)


def _files(path: Path) -> list[Path]:
    suffixes = CASE_SUFFIXES + CATALOGUE_SUFFIXES
    if path.is_file():
        if path.suffix.lower() not in suffixes:
            raise LibraryError([f"{path}: not a format of a library"], f"Known are {', '.join(suffixes)} and folders.")
        return [path]
    if not path.is_dir():
        raise LibraryError([f"{path}: no such file or folder"], "Check the name of the library.")
    return sorted(
        file
        for file in path.rglob("*")
        if file.suffix.lower() in suffixes
        and file.is_file()
        and file.stem.lower() != "readme"
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
    )


def _merge(entries: Iterable[Entry], faults: list[str]) -> list[Entry]:
    """Join catalogue line and case study of one id; complain of an id that comes twice otherwise."""
    kinds: dict[bool, dict[str, Entry]] = {True: {}, False: {}}
    for entry in entries:
        same_kind = kinds[entry.is_case]
        identity = str(entry.fields.get("id", "")) or entry.place
        if identity in same_kind:
            faults.append(f"{entry.place}: id {identity} is taken already, by {same_kind[identity].place}")
        else:
            same_kind[identity] = entry
    cases, lines = kinds[True], kinds[False]
    for identity in cases.keys() & lines.keys():
        case, line = cases[identity], lines[identity]
        for name in ("title", "practice", "client", "year"):
            if case.fields.get(name) and line.fields.get(name) and case.fields[name] != line.fields[name]:
                faults.append(
                    f"{case.place}: {name} of {identity} is {case.fields[name]!r}, "
                    f"but {line.fields[name]!r} at {line.place}"
                )
        cases[identity] = case._replace(fields={**line.fields, **case.fields})
    return list((lines | cases).values())


def _solution(entry: Entry, faults: list[str]) -> Solution | None:
    missing = [name for name in _REQUIRED if not entry.fields.get(name)]
    if missing:
        faults.append(f"{entry.place}: {', '.join(missing)} missing")
        return None
    if not (entry.fields.get("summary") or entry.fields.get("text")):
        faults.append(f"{entry.place}: neither summary nor text: nothing could be matched")
        return None
    return Solution(**entry.fields, source=entry.place)
