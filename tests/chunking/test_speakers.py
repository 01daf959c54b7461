import pytest
from hypothesis import given

from notesense.chunking.lines import mark_lines
from notesense.chunking.speakers import find_turns, quoted_writer, sender
from tests.strategies import quick, texts


def turns(text: str, known: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Return (speaker, first words) of the turns of a text."""
    found = find_turns(mark_lines(text), known)
    return [(turn.speaker, text[turn.body :].split("\n")[0]) for _, turn in sorted(found.items())]


@pytest.mark.parametrize(
    ("line", "speaker"),
    [
        ("[00:12:04] Dana: lol", "Dana"),
        ("00:12:04 Dana Reyes: lol", "Dana Reyes"),
        ("(12:04) Dana: lol", "Dana"),
        ("[00:12:04.123] Dana: lol", "Dana"),
        ("12:04 PM Dana: lol", "Dana"),
        ("12:04 - Dana: lol", "Dana"),
        ("[12:04] **Dana:** lol", "Dana"),
        ("- [12:04] Dana: lol", "Dana"),
        ("[12:04] Dana (KVA): lol", "Dana"),
        ("[12:04] Speaker 2: lol", "Speaker 2"),
        ("Dee 8:52  lol", "Dee"),
        ("Dee 10:52  lol", "Dee"),
        ("Dee 08:52  lol", "Dee"),
        ("Dana Reyes 14:03 lol", "Dana Reyes"),
        ("Dee [8:52]: lol", "Dee"),
        ("Dee (8:52 AM): lol", "Dee"),
        ("Dee (8:52) lol", "Dee"),
        ("**Dee** 8:52 lol", "Dee"),
        ("Dee, 8:52: lol", "Dee"),
        ("Speaker 2 0:52 lol", "Speaker 2"),
        ("Élodie 8:52 lol", "Élodie"),
        ("Ana de la Cruz 8:52 lol", "Ana de la Cruz"),
    ],
)
def test_a_label_with_a_time_opens_a_turn_at_once(line: str, speaker: str) -> None:
    assert turns(line) == [(speaker, "lol")]


@pytest.mark.parametrize(
    ("label", "speaker"),
    [
        ("Speaker 2:", "Speaker 2"),
        ("speaker B:", "speaker B"),
        ("Dana:", "Dana"),
        ("RENATA:", "RENATA"),
        ("Dana Reyes:", "Dana Reyes"),
        ("D. Reyes:", "D. Reyes"),
        ("O'Brien:", "O'Brien"),
        ("Jean-Luc:", "Jean-Luc"),
        ("**Dana:**", "Dana"),
        ("**Dana**:", "Dana"),
        ("Dana (KVA):", "Dana"),
        ("- Dana:", "Dana"),
        ("> Dana:", "Dana"),
        ("Ana van der Berg:", "Ana van der Berg"),
    ],
)
def test_a_label_without_a_time_opens_a_turn_where_it_comes_twice(label: str, speaker: str) -> None:
    assert turns(f"{label} lol\n{label} again") == [(speaker, "lol"), (speaker, "again")]
    assert turns(f"{label} lol") == []


@pytest.mark.parametrize(
    ("line", "known", "found"),
    [
        pytest.param("Dana: lol", ("Dana Reyes",), True, id="first name"),
        pytest.param("DANA: lol", ("dana reyes",), True, id="shouted"),
        pytest.param("Dana Reyes: lol", ("Dana Reyes",), True, id="full name"),
        pytest.param("Budget: lol", ("Dana Reyes",), False, id="somebody else"),
        pytest.param("Dana: lol", ("",), False, id="an empty name"),
    ],
)
def test_a_label_from_the_attendee_list_opens_a_turn_at_once(line: str, known: tuple[str, ...], found: bool) -> None:
    assert bool(turns(line, known)) == found


@pytest.mark.parametrize(
    "line",
    [
        "Budget: 40k",
        "Next steps: call",
        "Action: call her",
        "Risks: none",
        "Follow-up: send it",
        "Problem: the roof leaks",
        "so: it leaks",
        "The director of parks said this: it leaks",
        "http://x.org",
        "Ratio 3:1 is fine",
        "# Dana: lol",
        "| Dana: lol |",
    ],
)
def test_labels_of_things_are_no_speakers_even_twice(line: str) -> None:
    assert turns(f"{line}\n{line}") == []


@pytest.mark.parametrize(
    "line",
    [
        "At 8:15 the boiler trips.",
        "By 3:30 the line is down the block.",
        "Around 2:30 every afternoon it falls over.",
        "Monday 9:30 we meet at the gate.",
        "Open 8:30 to 5 on weekdays.",
        "9:30 start, then the tour",
        "10:15 coffee",
        "the 8:15 bus never comes",
    ],
)
def test_a_time_of_day_in_a_sentence_is_no_label(line: str) -> None:
    assert turns(line) == []


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("From: Ana Ruiz <ana@x.org>", "Ana Ruiz"),
        ('From: "Ana Ruiz" <ana@x.org>', "Ana Ruiz"),
        ("From: Ana Ruiz [mailto:ana@x.org]", "Ana Ruiz"),
        ("From: Ana Ruiz (KVA)", "Ana Ruiz"),
        ("From: <ana@x.org>", None),
        ("From:", None),
    ],
)
def test_the_sender_is_the_name_without_the_address(line: str, name: str | None) -> None:
    (marked,) = mark_lines(line)
    assert sender(marked) == name


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("On 3 May 2025, Ana Ruiz <ana@x.org> wrote:", "Ana Ruiz"),
        ("On Tue, Mar 4, 2025 at 9:12 AM Ana Ruiz <ana@x.org> wrote:", "Ana Ruiz"),
        ("On 3 May 2025 Ana Ruiz wrote:", "Ana Ruiz"),
        ("Ana Ruiz wrote:", "Ana Ruiz"),
        ("as Ana once wrote: it leaks", None),
        ("she wrote:", None),
    ],
)
def test_the_writer_of_quoted_mail_is_named_above_it(words: str, name: str | None) -> None:
    assert quoted_writer(words) == name


@given(texts)
@quick
def test_turns_of_any_text_begin_in_their_line(text: str) -> None:
    lines = {line.line.start: line for line in mark_lines(text)}
    for start, turn in find_turns(lines.values()).items():
        assert start < turn.body <= lines[start].line.end
        assert turn.speaker in lines[start].line.text
