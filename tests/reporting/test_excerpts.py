import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notesense.domain.findings import Evidence
from notesense.domain.printable import one_line, printable
from notesense.reporting.excerpts import AROUND, Excerpt, excerpt
from tests.reporting.hand_made import at
from tests.strategies import quick, texts

UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def unsafe(text: str) -> set[str]:
    """Return the characters of a text that steer a terminal or turn writing around."""
    return {c for c in text if unicodedata.category(c) in UNSAFE} - {"\u200c", "\u200d"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("roof leaks", "roof leaks"),
        ("  roof\n\tleaks\r\n", "roof leaks"),
        ("roof\u2028leaks\u00a0badly", "roof leaks badly"),
        ("\x1b[31mroof\x1b[0m", "\ufffd[31mroof\ufffd[0m"),
        ("roof\x07\x9b\x00\x7f", "roof\ufffd\ufffd\ufffd\ufffd"),
        ("\u202efoor\u202c \u2066x\u2069", "\ufffdfoor\ufffd \ufffdx\ufffd"),
        ("zero\u200bwidth \ufeffmark \u00adhyphen", "zero\ufffdwidth \ufffdmark \ufffdhyphen"),
        ("نم\u200cی‌خواهم 👩\u200d🔧 café e\u0301", "نم\u200cی‌خواهم 👩\u200d🔧 café e\u0301"),
        ("[bold]roof[/bold] *leaks*", "[bold]roof[/bold] *leaks*"),
    ],
)
def test_a_line_is_safe_to_show_and_says_the_same(text: str, shown: str) -> None:
    assert one_line(text) == shown


@quick
@given(texts)
def test_no_text_gets_through_with_a_control_sequence_or_a_line_break(text: str) -> None:
    line = one_line(text)
    assert not unsafe(line)
    assert "\n" not in line
    assert line == line.strip()
    assert unsafe(printable(text)) <= {"\n", "\t"}
    assert len(printable(text)) == len(text)


TEXT = "Roof walk\n\n- Dana: the old roof leaks badly, every winter again.\r\n> > quoted\n"


@pytest.mark.parametrize(
    ("quote", "speaker", "expected"),
    [
        pytest.param("leaks badly", None, ("", "Dana: the old roof ", "leaks badly", ", every winter again."), id="bullet"),
        pytest.param("leaks badly", "Dana", ("", "Dana: the old roof ", "leaks badly", ", every winter again."),
                     id="a speaker who is named there"),
        pytest.param("leaks badly", "Lee", ("Lee: ", "Dana: the old roof ", "leaks badly", ", every winter again."),
                     id="a speaker who is not"),
        pytest.param("Roof walk", None, ("", "", "Roof walk", ""), id="the whole line"),
        pytest.param("quoted", None, ("", "", "quoted", ""), id="marks of a quotation"),
        pytest.param("winter again.\r\n> > quoted", None,
                     ("", "Dana: the old roof leaks badly, every ", "winter again. > > quoted", ""), id="over two lines"),
    ],
)  # fmt: skip
def test_evidence_is_shown_with_the_words_around_it_on_its_line(
    quote: str, speaker: str | None, expected: tuple[str, str, str, str]
) -> None:
    assert excerpt(TEXT, at(TEXT, quote, speaker=speaker)) == Excerpt(*expected)


def test_long_surroundings_break_at_blanks() -> None:
    text = "alpha " * 40 + "the roof leaks" + " omega" * 40
    found = excerpt(text, at(text, "the roof leaks"))
    assert found.before.startswith("…alpha ")
    assert found.after.endswith(" omega…")
    assert AROUND / 2 < len(found.before.strip()) <= AROUND + 1
    assert AROUND / 2 < len(found.after.strip()) <= AROUND + 1


@quick
@given(st.data())
def test_an_excerpt_holds_the_evidence_and_nothing_unsafe(data: st.DataObject) -> None:
    text = data.draw(texts.filter(bool))
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    found = excerpt(text, Evidence(start=start, end=end, quote=text[start:end], speaker="Dana"))
    assert found.evidence == one_line(text[start:end])
    for part in found:
        assert not unsafe(part)
        assert "\n" not in part
        assert len(part) <= max(AROUND + 2, end - start)
