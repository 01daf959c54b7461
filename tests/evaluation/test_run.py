"""A whole run on a small suite: predictions kept and resumed, failures counted, gates held, runs compared."""

import json
from pathlib import Path

import pytest
import yaml

from notesense.errors import EngineError, UsageError
from notesense.evaluation import runner
from notesense.evaluation.compare import compare
from notesense.evaluation.run import Evaluation, evaluate
from notesense.evaluation.suite import Suite, find_suite, items_of, load_suite, suite_of_folder
from notesense.pipeline import Pipeline
from tests.conftest import LIBRARY, ROOT
from tests.evaluation.builders import write_note

NOTE = "# Riverside\n\n- ⟦n1|The pump station floods every spring and nobody knows why⟧\n- Next meeting on Tuesday.\n"
LABELS = """
style: bullets
needs:
  - {id: n1, kind: implied, category: risk_resilience, statement: Stop the floods., solutions: []}
pitches: []
"""
DULL = "# Status\n\n- Drawings are complete.\n- Next meeting on Tuesday.\n"


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """Two notes: one with a need, one without."""
    cases = tmp_path / "cases" / "x"
    write_note(cases, "flood", NOTE, LABELS)
    write_note(cases, "dull", DULL, "style: bullets\nneeds: []\npitches: []\n")
    content = {"name": "small", "cases": str(tmp_path / "cases"), "gates": [{"metric": "need.f1", "at_least": 0.5}]}
    (tmp_path / "small.yaml").write_text(yaml.safe_dump(content))
    return load_suite(tmp_path / "small.yaml")


def run(suite: Suite, folder: Path, **options: object) -> Evaluation:
    return evaluate(suite, ["local"], folder, Path("none"), **options)  # type: ignore[arg-type]


def test_a_run_leaves_everything_that_is_needed_to_judge_it(suite: Suite, tmp_path: Path) -> None:
    done = run(suite, tmp_path / "out")
    assert done.scorecard.cases == 2
    assert done.scorecard.engines[0].total.metrics["failed"].value == 0
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert manifest["engines"]["local"]["name"] == "local"
    assert manifest["cases"] == ["x/dull", "x/flood"]
    assert manifest["versions"]["numpy"]
    card = json.loads((tmp_path / "out/scorecard.json").read_text())
    assert card["engines"][0]["total"]["metrics"]["verbatim"]["value"] == 1
    assert "need.f1" in (tmp_path / "out/summary.md").read_text()
    assert "pump station floods" in (tmp_path / "out/page.html").read_text()
    assert len(list((tmp_path / "out/predictions/local").iterdir())) == 2


