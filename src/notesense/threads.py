"""Work in threads, results in order: for what waits (an endpoint), not for what computes."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

In = TypeVar("In")
Out = TypeVar("Out")


def in_order(work: Callable[[In], Out], items: Iterable[In], workers: int) -> Iterator[Out]:
    """Yield what work makes of each item, in their order, with so many threads; no item is taken long before its turn."""
    if workers == 1:
        yield from map(work, items)
        return
    waiting: deque[Future[Out]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) >= 4 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
