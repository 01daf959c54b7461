import pytest

from notesense.solutions.filters import Filters
from tests.solutions.examples import solution


@pytest.mark.parametrize(
    ("filters", "fields", "allowed"),
    [
        ({}, {}, True),
        ({"practices": ("Water",)}, {"practice": "water"}, True),
        ({"practices": ("Energy", "WATER")}, {"practice": "Water"}, True),
        ({"practices": ("Energy",)}, {"practice": "Water"}, False),
        ({"client": "Marlow"}, {"client": "City of Marlow"}, True),
        ({"client": "Dunmore"}, {"client": "City of Marlow"}, False),
        ({"since": 2020}, {"year": 2020}, True),
        ({"since": 2020}, {"year": 2019}, False),
        ({"since": 2020}, {"year": None}, True),
        ({"practices": ("Water",), "since": 2020}, {"practice": "Water", "year": 2019}, False),
        ({"client": "Dunmore", "practices": ("Water",)}, {"practice": "Water"}, False),
    ],
)
def test_every_filter_that_is_set_must_hold(
    filters: dict[str, object], fields: dict[str, object], allowed: bool
) -> None:
    assert Filters(**filters).allow(solution("A", "roof", **fields)) is allowed  # type: ignore[arg-type]
