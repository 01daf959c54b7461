from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from notesense.analyzer import Analyzer
from notesense.domain.analysis import Analysis
from notesense.domain.endpoint import ModelSettings
from notesense.engines.llm.judge import _merge
from notesense.engines.llm.make import LlmParts
from notesense.settings import Settings
from tests.conftest import SAMPLES
from tests.engines.llm.loopback import LoopbackServer, Reply, fails, says
from tests.engines.llm.test_faults import analyze, need, pitch, reading

NOTE = SAMPLES / "01-marlow-parks-walk.md"
PLAZA = "A second lump of concrete came down in August"
POND = "Duck pond went green again, third July"


def by_prompt(detect: Any, match: Any = None, group: Any = None) -> Reply:
    """Answer each prompt with its own content, told apart by the wanted schema."""

    def reply(handler: Any, body: dict[str, Any]) -> None:
        wanted = body["response_format"]["json_schema"]["name"]
        content = {"Reading": detect, "Verdicts": match, "Groups": group}[wanted]
        (content if callable(content) else says(content))(handler, body)

    return reply


def verdict(need: str, *ids: str) -> dict[str, Any]:
    return {"need": need, "solutions": [{"id": i, "why": f"Both about {i}."} for i in ids]}


@pytest.fixture
def run(server: LoopbackServer, sample_index: Path) -> Callable[..., Analysis]:
    def run(**settings: Any) -> Analysis:
        llm = ModelSettings(model="m", base_url=server.base_url, cache=False, retries=0)
        with Analyzer(Settings(engine="llm", index=sample_index, llm=llm, **settings)) as analyzer:
            report = analyzer.analyze([NOTE])
        assert not report.skipped
        return report.analyses[0]

    return run


def test_the_model_chooses_from_the_whole_library(server: LoopbackServer, run: Callable[..., Analysis]) -> None:
    first, second, *_ = ids = _library_ids()
    server.otherwise = by_prompt(
        reading(need(PLAZA), need(POND)), {"verdicts": [verdict("n1", second, first), verdict("n2")]}
    )
    plaza, pond = run().needs
    assert [m.solution_id for m in plaza.matches] == [second, first]
    assert [m.score for m in plaza.matches] == [None, None]
    assert plaza.matches[0].why == f"Both about {second}."
    assert plaza.matches[0].result
    assert plaza.matches[0].passage
    assert (pond.matching, pond.matches) == ("nothing_fits", ())
    sent = server.calls[1].body["messages"]
    assert all(f"\n{i} | " in sent[0]["content"] for i in ids)
    assert PLAZA in sent[1]["content"]
    assert PLAZA not in sent[0]["content"]


def test_an_id_that_nobody_gave_is_asked_for_again_and_never_shown(
    server: LoopbackServer, run: Callable[..., Analysis]
) -> None:
    known = _library_ids()[0]
    server.otherwise = by_prompt(reading(need(PLAZA)), {"verdicts": [verdict("n1", "S-99", known), verdict("n7")]})
    analysis = run()
    assert [m.solution_id for m in analysis.needs[0].matches] == [known]
    told = server.calls[-1].body["messages"][-1]["content"]
    assert "'S-99' is no id" in told
    assert "'n7' is no id" in told


def test_max_matches_holds(server: LoopbackServer, run: Callable[..., Analysis]) -> None:
    ids = _library_ids()[:3]
    server.otherwise = by_prompt(reading(need(PLAZA)), {"verdicts": [verdict("n1", *ids)]})
    assert len(run(max_matches=1).needs[0].matches) == 1


def test_where_the_model_cannot_choose_the_embedded_way_is_taken(
    server: LoopbackServer, run: Callable[..., Analysis]
) -> None:
    server.otherwise = by_prompt(reading(need(PLAZA)), fails(500))
    analysis = run()
    assert [(i.stage, i.error) for i in analysis.incidents] == [("match", "EngineUnavailableError")]
    assert analysis.needs[0].matching in ("matched", "nothing_fits")
    assert all(m.score is not None for m in analysis.needs[0].matches)


def test_needs_of_several_parts_are_joined_as_the_model_says(
    server: LoopbackServer, make: Callable[..., LlmParts]
) -> None:
    lines = [f"Paragraph {i}: the roof leaks in room {i} whenever it rains hard." for i in range(24)]

    def detect(handler: Any, body: dict[str, Any]) -> None:
        sent = body["messages"][1]["content"]
        found = [line for line in (lines[0], lines[9], lines[23]) if line in sent]
        says(reading(*(need(line) for line in found), pitches=[pitch(lines[23])] if lines[23] in sent else []))(
            handler, body
        )

    server.otherwise = by_prompt(detect, group={"groups": [["n1", "n3"]]})
    analysis = analyze(make(window=700), "\n\n".join(lines))
    assert [[e.quote for e in n.evidence] for n in analysis.needs] == [[lines[0], lines[23]], [lines[9]]]
    asked = server.calls[-1].body["messages"][1]["content"]
    assert all(f"n{i}: " in asked for i in (1, 2, 3))


def test_one_part_needs_no_such_question(server: LoopbackServer, make: Callable[..., LlmParts]) -> None:
    server.otherwise = by_prompt(reading(need("the roof leaks", "it leaked last year"), need("no money")))
    analysis = analyze(make(), "Well, the roof leaks. There is no money. And it leaked last year too.")
    assert [len(n.evidence) for n in analysis.needs] == [2, 1]
    assert len(server.calls) == 1


def test_a_judge_that_fails_leaves_the_needs_apart(server: LoopbackServer, make: Callable[..., LlmParts]) -> None:
    lines = [f"Paragraph {i}: the roof leaks in room {i} whenever it rains hard." for i in range(24)]

    def detect(handler: Any, body: dict[str, Any]) -> None:
        sent = body["messages"][1]["content"]
        says(reading(*(need(line) for line in (lines[0], lines[23]) if line in sent)))(handler, body)

    server.otherwise = by_prompt(detect, group=says("", finish="content_filter"))
    analysis = analyze(make(window=700), "\n\n".join(lines))
    assert len(analysis.needs) == 2
    assert [(i.stage, i.error) for i in analysis.incidents] == [("consolidate", "EngineRefusedError")]


def test_a_need_that_is_named_in_two_groups_goes_to_the_first() -> None:
    assert _merge([[0], [1], [2], [3]], [[1, 2], [0, 1, 3]]) == [[0, 3], [1, 2]]


def test_the_embedded_advice_fills_what_the_model_leaves_out(
    server: LoopbackServer, make: Callable[..., LlmParts]
) -> None:
    server.otherwise = says(
        reading(need("the roof leaks", questions=[]), pitches=[pitch("we are the best") | {"rewrite": ""}])
    )
    analysis = analyze(make(), "Well, the roof leaks. I said we are the best.")
    assert len(analysis.needs[0].questions) == 2
    assert analysis.pitches[0].rewrite.startswith("For example: ")


def _library_ids() -> list[str]:
    from notesense.solutions.library import load_library
    from tests.conftest import LIBRARY

    return [s.id for s in load_library(LIBRARY)]
