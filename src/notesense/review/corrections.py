"""Corrections on disk: a journal of every change, and, once a note is done, the labelled note.

::

    corrections/
        NAME.md, NAME.yaml      a labelled note (eval/GUIDELINES.md, part 4), with who and when
        .journal/NAME.jsonl     every state of the review, one a line, flushed to the disk: a crash loses nothing

A change names the state that it was made on. If somebody has changed the note in between, it is refused and shown.
"""

import contextlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from filelock import FileLock
from pydantic import ValidationError

from notesense.domain.base import Frozen
from notesense.domain.notes import Note
from notesense.errors import OutputError
from notesense.evaluation.marking import mark, on_lines
from notesense.reading.discover import JOURNAL
from notesense.review.state import Item, Review
from notesense.settings import make_private


class Saved(Frozen):
    """One state of a review, as it stands in the journal."""

    revision: int
    """From 1."""
    undoes_to: int
    """The revision that undoing leads to; 0 for the findings as they came."""
    by: str
    at: datetime
    review: Review


class ConflictError(Exception):
    """Somebody has changed the note since: ``current`` is what stands now."""

    def __init__(self, current: Saved) -> None:
        super().__init__(f"changed by {current.by}")
        self.current = current


class Corrections:
    """The corrections of a folder. Several processes may use it at once.

    Args:
        folder: Made where it is not there, for its owner alone: it will hold whole notes.

    Raises:
        OutputError: It cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            make_private(folder)
            (folder / JOURNAL).mkdir(exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"{folder}: cannot be written ({error.strerror or error})", "Choose another folder: --to FOLDER"
            ) from None

    def load(self, name: str) -> Saved | None:
        """Return the newest state of a note; None where nothing is said of it yet."""
        states = self._states(name)
        return states[-1] if states else None

    def save(self, name: str, note: Note, revision: int, review: Review, by: str) -> Saved:
        """Keep a new state of a note, and its labels where it is done.

        Args:
            name: The note's id in the queue.
            note: The note.
            revision: That of the state that was changed; 0 for none.
            review: The new state.
            by: Who says so.

        Raises:
            ConflictError: Another state has been saved since.
            OutputError: It cannot be written.
        """
        with self._lock():
            states = self._at(name, revision)
            saved = Saved(revision=len(states) + 1, undoes_to=revision, by=by, at=datetime.now(UTC), review=review)
            self._keep(name, note, saved)
        return saved

    def undo(self, name: str, note: Note, revision: int, by: str, first: Review) -> Saved:
        """Go back by one change. The journal goes on: undoing is a change like any other.

        Args:
            name: The note's id in the queue.
            note: The note.
            revision: The state that is undone.
            by: Who says so.
            first: The findings as they came.

        Raises:
            ConflictError: Another state has been saved since.
            OutputError: It cannot be written.
        """
        with self._lock():
            states = self._at(name, revision)
            if not states:
                return Saved(revision=0, undoes_to=0, by=by, at=datetime.now(UTC), review=first)
            target = states[-1].undoes_to
            before = states[target - 1] if target else None
            saved = Saved(
                revision=len(states) + 1, undoes_to=before.undoes_to if before else 0, by=by, at=datetime.now(UTC),
                review=before.review if before else first,
            )  # fmt: skip
            self._keep(name, note, saved)
        return saved

    def mend(self, name: str, note: Note) -> None:
        """Write the labels of a note that is done again, where the machine went down before they were on the disk.

        Raises:
            OutputError: They cannot be written.
        """
        with self._lock():
            saved = self.load(name)
            if saved and saved.review.done and self._labelled_revision(name) != saved.revision:
                self._publish(self._prepare(name, labelled(note, saved)))

    def _labelled_revision(self, name: str) -> int | None:
        try:
            found = yaml.safe_load((self.folder / f"{name}.yaml").read_text(encoding="utf-8"))
            return int(found["revision"]) if (self.folder / f"{name}.md").exists() else None
        except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError):
            return None

    def _at(self, name: str, revision: int) -> list[Saved]:
        states = self._states(name)
        if len(states) == revision:
            return states
        if not states:
            raise OutputError(f"{self._path(name)}: gone since the page was loaded", "Load the page again.")
        raise ConflictError(states[-1])

    def _states(self, name: str) -> list[Saved]:
        try:
            lines = self._path(name).read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise OutputError(f"{self._path(name)}: cannot be read ({error.strerror})", "Check its rights.") from None
        states = []
        for number, line in enumerate(lines, start=1):
            try:
                states.append(Saved.model_validate_json(line))
            except ValidationError as error:
                if error.errors()[0]["type"] == "json_invalid":  # the machine went down in the middle of it
                    continue
                raise OutputError(
                    f"{self._path(name)}, line {number}: not a state of this version's",
                    "Update notesense, or move the file away.",
                ) from None
        return states

    def _keep(self, name: str, note: Note, saved: Saved) -> None:
        # labels are on the disk before the journal says that the note is done; they get their names afterwards
        parts = self._prepare(name, labelled(note, saved) if saved.review.done else None)
        self._append(name, saved)
        self._publish(parts)

    def _append(self, name: str, saved: Saved) -> None:
        path = self._path(name)
        size = path.stat().st_size if path.exists() else 0
        line = saved.model_dump_json().encode("utf-8") + b"\n"
        try:
            with path.open("ab") as file:
                file.write(line if not size or _ends_line(path) else b"\n" + line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            with contextlib.suppress(OSError):  # what is said to be lost must not turn up later
                os.truncate(path, size)
            raise OutputError(
                f"{path}: cannot be written ({error.strerror or error})", "Make room, then go on: the page has kept it."
            ) from None

    def _prepare(self, name: str, labels: tuple[str, str] | None) -> list[tuple[Path, Path | None]]:
        """Write labels beside their places; returns the places, each with what goes there, None for nothing."""
        places = self.folder / f"{name}.md", self.folder / f"{name}.yaml"
        prepared: list[tuple[Path, Path | None]] = []
        for place, words in zip(places, labels or (None, None), strict=True):
            part = place.with_suffix(place.suffix + ".part") if words is not None else None
            if part and words is not None:
                try:
                    with part.open("wb") as file:
                        file.write(words.encode("utf-8", "surrogatepass"))
                        file.flush()
                        os.fsync(file.fileno())
                except OSError as error:
                    raise OutputError(
                        f"{place}: cannot be written ({error.strerror or error})",
                        "Make room, then go on: the page has kept it.",
                    ) from None
            prepared.append((place, part))
        return prepared

    def _publish(self, prepared: list[tuple[Path, Path | None]]) -> None:
        for place, part in prepared:
            try:
                if part:
                    part.replace(place)
                else:
                    place.unlink(missing_ok=True)
            except OSError as error:
                raise OutputError(
                    f"{place}: cannot be written ({error.strerror or error})", "Load the page again."
                ) from None

    def _path(self, name: str) -> Path:
        return self.folder / JOURNAL / f"{name}.jsonl"

    def _lock(self) -> FileLock:
        return FileLock(self.folder / JOURNAL / "lock")


def labelled(note: Note, saved: Saved) -> tuple[str, str]:
    """Return the marked note and the label file of a review that is done.

    Raises:
        UsageError: The note's own text holds the signs of marks.
    """
    accepted = [item for item in saved.review.items if item.verdict == "accepted"]
    needs = [item for item in accepted if item.kind != "pitch"]
    pitches = [  # a labelled pitch has one mark, and a mark one line
        item.model_copy(update={"spans": (max(on_lines(note.text, span), key=lambda piece: piece.length),)})
        for item in accepted if item.kind == "pitch" for span in item.spans
    ]  # fmt: skip
    named = [(f"n{i}", item) for i, item in enumerate(needs, start=1)]
    named += [(f"p{i}", item) for i, item in enumerate(pitches, start=1)]
    text = mark(note.text, [(name, span) for name, item in named for span in item.spans])
    content: dict[str, Any] = {
        "client": note.client, "client_unit": note.client_unit, "author_practice": note.practice, "date": note.date,
        "author": note.author, "style": "mixed", "source": note.path, "revision": saved.revision, "reviewer": saved.by, "reviewed": saved.at.isoformat(timespec="seconds"),
    }  # fmt: skip
    if not saved.review.matches_checked:
        content["library"] = "none"
    content["needs"] = [_need(name, item, saved.review.matches_checked) for name, item in named if item in needs]
    content["pitches"] = [
        {"id": name, "tactic": item.tactic, "where": item.where, "rewrite": item.words}
        for name, item in named[len(needs) :]
    ]
    return text, yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)


def _need(name: str, item: Item, with_solutions: bool) -> dict[str, Any]:
    need: dict[str, Any] = {"id": name, "kind": item.kind, "category": item.category, "statement": item.words}
    if with_solutions:
        need["solutions"] = [match.solution_id for match in item.matches if match.verdict == "right"]
    return need


def _ends_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
