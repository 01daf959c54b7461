"""How an endpoint wants to be asked, found out by what it refuses."""

from typing import Any, Literal, NamedTuple, Protocol

JsonMode = Literal["json_schema", "json_object", "text"]
"""How an endpoint is asked for JSON."""
FILTERED = frozenset({"content_filter", "content_policy_violation"})
"""Codes of a refusal that is about the words, not about the manner."""


class Manner(NamedTuple):
    """How an endpoint wants to be asked."""

    json_mode: JsonMode = "json_schema"
    limit: str = "max_tokens"
    """Name of the field that limits the answer."""
    temperature: bool = True
    """Whether a temperature may be given."""


class Memory(Protocol):
    """Keeps the manner of each endpoint from one run to the next."""

    def manner(self, endpoint: str) -> dict[str, Any] | None:
        """Return what was kept, or None."""
        ...

    def keep_manner(self, endpoint: str, manner: dict[str, Any]) -> None:
        """Keep it."""
        ...


class RefusalError(Exception):
    """A status that says no to this way of asking."""

    def __init__(self, status: int, words: str, code: str) -> None:
        super().__init__(words)
        self.status, self.words, self.code = status, words, code

    @property
    def is_filter(self) -> bool:
        """Whether a content filter refused."""
        return self.code in FILTERED

    @property
    def is_length(self) -> bool:
        """Whether the question is longer than the model's window."""
        words = self.words.lower()
        return "context" in words and "length" in words


def plainer(manner: Manner, refused: RefusalError) -> Manner | None:
    """Return the next manner to try after a refusal, the likeliest cause first; None where there is nothing to give up."""
    words = refused.words.lower()
    if manner.temperature and "temperature" in words:
        return manner._replace(temperature=False)
    if "max_tokens" in words or "max_completion_tokens" in words:
        other = "max_completion_tokens" if manner.limit == "max_tokens" else "max_tokens"
        return manner._replace(limit=other) if other in words else None
    if refused.is_filter or refused.is_length:
        return None
    if manner.json_mode == "json_schema":
        return manner._replace(json_mode="json_object")
    if manner.json_mode == "json_object":
        return manner._replace(json_mode="text")
    return None
