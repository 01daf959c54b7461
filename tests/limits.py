"""A limit on the time that a block of a test may take, so that a hang is a failure."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


class _TimeIsUpError(BaseException):
    pass


@contextmanager
def time_limit(seconds: float, *, waiting: bool = False) -> Iterator[None]:
    """Fail when the block takes longer: processor time, or time on the clock where it may wait (``waiting``).

    Where the system has no timers (Windows), there is no limit.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return
    timer, alarm = (signal.ITIMER_REAL, signal.SIGALRM) if waiting else (signal.ITIMER_VIRTUAL, signal.SIGVTALRM)

    def stop(*_: object) -> None:
        raise _TimeIsUpError

    before = signal.signal(alarm, stop)
    signal.setitimer(timer, seconds, 0.5)  # again, in case a callback of the garbage collector swallows it
    late = False
    try:
        yield
    except _TimeIsUpError:
        late = True  # its traceback may lack line numbers, which pytest cannot show: fail with a fresh one
    finally:
        signal.setitimer(timer, 0)
        signal.signal(alarm, before)
    if late:
        pytest.fail(f"took more than {seconds} s")
