"""One process that analyses on and on holds no more for it; of memory, ``make bench`` sees little leaks too."""

import sys

import pytest

from benchmarks.long_run import growth
from tests.conftest import SAMPLES

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="figures are read from /proc")


def test_a_hundred_analyses_leave_no_descriptor_no_thread_and_no_model() -> None:
    _, added = growth(100, [SAMPLES / "10-fenner-lane-chat.md"], every=5)
    assert (round(added.descriptors), round(added.threads)) == (0, 0)
    assert added.megabytes < 200  # over so few analyses caches still grow: this sees models that are loaded each time
