"""How many calls may be under way: fewer when the endpoint says that it is too busy, slowly more when it is not.

Additive increase, multiplicative decrease (Chiu and Jain 1989).
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

GROW_AFTER = 8
"""Calls that must go well before one more may be under way."""


class Throttle:
    """Bounds calls at once, over all threads.

    Args:
        most: Most calls at once.
    """

    def __init__(self, most: int) -> None:
        self.limit = most
        self._most = most
        self._under_way = 0
        self._good = 0
        self._not_before = 0.0
        self._changed = threading.Condition()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait for a place, and hold it."""
        with self._changed:
            while self._under_way >= self.limit or time.monotonic() < self._not_before:
                pause = self._not_before - time.monotonic()
                self._changed.wait(pause if pause > 0 else None)
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def slow_down(self, pause: float) -> None:
        """Halve the calls at once, and let nothing start for ``pause`` seconds."""
        with self._changed:
            if time.monotonic() >= self._not_before:  # calls that were refused together count as one sign
                self.limit = max(1, self.limit // 2)
            self._good = 0
            self._not_before = max(self._not_before, time.monotonic() + pause)

    def went_well(self) -> None:
        """Note a call that was answered."""
        with self._changed:
            self._good += 1
            if self.limit < self._most and self._good >= GROW_AFTER:
                self._good = 0
                self.limit += 1
                self._changed.notify_all()
