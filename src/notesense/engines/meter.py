"""What the calls for one note take, and what of their answers could not be used: collected in the thread that makes them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from notesense.domain.analysis import Stage, Usage


class Meter:
    """The calls of one note."""

    def __init__(self) -> None:
        self._usage = Usage()
        self.faults: dict[Stage, list[str]] = {}
        """What was wrong with the answers, for good: one sentence each."""

    def total(self, seconds: float) -> Usage:
        """Return the usage of the note: that of its calls, and the time that the whole took."""
        return self._usage.model_copy(update={"seconds": round(seconds, 3)})

    def count(self, usage: Usage) -> None:
        """Add a call."""
        self._usage = self._usage.plus(usage)

    def blame(self, stage: Stage, faults: Sequence[str]) -> None:
        """Add what was wrong with an answer that is used all the same."""
        if faults:
            self.faults.setdefault(stage, []).extend(faults)


_METER: ContextVar[Meter | None] = ContextVar("meter", default=None)


@contextmanager
def metered() -> Iterator[Meter]:
    """Collect what the calls of this thread take inside."""
    meter = Meter()
    token = _METER.set(meter)
    try:
        yield meter
    finally:
        _METER.reset(token)


def current() -> Meter:
    """Return the meter of the note in hand; outside of any, one that nobody reads."""
    return _METER.get() or Meter()
