"""Every metric against figures worked out by hand."""

import pytest

from notesense.domain.spans import Span
from notesense.evaluation.cases import Passage
from notesense.evaluation.prediction import Place, PredictedNeed
from notesense.evaluation.tally import predicted_label, tally_group, tally_note
from tests.evaluation.builders import TEXT, case, failed, need, pitch, predicted

ROOF = {"The roof leaks again": {"kind": "implied", "category": "condition_capacity", "solutions": ["A", "B"]}}
WANT = {"We want a new roof": {"kind": "stated", "category": "condition_capacity"}}
BEST = {"Told her we are the best": "credentials"}


def test_each_need_counts_once_by_kind_and_label() -> None:
    found = predicted(
        need("The roof leaks again", category="condition_capacity"),
        need("We want a new roof"),
        need("Bills keep rising"),
    )
    ratios = tally_note(case(ROOF | WANT), found).ratios
    assert ratios["need.f1"] == (4, 5)
    assert ratios["need.precision"] == (2, 3)
    assert ratios["need.recall"] == (2, 2)
    assert ratios["stated.recall"] == (1, 1)
    assert ratios["implied.recall"] == (1, 1)
    assert ratios["kind.accuracy"] == (1, 2)
    assert ratios["category.accuracy"] == (1, 2)
    assert ratios["need.span_f1"] == (4, 5)


def test_fragments_of_one_need_score_once() -> None:
    found = predicted(need("The roof"), need("leaks again"))
    ratios = tally_note(case(ROOF), found).ratios
    assert ratios["need.f1"] == (2, 3)


def test_one_need_over_two_labelled_ones_is_over_merged_and_scores_once() -> None:
    found = predicted(need("The roof leaks again / We want a new roof"))
    ratios = tally_note(case(ROOF | WANT), found).ratios
    assert ratios["need.over_merged"] == (1, 1)
    assert ratios["need.f1"] == (2, 3)
    assert ratios["need.span_f1"] == (4, 4)


def test_one_huge_span_scores_nothing() -> None:
    text = "The roof leaks again. " + "word " * 130
    huge = PredictedNeed(kind="implied", category="operations", evidence=(Place(start=0, end=601),))
    ratios = tally_note(case(ROOF, text=text), predicted(huge)).ratios
    assert ratios["need.f1"] == (0, 2)


def test_pitches_and_their_tactics() -> None:
    found = predicted(pitch("Told her we are the best", tactic="pressure", where="noted"), pitch("All fine otherwise"))
    ratios = tally_note(case(pitches=BEST), found).ratios
    assert ratios["pitch.f1"] == (2, 3)
    assert ratios["tactic.accuracy"] == (0, 1)
    assert ratios["where.accuracy"] == (0, 1)
    assert "no_pitch.flagged" not in ratios


def test_false_alarms_count_on_clean_notes_only() -> None:
    ratios = tally_note(
        case(), predicted(pitch("Bills keep rising"), pitch("All fine otherwise"), need("The roof"))
    ).ratios
    assert ratios["no_pitch.flagged"] == (1, 1)
    assert ratios["no_pitch.flags"] == (2, 1)
    assert ratios["no_need.flagged"] == (1, 1)
    assert ratios["no_need.needs"] == (1, 1)
    assert tally_note(case(), predicted()).ratios["no_pitch.flagged"] == (0, 1)


def test_a_quote_that_is_not_there_is_not_verbatim() -> None:
    good = need("The roof")
    bad = good.model_copy(update={"evidence": (Place(start=0, end=8, quote="The door"),)})
    beyond = good.model_copy(update={"evidence": (Place(start=0, end=len(TEXT) + 1),)})
    assert tally_note(case(), predicted(good, bad, beyond)).ratios["verbatim"] == (1, 3)


