"""A short run of every fuzz target on the same inputs each time; ``make fuzz`` goes on from there."""

import random

import pytest

from tests.fuzzing.mutate import mutate
from tests.fuzzing.run import failure_of, fuzz
from tests.fuzzing.targets import SEEDS, TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_good_input_is_read(name: str) -> None:
    for data in SEEDS[name]:
        assert failure_of(name, data) == ""


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_input_is_an_error_of_ours_or_none(name: str) -> None:
    _, failures = fuzz(name, seed=20261127, inputs=60)
    assert not failures, failures[0][1]


def test_the_fuzzer_sees_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(data: bytes) -> None:
        if b"\x00" in data:
            raise ValueError("a bug")

    monkeypatch.setitem(TARGETS, ".md", breaks)
    _, failures = fuzz(".md", seed=1, inputs=200)
    assert [trace.rstrip().splitlines()[-1] for _, trace in failures] == ["ValueError: a bug"]


def test_the_same_seed_makes_the_same_damage() -> None:
    first, second = (mutate(SEEDS[".md"][0], SEEDS[".md"], random.Random(5)) for _ in range(2))
    assert first == second != SEEDS[".md"][0]
