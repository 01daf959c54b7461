"""Meetings of a client, written for the tests."""

import datetime
from collections.abc import Callable

import pytest

from notesense.accounts import AccountBuilder, Meeting, Names
from notesense.domain.findings import Category, Evidence, Kind, Need, PitchFlag
from notesense.domain.solutions import Match, Solution
from notesense.encoding.encoder import shared_encoder

ROOF = "the gymnasium roof leaks onto the floor whenever it rains"
LEASE = "nobody keeps track of when the leases of the branch offices run out"


def solution(identity: str, client: str, unit: str | None, title: str, summary: str) -> Solution:
    return Solution(id=identity, title=title, practice="Buildings", client=client, client_unit=unit, lead="Ada Quill",
                    summary=summary, text=summary)  # fmt: skip


RENEWAL = solution(
    "B-1", "Oakmere College", "Estates", "Roof renewal of a sports hall", "A leaking hall roof renewed in one summer."
)
REGISTER = solution(
    "G-1", "Somebody Else", "Records", "Lease register", "A register of leases with dates and reminders."
)


def need(text: str, quote: str, statement: str, kind: Kind = "implied", category: Category = "condition_capacity",
         fits: tuple[Solution, ...] = ()) -> Need:  # fmt: skip
    start = text.index(quote)
    matches = tuple(
        Match(solution_id=s.id, title=s.title, practice=s.practice, client=s.client, lead=s.lead, result=s.summary, score=0.8,
              why="", passage="", outside_practice=False) for s in fits
    )  # fmt: skip
    return Need(
        id="n1", key=f"{hash((text, quote)) & 0xFFFFFF:x}", kind=kind, category=category, statement=statement, confidence=0.7,
        evidence=(Evidence(start=start, end=start + len(quote), quote=quote),),
        matching="matched" if fits else "nothing_fits", matches=matches,
    )  # fmt: skip


def meeting(key: str, day: str, text: str, *needs: Need, client: str | None = "Oakmere College", unit: str | None = None,
            author: str | None = None, pitches: tuple[PitchFlag, ...] = ()) -> Meeting:  # fmt: skip
    return Meeting(key, client, unit, author, "Buildings", datetime.date.fromisoformat(day), needs, pitches, text)


@pytest.fixture
def meetings() -> list[Meeting]:
    """A leaking roof, told of twice and mended; leases, told of once."""
    first = f"Walk with the sports office. They said {ROOF}. New banners were nice."
    second = f"Estates call. The hall roof again: {ROOF.replace('gymnasium', 'sports hall')}.\nAlso, {LEASE}."
    third = (
        "Year end. The gymnasium roof was renewed over the summer and there has not been a drop since.\nLunch was good."
    )
    return [
        meeting("2024/a.md", "2024-02-01", first, need(first, ROOF, "Stop the roof of the gymnasium from leaking.",
                fits=(RENEWAL,)), unit="Sports"),
        meeting("2024/b.md", "2024-06-01", second,
                need(second, ROOF.replace("gymnasium", "sports hall"), "Stop the leaks in the roof of the gymnasium hall.", fits=(RENEWAL,)),
                need(second, LEASE, "Keep track of the leases of the branch offices.", category="operations"),
                client="OAKMERE college", unit="Sports"),
        meeting("2025/c.md", "2025-03-01", third),
    ]  # fmt: skip


@pytest.fixture
def build() -> Callable[..., AccountBuilder]:
    encoder = shared_encoder()

    def build(names: Names | None = None, *solutions: Solution) -> AccountBuilder:
        cases = {s.id: encoder.encode([s.title, s.summary]) for s in solutions}
        return AccountBuilder(encoder, names or Names(), solutions, cases)

    return build
