"""What meeting and chat programs, mail programs and templates write between and before the words."""

import pytest

from notesense.chunking import split_note
from notesense.chunking.speakers import quoted_writer
from notesense.domain.notes import Sentence
from notesense.reading import note_of_text


def read(text: str) -> list[Sentence]:
    return [s for s in split_note(note_of_text(text, "a.md")) if s.form not in ("heading", "header")]


def said(text: str) -> list[tuple[str | None, str]]:
    return [(s.speaker, s.text) for s in read(text)]


ALARMS, PRICE, THANKS = "The alarms fail at night.", "We can send a price.", "Thanks for that."


@pytest.mark.parametrize(
    ("head", "names"),
    [
        ("{} 0:{}3\n", ["Halloran, Ines", "Whitfield, Dana"]),
        ("{} (Guest) 0:{}3\n", ["Halloran, Ines", "Whitfield, Dana"]),
        ("{} | KVA 1:{}5\n", ["Ines Halloran", "Łukasz Żak"]),
        ("[3/12 10:{}2 AM] {}\n", ["Halloran, Ines", "李伟"]),
        ("12/03/2025, 10:{}2 - {}: ", ["Ines", "Dana W"]),
        ("\u200b[12/03/2025, 10:{}4:11] {}: ", ["Ines", "Dana W"]),
        ("{}\n10:{}2 AM\n", ["Ines Halloran", "Dana Whitfield"]),
        ("{}: 00:{}3\n", ["Ines Halloran", "Dana Whitfield"]),
    ],
    ids=["Teams, sorted names", "a guest", "a company", "Teams chat", "WhatsApp", "WhatsApp, iOS", "Slack", "tl;dv"],
)  # fmt: skip
def test_the_speakers_of_each_program(head: str, names: list[str]) -> None:
    turns = [(names[0], PRICE), (names[1], ALARMS), (names[0], THANKS)]
    is_name_first = head.startswith("{}")
    heads = [head.format(*(name, n) if is_name_first else (n, name)) for n, (name, _) in enumerate(turns)]
    assert said("\n".join(f"{head}{words}\n" for head, (_, words) in zip(heads, turns, strict=True))) == turns


def test_in_a_transcript_whoever_has_a_time_speaks() -> None:
    heads = [
        "Ines Halloran 0:03",
        "Dana Whitfield 0:12",
        "Ines Halloran 0:20",
        "+1 512-555-0123 0:31",
        "4th floor room 0:40",
    ]
    found = said("\n\n".join(f"{head}\n{ALARMS}" for head in heads))
    assert [speaker for speaker, _ in found] == [head.rsplit(" ", 1)[0] for head in heads]


def test_outside_a_transcript_a_line_that_ends_in_a_time_is_no_speaker() -> None:
    assert said("See you there 3:30\nWe meet in the hall, Selectmen's Room, 6:30 PM\n") == [
        (None, "See you there 3:30"), (None, "We meet in the hall, Selectmen's Room, 6:30 PM"),
    ]  # fmt: skip
    assert said("> Time: 14:00–16:15\n") == [(None, "Time: 14:00–16:15")]
    assert said("Walkthrough\n9:30\nMet the caretaker.\n") == [(None, "Walkthrough"), (None, "Met the caretaker.")]
    assert said("Lunch: 12:30\n\nRoof: 14:00\n") == [(None, "Lunch: 12:30"), (None, "Roof: 14:00")]


def test_what_programs_add_at_the_end_is_nobodys_word() -> None:
    turns = f"Dana Whitfield 0:03\n{ALARMS}\n\nInes Halloran 0:12\n{PRICE}\n"
    tail = "Ines Halloran stopped transcription\nTranscribed by https://otter.ai\n"
    tail += (
        "This editable transcript was computer generated and might contain errors. People can also change the text.\n"
    )
    assert said(turns + tail) == [("Dana Whitfield", ALARMS), ("Ines Halloran", PRICE)]


@pytest.mark.parametrize(
    ("head", "quoted"),
    [
        ("On Mon, May 12, 2025 at 10:02 AM Ines Halloran <ines.halloran@kestrelvane.example>\nwrote:", "> "),
        ("On Mon, May 12, 2025 at 10:02 AM Ines Halloran <\nines.halloran@kestrelvane.example> wrote:", "> "),
        ("Am 12.05.2025 um 10:02 schrieb Ines Halloran <ines@kestrelvane.example>:", "> "),
        ("Le lun. 12 mai 2025 à 10:02, Ines Halloran <ines@kestrelvane.example> a écrit :", "> "),
    ],
    ids=["Gmail", "Gmail, address", "German", "French"],
)
def test_a_quotation_belongs_to_whom_the_line_above_it_names(head: str, quoted: str) -> None:
    found = said(
        f"From: Dana Whitfield <dana@harlow.example>\nSubject: pumps\n\n{ALARMS}\n\n{head}\n\n{quoted}{PRICE}\n"
    )
    assert found[0] == ("Dana Whitfield", ALARMS)
    assert found[-1] == ("Ines Halloran", PRICE)


