"""What is to be reviewed: the notes of a batch, or of a folder, those of which the engine is least sure first."""

import hashlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from notesense.analyzer import Analyzer
from notesense.archive.contents import Contents
from notesense.archive.ledger import FILE as LEDGER
from notesense.archive.ledger import Ledger
from notesense.archive.look import text_of
from notesense.archive.results import Results
from notesense.chunking import split_note
from notesense.domain.analysis import Analysis
from notesense.domain.findings import Need, PitchFlag
from notesense.domain.notes import Note
from notesense.domain.spans import Span
from notesense.errors import NoNotesError
from notesense.review.state import uncertainty
from notesense.settings import Settings

Progress = Callable[[str, int], None]
MOST_TOLD = 5
"""Notes that are left out and named."""


class Entry(NamedTuple):
    """One note of the queue."""

    id: str
    """Its name among the corrections: short, and no other note's."""
    name: str
    """As the archive or folder calls it."""
    uncertainty: float
    findings: int


class Material(NamedTuple):
    """What a reviewer sees of a note."""

    note: Note
    analysis: Analysis
    sentences: list[Span]


class Queue:
    """The notes, in the order in which they are best looked at.

    Args:
        entries: The notes.
        load: Returns text and analysis of an entry; None where the note has gone or changed.
        settings: For the sides of speakers.
        left_out: Why notes cannot be reviewed, one line each.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        load: Callable[[Entry], tuple[str, Analysis] | None],
        settings: Settings,
        left_out: Sequence[str] = (),
    ) -> None:
        self.entries = sorted(entries, key=lambda e: (-e.uncertainty, e.name))
        self.left_out = list(left_out)
        self._by_id = {entry.id: entry for entry in entries}
        self._load = load
        self._settings = settings

    def material(self, identity: str) -> Material | None:
        """Return a note with its analysis; None where there is no such note, or it has gone or changed."""
        entry = self._by_id.get(identity)
        found = self._load(entry) if entry else None
        if not entry or not found:
            return None
        text, analysis = found
        about = analysis.note
        note = Note(
            text=text, path=entry.name, language="en", body_start=about.body_start, client=about.client,
            client_unit=about.client_unit, practice=about.practice, date=about.date, author=about.author,
        )  # fmt: skip
        sentences = [Span(s.start, s.end) for s in split_note(note, self._settings.firm) if s.form != "header"]
        return Material(note, analysis, sentences)


def queue_of(
    place: Path, settings: Settings, *, recursive: bool = False, progress: Progress | None = None
) -> Queue:  # fmt: skip
    """Return the queue of a batch's output folder, or of a note or a folder of notes, which is analysed first.

    Args:
        place: The folder or file.
        settings: Of the analysis.
        recursive: Whether folders inside a folder of notes are read too.
        progress: Called before each note that is analysed.

    Raises:
        NoNotesError: There is nothing to review.
        NotesenseError: The batch or the notes cannot be read.
    """
    queue = _of_batch(place, settings) if (place / LEDGER).exists() else _of_notes(place, settings, recursive, progress)
    if not queue.entries:
        raise NoNotesError(
            "; ".join([f"{place}: no note there can be reviewed", *queue.left_out[:MOST_TOLD]]),
            "Name the output folder of a batch, or a folder of notes.",
        )
    return queue


def _of_batch(folder: Path, settings: Settings) -> Queue:
    results = Results(folder)
    entries: list[Entry] = []
    digests: dict[str, tuple[str, str]] = {}
    seen: set[str] = set()
    left_out: list[str] = []
    with Ledger(folder, writing=False) as ledger, Contents(ledger.columns()) as contents:
        for row in ledger.rows("done"):
            if not row.hash or row.hash in seen:
                continue
            seen.add(row.hash)
            text = text_of(contents, ledger.source(row.key), row.hash)
            if not text:
                left_out.append(f"{row.key}: changed or gone since it was read")
                continue
            for analysis in results.report(row.hash).analyses:
                entry = _entry(row.key, _digest(text), analysis)
                entries.append(entry)
                digests[entry.id] = row.key, row.hash

    def load(entry: Entry) -> tuple[str, Analysis] | None:
        key, digest = digests[entry.id]
        with Ledger(folder, writing=False) as ledger, Contents(ledger.columns()) as contents:
            text = text_of(contents, ledger.source(key), digest)
        return (text, results.report(digest, text).analyses[0]) if text else None

    return Queue(entries, load, settings, left_out)


def _of_notes(place: Path, settings: Settings, recursive: bool, progress: Progress | None) -> Queue:
    with Analyzer(settings) as analyzer:
        report = analyzer.analyze([place], recursive=recursive, with_text=True, progress=progress)
    found = {}
    seen: set[str] = set()
    for analysis in report.analyses:
        digest = _digest(analysis.text or "")
        if digest in seen:  # a copy of a note is reviewed once
            continue
        seen.add(digest)
        path = Path(analysis.note.path)
        name = str(path.relative_to(place)) if path != place and path.is_relative_to(place) else path.name
        found[_entry(name, digest, analysis)] = analysis

    def load(entry: Entry) -> tuple[str, Analysis] | None:
        return found[entry].text or "", found[entry]

    return Queue(list(found), load, settings, [f"{s.message}. {s.hint}" for s in report.skipped])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _entry(name: str, digest: str, analysis: Analysis) -> Entry:
    stem = re.sub(r"[^a-z0-9]+", "-", Path(name).stem.lower()).strip("-")[:40] or "note"
    findings: list[Need | PitchFlag] = [*analysis.needs, *analysis.pitches]
    return Entry(f"{stem}-{digest[:8]}", name, uncertainty(findings), len(findings))
