"""The only module that talks to a model: requests → answers through the openai package, its errors mapped to ours.

Endpoints differ in what they accept. How to ask for JSON (schema, any object, or words alone), how to limit the answer
and whether a temperature may be given is found out by what an endpoint refuses, once, and remembered.
"""

import random
import threading
import time
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from notesense.domain.endpoint import ModelSettings
from notesense.engines.llm.body import read_body
from notesense.engines.llm.manner import Manner, Memory, RefusalError, plainer
from notesense.engines.llm.request import Answer, Request
from notesense.engines.llm.schemas import json_schema
from notesense.engines.llm.throttle import Throttle
from notesense.errors import (
    ConfigError,
    EndpointError,
    EngineAnswerError,
    EngineError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineTruncatedError,
    EngineUnavailableError,
)

if TYPE_CHECKING:
    from openai import OpenAI

OPENAI = "https://api.openai.com/v1"
LONGEST_PAUSE = 60.0
"""Most seconds to wait before a retry, whatever the server asks for."""
FIRST_PAUSE = 0.5
_NO_KEY = "no-key"
_SPENT = {"insufficient_quota", "billing_hard_limit_reached"}


class BusyError(Exception):
    """A fault that may pass: worth a retry."""

    def __init__(
        self, error: EngineError, pause: float | None, *, too_many: bool = False, unreachable: bool = False
    ) -> None:
        super().__init__(error.message)
        self.error, self.pause, self.too_many, self.unreachable = error, pause, too_many, unreachable


