"""A first talk with an endpoint: does it answer, how does it want to be asked, does it count, does it bear several calls."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import NamedTuple

from notesense.domain.endpoint import ModelSettings
from notesense.engines.llm.endpoint import Endpoint
from notesense.engines.llm.manner import Memory
from notesense.engines.llm.prompts import Message
from notesense.engines.llm.request import Answer, Request
from notesense.engines.llm.schemas import Quotes, parse_answer
from notesense.errors import EngineError

AT_ONCE = 4
MOST_OUTPUT = 300
_QUESTION = (
    Message("system", 'Answer with one JSON object and nothing else: {"quotes": [{"number": 1, "quote": "pong"}]}'),
    Message("user", "ping"),
)


class Pong(NamedTuple):
    """One line of what was found."""

    ok: bool
    words: str


def ping(settings: ModelSettings, memory: Memory | None = None) -> list[Pong]:
    """Try an endpoint with five small calls.

    Args:
        settings: The endpoint.
        memory: Remembers how it wants to be asked.

    Raises:
        ConfigError: No model or key is named.
    """
    with closing(Endpoint(settings.model_copy(update={"max_output": MOST_OUTPUT, "retries": 1}), memory)) as endpoint:
        return _try(endpoint, settings)


def _try(endpoint: Endpoint, settings: ModelSettings) -> list[Pong]:
    request = Request("ping", "", "ping", 1, _QUESTION, Quotes)
    started = time.perf_counter()
    try:
        answer = endpoint.send(request)
    except EngineError as error:
        return [Pong(False, f"{error.message} {error.hint}".strip())]
    single = time.perf_counter() - started
    manner = {"json_schema": "a JSON schema", "json_object": "any JSON object", "text": "words alone"}
    read = parse_answer(answer.text, Quotes)
    found = [
        Pong(True, f"{endpoint.address} answers as {settings.model} in {single:.2f} s"),
        Pong(
            read is not None and not answer.fault,
            f"output: asked for as {manner[endpoint.manner.json_mode]}; "
            + ("the answer is JSON" if read else f"the answer is no JSON ({answer.text.strip()[:60]!r})"),
        ),
        Pong(True, "usage: tokens are reported" if answer.tokens else "usage: not reported; tokens are estimated"),
    ]
    return [*found, _several(endpoint, request, single)]


def _several(endpoint: Endpoint, request: Request, single: float) -> Pong:
    def send(_: int) -> Answer | EngineError:
        try:
            return endpoint.send(request)
        except EngineError as error:
            return error

    started = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(send, range(AT_ONCE)))
    seconds = time.perf_counter() - started
    failed = [answer for answer in answers if isinstance(answer, EngineError)]
    if failed:
        return Pong(False, f"parallel: {len(failed)} of {AT_ONCE} calls at once failed ({failed[0].message})")
    overlap = "they overlap" if seconds < 0.75 * AT_ONCE * single else "one after the other: set concurrency = 1"
    return Pong(True, f"parallel: {AT_ONCE} calls at once in {seconds:.2f} s, {overlap}")
