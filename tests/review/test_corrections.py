"""Corrections are labelled notes, and survive what may happen to them."""

import multiprocessing
from pathlib import Path

import pytest
import yaml

from notesense.domain.notes import Note
from notesense.domain.spans import Span
from notesense.errors import OutputError, UsageError
from notesense.evaluation.cases import load_cases, strip_marks
from notesense.evaluation.marking import mark
from notesense.evaluation.validate import find_faults
from notesense.review import ConflictError, Corrections, Item, Queue, Review
from notesense.review.queue import Material
from notesense.review.state import MatchCheck, first_review, uncertainty
from tests.review.conftest import ANALYSES, ROOF

NOTE = Note(text="One.\nTwo goes\nover lines.\nWe are best.", path="a.md", language="en", client="Pell")


def need(**fields: object) -> Item:
    values = {
        "id": "n1",
        "kind": "stated",
        "category": "operations",
        "words": "Two.",
        "spans": ((5, 25),),
        "verdict": "accepted",
    }
    return Item.model_validate(values | fields)


def pitch(**fields: object) -> Item:
    values = {"id": "p1", "kind": "pitch", "tactic": "credentials", "where": "noted", "words": "Ask.", "spans": ((26, 38),),
              "verdict": "accepted"}  # fmt: skip
    return Item.model_validate(values | fields)


def material(queue: Queue) -> Material:
    found = queue.material("roof-1")
    assert found
    return found


def test_a_finished_review_is_a_labelled_note_that_the_suite_reads(queue: Queue, corrections: Corrections) -> None:
    found = material(queue)
    items = tuple(item.model_copy(update={"verdict": "accepted"}) for item in first_review(found.analysis).items)
    corrections.save("roof-1", found.note, 0, Review(items=items, done=True), "Ana")
    (case,) = load_cases(corrections.folder)
    assert case.note.text == ROOF
    assert [(n.kind, n.category, n.statement, [ROOF[slice(*s)] for s in n.spans]) for n in case.needs] == [
        ("implied", "condition_capacity", "The roof leaks again.", ["The roof leaks again, 🙂 third time."]),
        ("stated", "operations", "One page for the board.", ["She wants one page for the board."]),
    ]
    assert [(p.tactic, p.where, p.rewrite) for p in case.pitches] == [("credentials", "noted", "Ask her.")]
    assert not case.has_solutions
    assert (case.note.client, case.note.client_unit, case.note.practice) == ("City of Marlow", "Parks", "Water")
    assert find_faults(corrections.folder) == []
    labels = yaml.safe_load((corrections.folder / "roof-1.yaml").read_text(encoding="utf-8"))
    assert (labels["reviewer"], labels["source"]) == ("Ana", "old/roof <b>.md")
    assert labels["reviewed"].startswith("20")


def test_past_work_is_labelled_where_it_was_checked(corrections: Corrections) -> None:
    matches = (MatchCheck(solution_id="A", verdict="right"), MatchCheck(solution_id="B", verdict="wrong"))
    corrections.save("a", NOTE, 0, Review(items=(need(matches=matches),), matches_checked=True, done=True), "Ana")
    (case,) = load_cases(corrections.folder)
    assert case.has_solutions
    assert case.needs[0].solutions == ("A",)


def test_rejected_findings_are_no_labels_and_a_reopened_note_has_none(corrections: Corrections) -> None:
    review = Review(items=(need(verdict="rejected"), pitch()), done=True)
    corrections.save("a", NOTE, 0, review, "Ana")
    (case,) = load_cases(corrections.folder)
    assert (len(case.needs), len(case.pitches)) == (0, 1)
    corrections.save("a", NOTE, 1, review.model_copy(update={"done": False}), "Ana")
    assert [path.name for path in corrections.folder.iterdir()] == [".journal"]


def test_words_over_several_lines_are_marked_on_each_and_a_pitch_on_its_longest(corrections: Corrections) -> None:
    corrections.save("a", NOTE, 0, Review(items=(need(), pitch()), done=True), "Ana")
    (case,) = load_cases(corrections.folder)
    assert [NOTE.text[slice(*s)] for s in case.needs[0].spans] == ["Two goes", "over lines."]
    corrections.save("b", NOTE, 0, Review(items=(pitch(spans=((0, 13),)),), done=True), "Ana")
    second = next(case for case in load_cases(corrections.folder) if case.id == "b")
    assert [NOTE.text[slice(*s)] for s in second.pitches[0].spans] == ["Two goes"]
    assert find_faults(corrections.folder) == []


