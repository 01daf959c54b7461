from pathlib import Path
from typing import get_args

import pytest

from notesense.advice import Advisor
from notesense.advice.advisor import EXAMPLE
from notesense.advice.banks import Question, Rewrite, read_anywhere, read_questions, read_rewrites
from notesense.analyzer import Analyzer
from notesense.domain.findings import Category, Evidence, Need, PitchFlag, Tactic, Where
from notesense.encoding.encoder import shared_encoder
from notesense.settings import Settings
from tests.conftest import SAMPLES

QUESTIONS = read_questions()
REWRITES = read_rewrites()
ANYWHERE = read_anywhere()


@pytest.fixture(scope="module")
def advisor() -> Advisor:
    return Advisor(shared_encoder())


def evidence(*quotes: str) -> tuple[Evidence, ...]:
    return tuple(Evidence(start=0, end=len(quote), quote=quote) for quote in quotes)


def need(category: str, *quotes: str, kind: str = "implied", identity: str = "n1") -> Need:
    return Need(
        id=identity, key="k", kind=kind, category=category, statement=quotes[0],  # type: ignore[arg-type]
        confidence=0.9, evidence=evidence(*quotes),
    )  # fmt: skip


def pitch(tactic: str, where: str, *quotes: str) -> PitchFlag:
    return PitchFlag(id="p1", key="k", tactic=tactic, where=where, confidence=0.9, evidence=evidence(*quotes))  # type: ignore[arg-type]


@pytest.mark.parametrize("category", get_args(Category))
def test_an_implied_need_gets_two_questions_of_its_category_and_of_two_angles(advisor: Advisor, category: str) -> None:
    (asked,) = advisor.questions([need(category, "The pump fails every winter and nobody knows why.")])
    bank = {question.ask: question for question in QUESTIONS if question.category == category}
    first, second = (bank[ask] for ask in asked.questions)
    assert first.angle != second.angle


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: f"{question.category}: {question.about[:40]}")
def test_the_first_question_is_the_one_for_this_situation(advisor: Advisor, question: Question) -> None:
    (asked,) = advisor.questions([need(question.category, question.about)])
    assert asked.questions[0] == question.ask


def test_a_stated_need_gets_none_and_nothing_else_changes(advisor: Advisor) -> None:
    needs = [
        need("operations", "They want a night number.", kind="stated"),
        need("compliance", "The permit ends in May.", identity="n2"),
    ]
    stated, implied = advisor.questions(needs)
    assert stated == needs[0]
    assert implied.model_copy(update={"questions": ()}) == needs[1]
    assert implied.questions


def test_all_places_of_a_need_count(advisor: Advisor) -> None:
    questions = [q for q in QUESTIONS if q.category == "operations"]
    one = questions[0]
    other = next(q for q in reversed(questions) if q.angle != one.angle)
    (asked,) = advisor.questions([need("operations", one.about, other.about)])
    (alone,) = advisor.questions([need("operations", one.about)])
    assert other.ask not in alone.questions
    assert other.ask in asked.questions


@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda rewrite: f"{rewrite.tactic}: {rewrite.pitch[:40]}")
def test_the_rewrite_is_the_example_for_this_line_and_is_called_one(advisor: Advisor, rewrite: Rewrite) -> None:
    (flagged,) = advisor.rewrites([pitch(rewrite.tactic, rewrite.where, rewrite.pitch)])
    assert flagged.rewrite == EXAMPLE + rewrite.instead


@pytest.mark.parametrize("tactic", get_args(Tactic))
@pytest.mark.parametrize("where", get_args(Where))
def test_a_rewrite_is_of_the_same_tactic(advisor: Advisor, tactic: str, where: str) -> None:
    (flagged,) = advisor.rewrites([pitch(tactic, where, "We are simply the best at this.")])
    assert flagged.rewrite.removeprefix(EXAMPLE) in {r.instead for r in REWRITES if r.tactic == tactic} | set(
        ANYWHERE[tactic].values()
    )


@pytest.mark.parametrize("tactic", get_args(Tactic))
def test_of_rewrites_that_are_equally_near_the_one_of_the_same_place_is_chosen(advisor: Advisor, tactic: str) -> None:
    """Words that are like nothing in the bank: the place decides."""
    by_text = {r.instead: r.where for r in REWRITES if r.tactic == tactic}
    by_text |= {text: place for place, text in ANYWHERE[tactic].items()}
    for where in get_args(Where):
        (flagged,) = advisor.rewrites([pitch(tactic, where, "zq xv")])
        assert by_text[flagged.rewrite.removeprefix(EXAMPLE)] == where


def test_no_findings_no_advice(advisor: Advisor) -> None:
    assert advisor.questions([]) == []
    assert advisor.rewrites([]) == []


def test_the_samples_get_advice_for_every_implied_need_and_every_pitch(sample_index: Path) -> None:
    report = Analyzer(Settings(index=sample_index)).analyze([SAMPLES])
    for analysis in report.analyses:
        for found in analysis.needs:
            assert len(found.questions) == (2 if found.kind == "implied" else 0)
        assert all(flagged.rewrite.startswith(EXAMPLE) for flagged in analysis.pitches)
    assert sum(len(analysis.pitches) for analysis in report.analyses) > 5
