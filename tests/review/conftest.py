"""A queue of two notes that were analysed by hand, one of them hostile."""

from pathlib import Path

import pytest

from notesense.domain.analysis import Analysis
from notesense.domain.findings import Need, PitchFlag
from notesense.domain.notes import Note
from notesense.domain.solutions import Solution
from notesense.review import Corrections, Queue, Reviewer
from notesense.review.queue import Entry
from notesense.settings import Settings
from tests.reporting.hand_made import at, match
from tests.reporting.test_html import NASTY

ROOF = (
    "The tank is rusting through.\n"
    "Ana: The roof leaks again, 🙂 third time.\r\n"
    "She wants one page for the board.\n"
    f"{NASTY.replace('⟦n1|x⟧', '')}\n"
    "Told her we are the best.\n" + "x" * 20_000 + "\n"
)
CALM = "Nothing to report.\nThe tank is full.\nWe know better than they do.\n"
CALLED = "Told her we are the best."


def analysis(text: str, path: str, needs: tuple[Need, ...] = (), pitches: tuple[PitchFlag, ...] = ()) -> Analysis:
    note = Note(text=text, path=path, language="en", client="City of Marlow", client_unit="Parks", practice="Water")
    return Analysis(note=note, needs=needs, pitches=pitches, text=text)


ANALYSES = {
    "roof-1": analysis(
        ROOF, "old/roof <b>.md",
        needs=(
            Need(id="n1", key="1", kind="implied", category="condition_capacity", statement="The roof leaks again.", confidence=0.9,
                 evidence=(at(ROOF, "The roof leaks again, 🙂 third time."),), matching="matched",
                 matches=(match("A-1"), match("A-2"))),
            Need(id="n2", key="2", kind="stated", category="operations", statement="One page for the board.", confidence=0.6,
                 evidence=(at(ROOF, "She wants one page for the board."),)),
        ),
        pitches=(PitchFlag(id="p1", key="3", tactic="credentials", where="noted", confidence=0.7, rewrite="Ask her.",
                           evidence=(at(ROOF, CALLED),)),),
    ),
    "calm-2": analysis(CALM, "calm.md"),
}  # fmt: skip
SOLUTIONS = [
    Solution(id=i, title=f"Case {i}", practice="Water", client="Pell", text="x") for i in ("A-1", "A-2", "A-3")
]


@pytest.fixture
def queue() -> Queue:
    entries = [Entry("calm-2", "calm.md", 0.0, 0), Entry("roof-1", "old/roof <b>.md", 0.3, 3)]
    return Queue(entries, lambda entry: (ANALYSES[entry.id].text or "", ANALYSES[entry.id]), Settings())


@pytest.fixture
def corrections(tmp_path: Path) -> Corrections:
    return Corrections(tmp_path / "corrections")


@pytest.fixture
def reviewer(queue: Queue, corrections: Corrections) -> Reviewer:
    return Reviewer(queue, corrections, SOLUTIONS, "Ana")
