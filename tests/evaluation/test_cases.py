import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from notesense.domain.spans import Span
from notesense.errors import UsageError
from notesense.evaluation.cases import TEST_BATCHES, batches, load_cases, load_passages, strip_marks
from notesense.reading import read_note
from tests.conftest import ROOT
from tests.strategies import quick

NOTES = ROOT / "eval" / "notes"
CASES = load_cases(NOTES)
PASSAGES = load_passages(ROOT / "eval" / "pairs")


def put_marks(text: str, marks: list[tuple[str, Span]]) -> str:
    out, at = "", 0
    for name, span in marks:
        out += text[at : span.start] + f"⟦{name}|{text[span.start : span.end]}⟧"
        at = span.end
    return out + text[at:]


plain = st.text(alphabet=st.sampled_from("ab n1p|\r\né😀"), max_size=8)
inside = st.text(alphabet=st.sampled_from("ab n1|é😀"), min_size=1, max_size=8)


@given(st.lists(st.tuples(plain, st.sampled_from(["n1", "n2", "p1", "p12"]), inside), max_size=6), plain)
@quick
def test_marks_come_off_and_their_spans_hold_their_words(parts: list[tuple[str, str, str]], tail: str) -> None:
    marked = "".join(f"{before}⟦{name}|{words}⟧" for before, name, words in parts) + tail
    text, marks = strip_marks(marked)
    assert text == "".join(before + words for before, _, words in parts) + tail
    assert [(name, text[span.start : span.end]) for name, span in marks] == [(name, words) for _, name, words in parts]
    assert put_marks(text, marks) == marked


def test_every_labelled_note_gets_its_marks_back() -> None:
    files = sorted(NOTES.rglob("*.md"))
    assert len(files) > 300
    for path in files:
        marked = path.read_bytes().decode("utf-8")
        text, marks = strip_marks(marked)
        assert not re.search("[⟦⟧]", text), path
        assert put_marks(text, marks) == marked, path


@pytest.mark.parametrize("marked", ["⟦n1|a\nb⟧", "⟦x1|a⟧", "⟦n1|⟧", "⟦n1 a⟧", "⟦n|a⟧", "plain"])
def test_what_is_no_mark_is_left_as_it_is(marked: str) -> None:
    assert strip_marks(marked) == (marked, [])


def test_labels_of_every_case_stand_in_the_body_and_are_evidence() -> None:
    for case in CASES:
        for finding in (*case.needs, *case.pitches):
            assert finding.spans, (case.id, finding.id)
            for span in finding.spans:
                words = case.note.text[span.start : span.end]
                assert case.note.body_start <= span.start < span.end, (case.id, finding.id)
                assert words == words.strip(), (case.id, finding.id)
                assert span.length <= 600, (case.id, finding.id)


def test_every_declared_label_of_the_files_is_in_the_cases() -> None:
    assert len(CASES) == len([path for path in NOTES.rglob("*.yaml") if path.with_suffix(".md").exists()])
    for case in CASES:
        labels = yaml.safe_load(Path(case.note.path).with_suffix(".yaml").read_text(encoding="utf-8"))
        declared = [entry["id"] for entry in (*(labels["needs"] or ()), *(labels["pitches"] or ()))]
        assert sorted(declared) == sorted(f.id for f in (*case.needs, *case.pitches)), case.id
        assert {name for name, _ in strip_marks(Path(case.note.path).read_text())[1]} == set(declared), case.id


def test_a_case_is_read_as_the_tool_reads_the_note(tmp_path: Path) -> None:
    for case in CASES[::20]:
        path = tmp_path / f"{case.id}.md"
        path.write_bytes(case.note.text.encode())
        note = read_note(path)
        assert (note.text, note.body_start, note.id) == (case.note.text, case.note.body_start, case.note.id)


def test_every_batch_has_an_industry() -> None:
    assert {case.batch for case in CASES if not case.industry} == set()


def test_whole_batches_are_test() -> None:
    names = list(batches(CASES))
    assert names == sorted(set(names))
    assert set(names) > TEST_BATCHES
    for case in CASES:
        assert case.is_test == (Path(case.note.path).relative_to(NOTES).parts[0] in ("c", "j"))
    assert 0.05 < sum(case.is_test for case in CASES) / len(CASES) < 0.3


def test_no_text_is_in_both_splits() -> None:
    test = {case.note.id for case in CASES if case.is_test}
    assert test
    assert not test & {case.note.id for case in CASES if not case.is_test}
    assert len({case.note.id for case in CASES}) == len(CASES)


