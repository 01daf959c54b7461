import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from inspect import isclass
from typing import Any

import pytest

from notesense.domain.endpoint import ModelSettings
from notesense.engines.llm.endpoint import BusyError, _mapped
from notesense.engines.llm.endpoint import Endpoint as RealEndpoint
from notesense.engines.llm.make import LlmParts
from notesense.engines.llm.manner import RefusalError
from notesense.engines.llm.ping import ping
from notesense.engines.llm.prompts import Message
from notesense.engines.llm.request import Request
from notesense.engines.llm.schemas import Quotes
from notesense.engines.llm.throttle import Throttle
from notesense.errors import ConfigError, EngineError
from tests.engines.llm.loopback import LoopbackServer, fails, raw, refuses_schema, says
from tests.engines.llm.test_faults import GOOD, TEXT, analyze

Endpoint = Callable[[ModelSettings], RealEndpoint]
REQUEST = Request("quote", "", "x.md", 1, (Message("user", "hello"),), Quotes)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """Make endpoints that are closed at the end."""
    with ExitStack() as stack:
        yield lambda settings: stack.enter_context(closing(RealEndpoint(settings)))


def test_every_error_of_the_openai_package_is_mapped() -> None:
    """Errors of calls that are never made (web sockets, web hooks, parse helpers, tokens of workloads) are left out."""
    import httpx2
    import openai

    request = httpx2.Request("POST", "http://127.0.0.1/v1")
    seen = []
    for error in list(vars(openai).values()):
        if not (isclass(error) and issubclass(error, openai.APIError)):
            continue
        made = error.__new__(error)  # constructors differ; these are the attributes that the package documents
        made.request, made.body, made.message, made.code = request, None, "no", None
        if issubclass(error, openai.APIStatusError):
            status = getattr(error, "status_code", None)
            made.status_code = status if isinstance(status, int) else 500
            made.response = httpx2.Response(made.status_code, request=request)
        mapped = _mapped(made, "http://127.0.0.1", ModelSettings(model="m"))
        assert isinstance(mapped, (BusyError, RefusalError, EngineError)), error
        seen.append(error.__name__)
    assert {"APITimeoutError", "APIConnectionError", "RateLimitError", "BadRequestError", "InternalServerError"} <= set(
        seen
    )


def test_what_is_sent(server: LoopbackServer, endpoint: Endpoint) -> None:
    server.otherwise = says({"quotes": []})
    settings = ModelSettings(
        model="m", base_url=server.base_url + "/", api_key="sk-1", organization="org-7", headers={"X-Team": "water"},
        body={"seed": 3}, temperature=0.2, max_output=500,
    )  # fmt: skip
    endpoint(settings).send(REQUEST)
    call = server.calls[0]
    headers = {name.lower(): value for name, value in call.headers.items()}
    assert call.path == "/v1/chat/completions"
    assert headers["authorization"] == "Bearer sk-1"
    assert (headers["openai-organization"], headers["x-team"]) == ("org-7", "water")
    assert (call.body["model"], call.body["seed"], call.body["temperature"], call.body["max_tokens"]) == (
        "m",
        3,
        0.2,
        500,
    )
    assert call.body["response_format"]["json_schema"]["strict"] is True


def test_azure(server: LoopbackServer, endpoint: Endpoint) -> None:
    server.otherwise = says({"quotes": []})
    settings = ModelSettings(
        model="notes", base_url=server.base_url.removesuffix("/v1"), api_key="k", azure_version="2025-01-01"
    )
    endpoint(settings).send(REQUEST)
    call = server.calls[0]
    assert call.path == "/openai/deployments/notes/chat/completions?api-version=2025-01-01"
    assert {n.lower(): v for n, v in call.headers.items()}["api-key"] == "k"
    assert "max_completion_tokens" in call.body


def test_an_endpoint_of_ones_own_needs_no_key(server: LoopbackServer, endpoint: Endpoint) -> None:
    server.otherwise = says({"quotes": []})
    assert endpoint(ModelSettings(model="m", base_url=server.base_url)).send(REQUEST).text


@pytest.mark.parametrize(("settings", "words"), [({}, "no model"), ({"model": "m"}, "no key for OpenAI")])
def test_what_is_missing_is_said(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        RealEndpoint(ModelSettings(**settings))


def test_retry_after_is_honoured(server: LoopbackServer, endpoint: Endpoint) -> None:
    server.script = [fails(429, retry_after="0.3")]
    server.otherwise = says({"quotes": []})
    endpoint(ModelSettings(model="m", base_url=server.base_url)).send(REQUEST)
    assert server.calls[1].at - server.calls[0].at >= 0.28


def test_calls_at_once_are_bounded_and_fewer_after_a_429(server: LoopbackServer, endpoint: Endpoint) -> None:
    server.otherwise = says({"quotes": []}, delay=0.05)
    made = endpoint(ModelSettings(model="m", base_url=server.base_url, concurrency=6))
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(made.send, [REQUEST] * 30))
    assert server.most_under_way == 6
    server.script = [fails(429, retry_after="0.05")]
    made.send(REQUEST)
    assert made.throttle.limit == 3
    for _ in range(30):
        made.send(REQUEST)
    assert made.throttle.limit == 6


def test_refusals_at_the_same_time_count_once() -> None:
    throttle = Throttle(16)
    for _ in range(10):
        throttle.slow_down(0.2)
    assert throttle.limit == 8


@pytest.mark.alone
def test_many_notes_take_hardly_longer_than_the_endpoint(server: LoopbackServer, make: Callable[..., LlmParts]) -> None:
    """The bar is 1.15 for 200 notes (benchmarks/endpoint.py); a busy machine gets some air."""
    notes, latency, at_once = 96, 0.3, 16
    server.otherwise = says(GOOD, delay=latency)
    parts = make(concurrency=at_once, cache=False)
    analyze(parts)
    started = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(lambda i: analyze(parts, f"{TEXT}\nNote {i}."), range(notes)))
    assert time.perf_counter() - started <= 1.5 * notes * latency / at_once
    assert server.most_under_way == at_once
    assert len(server.calls) == notes + 1


def test_ping_tells_what_works(server: LoopbackServer) -> None:
    server.otherwise = refuses_schema(says({"quotes": []}, delay=0.05))
    words = [pong.words for pong in ping(ModelSettings(model="m", base_url=server.base_url)) if pong.ok]
    assert len(words) == 4
    assert "any JSON object" in words[1]
    assert "tokens are reported" in words[2]
    assert "they overlap" in words[3]


@pytest.mark.parametrize(
    ("reply", "words"),
    [(fails(401), "key"), (raw(200, "<html>"), "OpenAI-compatible"), (says("pong"), "no JSON")],
)  # fmt: skip
def test_ping_tells_what_does_not(server: LoopbackServer, reply: Any, words: str) -> None:
    server.otherwise = reply
    pongs = ping(ModelSettings(model="m", base_url=server.base_url))
    assert any(words in pong.words for pong in pongs if not pong.ok)
