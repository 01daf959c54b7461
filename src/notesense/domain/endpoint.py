"""Which model the llm and hybrid engines call, how, and at what price: the ``[llm]`` table of ``notesense.toml``."""

from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr

from notesense.domain.base import Frozen


class Price(Frozen):
    """What a model costs, in the currency of its bill, a million tokens."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cached: float | None = Field(default=None, ge=0)
    """Of input that the provider had cached; as other input where it is not said."""


class ModelSettings(Frozen):
    """The endpoint and how it is used. Nothing is called unless the user chooses the llm or the hybrid engine."""

    model: str | None = Field(default=None, min_length=1)
    """Name of the model; on Azure, of the deployment."""
    base_url: str | None = Field(default=None, pattern=r"^https?://\S+$")
    """Address of an OpenAI-compatible endpoint, up to ``/v1``; OpenAI's own where it is not given."""
    api_key: SecretStr | None = Field(default=None, exclude=True)
    """From the environment alone, so that no file holds it."""
    organization: str | None = None
    """The organisation at the provider that the bill goes to."""
    azure_version: str | None = None
    """The ``api-version`` of an Azure OpenAI endpoint; given, ``base_url`` is such an endpoint."""
    headers: dict[str, str] = Field(default={})
    """Extra headers of every call."""
    body: dict[str, Any] = Field(default={})
    """Extra fields of every call's body, such as ``{"reasoning_effort": "low"}``."""
    temperature: float | None = Field(default=0.0, ge=0, le=2)
    """Left out where the model refuses it."""
    window: int = Field(default=48_000, ge=500)
    """Most characters of a note in one call."""
    max_output: int = Field(default=6_000, ge=50)
    """Most tokens of one answer."""
    timeout: float = Field(default=120.0, gt=0)
    """Seconds for one call."""
    retries: int = Field(default=5, ge=0, le=20)
    """How often a call is tried again."""
    concurrency: int = Field(default=8, ge=1, le=256)
    """Most calls at once."""
    cache: bool = True
    """Whether answers are kept, so that the same question is not paid twice."""
    redact: bool = False
    """Whether names, addresses, numbers and money are hidden from the endpoint."""
    redact_names: tuple[str, ...] = ()
    """People and organisations to hide beside those of the profile and of the note."""
    max_cost: float | None = Field(default=None, ge=0)
    """Most that a run may cost."""
    prices: dict[str, Price] = Field(default={})
    """Prices by model; they come before the shipped ones."""
    prompts: Path | None = None
    """A folder whose prompt files replace the shipped ones of the same name."""
    answers: Path | None = None
    """A folder of answers brought by hand: no call is made."""
