"""Captions: who says what, from every mark that a file may have for it, and no word lost."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notesense.chunking import split_note
from notesense.domain.notes import Note
from notesense.formats.captions import extract
from notesense.reading import note_of_bytes
from tests.limits import time_limit
from tests.strategies import quick


def vtt(*cues: str | tuple[str, str]) -> str:
    """Return a WebVTT file with a cue every ten seconds: the words, or its name and the words."""
    parts = ["WEBVTT"]
    for number, cue in enumerate(cues):
        name, words = cue if isinstance(cue, tuple) else (str(number + 1), cue)
        time = f"{number // 360:02}:{number // 6 % 60:02}:{number % 6}"
        parts.append(f"{name}\n{time}0.120 --> {time}8.000\n{words}")
    return "\n\n".join(parts) + "\n"


def srt(cues: Iterable[str]) -> str:
    """Return a SubRip file with a cue every ten seconds."""
    return "".join(f"{n + 1}\n00:00:{n}0,000 --> 00:00:{n}9,000\n{words}\n\n" for n, words in enumerate(cues))


def read(text: str, name: str = "call.vtt") -> Note:
    return note_of_bytes(text.encode(), name)


def lines(*cues: str | tuple[str, str]) -> list[str]:
    return read(vtt(*cues)).text.splitlines()


ODD_NAMES = (
    "dana whitfield", "Łukasz Żak", "Šárka Dvořák", "Жанна Ким", "田中 太郎", "Whitfield, Dana (Harlow Water)",
    "Raj Patel, PE", "+1 512-555-0123", "4th Floor Conf Room", "Dana (Guest)", "raj.patel@harlow.example", "O’Neill-Řehoř",
)  # fmt: skip


@pytest.mark.parametrize("name", ODD_NAMES)
@pytest.mark.parametrize("mark", ["{}: {}", "<v {}>{}</v>"])
def test_no_odd_name_leaves_its_words_to_the_speaker_before(name: str, mark: str) -> None:
    said = [("Ines Halloran", "Thanks for making the time."), (name, "Rough, honestly."), ("Ines Halloran", "How so?")]
    assert lines(*(mark.format(*turn) for turn in said)) == [
        "[00:00:00] Ines Halloran: Thanks for making the time.",
        f"[00:00:10] {name}: Rough, honestly.",
        "[00:00:20] Ines Halloran: How so?",
    ]


def test_voices_are_names_whatever_they_hold() -> None:
    assert lines("<v.loud  Room 4: R&amp;D >We need help: soon.", "<v>Who?</v>", f"<v {'x' * 150}>I.") == [
        "[00:00:00] Room 4 R&D: We need help: soon.",
        "[00:00:10] Somebody: Who?",
        f"[00:00:20] {'x' * 150}: I.",
    ]


def test_webex_names_the_speaker_in_the_name_of_the_cue() -> None:
    cues = [
        ('1 "Ines Halloran" (29123413)', "How did the storm week go?"),
        ('2 "Dana Whitfield" (29123414)', "Rough. The point is: nobody knew."),
        ('3 "Dana "Dee" Whitfield" (29123414)', "Until residents called."),
        ('4 "" (0)', "I have to drop."),
    ]
    note = read(vtt(*cues))
    assert note.text.splitlines() == [
        "[00:00:00] Ines Halloran: How did the storm week go?",
        "[00:00:10] Dana Whitfield: Rough. The point is: nobody knew.",
        '[00:00:20] Dana "Dee" Whitfield: Until residents called.',
        "[00:00:30] Somebody: I have to drop.",
    ]
    assert [s.speaker for s in split_note(note)][:2] == ["Ines Halloran", "Dana Whitfield"]


def test_without_speakers_the_time_is_a_place_and_no_word() -> None:
    note = read(vtt("The council wants a report by May,", "and I have one analyst.", "Tom retires in July."))
    assert note.text == "The council wants a report by May, and I have one analyst. Tom retires in July.\n"
    assert [s.text for s in split_note(note)] == [
        "The council wants a report by May, and I have one analyst.", "Tom retires in July.",
    ]  # fmt: skip
    assert [note.locator(note.text.index(w)) for w in ("The", "and", "Tom")] == ["00:00:00", "00:00:10", "00:00:20"]


def test_a_colon_in_captions_without_speakers_opens_no_turn() -> None:
    cues = (
        "Honestly: we have no alarms.",
        "And who pays?",
        "My question: who pays for it?",
        "First problem: old pumps.",
    )
    assert lines(*cues) == [" ".join(cues)]


def test_names_at_the_change_of_speakers_only() -> None:
    cues = [
        "Ana Ruiz: The roof leaks", "since May.", "And we say:", "the pump trips.", "Tom Ito: We could look.",
        "At the roof", "and the pump.", "jo: Please do.", "Main thing: it is dry", "by June.", "Main thing: no damp.", "jo: Or July.",
    ]  # fmt: skip
    assert lines(*cues) == [
        "[00:00:00] Ana Ruiz: The roof leaks since May. And we say: the pump trips.",
        "[00:00:40] Tom Ito: We could look. At the roof and the pump.",
        "[00:01:10] jo: Please do. Main thing: it is dry by June. Main thing: no damp. Or July.",
    ]


@pytest.mark.parametrize(
    "cue",
    [
        "Ana Ruiz: Is it dry?\nTom Ito: No: it\nproblem is: leaks.", "- Ana Ruiz: Is it dry?\n– Tom Ito: No: it problem is: leaks.",
        "Ana Ruiz:\nIs it dry?\nTom Ito:\nNo: it problem is: leaks.", r"{\an8}>> Ana Ruiz: Is it dry? >>Tom Ito: No: it problem is: leaks.",
    ],
    ids=["lines", "dashes", "names alone", "angles"],
)  # fmt: skip
def test_two_speakers_in_one_caption(cue: str) -> None:
    assert read(srt([cue, "Ana Ruiz: Since when?"]), "call.srt").text.splitlines() == [
        "[00:00:00] Ana Ruiz: Is it dry?",
        "[00:00:00] Tom Ito: No: it problem is: leaks.",
        "[00:00:10] Ana Ruiz: Since when?",
    ]


def test_a_mark_of_change_takes_the_words_from_the_speaker_before() -> None:
    assert lines("Ana Ruiz: We offer monitoring.", "&gt;&gt; We cannot pay", "for it. >> Why?", "Ana Ruiz: Oh.") == [
        "[00:00:00] Ana Ruiz: We offer monitoring.",
        "[00:00:10] Somebody: We cannot pay for it.",
        "[00:00:20] Somebody: Why?",
        "[00:00:30] Ana Ruiz: Oh.",
    ]


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        ("Flow is < 5 litres and head > 3 metres now.", "Flow is < 5 litres and head > 3 metres now."),
        ("If a<b and c>d, or 3 <4 and 5> 4, stop.", "If a<b and c>d, or 3 <4 and 5> 4, stop."),
        ("See <site plan> and <Ana>.", "See <site plan> and <Ana>."),
        (
            "<c.yellow.bg_blue>We</c> <00:00:01.500><c> need</c> <b>a</b> <i.x>new</i> <u>pump</u>.",
            "We need a new pump.",
        ),
        ('<font color="#fff" size=2>The <lang en-GB>sewer</lang></font> <I>leaks</I>.', "The sewer leaks."),
        ("<ruby>K<rt>ay</rt></ruby> pays.", "Kay pays."),
        (r"{\an8}On top {of all}.", "On top {of all}."),
    ],
)
def test_only_marks_of_captions_are_taken_out(marked: str, words: str) -> None:
    assert read(vtt(marked)).text == words + "\n"


def test_a_long_turn_is_cut_between_its_sentences() -> None:
    cue = "The pump trips at night when the river is high and"  # eleven words, a sentence ends with every fourth cue
    cues = [f"{cue} {'stops.' if n % 4 == 3 else 'then'}" for n in range(24)]
    found = lines(*(f"<v Ana Ruiz>{words}" for words in cues))
    assert len(found) == 3
    assert all(line.startswith("[00:0") and line.endswith("stops.") for line in found)


MARKS = st.sampled_from(["", "ana: ", "Tom Ito: ", "<v Ana>", ">> ", "- ", "So: ", "x\n", "<i>", "Tom Ito:\n"])
CUE = st.lists(
    st.tuples(MARKS, st.from_regex(r"[a-z]{2,6}( [x-z<>.]{1,5}){0,4}", fullmatch=True)), min_size=1, max_size=3
)


@quick
@given(st.lists(CUE, min_size=1, max_size=6))
def test_no_word_is_lost_and_the_order_stays(cues: list[list[tuple[str, str]]]) -> None:
    numbered = [[(mark, f"{words} w{n}w{k}") for k, (mark, words) in enumerate(cue)] for n, cue in enumerate(cues)]
    data = vtt(*("\n".join(mark + words for mark, words in cue) for cue in numbered)).encode()
    text = extract(data, "call.vtt").text
    at = 0
    for cue in numbered:
        for _, words in cue:
            for word in words.replace(">>", " ").split():
                at = text.index(word.strip("<>"), at)


@pytest.mark.parametrize(
    "piece", ["<v ", "<", "{\\", "a: ", ":", "- ", ">>", "<v a>", '"', "<c.", "\n>>a", ". >>", " "]
)
def test_hostile_cues_take_linear_time(piece: str) -> None:
    with time_limit(5):
        read(vtt("Ana: start", piece * 30_000 + "end", (f'1 "{piece.strip() * 10_000}', "x")))
