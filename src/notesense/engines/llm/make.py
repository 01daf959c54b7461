"""The parts of the llm engine, put together from the settings."""

from pathlib import Path
from typing import NamedTuple

from notesense.domain.analysis import EngineInfo
from notesense.domain.endpoint import ModelSettings
from notesense.domain.profile import FirmProfile
from notesense.engines.llm.answers import AnswerFolder
from notesense.engines.llm.cache import AnswerCache
from notesense.engines.llm.client import Client
from notesense.engines.llm.detector import LlmDetector
from notesense.engines.llm.endpoint import Endpoint
from notesense.engines.llm.judge import LlmJudge
from notesense.engines.llm.prompts import Prompts
from notesense.engines.llm.redaction import Hiding
from notesense.engines.llm.request import Transport
from notesense.engines.llm.spending import Spending
from notesense.errors import ConfigError

BY_HAND = "answers by hand"


class LlmParts(NamedTuple):
    """What the llm engine is made of."""

    detector: LlmDetector
    judge: LlmJudge
    prompts: Prompts
    spending: Spending
    cache: AnswerCache | None
    endpoint: Endpoint | None
    """None where answers are brought by hand."""

    def close(self) -> None:
        """Close connections and cache."""
        if self.endpoint:
            self.endpoint.close()
        if self.cache:
            self.cache.close()


def make_llm(settings: ModelSettings, profile: FirmProfile, name: str) -> LlmParts:
    """Return the parts; nothing is called yet.

    Args:
        settings: The endpoint and its use.
        profile: The firm's profile.
        name: Name of the engine in reports.

    Raises:
        ConfigError: A model, key, price or prompt is missing.
    """
    prompts = Prompts(settings.prompts)
    by_hand = settings.answers is not None
    cache = None if by_hand else _cache(reading=settings.cache)
    spending = Spending(settings, cache)
    endpoint = None if by_hand else Endpoint(settings, cache)
    transport: Transport = endpoint or AnswerFolder(settings.answers or Path())
    address = endpoint.address if endpoint else BY_HAND
    client = Client(settings, transport, spending, cache, address, by_hand=by_hand)
    hiding = Hiding(settings.redact, profile, settings.redact_names)
    info = EngineInfo(name=name, model=settings.model or BY_HAND, version=prompts.digest)
    return LlmParts(
        LlmDetector(client, prompts, info, settings.window, profile, hiding), LlmJudge(client, prompts, hiding), prompts,
        spending, cache, endpoint,
    )  # fmt: skip


def _cache(*, reading: bool) -> AnswerCache | None:
    """Return the cache; where it is not wanted, what it knows of endpoints is welcome and no condition."""
    try:
        return AnswerCache(reading=reading)
    except ConfigError:
        if reading:
            raise
        return None
