"""Labelled notes and minimal pairs, as eval/GUIDELINES.md defines them → cases.

A labelled note is a pair of files: ``NAME.md``, the note with marks ``⟦n1|exact words⟧``, and ``NAME.yaml``, its
labels. Its batch is the name of the folder below ``notes``: one author each.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from notesense.domain.findings import Category, Kind, Tactic, Where
from notesense.domain.notes import Metadata, Note
from notesense.domain.spans import Span
from notesense.errors import UsageError
from notesense.formats.frontmatter import split_front_matter

TEST_BATCHES = frozenset({"c", "j"})
"""Whole author batches that are only ever reported on."""
PAIR_FOLDS = 6
"""Every sixth group of minimal pairs, by the hash of its name, is test."""

_MARK = re.compile(r"⟦([np]\d+)\|([^⟦⟧\n]+)⟧")


class GoldNeed(NamedTuple):
    """A labelled need."""

    id: str
    kind: Kind
    category: Category
    statement: str
    solutions: tuple[str, ...]
    spans: tuple[Span, ...]
    thread: str | None = None
    """The need over meetings that it is of, in an archive."""


class GoldPitch(NamedTuple):
    """A labelled pitch."""

    id: str
    tactic: Tactic
    where: Where
    rewrite: str
    spans: tuple[Span, ...]


class Case(NamedTuple):
    """A labelled note."""

    id: str
    batch: str
    style: str
    note: Note
    needs: tuple[GoldNeed, ...]
    pitches: tuple[GoldPitch, ...]
    has_solutions: bool
    """Whether solutions were labelled."""
    industry: str | None = None

    @property
    def name(self) -> str:
        """``BATCH/NAME``: unique over all cases."""
        return f"{self.batch}/{self.id}"

    @property
    def metadata(self) -> Metadata:
        """What a user could state about the note by options."""
        return Metadata(**{name: getattr(self.note, name) for name in Metadata.model_fields})

    @property
    def is_test(self) -> bool:
        """Whether the case belongs to the public test split."""
        return self.batch in TEST_BATCHES


class Passage(NamedTuple):
    """One passage of a group of look-alikes with different labels."""

    group: str
    context: tuple[str, ...]
    text: str
    label: str
    """"none", "need:KIND:CATEGORY" or "pitch:TACTIC"."""
    source: str = ""
    """Name of the file."""

    @property
    def note_text(self) -> str:
        """The passage as a note of its own: the lines of context, then the passage."""
        return "\n".join((*self.context, self.text))

    @property
    def span(self) -> Span:
        """Where the passage stands in :attr:`note_text`."""
        return Span(len(self.note_text) - len(self.text), len(self.note_text))

    @property
    def is_test(self) -> bool:
        """Whether its group belongs to the public test split."""
        return int(hashlib.sha256(self.group.encode()).hexdigest(), 16) % PAIR_FOLDS == 0


def load_cases(folder: Path) -> list[Case]:
    """Read every labelled note below a folder, ordered by batch and name.

    Raises:
        UsageError: A file breaks the format; names the file.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder", "Check the name.")
    industries = _industries(folder)
    cases = [
        _read_case(path, _batch(folder, path), industries)
        for path in sorted(folder.rglob("*.md"))
        if path.with_suffix(".yaml").exists()
    ]
    if not cases:
        raise UsageError(f"{folder}: no labelled notes there", "A labelled note is NAME.md beside NAME.yaml.")
    return cases


def load_passages(folder: Path) -> list[Passage]:
    """Read the minimal pairs of a folder of YAML files."""
    return [
        Passage(group["group"], tuple(p["context"]), p["text"], p["label"], path.stem)
        for path in sorted(folder.glob("*.yaml"))
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))
        for p in group["passages"]
    ]


def strip_marks(marked: str) -> tuple[str, list[tuple[str, Span]]]:
    """Return the note's own text and the marks with their spans in it."""
    parts: list[str] = []
    marks: list[tuple[str, Span]] = []
    at = length = 0
    for found in _MARK.finditer(marked):
        parts.append(marked[at : found.start()])
        length += found.start() - at
        marks.append((found[1], Span(length, length + len(found[2]))))
        parts.append(found[2])
        length += len(found[2])
        at = found.end()
    parts.append(marked[at:])
    return "".join(parts), marks


def _industries(folder: Path) -> dict[str, str]:
    """Return the industry of each batch that ``batches.yaml`` of the folder tells it of."""
    path = folder / "batches.yaml"
    if not path.is_file():
        return {}
    return {name: about["industry"] for name, about in yaml.safe_load(path.read_text(encoding="utf-8")).items()}


def _batch(folder: Path, path: Path) -> str:
    parts = path.relative_to(folder).parts
    return parts[0] if len(parts) > 1 else folder.name


def _read_case(path: Path, batch: str, industries: Mapping[str, str]) -> Case:
    text, marks = strip_marks(path.read_bytes().decode("utf-8"))
    labels: dict[str, Any] = yaml.safe_load(path.with_suffix(".yaml").read_text(encoding="utf-8"))
    if not isinstance(labels, dict):
        raise UsageError(f"{path.with_suffix('.yaml')}: holds no labels", "See eval/GUIDELINES.md, part 4.")
    if "todo" in labels:
        raise UsageError(
            f"{path}: not marked up yet", f"Mark it, then delete the line todo of {path.with_suffix('.yaml').name}."
        )
    if "⟦" in text or "⟧" in text:
        raise UsageError(f"{path}: a mark is nested, crosses a line or is malformed", "See eval/GUIDELINES.md, part 4.")

    declared = {entry["id"] for entry in (labels.get("needs") or []) + (labels.get("pitches") or [])}
    if undeclared := sorted({mark for mark, _ in marks} - declared):
        raise UsageError(f"{path}: {', '.join(undeclared)} is marked but not declared", "Label it, or drop the marks.")

    def spans(identity: str) -> tuple[Span, ...]:
        found = tuple(span for mark, span in marks if mark == identity)
        if not found:
            raise UsageError(f"{path}: {identity} is declared but never marked", "Mark its words, or drop the label.")
        return found

    metadata = Metadata(
        client=labels.get("client"), client_unit=labels.get("client_unit"), practice=labels.get("author_practice"),
        date=labels.get("date"), author=labels.get("author"),
    )  # fmt: skip
    note = Note(text=text, path=str(path), body_start=split_front_matter(text).end, language="en", **dict(metadata))
    return Case(
        id=path.stem,
        batch=batch,
        style=labels["style"],
        note=note,
        needs=tuple(
            GoldNeed(
                n["id"],
                n["kind"],
                n["category"],
                n["statement"],
                tuple(n.get("solutions") or ()),
                spans(n["id"]),
                n.get("thread"),
            )
            for n in labels.get("needs") or []
        ),
        pitches=tuple(
            GoldPitch(p["id"], p["tactic"], p["where"], p["rewrite"], spans(p["id"]))
            for p in labels.get("pitches") or []
        ),
        has_solutions=labels.get("library") != "none",
        industry=labels.get("industry") or industries.get(batch),
    )


def batches(cases: list[Case]) -> Iterator[str]:
    """Yield the names of the batches, in order."""
    yield from dict.fromkeys(case.batch for case in cases)
