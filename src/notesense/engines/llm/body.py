"""The body of an endpoint's answer with status 200 → an answer, whatever the server leaves out or adds."""

import json
from collections.abc import Mapping
from typing import Any

from notesense.engines.llm.request import Answer, Tokens
from notesense.errors import EngineAnswerError, EngineRefusedError, EngineTruncatedError


def read_body(text: str, address: str) -> Answer:
    """Read a body.

    Raises:
        EngineAnswerError: It is not one of the protocol.
    """
    try:
        body = json.loads(text)
        choice = body["choices"][0]
        message = choice["message"]
        content, refusal = message.get("content"), message.get("refusal")
    except (ValueError, LookupError, TypeError, AttributeError):
        raise EngineAnswerError(
            f"{address} does not answer as an OpenAI-compatible endpoint does ({text.strip()[:80]!r})"
        ) from None
    if isinstance(content, list):  # some servers answer in parts
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    reason = choice.get("finish_reason")
    fault: EngineAnswerError | None = None
    if refusal:
        fault = EngineRefusedError(f"the model declined ({str(refusal)[:120]})")
    elif reason == "content_filter":
        fault = EngineRefusedError("a content filter stopped the answer")
    elif reason == "length":
        fault = EngineTruncatedError("the answer was cut off at the limit of tokens")
    return Answer(str(content or ""), _tokens(body.get("usage")), fault)


def _tokens(usage: Any) -> Tokens | None:
    if not isinstance(usage, Mapping):
        return None
    try:
        details = usage.get("prompt_tokens_details") or {}
        return Tokens(
            int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0),
            int(details.get("cached_tokens") or 0),
        )  # fmt: skip
    except (TypeError, ValueError, AttributeError):
        return None
