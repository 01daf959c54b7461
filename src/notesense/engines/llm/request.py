"""A question to the model and its raw answer: what the endpoint, the cache and answers brought by hand have in common."""

from typing import NamedTuple, Protocol

from notesense.engines.llm.prompts import Message
from notesense.engines.llm.schemas import Wire
from notesense.errors import EngineAnswerError


class Request(NamedTuple):
    """One question."""

    prompt: str
    """Name of the prompt."""
    prompt_digest: str
    source: str
    """Path of the note that it is about."""
    part: int
    """Number of the chunk, from 1."""
    messages: tuple[Message, ...]
    schema: type[Wire]


class Tokens(NamedTuple):
    """What an endpoint says that a call took."""

    input: int = 0
    output: int = 0
    cached: int = 0
    """Of the input, what the provider had cached."""


class Answer(NamedTuple):
    """What came back."""

    text: str
    tokens: Tokens | None
    """None where the endpoint does not say."""
    fault: EngineAnswerError | None = None
    """Why the text is no answer, although the call was one and is paid for: declined, or cut off."""


class Transport(Protocol):
    """Gets an answer to a request."""

    def send(self, request: Request) -> Answer:
        """Return the answer.

        Raises:
            EngineError: There is none.
        """
        ...