def test_passages_of_one_group_are_in_one_split_that_never_changes() -> None:
    split = {}
    for passage in PASSAGES:
        assert split.setdefault(passage.group, passage.is_test) == passage.is_test
    assert 0.1 < sum(split.values()) / len(split) < 0.3
    named = [PASSAGES[0]._replace(group=name) for name in "abcdefghijklmnopqrstuvwxyz"]
    assert [p.group for p in named if p.is_test] == ["l", "o", "t"]


def test_passages_have_a_label_of_the_guidelines() -> None:
    assert len(PASSAGES) > 500
    for passage in PASSAGES:
        assert re.fullmatch(r"none|need:(stated|implied):\w+|pitch:\w+", passage.label), passage
        assert passage.text.strip()


def write(folder: Path, name: str, note: str, labels: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_bytes(note.encode())
    (folder / f"{name}.yaml").write_text(labels, encoding="utf-8")


LABELS = """
client: City of Marlow
author_practice: Water
date: 2025-03-04
style: bullets
library: none
needs:
  - {id: n1, kind: implied, category: operations, statement: Stop the leaks., solutions: [W-01, W-02]}
pitches:
  - {id: p1, tactic: pressure, where: said, rewrite: Ask first.}
"""


def test_a_labelled_note_becomes_a_case(tmp_path: Path) -> None:
    write(tmp_path, "x/one", "---\r\ntitle: t\r\n---\r\nThe ⟦n1|roof leaks⟧, ⟦p1|sign now⟧, ⟦n1|it drips⟧.\r\n", LABELS)
    (tmp_path / "x" / "README.md").write_text("no case")
    (case,) = load_cases(tmp_path)
    assert (case.id, case.batch, case.style, case.has_solutions, case.is_test) == ("one", "x", "bullets", False, False)
    assert (case.note.client, case.note.practice, str(case.note.date)) == ("City of Marlow", "Water", "2025-03-04")
    (need,), (pitch,) = case.needs, case.pitches
    assert [case.note.text[a:b] for a, b in need.spans] == ["roof leaks", "it drips"]
    assert (need.kind, need.category, need.statement, need.solutions) == (
        "implied",
        "operations",
        "Stop the leaks.",
        ("W-01", "W-02"),
    )
    assert [case.note.text[a:b] for a, b in pitch.spans] == ["sign now"]
    assert (pitch.tactic, pitch.where, pitch.rewrite) == ("pressure", "said", "Ask first.")
    assert case.note.text[case.note.body_start :].startswith("The roof leaks, sign now")


def test_the_batch_of_a_flat_folder_is_its_name(tmp_path: Path) -> None:
    write(tmp_path, "j/one", "Nothing.", "style: mixed\n")
    (case,) = load_cases(tmp_path / "j")
    assert (case.batch, case.is_test, case.needs, case.pitches) == ("j", True, (), ())
    assert case.has_solutions


@pytest.mark.parametrize(
    ("note", "labels"),
    [
        pytest.param("The roof ⟦p1|leaks⟧.", LABELS, id="a need that is never marked"),
        pytest.param("The roof ⟦n1|leaks⟧.", LABELS, id="a pitch that is never marked"),
        pytest.param("⟦n1|a ⟦p1|b⟧ c⟧", LABELS, id="nested marks"),
        pytest.param("⟦n1|a⟧ ⟦p1|b\nc⟧", LABELS, id="a mark over two lines"),
        pytest.param("⟦n1|a⟧ ⟦p1|b⟧ ⟦n2|c⟧", LABELS, id="a mark that is never declared"),
    ],
)
def test_a_fault_in_a_labelled_note_is_reported_with_its_file(tmp_path: Path, note: str, labels: str) -> None:
    write(tmp_path, "x/broken", note, labels)
    with pytest.raises(UsageError, match=r"broken\.md") as caught:
        load_cases(tmp_path)
    assert caught.value.hint


def test_a_folder_without_labelled_notes_is_reported(tmp_path: Path) -> None:
    (tmp_path / "alone.md").write_text("Nothing.")
    with pytest.raises(UsageError, match="no labelled notes"):
        load_cases(tmp_path)


@pytest.mark.parametrize("labels", ["", "- n1\n", "none\n"])
def test_labels_that_are_none_name_their_file(labels: str, tmp_path: Path) -> None:
    (tmp_path / "n.md").write_text("The roof leaks.\n")
    (tmp_path / "n.yaml").write_text(labels)
    with pytest.raises(UsageError, match=r"n\.yaml: holds no labels"):
        load_cases(tmp_path)