def test_what_was_done_is_kept_and_what_changed_is_done_again(
    suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(suite, tmp_path / "out")
    analysed: list[str] = []
    original = Pipeline.analyze
    monkeypatch.setattr(Pipeline, "analyze", lambda self, note: (analysed.append(note.path), original(self, note))[1])
    run(suite, tmp_path / "out")
    assert analysed == []
    write_note(tmp_path / "cases/x", "dull", DULL + "- Lunch was good.\n", "style: bullets\nneeds: []\npitches: []\n")
    (tmp_path / "out/predictions/local/x--flood.json").write_text("{ half")
    run(suite, tmp_path / "out")
    assert sorted(analysed) == ["x/dull", "x/flood"]


def test_other_settings_make_other_predictions(suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(suite, tmp_path / "out")
    analysed: list[str] = []
    original = Pipeline.analyze
    monkeypatch.setattr(Pipeline, "analyze", lambda self, note: (analysed.append(note.path), original(self, note))[1])
    run(suite.model_copy(update={"settings": {"max_matches": 1}}), tmp_path / "out")
    assert len(analysed) == 2


@pytest.mark.parametrize("error", [EngineError("it is down"), RuntimeError("a bug")])
def test_an_engine_that_breaks_is_counted_fails_the_gates_and_stops_nothing(
    suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(self: Pipeline, note: object) -> None:
        raise error

    monkeypatch.setattr(Pipeline, "analyze", broken)
    done = run(suite, tmp_path / "out")
    assert done.scorecard.engines[0].total.metrics["failed"].value == 1
    assert done.scorecard.engines[0].failures.keys() == {"x/dull", "x/flood"}
    assert [gate.holds for gate in done.gates] == [False]
    monkeypatch.undo()
    assert run(suite, tmp_path / "out").scorecard.engines[0].total.metrics["failed"].value == 0  # tried again


def test_workers_give_what_one_process_gives(suite: Suite, tmp_path: Path) -> None:
    one, two = run(suite, tmp_path / "one"), run(suite, tmp_path / "two", jobs=2)
    found = [
        {name: e.value for name, e in done.scorecard.engines[0].total.metrics.items() if name != "seconds"}
        for done in (one, two)
    ]
    assert found[0] == found[1]


def test_a_run_with_a_library_scores_matching(suite: Suite, tmp_path: Path) -> None:
    done = run(suite.model_copy(update={"library": LIBRARY}), tmp_path / "out")
    assert done.scorecard.engines[0].total.metrics["end_to_end"].denominator == 1


def test_equal_runs_show_no_difference(suite: Suite, tmp_path: Path) -> None:
    run(suite, tmp_path / "a")
    run(suite, tmp_path / "b")
    found = compare(str(tmp_path / "a"), str(tmp_path / "b"))
    assert found.cases == 2
    assert {change.verdict for change in found.changes} == {"no difference"}
    assert found.better == found.worse == []


def answers(folder: Path, **findings: list[dict[str, object]]) -> Path:
    folder.mkdir()
    (folder / "dull.json").write_text("{}")
    if findings:
        (folder / "flood.json").write_text(json.dumps(findings))
    return folder


FOUND = [{"kind": "implied", "category": "risk_resilience", "evidence": [{"start": 15, "end": 70}], "matches": None}]


def test_answers_of_another_tool_are_scored_and_a_missing_one_is_a_failure(suite: Suite, tmp_path: Path) -> None:
    good = run(suite, tmp_path / "good", answers=answers(tmp_path / "g", needs=FOUND))
    metrics = good.scorecard.engines[0].total.metrics
    assert (metrics["need.f1"].value, metrics["failed"].value) == (1, 0)
    bad = run(suite, tmp_path / "bad", answers=answers(tmp_path / "b"))
    metrics = bad.scorecard.engines[0].total.metrics
    assert (metrics["need.f1"].value, metrics["failed"].value) == (0, 0.5)
    assert not bad.gates[0].holds


def test_a_loss_by_every_note_is_told_from_noise(suite: Suite, tmp_path: Path) -> None:
    gate = {"gates": load_suite_gates(max_drop=0.01)}
    run(suite.model_copy(update=gate), tmp_path / "good", answers=answers(tmp_path / "g", needs=FOUND))
    run(suite.model_copy(update=gate), tmp_path / "bad", answers=answers(tmp_path / "b"))
    found = compare(str(tmp_path / "good"), f"{tmp_path / 'bad'}:answers")
    assert [name for name, _ in found.worse] == ["x/flood"]
    change = next(c for c in found.changes if c.metric == "need.recall")
    assert (change.verdict, change.change) == ("worse", -1.0)
    assert found.broken
    back = compare(str(tmp_path / "bad"), str(tmp_path / "good"))
    assert [name for name, _ in back.better] == ["x/flood"]
    assert not back.broken


def load_suite_gates(**bound: float) -> tuple[object, ...]:
    from notesense.evaluation.suite import Gate

    return (Gate(metric="need.f1", **bound),)


def test_cases_that_changed_since_a_run_cannot_be_compared(suite: Suite, tmp_path: Path) -> None:
    run(suite, tmp_path / "a")
    write_note(tmp_path / "cases/x", "dull", DULL, "style: minutes\nneeds: []\npitches: []\n")
    compare(str(tmp_path / "a"), str(tmp_path / "a"))  # the style is no label
    write_note(tmp_path / "cases/x", "dull", DULL + "more", "style: minutes\nneeds: []\npitches: []\n")
    with pytest.raises(UsageError, match="changed since"):
        compare(str(tmp_path / "a"), str(tmp_path / "a"))


def test_what_an_answer_lacks_is_said(suite: Suite, tmp_path: Path) -> None:
    place = answers(tmp_path / "g", needs=[{"kind": "guessed", "evidence": [{"start": 1, "end": 3}]}])
    done = run(suite, tmp_path / "out", answers=place)
    assert "needs.0.kind" in done.scorecard.engines[0].failures["x/flood"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no answer for any"):
        run(suite, tmp_path / "out", answers=tmp_path / "empty")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("- a", "not a suite"),
        ("name: x\ncases: c\nspeed: 3", "speed"),
        ("name: x\ncases: c\ngates: [{metric: need.f1}]", "one of at_least"),
        ("name: [", "cannot be read"),
    ],
)
def test_a_faulty_suite_is_refused_by_name(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "s.yaml").write_text(content)
    with pytest.raises(UsageError, match=message) as caught:
        load_suite(tmp_path / "s.yaml")
    assert "s.yaml" in caught.value.message


def test_suites_are_found_from_anywhere_in_a_checkout() -> None:
    assert find_suite("core", ROOT / "src/notesense").name == "core"
    with pytest.raises(UsageError, match="no suite is called best") as caught:
        find_suite("best", ROOT)
    assert "pairs" in caught.value.hint


@pytest.mark.parametrize("name", ["core", "pairs", "clean", "matching"])
def test_shipped_suites_take_test_cases_only(name: str) -> None:
    items = items_of(find_suite(name, ROOT))
    assert all(case.is_test for case in items.notes)
    assert all(p.is_test for passages in items.groups.values() for p in passages)
    assert 0 < len(items_of(find_suite(name, ROOT), quick=True)) < len(items)


def test_a_folder_of_ones_own_is_a_suite(suite: Suite, tmp_path: Path) -> None:
    own = suite_of_folder(tmp_path / "cases", None)
    assert [case.name for case in items_of(own).notes] == ["x/dull", "x/flood"]


def test_an_unknown_engine_is_refused_before_any_work(suite: Suite, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no engine is called best"):
        evaluate(suite, ["best"], tmp_path / "out", Path("none"))
    with pytest.raises(UsageError, match="not there"):
        evaluate(suite, ["keywords"], tmp_path / "out", Path("none"))
    assert runner.tasks_of(suite, items_of(suite))[0].name == "x/dull"


def test_other_code_makes_other_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from notesense.evaluation import runner

    (tmp_path / "__init__.py").write_text("x = 1")
    monkeypatch.setattr(runner.notesense, "__file__", str(tmp_path / "__init__.py"))
    runner.code_digest.cache_clear()
    before = runner.code_digest()
    (tmp_path / "__init__.py").write_text("x = 2")
    runner.code_digest.cache_clear()
    assert runner.code_digest() != before
    runner.code_digest.cache_clear()
