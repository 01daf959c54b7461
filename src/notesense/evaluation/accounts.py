"""How good the account view is: threads, statuses and views against a labelled archive.

Each client is a case; metrics are ratios of sums over clients, as everywhere. docs/evaluation.md has the formulas.
"""

import datetime
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from notesense.accounts import AccountBuilder, Meeting, Names
from notesense.accounts.clients import bare
from notesense.accounts.told import encode_cases
from notesense.accounts.views import VIEWS, View, view
from notesense.domain.accounts import AccountReport, Thread
from notesense.encoding.encoder import shared_encoder
from notesense.evaluation.archives import GoldArchive, GoldThread, gold_meeting, load_archive, meeting_of, spans_of
from notesense.evaluation.metrics import pair_up
from notesense.evaluation.runner import Bench, pipeline_of
from notesense.evaluation.scorecard import Scores, score_tallies
from notesense.evaluation.tally import Ratio, Tally
from notesense.settings import Settings
from notesense.solutions.index import current_generation
from notesense.solutions.library import load_library

OF_SOLUTIONS: frozenset[View] = frozenset({"unspoken", "exportable", "unanswered"})
"""Views that are scored only where solutions are labelled."""


def measure_archive(folder: Path, library: Path | None, found_by: Settings | None = None) -> Scores:
    """Return how good the account view is on a labelled archive.

    Args:
        folder: The archive.
        library: The solution library that its labels name.
        found_by: The settings of an engine that finds the needs first; None takes the labelled ones.

    Raises:
        UsageError: It is no labelled archive.
        LibraryError: The library has faults.
    """
    archive = load_archive(folder)
    solutions = {solution.id: solution for solution in load_library(library)} if library else {}
    encoder = shared_encoder()
    if found_by:
        meetings = _found(archive, found_by)
    else:
        meetings = [gold_meeting(case, solutions if case.has_solutions else {}) for case in archive.cases]
    cases = encode_cases(solutions.values(), encoder.encode)
    return score_accounts(archive, meetings, AccountBuilder(encoder, names_of(archive), solutions.values(), cases))


def _found(archive: GoldArchive, settings: Settings) -> list[Meeting]:
    index = settings.index if current_generation(settings.index) else None
    pipeline = pipeline_of(Bench(settings.engine, settings, index, Path(), None))
    return [meeting_of(case, pipeline.analyze(case.note).needs) for case in archive.cases]


class Aligned(NamedTuple):
    """Mentions of a report against those of the labels."""

    gold_of: dict[str, str]
    """Labelled thread of each need that was found, by the need's key."""
    gold_mentions: Counter[str]
    """How many mentions each labelled thread has."""


def names_of(archive: GoldArchive) -> Names:
    """Return the names as somebody would have merged them who accepts what the labels say."""
    return Names({client.name: client.spellings for client in archive.clients})


def score_accounts(archive: GoldArchive, meetings: Sequence[Meeting], builder: AccountBuilder) -> Scores:
    """Return the metrics of the account view over an archive; see :func:`tally_accounts`."""
    return score_tallies(tally_accounts(archive, meetings, builder))


def tally_accounts(archive: GoldArchive, meetings: Sequence[Meeting], builder: AccountBuilder) -> list[Tally]:
    """Return what each client of an archive contributes to every metric, and what all their names do.

    Args:
        archive: The labels.
        meetings: The same notes with the needs that are threaded: labelled or found ones.
        builder: Makes the report; it must merge names as :func:`names_of` does.
    """
    report = builder.build(meetings)
    aligned = _align(archive, meetings)
    tallies = []
    for client in archive.clients:
        gold = archive.threads_of(client.slug)
        is_labelled = any(case.has_solutions for case in archive.cases if case.batch == client.slug)
        if gold:
            tallies.append(
                Tally(
                    client.slug,
                    archive.name,
                    _client(gold, report, client.name, aligned, is_labelled=is_labelled),
                    [],
                    {},
                )
            )
    tallies.append(Tally("names", archive.name, _suggestions(archive), [], {}))
    return tallies


def _align(archive: GoldArchive, meetings: Sequence[Meeting]) -> Aligned:
    """Match the needs of each note one to one, as the suite does for single notes."""
    gold_of: dict[str, str] = {}
    mentions: Counter[str] = Counter()
    cases = {case.name: case for case in archive.cases}
    for meeting in meetings:
        gold = [need for need in cases[meeting.key].needs if need.thread]
        mentions.update(need.thread for need in gold if need.thread)
        for p, g in pair_up([spans_of(need) for need in meeting.needs], [need.spans for need in gold]):
            gold_of[meeting.needs[p].key] = gold[g].thread or ""
    return Aligned(gold_of, mentions)


