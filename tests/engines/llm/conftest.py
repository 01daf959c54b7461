"""A loopback endpoint and engines that call it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from notesense.domain.endpoint import ModelSettings
from notesense.domain.profile import FirmProfile
from notesense.engines.llm.make import LlmParts, make_llm
from tests.engines.llm.loopback import LoopbackServer

MakeLlm = Callable[..., LlmParts]


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        yield server


@pytest.fixture
def make(server: LoopbackServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeLlm]:
    """Make the engine for the server; it hardly waits between retries, unless the server asks for it."""
    made: list[LlmParts] = []
    monkeypatch.setattr("notesense.engines.llm.endpoint.FIRST_PAUSE", 0.01)

    def make(firm: FirmProfile | None = None, **settings: Any) -> LlmParts:
        values = {"model": "m", "base_url": server.base_url, "timeout": 5.0, "api_key": "sk-test-secret"} | settings
        made.append(make_llm(ModelSettings(**values), firm or FirmProfile(), "llm"))
        return made[-1]

    yield make
    for parts in made:
        parts.close()
