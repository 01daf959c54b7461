import pytest

from notesense.domain.notes import Note
from notesense.solutions.precedent import precedent_of, same_client
from tests.solutions.examples import solution


def note(client: str | None, unit: str | None = None) -> Note:
    return Note(text="x", path="n.md", client=client, client_unit=unit)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("City of Marlow", "city of  marlow", True),
        ("Marlow", "City of Marlow", True),
        ("Ashgrove Foods", "Ashgrove Foods, Inc.", True),
        ("St. Mary's Hospital", "St Mary's Hospital", True),
        ("The Harlan Company", "Harlan Co.", True),
        ("City of Marlow", "City of Dunmore", False),
        ("Ashgrove", "Ashgrove Foods", False),
        ("Incline Water", "Line Water", False),
        ("Co-op Stores", "Op Stores", False),
        ("", "", False),
        ("The Company", "Limited", False),
    ],
)
def test_one_client_is_known_by_any_usual_spelling(a: str, b: str, same: bool) -> None:
    assert same_client(a, b) is same
    assert same_client(b, a) is same


def test_another_unit_of_the_same_client_is_a_precedent_that_the_contact_can_bring_over() -> None:
    words = precedent_of(note("Marlow", "Parks"), solution("A", "roof", client_unit="Public Works"))
    assert words == "City of Marlow's Public Works already has this; your contact could bring it over."


def test_the_same_unit_is_asked_how_it_serves_them() -> None:
    words = precedent_of(note("City of Marlow", "PARKS"), solution("A", "roof", client_unit="Parks"))
    assert words is not None
    assert "own Parks" in words
    assert "bring it over" not in words


def test_an_unknown_unit_still_makes_a_precedent_of_the_client() -> None:
    words = precedent_of(note("City of Marlow"), solution("A", "roof"))
    assert words == "City of Marlow already has this from us; your contact could bring it over."


@pytest.mark.parametrize("client", [None, "", "City of Dunmore"])
def test_another_or_unknown_client_has_no_precedent(client: str | None) -> None:
    assert precedent_of(note(client, "Parks"), solution("A", "roof", client_unit="Parks")) is None
