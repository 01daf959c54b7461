from pathlib import Path

import pytest

from notesense.errors import OutputError, UsageError
from notesense.evaluation.add import add_note
from notesense.evaluation.cases import load_cases
from notesense.evaluation.validate import count_folder, find_faults
from notesense.reading import note_of_text
from notesense.solutions.library import load_library
from tests.conftest import LIBRARY, ROOT
from tests.evaluation.builders import write_note

NEED = "  - {id: n1, kind: implied, category: operations, statement: Stop it.}\n"
GOOD = f"style: bullets\nneeds:\n{NEED}pitches: []\n"


def test_the_shipped_examples_have_no_fault() -> None:
    known = frozenset(solution.id for solution in load_library(LIBRARY))
    assert [str(f) for folder in ("notes", "pairs") for f in find_faults(ROOT / "eval" / folder, known)] == []
    second = frozenset(solution.id for solution in load_library(ROOT / "eval/second/library"))
    assert len(second) == 24
    assert find_faults(ROOT / "eval/second", second) == []


@pytest.mark.parametrize(
    ("marked", "labels", "expected"),
    [
        ("a\n⟦n1|b\nc⟧", GOOD, ["note.md:2: a mark is nested", "note.md:3: a mark is nested", "never marked"]),
        ("⟦x1|b⟧ ⟦n1|c⟧", GOOD, ["note.md:1: “x1” is not an id"]),
        ("⟦n1|c⟧ ⟦n2|c⟧", GOOD, ["note.md:1: n2 is marked and not declared"]),
        ("⟦n1|c⟧", GOOD.replace("implied", "hinted"), ["note.yaml:3: n1: kind 'hinted' is not one of stated"]),
        ("⟦n1|c⟧", GOOD.replace("Stop it.", "''"), ["note.yaml:3: n1: no statement"]),
        ("⟦n1|c⟧", GOOD.replace("bullets", "poem"), ["note.yaml:1: style 'poem'"]),
        ("⟦n1|c⟧", GOOD + " x", ["not valid YAML"]),
        ("⟦n1|c⟧", f"{GOOD}".replace(NEED, NEED + NEED), ["n1 is declared 2 times"]),
        ("⟦n1|c⟧", GOOD.replace("it.}", "it., solutions: [Q-9]}"), ["has no solution Q-9"]),
        ("⟦n1|c⟧ ⟦p1|a⟧ ⟦p1|b⟧", GOOD, ["p1 is marked twice", "p1 is marked and not declared"]),
        ("⟦n1|c⟧", GOOD, []),
    ],
)
def test_faults_name_file_and_line(tmp_path: Path, marked: str, labels: str, expected: list[str]) -> None:
    write_note(tmp_path, "note", marked, labels)
    found = [str(fault) for fault in find_faults(tmp_path, frozenset({"W-01"}))]
    assert len(found) == len(expected)
    for fault, words in zip(found, expected, strict=True):
        assert words in fault
        assert fault.startswith(str(tmp_path))


def test_marks_without_labels_are_a_fault(tmp_path: Path) -> None:
    (tmp_path / "note.md").write_text("⟦n1|c⟧", encoding="utf-8")
    assert "no labels stand in" in str(find_faults(tmp_path)[0])


def test_faults_of_minimal_pairs(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(
        "- group: one\n  passages:\n    - {context: [], text: a, label: none}\n    - {context: [], text: b, label: none}\n"
        "- group: two\n  passages:\n    - {context: [], text: a, label: need:wished:cost}\n    - {context: [], text: '', label: none}\n"
        "- group: two\n  passages:\n    - {context: [], text: a, label: pitch:pressure}\n    - {context: [], text: b, label: none}\n"
    )
    found = [str(fault).rsplit("p.yaml:", 1)[1] for fault in find_faults(tmp_path)]
    assert [f.split(":")[0] for f in found] == ["1", "5", "5", "5"]
    assert "one label" in found[0]
    assert "need:wished:cost" in found[1]
    assert "without text" in found[2]
    assert "two groups two" in found[3]


def test_what_is_counted(tmp_path: Path) -> None:
    write_note(tmp_path / "x", "note", "⟦n1|c⟧ d", GOOD)
    rows = dict(count_folder(tmp_path))
    assert rows["x"] == rows["all"]
    assert (rows["x"]["notes"], rows["x"]["needs"], rows["x"]["implied"], rows["x"]["no pitch"]) == (1, 1, 1, 1)


def test_an_added_note_is_ready_to_be_labelled_and_nothing_is_replaced(tmp_path: Path) -> None:
    note = note_of_text("Client: Marlow\n\nThe roof leaks.\r\n", "met.md")
    added = add_note(note, tmp_path / "cases")
    assert added.note.read_bytes() == note.text.encode()
    (fault,) = find_faults(tmp_path / "cases")
    assert "not marked up yet" in str(fault)
    with pytest.raises(UsageError, match="not marked up yet"):
        load_cases(tmp_path / "cases")
    todo, rest = added.labels.read_text().split("\n", 1)
    assert todo.startswith("todo: ")
    added.labels.write_text(rest)
    assert find_faults(tmp_path / "cases") == []
    assert load_cases(tmp_path / "cases")[0].needs == ()
    with pytest.raises(OutputError, match="is there already"):
        add_note(note, tmp_path / "cases")
