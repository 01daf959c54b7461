from pathlib import Path

import pytest

from notesense.errors import UsageError
from notesense.evaluation.agreement import measure_agreement
from tests.archive.conftest import write

LABEL = """
style: minutes
needs:
{needs}
pitches: []
"""
NEED = "  - {{id: {id}, kind: {kind}, category: operations, statement: x, solutions: []}}"


def labelled(folder: Path, note: str, *needs: tuple[str, str]) -> Path:
    write(folder / "a" / "n.md", note)
    listed = "\n".join(NEED.format(id=i, kind=kind) for i, kind in needs)
    write(folder / "a" / "n.yaml", LABEL.format(needs=listed))
    return folder


def test_one_persons_labels_are_scored_against_the_others(tmp_path: Path) -> None:
    one = labelled(
        tmp_path / "one", "The ⟦n1|roof leaks⟧ and the ⟦n2|phone is dead⟧.", ("n1", "implied"), ("n2", "stated")
    )
    two = labelled(tmp_path / "two", "The ⟦n1|roof leaks⟧ and the phone is dead.", ("n1", "stated"))
    notes, there = measure_agreement(one, two)
    _, back = measure_agreement(two, one)
    assert notes == 1
    assert there.metrics["need.f1"].value == back.metrics["need.f1"].value == pytest.approx(2 / 3, abs=1e-4)
    assert there.metrics["kind.accuracy"].value == 0.0
    assert "seconds" not in there.metrics
    assert measure_agreement(one, one)[1].metrics["need.f1"].value == 1.0


def test_other_notes_cannot_be_compared(tmp_path: Path) -> None:
    one = labelled(tmp_path / "one", "The ⟦n1|roof leaks⟧.", ("n1", "implied"))
    two = labelled(tmp_path / "two", "The ⟦n1|pump leaks⟧.", ("n1", "implied"))
    with pytest.raises(UsageError, match="no note in common"):
        measure_agreement(one, two)
