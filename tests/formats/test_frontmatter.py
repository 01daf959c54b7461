import pytest
from hypothesis import given

from notesense.domain.notes import Metadata
from notesense.formats.frontmatter import split_front_matter
from notesense.reading.metadata import read_metadata
from tests.strategies import quick, texts


@pytest.mark.parametrize(
    ("text", "fields", "rest"),
    [
        pytest.param("---\nclient: Marlow\n---\nRoof.", {"client": "Marlow"}, "Roof.", id="plain"),
        pytest.param("---\r\nclient: Marlow\r\n---\r\nRoof.", {"client": "Marlow"}, "Roof.", id="CRLF"),
        pytest.param("---\rclient: Marlow\r---\rRoof.", {"client": "Marlow"}, "Roof.", id="CR"),
        pytest.param("--- \nclient: Marlow\n---\t\nRoof.", {"client": "Marlow"}, "Roof.", id="blanks after the rules"),
        pytest.param("---\nclient: Marlow\n...\nRoof.", {"client": "Marlow"}, "Roof.", id="closed by dots"),
        pytest.param("---\nclient: Marlow\n---", {"client": "Marlow"}, "", id="nothing after it"),
        pytest.param("---\nClient Unit: Parks\nNote-Taker: Lee\n---\n", {"client_unit": "Parks", "note_taker": "Lee"}, "", id="keys in words"),
        pytest.param("---\ndate: 2026-03-04\n---\n", {"date": "2026-03-04"}, "", id="date"),
        pytest.param("---\ntitle: a\n---\nroof\n---\nwall", {"title": "a"}, "roof\n---\nwall", id="a rule later on"),
    ],
)  # fmt: skip
def test_front_matter_is_read_and_its_end_found(text: str, fields: dict[str, object], rest: str) -> None:
    found = split_front_matter(text)
    assert found.fields == fields
    assert text[found.end :] == rest


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Roof leaks.", id="none"),
        pytest.param("", id="empty"),
        pytest.param("---\nRoof leaks.\n---\nMore.", id="rules around prose"),
        pytest.param("---\n---\nMore.", id="two rules"),
        pytest.param("---\nclient: Marlow\nRoof leaks.", id="never closed"),
        pytest.param("\n---\nclient: Marlow\n---\n", id="not at the head"),
        pytest.param("----\nclient: Marlow\n----\n", id="longer rules"),
        pytest.param("---\n- roof\n- wall\n---\n", id="a list"),
    ],
)
def test_what_is_no_front_matter_stays_text(text: str) -> None:
    assert split_front_matter(text) == ({}, 0)


@pytest.mark.parametrize(
    ("block", "fields"),
    [
        pytest.param("title: Re: our call\ndate: 2026-03-04", {"title": "Re: our call", "date": "2026-03-04"}, id="two colons"),
        pytest.param("client: @Marlow\nunit: 'Parks'", {"client": "@Marlow", "unit": "Parks"}, id="at sign"),
        pytest.param("client: Marlow\n\ttabbed: x", {"client": "Marlow"}, id="tab"),
        pytest.param("client: [Marlow\ndate: 2026-03-04", {"client": "[Marlow", "date": "2026-03-04"}, id="open bracket"),
        pytest.param("client: Marlow\ndate: 2026-13-45", {"client": "Marlow"}, id="a date that does not exist"),
        pytest.param("client: Marlow\nfee: !!int lots", {"client": "Marlow"}, id="a number that is none"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_what_is_no_valid_yaml_is_read_line_by_line(block: str, fields: dict[str, str], end: str) -> None:
    text = f"---\n{block}\n---\nRoof leaks.".replace("\n", end)
    found = split_front_matter(text)
    assert {name: found.fields.get(name) for name in fields} == fields
    assert text[found.end :] == "Roof leaks."


def test_a_deep_nest_in_front_matter_does_no_harm() -> None:
    text = "---\nclient: Marlow\na: " + "[" * 9000 + "\n---\nRoof leaks."
    assert split_front_matter(text).fields["client"] == "Marlow"


@given(texts)
@quick
def test_any_text_can_be_split_and_the_end_is_a_line_start(text: str) -> None:
    for whole in (text, f"---\nclient: Marlow\n{text}\n---\n{text}"):
        found = split_front_matter(whole)
        assert 0 <= found.end <= len(whole)
        assert (found.end == 0) == (not found.fields)
        assert whole[: found.end].rstrip().endswith(("---", "...")) or not found.fields


@pytest.mark.parametrize(
    "value", ['!!int ""', "!!bool foo", "!!timestamp foo", "!!python/object:os.system x", "2026-13-45"]
)
def test_a_tag_constructs_nothing(value: str) -> None:
    found = split_front_matter(f"---\ntitle: {value}\nclient: Marlow\n---\nWords.\n")
    assert found.fields["client"] == "Marlow"


def test_aliases_of_aliases_say_nothing_and_take_no_time() -> None:
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30))
    text = f"---\na0: &a0 [x, x]\n{levels}\ntitle: *a29\nclient: Marlow\n---\nWords.\n"
    found = split_front_matter(text)
    assert read_metadata(text, found.end, found.fields) == Metadata(client="Marlow")


def test_words_between_rules_are_words() -> None:
    text = "---\nMet with Dana at the yard. Pumps fail weekly.\nNext step: call her\n---\nMore words here.\n"
    assert split_front_matter(text).end == 0
