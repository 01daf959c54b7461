"""Meetings → the account report."""

import datetime
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from notesense.accounts.clients import Names, bare, same_unit
from notesense.accounts.directory import directory, spellings
from notesense.accounts.meetings import Encode, Meeting, Occurrence, Rarity, Reading
from notesense.accounts.settle import Later, SettleModel, settle
from notesense.accounts.threads import Threading
from notesense.accounts.told import Telling
from notesense.domain.accounts import Account, AccountReport, Fit, NeedMention, Settlement, Thread
from notesense.domain.findings import Category
from notesense.domain.solutions import Match, Solution
from notesense.encoding.encoder import Encoder, Vectors
from notesense.encoding.logistic import Logistic
from notesense.engines.local.lexical import Floats

QUIET_DAYS = 180
Progress = Callable[[str, int, int], None]
"""Called before each client with its name, its number from 1, and how many there are."""


class BuildOptions(NamedTuple):
    """How a report is made."""

    as_of: datetime.date | None = None
    """The day from which silence is counted; that of the newest meeting by default."""
    quiet_days: int = QUIET_DAYS


class AccountBuilder:
    """Makes account reports.

    Args:
        encoder: The sentence encoder.
        names: Which names are one client's.
        solutions: The solution library; none where there is no index.
        cases: Vectors of each solution's passages by its id.
        encode: Encodes sentences; by default with the encoder, each time anew.
        threading: The models of threads; the bundle's own by default.
        settling: The model of statuses; the bundle's own by default.
        telling: The model of what was told; the bundle's own by default.
    """

    def __init__(
        self,
        encoder: Encoder,
        names: Names,
        solutions: Iterable[Solution] = (),
        cases: Mapping[str, Vectors] | None = None,
        encode: Encode | None = None,
        threading: Threading | None = None,
        settling: SettleModel | None = None,
        telling: Logistic | None = None,
    ) -> None:
        self._encoder = encoder
        self._encode = encode or encoder.encode
        self._names = names
        self._solutions = {solution.id: solution for solution in solutions}
        self._threading = threading or Threading.of(encoder)
        self._settling = settling or SettleModel.of(encoder)
        self._telling = Telling(cases or {}, telling or Logistic.read(encoder.bundle, "told"))

    def build(
        self, meetings: Sequence[Meeting], options: BuildOptions | None = None, progress: Progress | None = None
    ) -> AccountReport:
        """Return the report.

        Args:
            meetings: The archive.
            options: How it is made.
            progress: Called before each client.
        """
        options = options or BuildOptions()
        rarity = Rarity(meeting.text for meeting in meetings if meeting.text)
        found = directory(meetings, self._names, {s.client for s in self._solutions.values()})
        accounts = []
        for number, (client, own) in enumerate(found.clients.items(), start=1):
            if progress:
                progress(client, number, len(found.clients))
            accounts.append(self._account(client, own, rarity))
        dates = [meeting.date for meeting in meetings if meeting.date]
        past = [day for day in dates if day <= datetime.date.today()]  # a slip of the pen is no today
        return AccountReport(
            as_of=options.as_of or max(past, default=None),
            quiet_days=options.quiet_days,
            notes=len(meetings),
            without_client=sum(not meeting.client for meeting in meetings),
            without_date=len(meetings) - len(dates),
            without_text=sum(not meeting.text for meeting in meetings),
            accounts=tuple(accounts),
            suggestions=tuple(found.suggestions),
        )

    def _account(self, client: str, meetings: list[Meeting], rarity: Rarity) -> Account:
        meetings = sorted(meetings, key=lambda meeting: meeting.order)
        found = [Occurrence(meeting, need) for meeting in meetings for need in meeting.needs]
        groups, likely = self._threading.group(found, rarity, self._encoder)
        threads = [[found[i] for i in group] for group in groups]
        readings = {m.key: Reading(m, self._encode) for m in meetings if m.text}
        later = [Later(reading, self._settling.sounds) for reading in readings.values()]
        ends = settle(threads, later, rarity, self._encoder, self._settling)
        dates = [meeting.date for meeting in meetings if meeting.date]
        return Account(
            client=client,
            spellings=spellings(meetings),
            notes=len(meetings),
            units=tuple(dict.fromkeys(meeting.unit for meeting in meetings if meeting.unit)),
            first_seen=min(dates, default=None),
            last_seen=max(dates, default=None),
            threads=tuple(
                self._thread(client, thread, likely[np.ix_(group, group)], end, readings)
                for thread, group, end in zip(threads, groups, ends, strict=True)
            ),
        )

    def _thread(
        self,
        client: str,
        thread: list[Occurrence],
        likely: Floats,
        end: Settlement | None,
        readings: Mapping[str, Reading],
    ) -> Thread:
        mentions = [_mention(o, likely[i], i) for i, o in enumerate(thread)]
        dates = [m.date for m in mentions if m.date]
        spokesman = max(thread, key=lambda o: (o.is_written, _sure(o.need.confidence), o.meeting.order))
        units = tuple(dict.fromkeys(m.unit for m in mentions if m.unit))
        return Thread(
            id="t-" + hashlib.sha256(f"{bare(client)}:{thread[0].need.key}".encode()).hexdigest()[:10],
            client=client,
            category=_category(thread),
            kind="stated" if any(o.need.kind == "stated" for o in thread) else "implied",
            statement=spokesman.need.statement,
            first_seen=min(dates, default=None),
            last_seen=max(dates, default=None),
            units=units,
            mentions=tuple(mentions),
            settled=end,
            fits=tuple(self._fit(client, thread, match, units, readings) for match in _matches(thread)),
            searched=any(o.need.matching != "no_index" for o in thread),
        )

    def _fit(
        self, client: str, thread: list[Occurrence], match: Match, units: Sequence[str], readings: Mapping[str, Reading]
    ) -> Fit:
        solution = self._solutions.get(match.solution_id)
        unit = solution.client_unit if solution else None
        is_theirs = bare(self._names.client(match.client, {})) == bare(client)
        return Fit(
            solution_id=match.solution_id, title=match.title, practice=match.practice, client=match.client, client_unit=unit,
            lead=match.lead, score=match.score,
            exportable=is_theirs and unit is not None and bool(units) and not any(same_unit(unit, own) for own in units),
            told=self._telling.told(thread, match, readings), looked=self._telling.looked(thread, match, readings),
        )  # fmt: skip