class Endpoint:
    """An OpenAI-compatible endpoint.

    Args:
        settings: Address, key, model and limits.
        memory: Remembers how the endpoint wants to be asked.

    Raises:
        ConfigError: No model is named, or OpenAI's own endpoint has no key.
    """

    def __init__(self, settings: ModelSettings, memory: Memory | None = None) -> None:
        if not settings.model:
            raise ConfigError(
                "no model is named",
                "Set NOTESENSE_LLM_MODEL, or model in the [llm] table of notesense.toml, or --model.",
            )
        if not settings.base_url and not settings.api_key:
            raise ConfigError(
                "no key for OpenAI", "Set OPENAI_API_KEY, or NOTESENSE_LLM_BASE_URL for an endpoint of your own."
            )
        self._settings = settings
        self._memory = memory
        self._dead: EndpointError | None = None
        self._has_answered = False
        self._finding_out = threading.Lock()
        self.address = (settings.base_url or OPENAI).rstrip("/")
        self.throttle = Throttle(settings.concurrency)
        self._manner = self._remembered()

    @property
    def manner(self) -> Manner:
        """How the endpoint is asked."""
        return self._manner

    def send(self, request: Request) -> Answer:
        """Return the model's answer; see :class:`notesense.engines.llm.request.Transport`.

        What may pass (too busy, server error, no connection) is tried again; a call that took too long is not, as it may
        be billed: that is for the caller to decide.
        """
        for attempt in range(self._settings.retries + 1):
            try:
                with self.throttle.slot():
                    if self._dead:
                        raise self._dead
                    answer = self._ask(request)
            except BusyError as busy:
                pause = FIRST_PAUSE * 2**attempt * random.uniform(0.5, 1.0) if busy.pause is None else busy.pause  # noqa: S311
                pause = min(pause, LONGEST_PAUSE)
                if busy.too_many:
                    self.throttle.slow_down(pause)
                if attempt == self._settings.retries:
                    if busy.unreachable and not self._has_answered:  # nobody is there: the next note need not wait
                        self._dead = EndpointError(busy.error.message, busy.error.hint)
                        raise self._dead from None
                    raise busy.error from None
                time.sleep(pause)
            except EndpointError as error:  # it will refuse the next one too
                self._dead = error
                raise
            else:
                self._has_answered = True
                self.throttle.went_well()
                return answer
        raise AssertionError("the last attempt returns or raises")

    def close(self) -> None:
        """Close the connections."""
        if "_client" in self.__dict__:
            self._client.close()

    def _ask(self, request: Request) -> Answer:
        """Ask once, in the endpoint's manner; where it refuses the manner, find out a better one."""
        manner = self._manner
        try:
            return self._call(request, manner)
        except RefusalError as error:
            refused = error
        with self._finding_out:
            if self._manner != manner:  # another thread has found out in the meantime
                manner = self._manner
                try:
                    return self._call(request, manner)
                except RefusalError as error:
                    refused = error
            return self._find_manner(request, manner, refused)

    def _find_manner(self, request: Request, manner: Manner, refused: RefusalError) -> Answer:
        first = refused
        for _ in range(5):
            other = plainer(manner, refused)
            if other is None:
                break
            manner = other
            try:
                answer = self._call(request, manner)
            except RefusalError as again:
                refused = again
                continue
            self._manner = manner
            if self._memory:
                self._memory.keep_manner(self._name, manner._asdict())
            return answer
        if first.is_filter:
            raise EngineRefusedError(f"a content filter of {self.address} declined the note ({first.words})")
        if first.is_length:
            raise EngineTruncatedError(f"too long for the model ({first.words})")
        words = f"{self.address} refuses the request: {first.words} (status {first.status})"
        if self._has_answered:  # it is about this request, not about all
            raise EngineAnswerError(words)
        raise EndpointError(words, "Check the model's name and the extra body; then: notesense doctor --ping")

    def _call(self, request: Request, manner: Manner) -> Answer:
        import openai

        try:
            raw = self._client.chat.completions.with_raw_response.create(**self._fields(request, manner))
            return read_body(raw.text() if callable(raw.text) else raw.text, self.address)
        except openai.APIError as error:
            raise _mapped(error, self.address, self._settings) from None
        except openai.OpenAIError as error:
            raise EndpointError(f"{self.address}: {error}", "Check the settings of the endpoint.") from None

    def _fields(self, request: Request, manner: Manner) -> dict[str, Any]:
        settings = self._settings
        fields: dict[str, Any] = {
            "model": settings.model,
            "messages": [{"role": role, "content": _sendable(content)} for role, content in request.messages],
            manner.limit: settings.max_output,
        }
        if manner.temperature and settings.temperature is not None:
            fields["temperature"] = settings.temperature
        if manner.json_mode == "json_schema":
            schema = {"name": request.schema.__name__, "strict": True, "schema": json_schema(request.schema)}
            fields["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif manner.json_mode == "json_object":
            fields["response_format"] = {"type": "json_object"}
        if settings.body:
            fields["extra_body"] = settings.body
        return fields

    @cached_property
    def _client(self) -> "OpenAI":
        import openai

        settings = self._settings
        key = settings.api_key.get_secret_value() if settings.api_key else _NO_KEY
        common: dict[str, Any] = {
            "api_key": key, "organization": settings.organization, "default_headers": settings.headers,
            "timeout": settings.timeout, "max_retries": 0,
        }  # fmt: skip
        if settings.azure_version:
            return openai.AzureOpenAI(
                azure_endpoint=self.address,
                api_version=settings.azure_version,
                azure_deployment=settings.model,
                **common,
            )
        return openai.OpenAI(base_url=self.address, **common)

    @property
    def _name(self) -> str:
        return f"{self.address} {self._settings.model}"

    def _remembered(self) -> Manner:
        known = self._memory.manner(self._name) if self._memory else None
        try:
            if known:
                return Manner(**known)
        except TypeError:  # kept by another version
            pass
        of_openai = self.address == OPENAI or self._settings.azure_version
        return Manner(limit="max_completion_tokens" if of_openai else "max_tokens")


def _sendable(text: str) -> str:
    """Return a text without what UTF-8 cannot hold (half of a surrogate pair)."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _mapped(error: Any, address: str, settings: ModelSettings) -> Exception:
    """Return our error for one of the openai package: the only place that knows both."""
    import openai

    if isinstance(error, openai.APITimeoutError):
        return EngineTimeoutError(f"{address}: no answer within {settings.timeout:g} s")
    if isinstance(error, openai.APIConnectionError):
        cause = error.__cause__ or error
        return BusyError(
            EngineUnavailableError(
                f"{address}: no connection, or it broke off ({type(cause).__name__})",
                "Is the endpoint running, and the address right? Try: notesense doctor --ping",
            ),
            None,
            unreachable=type(cause).__name__ in ("ConnectError", "UnsupportedProtocol"),
        )
    if not isinstance(error, openai.APIStatusError):  # a body that cannot be read, a stream that broke off
        return BusyError(EngineUnavailableError(f"{address}: {_words(error)}"), None)
    status, words, code = error.status_code, _words(error), str(error.code or "")
    if status in (401, 403):
        return EndpointError(
            f"{address}: the key is not accepted (status {status})", "Set OPENAI_API_KEY or NOTESENSE_LLM_API_KEY."
        )
    if status == 404:
        return EndpointError(
            f"{address}: no model {settings.model}, or no such address (status 404)",
            "Check the model's name and the base URL, which ends in /v1 for most servers.",
        )
    if status == 429 and code in _SPENT:
        return EndpointError(f"{address}: the account has no credit left ({code})", "Add credit, then run it again.")
    if status in (408, 409, 429) or status >= 500:
        busy = EngineUnavailableError(f"{address}: {'too busy' if status == 429 else 'server error'} (status {status})")
        return BusyError(busy, _retry_after(error.response.headers), too_many=status == 429)
    return RefusalError(status, words, code)


def _words(error: Any) -> str:
    """Return what a server says, short, on one line."""
    body = error.body if isinstance(error.body, Mapping) else {}
    return " ".join(str(body.get("message") or error.message).split())[:300]


def _retry_after(headers: Any) -> float | None:
    """Return the pause that a server asks for, in seconds (RFC 9110; milliseconds in OpenAI's own header)."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) * unit)
        except (KeyError, ValueError):
            continue
    return None
