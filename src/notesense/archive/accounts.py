"""A batch → the account report: its results, the words of its notes where they are still the same, and the library."""

import re
from pathlib import Path
from typing import NamedTuple

from notesense.accounts import AccountBuilder, BuildOptions, Meeting
from notesense.accounts.build import Progress
from notesense.accounts.clients import read_names
from notesense.accounts.directory import Directory, directory
from notesense.accounts.told import encode_cases
from notesense.archive.contents import Contents
from notesense.archive.ledger import Ledger
from notesense.archive.look import text_of
from notesense.archive.results import Results
from notesense.archive.source import MEMBER
from notesense.archive.vectors import KeptVectors
from notesense.domain.accounts import AccountReport
from notesense.encoding.encoder import shared_encoder
from notesense.errors import UsageError
from notesense.settings import Settings
from notesense.solutions.index import current_generation, read_manifest


class Trend(NamedTuple):
    """What one author's notes hold of pitching, by quarter. For that author's eyes."""

    quarter: str
    notes: int
    flagged: int
    """Notes with a pitch."""
    pitches: int
    tactics: dict[str, int]


def account_report(
    folder: Path,
    settings: Settings,
    options: BuildOptions | None = None,
    *,
    by_folder: bool = False,
    place: Path | None = None,
    progress: Progress | None = None,
) -> AccountReport:
    """Return the account report of a batch.

    Args:
        folder: The output folder of the batch.
        settings: Names of the profile, and the place of the index where the batch does not tell.
        options: How it is made.
        by_folder: Whether a note that does not say its client is of the client that its folder is named after.
        place: The index; by default the one that the batch was run with.
        progress: Called before each client.

    Raises:
        UsageError: No batch was run there, or it has read nothing yet.
        ConfigError: ``clients.yaml`` is damaged or contradicts the profile.
        OutputError: A result is damaged.
        SolutionsError: The index is damaged.
    """
    meetings = read_meetings(folder, by_folder=by_folder)
    encoder = shared_encoder()
    names = read_names(folder, settings.clients)
    index = place or _index_of(folder, settings)
    solutions = read_manifest(index)[2] if current_generation(index) else []
    shown = {match.solution_id for meeting in meetings for need in meeting.needs for match in need.matches}
    kept = KeptVectors(folder, encoder)
    cases = encode_cases((solution for solution in solutions if solution.id in shown), kept.encode)
    builder = AccountBuilder(encoder, names, solutions, cases, kept.encode)
    return builder.build(meetings, options, progress)


def client_names(folder: Path, settings: Settings, *, by_folder: bool = False) -> Directory:
    """Return the clients of a batch and the names that may be one's, without reading a note.

    Raises:
        UsageError: No batch was run there, or it has read nothing yet.
        ConfigError: ``clients.yaml`` is damaged or contradicts the profile.
        OutputError: A result is damaged.
    """
    meetings = read_meetings(folder, by_folder=by_folder, texts=False)
    place = _index_of(folder, settings)
    owners = {s.client for s in read_manifest(place)[2]} if current_generation(place) else set()
    return directory(meetings, read_names(folder, settings.clients), owners)


def check_batch(folder: Path) -> None:
    """Refuse a folder in which no batch was run.

    Raises:
        UsageError: There is no ledger.
    """
    Ledger(folder, writing=False).close()


def read_meetings(folder: Path, *, by_folder: bool = False, texts: bool = True) -> list[Meeting]:
    """Return the notes of a batch that are read, each content once.

    Args:
        folder: The output folder of the batch.
        by_folder: See :func:`account_report`.
        texts: Whether to read the notes' words too, where they have not changed.

    Raises:
        UsageError: No batch was run there, or it has read nothing yet.
        OutputError: A result is damaged.
    """
    results = Results(folder)
    meetings: list[Meeting] = []
    seen: set[str] = set()
    with Ledger(folder, writing=False) as ledger, Contents(ledger.columns()) as contents:
        for row in ledger.rows("done"):
            if not row.hash or row.hash in seen:  # a copy of a note is no second meeting
                continue
            seen.add(row.hash)
            text = text_of(contents, ledger.source(row.key), row.hash) if texts else ""
            for analysis in results.report(row.hash, text).analyses:
                note = analysis.note
                client = note.client or (_folder_of(row.key) if by_folder else None)
                meetings.append(
                    Meeting(row.key, client, note.client_unit, note.author, note.practice, note.date,
                            analysis.needs, analysis.pitches, text, note.body_start)
                )  # fmt: skip
    if not meetings:
        raise UsageError(f"{folder}: no note is read yet", "Run the batch: notesense batch ARCHIVE --out FOLDER")
    return meetings


def pitching_trend(folder: Path, author: str) -> list[Trend]:
    """Return how one author's pitching went, by quarter; notes without a date come last.

    Raises:
        UsageError: No note is by that author.
    """
    own = [m for m in read_meetings(folder, texts=False) if (m.author or "").casefold() == author.casefold()]
    if not own:
        raise UsageError(f"no note in {folder} is by {author}", "Give the name as the notes write it.")
    quarters = sorted({_quarter(m) for m in own})
    trends = []
    for quarter in quarters:
        found = [m for m in own if _quarter(m) == quarter]
        tactics: dict[str, int] = {}
        for pitch in (p for m in found for p in m.pitches):
            tactics[pitch.tactic] = tactics.get(pitch.tactic, 0) + 1
        flagged = sum(bool(m.pitches) for m in found)
        trends.append(Trend(quarter, len(found), flagged, sum(tactics.values()), tactics))
    return trends


def _quarter(meeting: Meeting) -> str:
    return f"{meeting.date.year} Q{(meeting.date.month + 2) // 3}" if meeting.date else "without a date"


def _folder_of(key: str) -> str | None:
    """Return the folder that a note without a client stands in: the outermost that is no year; of a listed path the innermost."""
    path = key.rsplit(MEMBER, 1)[-1].replace("\\", "/")
    folders = [part for part in path.split("/")[:-1] if re.search(r"[^\W\d]", part)]
    if not folders:
        return None
    return folders[-1 if Path(key).is_absolute() else 0]


def _index_of(folder: Path, settings: Settings) -> Path:
    """Return the place of the index that a batch was run with, if it is still there."""
    with Ledger(folder, writing=False) as ledger:
        known = ledger.meta("index")
    return Path(known) if known and current_generation(Path(known)) else settings.index
