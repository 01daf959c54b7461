"""Fuzz every reader, the splitters, grounding and front matter for a while: ``make fuzz MINUTES=n``.

What fails is kept in ``fuzz-crashes/``, and told with the command that replays it.
"""

import math
import random
import sys
import time
import traceback
from collections.abc import Iterable
from pathlib import Path

from tests.fuzzing.mutate import mutate
from tests.fuzzing.targets import SEEDS, TARGETS

CRASHES = Path("fuzz-crashes")
MOST_SECONDS = 5.0
"""Processor time that one input may take; each is at most 200 kB."""


class TooSlowError(Exception):
    """An input took longer than it may."""


def fuzz(
    name: str, seed: int, inputs: int = sys.maxsize, seconds: float = math.inf
) -> tuple[int, list[tuple[bytes, str]]]:
    """Run one target for a number of inputs, or for a while.

    Args:
        name: One of :data:`TARGETS`.
        seed: Decides the inputs.
        inputs: How many at most.
        seconds: How long at most, in processor time.

    Returns:
        How many inputs were tried, and those that failed, each with its traceback; one for each place that raised.
    """
    chance = random.Random(seed)
    everything = [data for group in SEEDS.values() for data in group]
    pool = list(SEEDS[name])
    failures: dict[str, tuple[bytes, str]] = {}
    tried, until = 0, time.process_time() + seconds
    while tried < inputs and time.process_time() < until:
        data = mutate(chance.choice(pool), everything, chance)
        tried += 1
        if trace := failure_of(name, data):
            failures.setdefault(trace.rstrip().splitlines()[-2], (data, trace))
        elif len(pool) < 200 and chance.random() < 0.1:
            pool.append(data)  # damage on damage
    return tried, list(failures.values())


def failure_of(name: str, data: bytes) -> str:
    """Return the traceback of what a target does wrong with some bytes; nothing where all is well."""
    started = time.process_time()
    try:
        TARGETS[name](data)
        if (took := time.process_time() - started) > MOST_SECONDS:
            raise TooSlowError(f"{took:.1f} s for {len(data)} bytes")
    except Exception:
        return traceback.format_exc()
    return ""


def main(arguments: list[str]) -> int:
    """Fuzz all targets for the minutes given, or replay a file that failed: ``TARGET FILE``."""
    if len(arguments) == 2:
        trace = failure_of(arguments[0], Path(arguments[1]).read_bytes())
        print(trace or "no failure")
        return bool(trace)
    minutes = float(arguments[0]) if arguments else 1.0
    seed = int(time.time())
    found = 0
    for name in TARGETS:
        tried, failures = fuzz(name, seed, seconds=60 * minutes / len(TARGETS))
        print(f"{name:10} {tried:>8,} inputs, {len(failures)} failures (seed {seed})", flush=True)
        found += len(failures)
        _keep(name, failures)
    return bool(found)


def _keep(name: str, failures: Iterable[tuple[bytes, str]]) -> None:
    for number, (data, trace) in enumerate(failures):
        CRASHES.mkdir(exist_ok=True)
        path = CRASHES / f"{name.strip('.')}-{int(time.time())}-{number}"
        path.write_bytes(data)
        print(f"{trace}\nreplay: python -m tests.fuzzing.run {name} {path}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
