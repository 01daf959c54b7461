"""``notesense eval`` as a user runs it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from notesense.cli.app import app
from tests.conftest import ROOT
from tests.evaluation.builders import write_note

LABELS = "style: bullets\nneeds:\n  - {id: n1, kind: implied, category: operations, statement: Stop it.}\npitches: []\n"


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    folder = tmp_path / "my cases" / "x"
    write_note(folder, "flood", "The ⟦n1|pump station floods every spring and nobody knows why⟧.\n", LABELS)
    return folder.parent


def call(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["eval", *map(str, words)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


def test_ones_own_notes_are_measured(cases: Path, tmp_path: Path) -> None:
    code, shown = call("run", "--cases", cases, "--out", tmp_path / "out", "-j", 1)
    assert code == 0
    assert "need.f1" in shown
    assert (tmp_path / "out" / "page.html").is_file()
    code, shown = call("compare", tmp_path / "out", tmp_path / "out")
    assert code == 0
    assert "no difference" in shown


def test_a_gate_that_does_not_hold_has_a_code_of_its_own(cases: Path, tmp_path: Path) -> None:
    suite = tmp_path / "s.yaml"
    suite.write_text(json.dumps({"name": "s", "cases": str(cases), "gates": [{"metric": "need.f1", "at_least": 0.9}]}))
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "flood.json").write_text("{}")
    code, shown = call("run", "--suite", suite, "--answers", tmp_path / "answers", "--out", tmp_path / "out")
    assert code == 8
    assert "does not hold: need.f1" in shown


def test_faults_are_listed_with_file_and_line(cases: Path) -> None:
    assert call("validate", cases) == (0, "")
    (cases / "x/flood.yaml").write_text(LABELS.replace("implied", "hinted"))
    code, shown = call("validate", cases)
    assert code == 2
    assert "flood.yaml:3: n1: kind 'hinted'" in shown


def test_labels_are_counted(cases: Path) -> None:
    code, shown = call("stats", cases)
    assert (code, shown.splitlines()[-1].split("\t")[:2]) == (0, ["all", "1 notes"])
    assert "passages" in call("stats", ROOT / "eval/pairs")[1]


def test_a_note_is_made_ready_to_label(tmp_path: Path) -> None:
    (tmp_path / "met.md").write_text("The roof leaks.")
    code, shown = call("add", tmp_path / "met.md", "--to", tmp_path / "mine")
    assert code == 0
    assert "eval validate" in shown
    assert "not marked up yet" in call("validate", tmp_path / "mine")[1]
