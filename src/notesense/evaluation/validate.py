"""Labelled notes and minimal pairs → their faults, each with file and line; and counts of what is labelled."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args

import yaml

from notesense.domain.findings import Category, Kind, Tactic, Where
from notesense.evaluation.cases import Case, Passage, load_cases, load_passages

STYLES = ("bullets", "minutes", "transcript", "email", "dictated", "mixed")
_OPEN, _CLOSE = "⟦", "⟧"
_MARK = re.compile(r"⟦([^⟦⟧|\n]*)\|([^⟦⟧\n]*)⟧")
_ID = re.compile(r"[np]\d+")
_NEED = {"kind": get_args(Kind), "category": get_args(Category)}
_PITCH = {"tactic": get_args(Tactic), "where": get_args(Where)}
MOST_SOLUTIONS = 3
_DOCUMENTS = frozenset({"GUIDELINES.md", "README.md"})
"""Files that show marks and are no notes."""


class Fault(NamedTuple):
    """Something that is not as eval/GUIDELINES.md says."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def find_faults(folder: Path, solutions: frozenset[str] | None = None) -> list[Fault]:
    """Check every labelled note and every file of minimal pairs below a folder.

    Args:
        folder: The folder.
        solutions: Ids of the library that labels may name; None checks none.
    """
    faults: list[Fault] = []
    for path in sorted(folder.rglob("*.yaml")):
        if path.with_suffix(".md").exists():
            faults += _note_faults(path.with_suffix(".md"), path, solutions)
        elif _is_pairs(path):
            faults += _pair_faults(path)
    for path in sorted(folder.rglob("*.md")):
        labels = path.with_suffix(".yaml")
        if path.name in _DOCUMENTS or labels.exists():
            continue
        if _OPEN in path.read_text(encoding="utf-8", errors="replace"):
            faults.append(Fault(path, 1, f"has marks, and no labels stand in {labels.name}"))
    return faults


def count_labels(cases: list[Case], passages: list[Passage]) -> list[tuple[str, dict[str, int]]]:
    """Return what is labelled, by batch and in all."""
    rows: list[tuple[str, dict[str, int]]] = []
    for name in [*dict.fromkeys(c.batch for c in cases), "all"]:
        own = [c for c in cases if name in ("all", c.batch)]
        needs = [n for c in own for n in c.needs]
        rows.append((name, {
            "notes": len(own), "words": sum(c.note.words for c in own), "needs": len(needs),
            "implied": sum(n.kind == "implied" for n in needs), "with solution": sum(bool(n.solutions) for n in needs),
            "pitches": sum(len(c.pitches) for c in own), "no need": sum(not c.needs for c in own),
            "no pitch": sum(not c.pitches for c in own),
        }))  # fmt: skip
    if passages:
        counts = Counter(p.label.split(":")[0] for p in passages)
        rows.append(("pairs", {"passages": len(passages), "groups": len({p.group for p in passages}),
                               "need": counts["need"], "pitch": counts["pitch"], "none": counts["none"]}))  # fmt: skip
    return rows


def count_folder(folder: Path) -> list[tuple[str, dict[str, int]]]:
    """Read a folder of labelled notes, minimal pairs or both, and count.

    Raises:
        UsageError: There are neither, or a file breaks the format.
    """
    pairs = [path for path in sorted(folder.rglob("*.yaml")) if _is_pairs(path)]
    passages = [p for place in dict.fromkeys(path.parent for path in pairs) for p in load_passages(place)]
    has_notes = any(path.with_suffix(".yaml").exists() for path in folder.rglob("*.md"))
    return count_labels(load_cases(folder) if has_notes or not passages else [], passages)


