"""Asks the model: cache, cap, call, check, and one more time with the faults named.

An answer that still has faults is used as far as it can be read; what could not is kept by the note's meter.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

from notesense.domain.analysis import Stage
from notesense.domain.endpoint import ModelSettings
from notesense.engines.llm.cache import AnswerCache, key_of
from notesense.engines.llm.prompts import Message
from notesense.engines.llm.request import Answer, Request, Transport
from notesense.engines.llm.schemas import Parsed, parse_answer
from notesense.engines.llm.spending import Spending
from notesense.engines.meter import current
from notesense.errors import EngineAnswerError, EngineTimeoutError, EngineUnavailableError

TIMES = 2
"""How often a question is asked whose answer takes too long."""
MOST_FAULTS = 12
"""Most faults that the model is told about."""
Check = Callable[[Any], Sequence[str]]
"""Finds faults in a value of the right form: one sentence each."""
_STAGES: dict[str, Stage] = {"detect": "detect", "quote": "ground", "group": "consolidate", "match": "match"}
"""Stages by the prompt that they send."""
_NO_JSON = "there is no JSON object of the wanted form in the answer"


class Client:
    """Gets checked answers.

    Args:
        settings: Model and parameters.
        transport: Where answers come from.
        spending: Counts and caps.
        cache: Kept answers; None keeps none.
        endpoint: Name of where answers come from, for the cache's keys.
        by_hand: Whether answers are brought by hand: nothing is spent, and nobody can be asked again.
    """

    def __init__(
        self, settings: ModelSettings, transport: Transport, spending: Spending, cache: AnswerCache | None, endpoint: str,
        *, by_hand: bool = False,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._transport = transport
        self.spending = spending
        self._cache = cache
        self._endpoint = endpoint
        self._by_hand = by_hand

    def ask(self, request: Request, check: Check | None = None) -> Parsed:
        """Return what the model answers.

        Args:
            request: The question.
            check: Finds faults in a value that has the right form.

        Raises:
            EngineAnswerError: No usable answer, also when asked again.
            EngineError: The endpoint cannot be used, or the cap is reached.
        """
        key = key_of(request, self._endpoint, self._settings.model or "", self._parameters())
        kept = self._cache.get(key) if self._cache else None
        if kept and (parsed := _checked(kept, request, check)):
            return parsed
        answer = self._send(request)
        parsed = _checked(answer, request, check)
        if not self._by_hand and (parsed is None or parsed.faults):
            better = self._ask_again(request, answer, parsed.faults if parsed else (_NO_JSON,))
            second = _checked(better, request, check) if better else None
            if better and second and (parsed is None or len(second.faults) <= len(parsed.faults)):
                answer, parsed = better, second
        if parsed is None:
            raise EngineAnswerError(f"the model gave no answer that can be read ({answer.text.strip()[:80]!r})")
        current().blame(_STAGES[request.prompt], parsed.faults)
        if self._cache and not parsed.faults:
            self._cache.put(key, request, self._settings.model or "", answer)
        return parsed

    def _ask_again(self, request: Request, answer: Answer, faults: tuple[str, ...]) -> Answer | None:
        """Return the answer after the model was told what is wrong; None where that one is no answer at all."""
        listed = "\n".join(f"- {fault}" for fault in faults[:MOST_FAULTS])
        told = (
            Message("assistant", answer.text or "(nothing)"),
            Message(
                "user",
                f"This cannot be used:\n{listed}\nGive the whole JSON object again, in the form that was asked for.",
            ),
        )
        try:
            return self._send(request._replace(messages=request.messages + told))
        except (EngineAnswerError, EngineUnavailableError):  # the first one, as far as it can be read, is still there
            return None

    def _send(self, request: Request) -> Answer:
        if self._by_hand:
            return self._transport.send(request)
        for attempt in range(TIMES):
            started = time.perf_counter()
            with self.spending.reserve(request.messages):
                try:
                    answer = self._transport.send(request)
                except EngineTimeoutError:  # the endpoint may have done, and will bill, what nobody waited for
                    self.spending.record(request.messages, None, time.perf_counter() - started)
                    if attempt == TIMES - 1:
                        raise
                    continue
                self.spending.record(request.messages, answer.tokens, time.perf_counter() - started)
            if answer.fault:
                raise answer.fault
            return answer
        raise AssertionError("the last attempt returns or raises")

    def _parameters(self) -> dict[str, Any]:
        settings = self._settings
        return {"temperature": settings.temperature, "max_output": settings.max_output, "body": settings.body}


def _checked(answer: Answer, request: Request, check: Check | None) -> Parsed | None:
    parsed = parse_answer(answer.text, request.schema)
    if parsed and check:
        return Parsed(parsed.value, (*parsed.faults, *check(parsed.value)))
    return parsed