def test_reactions_in_the_chat_of_zoom_are_nobodys_words() -> None:
    chat = f"""10:02:11\t From Ines Halloran to Everyone : {ALARMS}
10:02:40\t From Dana Whitfield to Everyone : Reacted to "{ALARMS}" with 👍
10:02:55\t From Dana Whitfield to Everyone:
\tReplying to "{ALARMS}"

\t{PRICE}
10:03:20\t From Ines Halloran to Everyone : Removed a 👍 reaction from "{PRICE}"
10:03:31\t From Ines Halloran to Dana Whitfield (direct message) : {THANKS}
10:03:40\t From Dana Whitfield to Everyone : {THANKS}
"""
    turns = [
        ("Ines Halloran", ALARMS),
        ("Dana Whitfield", PRICE),
        ("Ines Halloran", THANKS),
        ("Dana Whitfield", THANKS),
    ]
    assert said(chat) == turns
    for words in (
        "Dana reacted to the price with a sigh.",
        'Replying to "our offer", she said they need a new "pump"',
        'The board reacted to "the new tariff" with anger',
    ):
        assert said(f"{words}\n") == [(None, words)]


def test_separators_of_apple_and_word_end_lines() -> None:
    assert said(f"{ALARMS}\u2028{PRICE}\v{THANKS}\u2029") == [(None, ALARMS), (None, PRICE), (None, THANKS)]
    assert note_of_text(f"Client: Marlow\u2028{ALARMS}\n", "n.md").client == "Marlow"


def test_a_line_that_only_ends_in_a_colon_names_no_writer() -> None:
    assert quoted_writer("Le plan de Dana Whitfield:") is None
    assert quoted_writer("Am glad that Dana wrote nothing:") is None


def test_header_lines_of_mail_in_german() -> None:
    text = f"Von: Dana Whitfield <dana@harlow.example>\nGesendet: Montag, 12. Mai 2025\nAn: Ines <ines@kva.example>\nBetreff: pumps\n\n{ALARMS}\n"
    assert said(text) == [("Dana Whitfield", ALARMS)]
    assert said("De: we still want a price\nAn: owl sat on the sill\n") == [
        (None, "De: we still want a price"), (None, "An: owl sat on the sill"),
    ]  # fmt: skip


MINUTES = """# Storm week
| Client | Harlow Water |
|---|---|
| Date | 12 May 2025 |
| Attendees | Dana Whitfield, Raj Patel (Harlow Water); Ines Halloran (us) |
| Minutes by | Ines Halloran |

Dana: The alarms fail at night.
Ines: noted.

| Client | Need |
|---|---|
| Harlow | alarms |
"""


def test_a_table_at_the_head_of_minutes_says_who_is_who() -> None:
    note = note_of_text(MINUTES, "a.md")
    assert (str(note.date), note.author) == ("2025-05-12", "Ines Halloran")
    found = {s.text: (s.form, s.side) for s in split_note(note)}
    assert found["The alarms fail at night."] == ("turn", "unknown" if note.client is None else "client")
    assert found["noted."] == ("turn", "firm")
    assert found["alarms"] == ("cell", "unknown")
    assert not any(text.endswith("|") for text in found)


def test_attendees_one_a_line_below_their_heading() -> None:
    text = "Client: Harlow Water\nPresent:\n- Dana Whitfield, operations, Harlow Water\n- Ines Halloran (consultant)\n\nDana: hello\nInes: hello\n"
    assert [s.side for s in read(text) if s.form == "turn"] == ["client", "firm"]


def test_queries_and_diagrams_are_no_words_and_quoted_text_is() -> None:
    query = '```dataview\nTABLE date WHERE need = "we need more reports"\n```\n'
    assert said(f"{ALARMS}\n{query}{PRICE}\n") == [(None, ALARMS), (None, PRICE)]
    assert said(f"```\n{ALARMS}\n```\n") == [(None, ALARMS)]


def test_the_bullets_of_apple_notes() -> None:
    assert [(s.form, s.text) for s in read("⁃ The roof leaks\n⁃ The hall is cold\n")] == [
        ("item", "The roof leaks"),
        ("item", "The hall is cold"),
    ]


def test_a_long_address_does_not_unmake_a_wrapped_paragraph() -> None:
    text = (
        "The caretaker told us that the lift has failed every week since May, and\n"
        "that nobody from the service company answers before noon, as is told in\n"
        "https://example.sharepoint.com/sites/estates/Shared%20Documents/lift-report-final-v3.docx\n"
        "and she wants to know whether it would be better to replace the whole\n"
        "lift or only the drive.\n"
    )
    assert any("whole\nlift or only" in sentence.text for sentence in read(text))
    quoted = "> She wants to know whether it would be better to replace the whole of\n> the lift.\n"
    long = (
        f"A line of the answer that was written without any break, and is therefore much longer, {'on and ' * 12}on.\n"
    )
    assert len(read(long + quoted)) == len(read(quoted)) + len(read(long))