def _note_faults(marked: Path, labels: Path, solutions: frozenset[str] | None) -> Iterator[Fault]:
    try:
        text = marked.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        yield Fault(marked, 1, f"not UTF-8 ({error.reason} at byte {error.start})")
        return
    marks: Counter[str] = Counter()
    for number, line in enumerate(text.split("\n"), start=1):
        for found in _MARK.finditer(line):
            if not _ID.fullmatch(found[1]):
                yield Fault(marked, number, f"“{found[1]}” is not an id like n1 or p1")
            elif not found[2].strip():
                yield Fault(marked, number, f"{found[1]} marks no words")
            marks[found[1]] += 1
            if found[1].startswith("p") and marks[found[1]] == 2:
                yield Fault(marked, number, f"{found[1]} is marked twice, and each pitch has one span")
        rest = _MARK.sub("", line)
        if _OPEN in rest or _CLOSE in rest:
            yield Fault(marked, number, "a mark is nested, crosses a line break or lacks ⟦, | or ⟧")
    content, fault = _parse(labels)
    if fault:
        yield fault
        return
    lines = labels.read_text(encoding="utf-8").splitlines()
    if "todo" in content:
        yield Fault(labels, _line(lines, "todo:"), "not marked up yet: mark the note, then delete this line")
    if content.get("style") not in STYLES:
        yield Fault(labels, _line(lines, "style:"), f"style {content.get('style')!r} is not one of {', '.join(STYLES)}")
    declared: Counter[str] = Counter()
    for group, wanted in (("needs", _NEED), ("pitches", _PITCH)):
        entries = content.get(group) or []
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            yield Fault(labels, _line(lines, f"{group}:"), f"{group} is not a list of entries")
            continue
        for entry in entries:
            yield from _entry_faults(labels, lines, entry, group, wanted, content, solutions)
            declared[str(entry.get("id"))] += 1
    for name, count in declared.items():
        at = _line(lines, f"id: {name}")
        if count > 1:
            yield Fault(labels, at, f"{name} is declared {count} times")
        if name not in marks:
            yield Fault(labels, at, f"{name} is declared and never marked in {marked.name}")
    for name in sorted(set(marks) - set(declared)):
        if _ID.fullmatch(name):
            yield Fault(
                marked, _line(text.split("\n"), f"⟦{name}|"), f"{name} is marked and not declared in {labels.name}"
            )


def _entry_faults(
    labels: Path, lines: list[str], entry: dict[str, Any], group: str, wanted: dict[str, tuple[str, ...]],
    content: dict[str, Any], solutions: frozenset[str] | None,
) -> Iterator[Fault]:  # fmt: skip
    name = str(entry.get("id"))
    at = _line(lines, f"id: {name}")
    letter = group[0]
    if not re.fullmatch(rf"{letter}\d+", name):
        yield Fault(labels, at, f"{name} is not an id of {group}: {letter}1, {letter}2, …")
    for field, values in wanted.items():
        if entry.get(field) not in values:
            yield Fault(labels, at, f"{name}: {field} {entry.get(field)!r} is not one of {', '.join(values)}")
    told = "statement" if group == "needs" else "rewrite"
    if not str(entry.get(told) or "").strip():
        yield Fault(labels, at, f"{name}: no {told}")
    named = entry.get("solutions") or []
    if named and content.get("library") == "none":
        yield Fault(labels, at, f"{name}: names solutions, and the note says library: none")
    if len(named) > MOST_SOLUTIONS:
        yield Fault(labels, at, f"{name}: {len(named)} solutions, and more than {MOST_SOLUTIONS} is suspect")
    if solutions is not None and content.get("library") != "none":
        for unknown in sorted(set(map(str, named)) - solutions):
            yield Fault(labels, at, f"{name}: the library has no solution {unknown}")


def _pair_faults(path: Path) -> Iterator[Fault]:
    content, fault = _parse(path, kind=list)
    if fault:
        yield fault
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    seen: Counter[str] = Counter()
    for group in content:
        name = str(group.get("group"))
        at = _line(lines, f"group: {name}")
        seen[name] += 1
        if seen[name] == 2:
            yield Fault(path, at, f"there are two groups {name}")
        passages = group.get("passages") or []
        if len({str(p.get("label")) for p in passages}) < 2:
            yield Fault(path, at, f"{name}: all passages have one label, and look-alikes differ")
        for passage in passages:
            if not _known_label(str(passage.get("label"))):
                yield Fault(
                    path, at, f"{name}: label {passage.get('label')!r} is not none, need:KIND:CATEGORY or pitch:TACTIC"
                )
            if not str(passage.get("text") or "").strip():
                yield Fault(path, at, f"{name}: a passage without text")


def _known_label(label: str) -> bool:
    kind, *rest = label.split(":")
    if kind == "need":
        return len(rest) == 2 and rest[0] in _NEED["kind"] and rest[1] in _NEED["category"]
    return (kind == "pitch" and len(rest) == 1 and rest[0] in _PITCH["tactic"]) or label == "none"


def _is_pairs(path: Path) -> bool:
    return (
        re.search(r"^- *(?:\{ *)?group:", path.read_text(encoding="utf-8", errors="replace"), re.MULTILINE) is not None
    )


def _parse(path: Path, kind: type = dict) -> tuple[Any, Fault | None]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return {}, Fault(path, line, f"not valid YAML ({error.problem})")
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return {}, Fault(path, 1, f"cannot be read ({error})")
    if not isinstance(content, kind):
        return {}, Fault(path, 1, "holds no labels")
    return content, None


def _line(lines: list[str], words: str) -> int:
    """Return the number of the first line with some words, 1 where there is none."""
    pattern = re.compile(re.escape(words) + r"(?!\w)" if words[-1].isalnum() else re.escape(words))
    return next((i for i, line in enumerate(lines, start=1) if pattern.search(line)), 1)