def _client(
    gold: Sequence[GoldThread], report: AccountReport, name: str, aligned: Aligned, *, is_labelled: bool
) -> dict[str, Ratio]:
    threads = [t for account in report.accounts if account.client == name for t in account.threads]
    home = {thread.id: _home(thread, aligned) for thread in threads}
    ours = {t.id: _majority(t.id, threads, aligned) for t in gold}
    ratios = _pairs(gold, threads, aligned)
    right = [ours[t.id] is not None and ours[t.id].status == t.status for t in gold]  # type: ignore[union-attr]
    ratios["status.accuracy"] = (sum(right), len(gold))
    ended = [t for t in gold if t.status != "open"]
    said = [t for t in threads if t.settled]
    found = [t for t in ended if _settled_by(ours[t.id]) == t.settled_by]
    ratios["settled.recall"] = (len(found), len(ended))
    of_note = {(t.id, t.settled_by) for t in ended}
    ratios["settled.precision"] = (sum((home[t.id], _settled_by(t)) in of_note for t in said), len(said))
    labelled = [(t, thread) for t in gold if t.told is not None and t.solutions and (thread := ours[t.id])]
    fits = [(t.told, any(fit.told for fit in thread.fits)) for t, thread in labelled if thread.fits]
    ratios["told.accuracy"] = (sum(a == b for a, b in fits), len(fits))
    for each in VIEWS:
        wanted = {t.id for t in gold if _belongs(t, each, report) and (is_labelled or each not in OF_SOLUTIONS)}
        shown = {item.thread.id: home[item.thread.id] for item in view(report, each) if item.thread.client == name}
        hits = len(wanted & set(filter(None, shown.values())))
        ratios[f"{each}.precision"] = (hits, len(shown))
        ratios[f"{each}.recall"] = (hits, len(wanted))
    return ratios


def _pairs(gold: Sequence[GoldThread], threads: Sequence[Thread], aligned: Aligned) -> dict[str, Ratio]:
    """Return the counts over pairs of mentions; those that were not found cannot be paired and count as missed."""
    known = [[aligned.gold_of[m.key] for m in t.mentions if m.key in aligned.gold_of] for t in threads]
    joined = sum(len(list(combinations(own, 2))) for own in known)
    right = sum(a == b for own in known for a, b in combinations(own, 2))
    wanted = sum(n * (n - 1) // 2 for n in (aligned.gold_mentions[t.id] for t in gold))
    return {
        "thread.precision": (right, joined),
        "thread.recall": (right, wanted),
        "thread.f1": (2 * right, joined + wanted),
    }


def _home(thread: Thread, aligned: Aligned) -> str | None:
    """Return the labelled thread that most mentions of a thread are of."""
    found = Counter(aligned.gold_of[m.key] for m in thread.mentions if m.key in aligned.gold_of)
    return found.most_common(1)[0][0] if found else None


def _majority(gold: str, threads: Sequence[Thread], aligned: Aligned) -> Thread | None:
    """Return the thread that holds most mentions of a labelled one, of equal ones that of the latest."""
    held = [
        (sum(aligned.gold_of.get(m.key) == gold for m in t.mentions), t.last_seen or datetime.date.min) for t in threads
    ]
    best = max(range(len(threads)), key=lambda i: held[i], default=None)
    return threads[best] if best is not None and held[best][0] else None


def _settled_by(thread: Thread | None) -> str | None:
    return thread.settled.note.rsplit("/", 1)[-1] if thread and thread.settled else None


def _belongs(thread: GoldThread, each: View, report: AccountReport) -> bool:
    if thread.status != "open":
        return False
    match each:
        case "matrix":
            return True
        case "unspoken":
            return bool(thread.solutions) and not thread.told
        case "exportable":
            return thread.exportable is not None
        case "unanswered":
            return not thread.solutions
        case "quiet":
            return report.as_of is not None and (report.as_of - thread.last_seen).days >= report.quiet_days


def _suggestions(archive: GoldArchive) -> dict[str, Ratio]:
    """Return the counts over pairs of names that notes write: joined by suggestions, one after another, or one client's."""
    home = {bare(s): client.name for client in archive.clients for s in (client.name, *client.spellings)}
    written = {bare(case.note.client): case.note.client for case in archive.cases if case.note.client}
    group = {name: {name} for name in written}
    for suggestion in Names().suggest(written.values()):
        joined = group[bare(suggestion.name)] | group[bare(suggestion.other)]
        group |= dict.fromkeys(joined, joined)
    pairs = list(combinations(written, 2))
    suggested = {(a, b) for a, b in pairs if b in group[a]}
    true = {(a, b) for a, b in pairs if home.get(a) == home.get(b)}
    both = len(suggested & true)
    return {"names.precision": (both, len(suggested)), "names.recall": (both, len(true))}
