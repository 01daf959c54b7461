"""Meetings → the clients that they are of, by name."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

from notesense.accounts.clients import Names
from notesense.accounts.meetings import Meeting
from notesense.domain.accounts import Suggestion


class Directory(NamedTuple):
    """Who there is."""

    clients: dict[str, list[Meeting]]
    """The meetings of each client, by the name that stands for it, in order of the names."""
    suggestions: list[Suggestion]
    """Names that may be one client's."""


def directory(meetings: Sequence[Meeting], names: Names, owners: Collection[str] = ()) -> Directory:
    """Sort meetings by client.

    Args:
        meetings: The archive; those without a client are left out.
        names: Which names are one client's.
        owners: Clients of past solutions, with whose names those of the notes are compared too.
    """
    spelling = names.spelling(Counter(meeting.client for meeting in meetings if meeting.client))
    found: dict[str, list[Meeting]] = defaultdict(list)
    for meeting in meetings:
        if meeting.client:
            found[names.client(meeting.client, spelling)].append(meeting)
    clients = {client: found[client] for client in sorted(found, key=str.casefold)}
    candidates = {*clients, *(name for name in owners if names.client(name, spelling) not in clients)}
    return Directory(clients, [s for s in names.suggest(candidates) if s.name in clients or s.other in clients])


def spellings(meetings: Sequence[Meeting]) -> tuple[str, ...]:
    """Return every way in which a client's meetings write its name."""
    return tuple(dict.fromkeys(meeting.client for meeting in meetings if meeting.client))
