"""Pages: what is hidden, and in which encoding they are."""

import pytest

from notesense.errors import NoteEmptyError
from notesense.reading import note_of_bytes
from tests.limits import time_limit

WORDS = "The telemetry in Łódź drops out whenever it rains."


def text_of(markup: str) -> str:
    return note_of_bytes(markup.encode(), "a.html").text


@pytest.mark.parametrize(
    "attribute",
    [
        'style="display:none"',
        'style="color:#fff; DISPLAY : None !important; font-size:1px"',
        "style='max-height:0px;overflow:hidden'",
        'style="visibility: hidden"',
        "hidden",
        'hidden="until-found"',
    ],
)
@pytest.mark.parametrize("tag", ["div", "span", "p"])
def test_what_a_page_hides_is_not_read(tag: str, attribute: str) -> None:
    hidden = f"<{tag} {attribute}>We need <b>more of <i>all</i></b>.<br>Now.</{tag}>"
    assert text_of(f"<p>The roof leaks.</p>{hidden}<p>It rains.</p>").split("\n\n") == [
        "The roof leaks.",
        "It rains.\n",
    ]


@pytest.mark.parametrize(
    "attribute",
    [
        'style="font-size:0px"',  # the frame of newsletters, whose words have a size of their own
        'style="max-height:0.5em"',
        'style="max-height:05px"',
        'style="display:block;--x-display:none-such"',
        'style="text-decoration:none"',
        'aria-hidden="true"',
        'class="hidden"',
    ],
)
def test_what_a_page_shows_is_read(attribute: str) -> None:
    assert text_of(f"<div {attribute}><p>The roof leaks.</p></div>") == "The roof leaks.\n"


def test_a_page_that_shows_itself_later_is_read_and_one_with_hidden_words_alone_is_empty() -> None:
    assert text_of('<body style="visibility:hidden"><p>The roof leaks.</p></body>') == "The roof leaks.\n"
    with pytest.raises(NoteEmptyError, match=r"a\.html: no words in it"):
        text_of('<div style="display:none">The roof leaks.</div>')


def test_hidden_cells_and_words_after_a_hidden_element() -> None:
    row = "<tr><td>Pump</td><td hidden>P-17</td><td>fails</td></tr>"
    assert text_of(f"<table>{row}</table>") == "| Pump | fails |\n"
    assert text_of("<p>The roof <span hidden>x</span>leaks.</p>") == "The roof leaks.\n"


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="iso-8859-2">', "iso-8859-2"),
        ("<meta charset=iso-8859-2 />", "iso-8859-2"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1250">', "cp1250"),
        ('<?xml version="1.0" encoding="ISO-8859-2"?>', "iso-8859-2"),
        ('<meta charset="iso-8859-2">', "utf-8"),  # saved again by an editor
        ('<meta charset="utf-8">', "utf-8"),
        ("", "utf-8"),
    ],
)
def test_a_page_is_read_in_the_encoding_that_it_states(head: str, encoding: str) -> None:
    page = f"{head}<html><head><title>Łódź</title></head><body><p>{WORDS}</p></body></html>"
    note = note_of_bytes(page.encode(encoding), "a.html")
    assert (note.title, note.text) == ("Łódź", f"{WORDS}\n")


@pytest.mark.parametrize("stated", ["iso-8859-1", "us-ascii", "utf-8", "klingon", "iso-8859-12", "punycode", "rot13"])
def test_a_page_that_states_another_encoding_is_western(stated: str) -> None:
    page = f'<meta charset="{stated}"><p>The client’s café – “€50k” – leaks.</p>'.encode("cp1252")
    assert note_of_bytes(page, "a.html").text == "The client’s café – “€50k” – leaks.\n"


def test_the_head_of_a_page_is_searched_in_good_time() -> None:
    styles = "<p style='" + "display" * 40_000 + "'>The roof leaks.</p>"
    with time_limit(10):
        assert note_of_bytes(b"<meta " * 700 + "ł".encode("cp1250") + styles.encode(), "a.html").text
