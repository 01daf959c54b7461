"""Everything that an endpoint can do wrong, and what becomes of the note."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from notesense.advice import Advisor
from notesense.domain.analysis import Analysis
from notesense.domain.notes import Note
from notesense.domain.profile import FirmProfile
from notesense.encoding.encoder import shared_encoder
from notesense.engines.factory import Engine
from notesense.engines.llm.make import LlmParts
from notesense.errors import (
    EndpointError,
    EngineAnswerError,
    EngineError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineTruncatedError,
    EngineUnavailableError,
)
from notesense.pipeline import Pipeline
from tests.engines.llm.loopback import LoopbackServer, Reply, breaks_off, fails, hangs, raw, refuses_schema, says

TEXT = (
    "Minutes, site office.\n\n"
    "The north pump has failed three times since May and Joel keeps a spare in his truck.\n\n"
    "Council wants a phasing plan  before the\nbond vote in June.\n\n"
    "Told them we're the “best” pump people in the state.\n"
)
PUMP = "The north pump has failed three times since May"
PLAN = "Council wants a phasing plan  before the\nbond vote in June"


def need(*quotes: str, kind: str = "implied", category: str = "condition_capacity", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "category": category, "statement": "Keep the pump running.", "quotes": list(quotes),
            "questions": ["What happens then?", "Since when?", "Who?"]} | more  # fmt: skip


def pitch(quote: str, tactic: str = "credentials", where: str = "said") -> dict[str, Any]:
    return {"tactic": tactic, "where": where, "quote": quote, "rewrite": "Ask what the failures cost."}


def reading(*needs: Any, pitches: Any = ()) -> dict[str, Any]:
    return {"needs": list(needs), "pitches": list(pitches)}


GOOD = reading(need(PUMP))
JSON = json.dumps(GOOD)


def analyze(parts: LlmParts, text: str = TEXT) -> Analysis:
    engine = Engine(parts.detector, parts.judge, parts.detector, parts.judge, parts)
    pipeline = Pipeline(engine, Advisor(shared_encoder()), lambda: None, FirmProfile())
    return pipeline.analyze(Note(text=text, path="site.md", language="en"))


class Survived(NamedTuple):
    """A fault after which the note is read all the same."""

    script: list[Reply]
    calls: int


SURVIVED: dict[str, Survived] = {
    "nothing wrong": Survived([says(GOOD)], 1),
    "fenced": Survived([says(f"Here you are:\n```json\n{JSON}\n```\nHope it helps")], 1),
    "fenced without a name": Survived([says(f"```\n{JSON}\n```")], 1),
    "words around": Survived([says(f"Sure! {JSON} Anything else?")], 1),
    "thought aloud": Survived([says(f"<think>{{\"needs\": []}} hm</think>{JSON}")], 1),
    "content in parts": Survived([says([{"type": "text", "text": JSON}])], 1),
    "a field too many": Survived([says(GOOD | {"note": "x", "needs": [need(PUMP, confidence=0.4)]})], 1),
    "no usage": Survived([says(GOOD, usage=None)], 1),
    "odd usage": Survived([says(GOOD, usage={"prompt_tokens": None, "completion_tokens": "many"})], 1),
    "429 with retry-after": Survived([fails(429, retry_after="0.05"), says(GOOD)], 2),
    "429 with retry-after-ms": Survived([fails(429, retry_after_ms="40"), says(GOOD)], 2),
    "429 without a word": Survived([fails(429), says(GOOD)], 2),
    "429 with a date": Survived([fails(429, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"), says(GOOD)], 2),
    "429 three times": Survived([fails(429), fails(429), fails(429), says(GOOD)], 4),
    "500": Survived([fails(500), says(GOOD)], 2),
    "502 as a page": Survived([raw(502, "<html>bad gateway</html>"), says(GOOD)], 2),
    "503": Survived([fails(503, retry_after="0"), says(GOOD)], 2),
    "408": Survived([fails(408), says(GOOD)], 2),
    "409": Survived([fails(409), says(GOOD)], 2),
    "reset in the body": Survived([breaks_off, says(GOOD)], 2),
    "hang, then well": Survived([hangs(1.2), says(GOOD)], 2),
    "empty, then well": Survived([says(""), says(GOOD)], 2),
    "null, then well": Survived([says(None), says(GOOD)], 2),
    "words, then well": Survived([says("I found one need."), says(GOOD)], 2),
    "half of the JSON, then well": Survived([says('{"needs": [{"kind": "impl'), says(GOOD)], 2),
    "a list, then well": Survived([says("[1, 2]"), says(GOOD)], 2),
    "another object, then well": Survived([says({"result": "ok"}), says(GOOD)], 2),
    "unknown kind, then well": Survived([says(reading(need(PUMP, kind="hidden"))), says(GOOD)], 2),
    "unknown category, then well": Survived([says(reading(need(PUMP, category="pumps"))), says(GOOD)], 2),
    "no quotes, then well": Survived([says(reading(need())), says(GOOD)], 2),
    "needs no list, then well": Survived([says({"needs": "none", "pitches": []}), says(GOOD)], 2),
    "schema refused": Survived([refuses_schema(says(GOOD)), says(GOOD)], 2),
    "schema and object refused": Survived(
        [refuses_schema(says(GOOD)), refuses_schema(says(GOOD), "json_object"), says(GOOD)], 3
    ),
    "temperature refused": Survived([fails(400, "Unsupported value: 'temperature' does not support 0"), says(GOOD)], 2),
    "max_tokens refused": Survived(
        [fails(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."), says(GOOD)], 2
    ),
    "invented quote, then the right one": Survived(
        [says(reading(need("The pump broke down three times"))), says({"quotes": [{"number": 1, "quote": PUMP}]})], 2
    ),
    "typographic quote": Survived([says(reading(need("The north  pump has failed three\ntimes since May")))], 1),
}  # fmt: skip


@pytest.mark.parametrize("name", SURVIVED)
def test_the_note_is_read_all_the_same(name: str, server: LoopbackServer, make: Callable[..., LlmParts]) -> None:
    server.script = list(SURVIVED[name].script)
    analysis = analyze(make(timeout=0.6))
    assert [n.evidence[0].quote for n in analysis.needs] == [PUMP]
    assert analysis.needs[0].statement == "Keep the pump running."
    assert analysis.needs[0].questions == ("What happens then?", "Since when?")
    assert not analysis.rejected
    assert not analysis.incidents
    assert len(server.calls) == SURVIVED[name].calls


class Fatal(NamedTuple):
    """A fault that ends the note, and what is said."""

    reply: Reply
    error: type[EngineError]
    words: str
    hint: str = ""
    again: bool = True
    """Whether another note would be tried."""


FATAL: dict[str, Fatal] = {
    "wrong key": Fatal(fails(401), EndpointError, "the key is not accepted", "OPENAI_API_KEY", again=False),
    "forbidden": Fatal(fails(403), EndpointError, "the key is not accepted", again=False),
    "no such model": Fatal(fails(404), EndpointError, "no model m", "base URL", again=False),
    "no credit": Fatal(fails(429, code="insufficient_quota"), EndpointError, "no credit", again=False),
    "bad request": Fatal(fails(400, "bad body"), EndpointError, "bad body", "--ping", again=False),
    "busy to the end": Fatal(fails(429, retry_after="0"), EngineUnavailableError, "too busy"),
    "down to the end": Fatal(fails(503), EngineUnavailableError, "server error"),
    "breaks off to the end": Fatal(breaks_off, EngineUnavailableError, "it broke off"),
    "hangs to the end": Fatal(hangs(1.5), EngineTimeoutError, "no answer within 0.4 s"),
    "refusal": Fatal(says(None, refusal="I cannot help"), EngineRefusedError, "declined (I cannot help)"),
    "content filter": Fatal(says("", finish="content_filter"), EngineRefusedError, "content filter"),
    "content filter of Azure": Fatal(
        fails(400, "filtered", code="content_filter"), EngineRefusedError, "content filter"
    ),
    "too long": Fatal(
        fails(400, "This model's maximum context length is 100 tokens"), EngineTruncatedError, "too long for the model"
    ),
    "empty to the end": Fatal(says(""), EngineAnswerError, "no answer that can be read"),
    "words to the end": Fatal(says("No needs found."), EngineAnswerError, "No needs found."),
    "no protocol": Fatal(raw(200, "<html>login</html>"), EngineAnswerError, "not answer as an OpenAI-compatible"),
    "no choices": Fatal(raw(200, '{"choices": []}', "application/json"), EngineAnswerError, "OpenAI-compatible"),
    "cut off to the end": Fatal(says('{"needs": [', finish="length"), EngineTruncatedError, "cut off"),
}


@pytest.mark.parametrize("name", FATAL)
def test_a_fault_that_stays_names_itself(name: str, server: LoopbackServer, make: Callable[..., LlmParts]) -> None:
    fatal = FATAL[name]
    server.otherwise = fatal.reply
    parts = make(timeout=0.4, retries=2)
    with pytest.raises(fatal.error) as caught:
        analyze(parts)
    assert type(caught.value) is fatal.error
    assert "site.md" in caught.value.message
    assert fatal.words in caught.value.message
    assert fatal.hint in caught.value.hint
    assert "sk-test-secret" not in repr(caught.value) + caught.value.hint
    before = len(server.calls)
    with pytest.raises(fatal.error):
        analyze(parts, TEXT + "\nAnother note.\n")
    assert (len(server.calls) > before) is fatal.again


def test_no_server_at_all_is_found_out_once(make: Callable[..., LlmParts], monkeypatch: pytest.MonkeyPatch) -> None:
    parts = make(base_url="http://127.0.0.1:9/v1", retries=1)
    with pytest.raises(EndpointError, match="no connection") as caught:
        analyze(parts)
    assert "--ping" in caught.value.hint
    monkeypatch.setattr(parts.endpoint, "_ask", None)
    with pytest.raises(EndpointError, match="no connection"):
        analyze(parts)


def test_a_quote_that_nobody_said_is_rejected_and_counted(
    server: LoopbackServer, make: Callable[..., LlmParts]
) -> None:
    invented = "They want a new pump house by spring"
    server.script = [says(reading(need(PUMP), need(invented))), says({"quotes": [{"number": 1, "quote": ""}]})]
    analysis = analyze(make())
    assert [n.evidence[0].quote for n in analysis.needs] == [PUMP]
    assert [(r.quote, r.reason) for r in analysis.rejected] == [(invented, "not in the note")]
    assert invented in server.calls[1].raw


def test_quotes_are_mapped_back_to_the_note(server: LoopbackServer, make: Callable[..., LlmParts]) -> None:
    said = 'Told them we\'re the "best" pump people in the state'
    server.script = [
        says(
            reading(
                need("Council wants a phasing plan before the bond vote in June", kind="stated"), pitches=[pitch(said)]
            )
        )
    ]
    analysis = analyze(make())
    assert analysis.needs[0].evidence[0].quote == PLAN
    assert analysis.needs[0].questions == ()
    flag = analysis.pitches[0]
    assert flag.evidence[0].quote == "Told them we're the “best” pump people in the state"
    assert (flag.tactic, flag.where, flag.rewrite) == ("credentials", "said", "Ask what the failures cost.")
    for evidence in (*analysis.needs[0].evidence, *flag.evidence):
        assert TEXT[evidence.start : evidence.end] == evidence.quote


def test_faulty_items_fall_and_the_rest_stands(server: LoopbackServer, make: Callable[..., LlmParts]) -> None:
    server.otherwise = says(reading(need(PUMP), need(PLAN, category="pumps"), "nonsense"))
    analysis = analyze(make())
    assert [n.evidence[0].quote for n in analysis.needs] == [PUMP]
    told = server.calls[1].body["messages"][-1]["content"]
    assert "needs 2: category" in told
    assert "needs 3" in told
    incident = analysis.incidents[0]
    assert (incident.stage, incident.error, len(analysis.incidents)) == ("detect", "EngineAnswerError", 1)
    assert "needs 2: category" in incident.message


@pytest.mark.parametrize("again", [hangs(1.0), fails(503), says("", finish="content_filter")])
def test_a_usable_answer_is_kept_when_nobody_answers_the_second_time(
    again: Reply, server: LoopbackServer, make: Callable[..., LlmParts]
) -> None:
    server.script = [says(reading(need(PUMP), need(PLAN, category="pumps")))]
    server.otherwise = again
    analysis = analyze(make(timeout=0.3, retries=0))
    assert [n.evidence[0].quote for n in analysis.needs] == [PUMP]
    assert [i.stage for i in analysis.incidents] == ["detect"]


def test_a_cut_off_answer_splits_the_note_and_loses_nothing(
    server: LoopbackServer, make: Callable[..., LlmParts]
) -> None:
    lines = [f"The pump in street {i} failed again in week {i} and nobody came to look." for i in range(40)]
    text = "\n\n".join(lines)

    def reply(handler: Any, body: dict[str, Any]) -> None:
        sent = body["messages"][1]["content"]
        inside = [line for line in lines if line in sent]
        if len(inside) > 12:
            says('{"needs": [', finish="length")(handler, body)
        else:
            says(reading(*(need(line) for line in inside)))(handler, body)

    server.otherwise = reply
    analysis = analyze(make(), text)
    assert sorted(n.evidence[0].quote for n in analysis.needs) == sorted(lines)
    assert analysis.usage.calls == len(server.calls)


def test_a_chunk_that_fails_for_good_is_an_incident(server: LoopbackServer, make: Callable[..., LlmParts]) -> None:
    text = "\n\n".join(f"Paragraph {i}: the roof leaks in room {i} whenever it rains hard." for i in range(30))

    def reply(handler: Any, body: dict[str, Any]) -> None:
        sent = body["messages"][1]["content"]
        if "Paragraph 2:" in sent:
            says(None, refusal="no")(handler, body)
        else:
            says(GOOD if PUMP in sent else reading())(handler, body)

    server.otherwise = reply
    analysis = analyze(make(window=900), text + "\n\n" + PUMP + ".")
    assert [n.evidence[0].quote for n in analysis.needs] == [PUMP]
    assert [(i.stage, i.error) for i in analysis.incidents] == [("detect", "EngineRefusedError")]
    assert analysis.incidents[0].span[0] == 0


def test_a_request_that_is_refused_after_others_were_answered_ends_that_note_alone(
    server: LoopbackServer, make: Callable[..., LlmParts]
) -> None:
    parts = make()
    server.otherwise = says(GOOD)
    analyze(parts)
    server.otherwise = fails(400, "bad body")
    with pytest.raises(EngineAnswerError, match="bad body"):
        analyze(parts, TEXT + "odd")
    server.otherwise = says(GOOD)
    assert analyze(parts, TEXT + "even").needs


def test_half_of_a_surrogate_pair_does_no_harm(server: LoopbackServer, make: Callable[..., LlmParts]) -> None:
    server.otherwise = says(GOOD)
    assert analyze(make(), TEXT + "\ud800").needs


def test_the_manner_of_an_endpoint_is_remembered(server: LoopbackServer, make: Callable[..., LlmParts]) -> None:
    server.otherwise = refuses_schema(says(GOOD))
    analyze(make())
    analyze(make(), TEXT + "\nMore.\n")
    asked = [(call.body.get("response_format") or {}).get("type") for call in server.calls]
    assert asked == ["json_schema", "json_object", "json_object"]


def test_a_wrong_key_is_one_whatever_the_length_of_the_note(
    server: LoopbackServer, make: Callable[..., LlmParts]
) -> None:
    server.otherwise = fails(401)
    with pytest.raises(EndpointError, match="key is not accepted"):
        analyze(make(window=600), "\n\n".join(f"Paragraph {i}: the roof leaks in room {i}." for i in range(40)))
