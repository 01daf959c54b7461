"""The base of everything that crosses a boundary."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Immutable, and no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")
