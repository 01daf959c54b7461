"""A catalogue in YAML, JSON or CSV → entries of the library, each with the line where it stands."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import yaml

from notesense.solutions.entry import Entry, make_entry, problem_of, read_text, unknown_fields

_NO_LIST = "no list of solutions (a list, or a mapping with the key 'solutions')"
CATALOGUE_SUFFIXES = (".yaml", ".yml", ".json", ".csv")


def read_catalogue(path: Path) -> tuple[list[Entry], list[str]]:
    """Return the entries of a catalogue file and the faults found in it.

    YAML and JSON hold a list of solutions, or a mapping with one under ``solutions``; CSV has a header line.
    """
    text, fault = read_text(path)
    if fault:
        return [], [fault]
    if path.suffix.lower() == ".csv":
        return _read_csv(path, text)
    return _read_json(path, text) if path.suffix.lower() == ".json" else _read_yaml(path, text)


def _read_json(path: Path, text: str) -> tuple[list[Entry], list[str]]:
    try:
        root = json.loads(text)
    except json.JSONDecodeError as error:
        return [], [f"{path}:{error.lineno}: {error.msg}"]
    rows = root.get("solutions") if isinstance(root, dict) else root
    if not isinstance(rows, list):
        return [], [f"{path}:1: {_NO_LIST}"]
    entries: list[Entry] = []
    faults: list[str] = []
    at = 0
    for row in rows:
        # json tells no lines: an entry is taken to stand where its id does
        identity = json.dumps(row.get("id"), ensure_ascii=False) if isinstance(row, dict) else ""
        at = max(at, text.find(identity, at) if identity else at)
        place = f"{path}:{text.count(chr(10), 0, at) + 1}"
        at += len(identity)
        if isinstance(row, dict):
            entries.append(make_entry(row, place, faults, is_case=False))
        else:
            faults.append(f"{place}: not a solution (fields with values)")
    return entries, faults


def _read_yaml(path: Path, text: str) -> tuple[list[Entry], list[str]]:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return [], [f"{path}:{mark.line + 1 if mark else 1}: {problem_of(error)}"]
    if isinstance(root, yaml.MappingNode):
        root = next((value for key, value in root.value if key.value == "solutions"), None)
    if not isinstance(root, yaml.SequenceNode):
        return [], [f"{path}:1: {_NO_LIST}"]
    entries: list[Entry] = []
    faults: list[str] = []
    for node in root.value:
        place = f"{path}:{node.start_mark.line + 1}"
        try:
            fields = _construct(node)
        except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
            faults.append(f"{place}: {problem_of(error)}")
            continue
        if not isinstance(fields, dict):
            faults.append(f"{place}: not a solution (fields with values)")
            continue
        entries.append(make_entry(fields, place, faults, is_case=False))
    return entries, faults


def _construct(node: yaml.Node) -> Any:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _read_csv(path: Path, text: str) -> tuple[list[Entry], list[str]]:
    header = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    entries: list[Entry] = []
    try:
        titles = list(reader.fieldnames or [])
    except csv.Error as error:
        return [], [f"{path}:1: {error}"]
    faults = [f"{path}:1: {fault}" for fault in unknown_fields(titles)]
    known = [name for name in titles if not unknown_fields([name])]
    try:
        for row in reader:
            inside = sum(str(value).count("\n") for value in row.values())
            place = f"{path}:{reader.line_num - inside}"
            if None in row:
                faults.append(f"{place}: more values than columns")
                continue
            entries.append(make_entry({name: row[name] for name in known}, place, faults, is_case=False))
    except csv.Error as error:
        faults.append(f"{path}:{reader.reader.line_num}: {error}")
    return entries, faults