def _mention(occurrence: Occurrence, likely: Floats, at: int) -> NeedMention:
    meeting, need = occurrence.meeting, occurrence.need
    others = np.delete(likely, at)
    return NeedMention(
        note=meeting.key, date=meeting.date, unit=meeting.unit, practice=meeting.practice, key=need.key, kind=need.kind,
        category=need.category, statement=need.statement, quotes=tuple(e.quote for e in need.evidence),
        likeness=round(float(others.mean()), 3) if len(others) else None,
    )  # fmt: skip


def _category(thread: Sequence[Occurrence]) -> Category:
    weight: dict[Category, float] = defaultdict(float)
    for occurrence in thread:
        weight[occurrence.need.category] += _sure(occurrence.need.confidence)
    return max(weight, key=lambda category: weight[category])


def _matches(thread: Sequence[Occurrence]) -> list[Match]:
    """Return the best match with each solution, the surest first."""
    best: dict[str, Match] = {}
    for match in (match for occurrence in thread for match in occurrence.need.matches):
        if match.solution_id not in best or _sure(match.score) > _sure(best[match.solution_id].score):
            best[match.solution_id] = match
    return sorted(best.values(), key=lambda match: -_sure(match.score))


def _sure(probability: float | None) -> float:
    """Return a probability; what an engine chose without telling how sure it is counts as certain."""
    return 1.0 if probability is None else probability
