"""Stage 6, first part: a folder of case studies, or a catalogue, → :class:`Solution`s.

A folder holds case studies (Markdown with front matter: ``id``, ``title``, ``practice``, ``client``; optional
``client_unit``, ``year``, ``team_lead``, ``services``, ``summary``; Word, PDF and PowerPoint files with the same fields
at their head), or catalogues (YAML, JSON, CSV), or both: then an id in both is one solution, the catalogue giving what
the case study leaves out. Every fault is found at once and named
by file and line; nothing is guessed.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from notesense.domain.solutions import Solution
from notesense.errors import LibraryError
from notesense.solutions.casestudy import OFFICE_SUFFIXES, read_case_study, read_office_case
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
        found, wrong = _reader_of(file)(file)
        entries += found
        faults += wrong
    merged = _merge(entries, faults)
    solutions = [s for entry in merged if (s := _solution(entry, faults))]
    if faults:
        raise LibraryError(faults, _HINT)
    if not solutions:
        raise LibraryError([f"{path}: no solutions in it"], "Give a folder of Markdown case studies, or a catalogue.")
    return sorted(solutions, key=lambda s: s.id)


def _reader_of(file: Path) -> Callable[[Path], tuple[list[Entry], list[str]]]:
    suffix = file.suffix.lower()
    if suffix in CASE_SUFFIXES:
        return read_case_study
    return read_office_case if suffix in OFFICE_SUFFIXES else read_catalogue


def _files(path: Path) -> list[Path]:
    """Return the files of a library. Of Office files beside another of the same name, the one with most structure is read."""
    suffixes = CASE_SUFFIXES + OFFICE_SUFFIXES + CATALOGUE_SUFFIXES
    if path.is_file():
        if path.suffix.lower() not in suffixes:
            raise LibraryError([f"{path}: not a format of a library"], f"Known are {', '.join(suffixes)} and folders.")
        return [path]
    if not path.is_dir():
        raise LibraryError([f"{path}: no such file or folder"], "Check the name of the library.")
    found = sorted(
        file
        for file in path.rglob("*")
        if file.suffix.lower() in suffixes
        and file.is_file()
        and file.stem.lower() != "readme"
        and not any(part.startswith((".", "~$")) for part in file.relative_to(path).parts)
    )
    rank = {suffix: i for i, suffix in enumerate(OFFICE_SUFFIXES, start=1)} | dict.fromkeys(CASE_SUFFIXES, 0)
    best: dict[Path, int] = {}
    for file in found:
        if (own := rank.get(file.suffix.lower())) is not None:
            best[file.with_suffix("")] = min(own, best.get(file.with_suffix(""), own))
    return [file for file in found if rank.get(file.suffix.lower(), 0) in (0, best.get(file.with_suffix("")))]


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
    fields = {**entry.guesses, **entry.fields}
    missing = [name for name in _REQUIRED if not fields.get(name)]
    if missing:
        where = f' (write lines such as "{missing[0].title()}: …" at its head, or list it in a catalogue)'
        is_office = entry.place.lower().endswith(OFFICE_SUFFIXES)
        faults.append(f"{entry.place}: {', '.join(missing)} missing{where if is_office else ''}")
        return None
    if not (fields.get("summary") or fields.get("text")):
        faults.append(f"{entry.place}: neither summary nor text: nothing could be matched")
        return None
    return Solution(**fields, source=entry.place)
