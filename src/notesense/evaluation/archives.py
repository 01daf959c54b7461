"""Labelled archives: notes of recurring clients with their needs threaded over meetings.

A folder with a folder of labelled notes for each client, ``threads.yaml`` and ``clients.yaml``; eval/GUIDELINES.md says
what is in them.
"""

import datetime
from pathlib import Path
from typing import Literal, NamedTuple

import yaml
from pydantic import ValidationError

from notesense.accounts.meetings import Meeting
from notesense.domain.accounts import Status
from notesense.domain.base import Frozen
from notesense.domain.findings import Category, Evidence, Need
from notesense.domain.solutions import Match, Solution
from notesense.domain.spans import Span
from notesense.errors import UsageError
from notesense.evaluation.cases import Case, load_cases


class GoldThread(Frozen):
    """A labelled thread."""

    id: str
    client: str
    unit: str | None = None
    category: Category
    statement: str
    first_seen: datetime.date
    last_seen: datetime.date
    notes: tuple[str, ...]
    status: Status
    addressed_by: str | None = None
    settled_by: str | None = None
    """The note that says that it is addressed or withdrawn."""
    settled_quote: str | None = None
    solutions: tuple[str, ...] = ()
    told: bool | None = None
    exportable: str | None = None


class GoldClient(Frozen):
    """A client and how notes write its name."""

    slug: str
    name: str
    spellings: tuple[str, ...]
    in_library: bool | None = None


class GoldArchive(NamedTuple):
    """A labelled archive."""

    name: str
    cases: tuple[Case, ...]
    """Their batch is the folder of the client."""
    threads: tuple[GoldThread, ...]
    clients: tuple[GoldClient, ...]

    def threads_of(self, slug: str) -> list[GoldThread]:
        """Return the threads of a client that its labelled notes show."""
        shown = {need.thread for case in self.cases if case.batch == slug for need in case.needs}
        return [thread for thread in self.threads if thread.id in shown]


def load_archive(folder: Path) -> GoldArchive:
    """Read a labelled archive.

    Raises:
        UsageError: A file is missing or breaks the format.
    """
    try:
        threads = yaml.safe_load((folder / "threads.yaml").read_text(encoding="utf-8"))["threads"]
        clients = yaml.safe_load((folder / "clients.yaml").read_text(encoding="utf-8"))["clients"]
        return GoldArchive(
            folder.resolve().name,
            tuple(load_cases(folder)),
            tuple(GoldThread.model_validate(thread) for thread in threads),
            tuple(GoldClient.model_validate(client) for client in clients),
        )
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValidationError) as error:
        raise UsageError(
            f"{folder}: not a labelled archive ({error})", "It has threads.yaml and clients.yaml: eval/GUIDELINES.md."
        ) from None


def gold_meeting(case: Case, solutions: dict[str, Solution], form: Literal["written", "quoted"] = "written") -> Meeting:
    """Return the meeting that the labels tell of.

    Args:
        case: The labelled note.
        solutions: The library that its labels name, by id.
        form: Whether needs are stated in the labeller's words, or in the note's own, as the local engine does.
    """
    from notesense.domain.wording import tidy

    def need(index: int) -> Need:
        gold = case.needs[index]
        quotes = [case.note.text[span.start : span.end] for span in gold.spans]
        fits = [_match(solutions[i]) for i in gold.solutions if i in solutions]
        return Need(
            id=gold.id, key=f"{case.name}:{gold.id}", kind=gold.kind, category=gold.category, confidence=None,
            statement=gold.statement if form == "written" else tidy(quotes[0]),
            evidence=tuple(
                Evidence(start=span.start, end=span.end, quote=quote)
                for span, quote in zip(gold.spans, quotes, strict=True)
            ),
            matching="no_index" if not solutions else "matched" if fits else "nothing_fits", matches=tuple(fits),
        )  # fmt: skip

    return meeting_of(case, tuple(need(i) for i in range(len(case.needs))))


def meeting_of(case: Case, needs: tuple[Need, ...]) -> Meeting:
    """Return a meeting with the case's own metadata and these needs."""
    note = case.note
    return Meeting(
        case.name,
        note.client,
        note.client_unit,
        note.author,
        note.practice,
        note.date,
        needs,
        (),
        note.text,
        note.body_start,
    )


def spans_of(need: Need) -> list[Span]:
    """Return where a need shows."""
    return [e.span for e in need.evidence]


def _match(solution: Solution) -> Match:
    return Match(
        solution_id=solution.id, title=solution.title, practice=solution.practice, client=solution.client, lead=solution.lead,
        result=solution.summary, score=None, why="", passage="", outside_practice=False,
    )  # fmt: skip