def test_a_note_with_the_signs_of_marks_is_refused_before_anything_is_written(corrections: Corrections) -> None:
    note = NOTE.model_copy(update={"text": "One ⟦n1|x⟧."})
    with pytest.raises(UsageError, match="signs"):
        corrections.save("a", note, 0, Review(items=(), done=True), "Ana")
    assert corrections.load("a") is None


def test_a_torn_last_line_is_as_if_it_had_not_been(corrections: Corrections) -> None:
    corrections.save("a", NOTE, 0, Review(items=(need(),)), "Ana")
    corrections.save("a", NOTE, 1, Review(items=(pitch(),)), "Ana")
    journal = corrections.folder / ".journal/a.jsonl"
    journal.write_bytes(journal.read_bytes()[:-40])
    found = Corrections(corrections.folder).load("a")
    assert found
    assert found.revision == 1
    assert found.review.items == (need(),)
    assert corrections.save("a", NOTE, 1, Review(items=()), "Ben").revision == 2
    assert corrections.load("a") == Corrections(corrections.folder).load("a")


def test_a_state_of_another_version_is_named_and_not_dropped(corrections: Corrections) -> None:
    corrections.save("a", NOTE, 0, Review(items=()), "Ana")
    journal = corrections.folder / ".journal/a.jsonl"
    journal.write_text(journal.read_text().replace('"by":', '"colour": "red", "by":'))
    with pytest.raises(OutputError, match=r"a\.jsonl, line 1"):
        corrections.load("a")
    journal.unlink()
    with pytest.raises(OutputError, match="gone"):
        corrections.save("a", NOTE, 1, Review(items=()), "Ana")


def test_labels_that_were_lost_on_the_way_are_written_again(
    corrections: Corrections, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Corrections, "_publish", dies)
    with pytest.raises(KeyboardInterrupt):
        corrections.save("a", NOTE, 0, Review(items=(need(),), done=True), "Ana")
    monkeypatch.undo()
    assert not (corrections.folder / "a.yaml").exists()
    corrections.mend("a", NOTE)
    assert len(load_cases(corrections.folder)) == 1
    stale = (corrections.folder / "a.yaml").read_text()
    corrections.save("a", NOTE, 1, Review(items=(), done=True), "Ana")
    (corrections.folder / "a.yaml").write_text(stale)
    corrections.mend("a", NOTE)
    assert load_cases(corrections.folder)[0].needs == ()


def test_who_speaks_is_known_from_the_author_too(corrections: Corrections) -> None:
    note = NOTE.model_copy(update={"author": "Lee Park"})
    corrections.save("a", note, 0, Review(items=(), done=True), "Ana")
    assert load_cases(corrections.folder)[0].note.author == "Lee Park"


def test_of_many_at_once_one_wins_and_the_others_are_told(corrections: Corrections) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        outcomes = pool.map(_save, [(corrections.folder, str(n)) for n in range(8)])
    assert sorted(outcomes).count("saved") == 1
    winner = corrections.load("a")
    assert winner
    assert set(outcomes) == {"saved", winner.by}


def _save(task: tuple[Path, str]) -> str:
    folder, by = task
    try:
        Corrections(folder).save("a", NOTE, 0, Review(items=(need(),)), by)
    except ConflictError as conflict:
        return conflict.current.by
    return "saved"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="file"):
        Corrections(tmp_path / "file")


@pytest.mark.parametrize(
    ("spans", "marked"),
    [
        ([("n1", Span(0, 3))], "⟦n1|one⟧ two\r\nthree"),
        ([("n2", Span(4, 14)), ("n1", Span(0, 3))], "⟦n1|one⟧ ⟦n2|two⟧\r\n⟦n2|three⟧"),
        ([("n1", Span(3, 9))], "one ⟦n1|two⟧\r\nthree"),
    ],
)
def test_marks_are_written_as_they_are_read(spans: list[tuple[str, Span]], marked: str) -> None:
    text = "one two\r\nthree"
    assert mark(text, spans) == marked
    assert strip_marks(marked)[0] == text


def test_marks_that_share_words_are_refused() -> None:
    with pytest.raises(UsageError, match="shares words"):
        mark("one two", [("n1", Span(0, 5)), ("n2", Span(4, 7))])


def test_the_least_sure_notes_come_first() -> None:
    calm, roof = ANALYSES["calm-2"], ANALYSES["roof-1"]
    assert uncertainty([*calm.needs, *calm.pitches]) == 0
    assert uncertainty([*roof.needs, *roof.pitches]) == pytest.approx((0.1 + 0.4 + 0.3) / 3)
    sure = roof.needs[0].model_copy(update={"confidence": 0.99})
    unsure = roof.needs[0].model_copy(update={"confidence": None})
    assert uncertainty([unsure]) > uncertainty([sure, sure, sure])