@pytest.mark.parametrize(
    ("shown", "solutions", "expected"),
    [
        (("A", "X"), ["A", "B"], {"match.hit@1": (1, 1), "match.precision": (1, 2), "match.joint": (1, 1)}),
        (("X", "A"), ["A", "B"], {"match.hit@1": (0, 1), "match.hit@3": (1, 1), "match.joint": (0, 1)}),
        (("X", "Y", "Z", "A"), ["A"], {"match.hit@3": (0, 1), "match.precision": (1, 4)}),
        ((), ["A"], {"match.hit@1": (0, 1), "match.precision": (0, 0), "match.joint": (0, 1)}),
        ((), [], {"match.abstention": (1, 1), "match.joint": (1, 1), "match.hit@1": (0, 0)}),
        (("X",), [], {"match.abstention": (0, 1), "match.joint": (0, 1), "match.precision": (0, 1)}),
    ],
)
def test_matching(shown: tuple[str, ...], solutions: list[str], expected: dict[str, tuple[int, int]]) -> None:
    labelled = case({"The roof leaks again": {"solutions": solutions}})
    ratios = tally_note(labelled, predicted(need("The roof leaks again", matches=shown))).ratios
    assert {name: ratios[name] for name in expected} == expected
    assert ratios["end_to_end"] == (ratios["match.joint"][0], 1)


def test_recall_before_the_gate_looks_at_ten() -> None:
    labelled = case(ROOF)
    nearest = (*"0123456789", "A")
    ratios = tally_note(labelled, predicted(need("The roof leaks again", candidates=nearest))).ratios
    assert ratios["match.recall@10"] == (0, 1)
    ratios = tally_note(labelled, predicted(need("The roof leaks again", candidates=("B", *nearest)))).ratios
    assert ratios["match.recall@10"] == (0.5, 1)


def test_solutions_shown_for_a_false_need_are_wrong_ones() -> None:
    found = predicted(need("The roof leaks again", matches=("A",)), need("Bills keep rising", matches=("A", "B")))
    ratios = tally_note(case(ROOF), found).ratios
    assert ratios["match.precision"] == (1, 1)
    assert ratios["match.precision_all"] == (1, 3)


def test_where_solutions_are_not_labelled_or_not_looked_for_matching_is_not_scored() -> None:
    found = need("The roof leaks again")
    assert "match.joint" not in tally_note(case(ROOF, library=False), predicted(found)).ratios
    assert "match.joint" not in tally_note(case(ROOF), predicted(found, matched=False)).ratios


def test_a_failure_loses_everything_and_is_counted() -> None:
    ratios = tally_note(case(ROOF, BEST), failed()).ratios
    assert ratios["failed"] == (1, 1)
    assert ratios["need.f1"] == (0, 1)
    assert ratios["pitch.recall"] == (0, 1)
    assert ratios["end_to_end"] == (0, 1)


def test_confidence_is_judged_by_what_was_found() -> None:
    found = predicted(need("The roof leaks again", confidence=0.9), need("Bills keep rising", confidence=0.4))
    assert [tuple(j) for j in tally_note(case(ROOF), found).judgements] == [(0.9, True), (0.4, False)]


PAIR = [
    Passage("g", ("On the roof.",), "It leaks.", "need:implied:operations", "mixed"),
    Passage("g", ("On the roof.",), "Fixed.", "none", "mixed"),
    Passage("g", (), "We are the best.", "pitch:credentials", "mixed"),
]


def on(passage: Passage, **fields: object) -> PredictedNeed:
    at = passage.span
    return PredictedNeed(evidence=(Place(start=at.start, end=at.end),), **fields)  # type: ignore[arg-type]


def test_a_group_is_right_when_every_passage_is() -> None:
    best = pitch("We are the best.", PAIR[2].note_text)
    right = [predicted(on(PAIR[0], kind="implied")), predicted(), predicted(best)]
    ratios = tally_group("g", PAIR, right).ratios
    assert ratios["pairs.passage"] == (3, 3)
    assert ratios["pairs.group"] == (1, 1)
    assert ratios["pairs.kind"] == (1, 1)
    assert ratios["pairs.tactic"] == (1, 1)
    wrong = tally_group("g", PAIR, [predicted(on(PAIR[0], kind="stated")), predicted(on(PAIR[1])), failed()]).ratios
    assert wrong["pairs.passage"] == (1, 3)
    assert wrong["pairs.group"] == (0, 1)
    assert wrong["pairs.kind"] == (0, 1)
    assert wrong["pairs.none"] == (0, 1)
    assert wrong["failed"] == (1, 3)


def test_what_is_said_of_the_context_is_not_said_of_the_passage() -> None:
    context = PredictedNeed(evidence=(Place(start=0, end=len("On the roof.")),))
    assert predicted_label(PAIR[1], predicted(context)) == "none"
    assert PAIR[0].note_text[PAIR[0].span.start : PAIR[0].span.end] == "It leaks."
    assert PAIR[2].span == Span(0, 16)
