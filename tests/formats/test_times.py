import pytest

from notesense.chunking import split_note
from notesense.domain.profile import FirmProfile
from notesense.formats.times import turn_times
from notesense.reading import note_of_text

TEAMS = """Weekly sync with Harlow Water-20261012_100312-Meeting Recording
October 12, 2026, 9:03AM
32m 10s

Dana Whitfield started transcription

Dana Whitfield   0:03
Morning. Can you hear me?

Tom Bauer (Harlow Water)   0:09
We need somebody to look at the pumps.

Dana Whitfield   1:02:31
How often do they trip?
"""
TEAMS_RANGES = """0:0:3.120 --> 0:0:7.560
Dana Whitfield
Morning. Can you hear me?

0:0:9.0 --> 0:0:20.1
Tom Bauer
We need somebody to look at the pumps.

1:2:31.0 --> 1:2:40.1
Dana Whitfield
How often do they trip?
"""
ZOOM = """[Dana Whitfield] 10:02:03
Morning. Can you hear me?

[Tom Bauer] 10:02:09
We need somebody to look at the pumps.

[Dana Whitfield] 10:02:30
How often do they trip?
"""
ZOOM_CHAT = """10:02:03\t From Dana Whitfield to Everyone:
\tMorning. Can you hear me?
10:02:09\t From  Tom Bauer  to  Everyone:
\tWe need somebody to look at the pumps.
10:02:30\t From Dana Whitfield : How often do they trip?
"""
OTTER = """Harlow pumps
Mon, Oct 12, 2026 10:02AM • 32:10

SUMMARY KEYWORDS
pumps, winter, Mill Lane

SPEAKERS
Dana Whitfield, Tom Bauer

Dana Whitfield  00:03
Morning. Can you hear me?

Tom Bauer  00:09
We need somebody to look at the pumps.

Dana Whitfield  00:31
How often do they trip?

Transcribed by https://otter.ai
"""
FIREFLIES = """Dana Whitfield - 00:03
Morning. Can you hear me?

Tom Bauer - 00:09
We need somebody to look at the pumps.

Dana Whitfield - 00:31
How often do they trip?
"""
FIREFLIES_TIMES_FIRST = """00:03 - Dana Whitfield
Morning. Can you hear me?

00:09 - Tom Bauer
We need somebody to look at the pumps.

00:31 - Dana Whitfield
How often do they trip?
"""
MEET = """Oct 12, 2026
Harlow pumps - Transcript
00:00:00

Dana Whitfield: Morning. Can you hear me?
Tom Bauer: We need somebody to look at the pumps.

00:05:00

Dana Whitfield: How often do they trip?
Tom Bauer: Three times since August.

00:10:00
Meeting ended after 00:32:10
"""
DIARY = """8:10 Notes typed up.
9:15 Called Dana about the pumps.
10:30 Walked the site with Tom.
11:45 Lunch.
"""
AGENDA = """09:00 Welcome
09:30 Pumps
11:00 Close
"""
SHIFTS = """Tom on site 10:30
Dana on site 9:15
Tom away 11:45
Dana away 8:10
"""
KVA = FirmProfile(name="KVA", people=({"name": "Dana Whitfield", "practice": "Water"},))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "times"),
    [
        pytest.param(TEAMS, ("0:03", "0:09", "1:02:31"), id="Teams"),
        pytest.param(TEAMS_RANGES, ("0:00:03", "0:00:09", "1:02:31"), id="Teams, with ranges"),
        pytest.param(ZOOM, ("10:02:03", "10:02:09", "10:02:30"), id="Zoom"),
        pytest.param(ZOOM_CHAT, ("10:02:03", "10:02:09", "10:02:30"), id="Zoom chat"),
        pytest.param(OTTER, ("00:03", "00:09", "00:31"), id="Otter"),
        pytest.param(FIREFLIES, ("00:03", "00:09", "00:31"), id="Fireflies"),
        pytest.param(FIREFLIES_TIMES_FIRST, ("00:03", "00:09", "00:31"), id="Fireflies, times first"),
        pytest.param(MEET, ("00:00:00", "00:00:00", "00:05:00"), id="Google Meet, a time for five minutes"),
        pytest.param(TEAMS.replace("\n", "\r\n"), ("0:03", "0:09", "1:02:31"), id="Windows line ends"),
    ],
)
def test_transcripts_as_programs_export_them(text: str, times: tuple[str, ...]) -> None:
    note = note_of_text(text, "call.txt", None, KVA)
    sentences = [s for s in split_note(note, KVA) if s.form == "turn"]
    wanted = [
        ("Dana Whitfield", "Can you hear me?", times[0]),
        ("Tom Bauer", "We need somebody to look at the pumps.", times[1]),
        ("Dana Whitfield", "How often do they trip?", times[2]),
    ]
    found = [(s.speaker, s.text, note.locator(s.start)) for s in sentences]
    assert [row for row in found if row[1] in {words for _, words, _ in wanted}] == wanted
    assert not any(":0" in s.text and len(s.text) < 12 for s in split_note(note, KVA))  # no bare time is a sentence


@pytest.mark.parametrize(
    "text",
    [DIARY, AGENDA, SHIFTS, "00:03 only one\n", "", "The bus leaves at 10:30.\n" * 9],
    ids=["a diary", "an agenda", "times back and forth", "one time", "empty", "times within sentences"],
)
def test_times_of_the_day_are_no_time_stamps(text: str) -> None:
    assert turn_times(text) == ()


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Ines Halloran: 00:03\nHello.\nDana W: 00:12\nHi.\nInes Halloran: 00:15\nOk.\n", ["00:03", "00:12", "00:15"]),
        ("[3/12 10:02 AM] Halloran, Ines\nHi.\n[3/12 10:04 AM] Whitfield, Dana\nx\n[3/12 10:06 AM] Halloran, Ines\ny\n",
         ["10:02 AM", "10:04 AM", "10:06 AM"]),
        ("12/03/2025, 10:02 - Dana: The alarms\n12/03/2025, 10:04 - Ines: ok\n12/03/2025, 10:05 - Dana: thanks\n",
         ["10:02", "10:04", "10:05"]),
        ("3:10\nAna: Hello.\n3:20\nBen: Hi.\n4:05\nAna: Ok.\n", ["3:10", "3:20", "4:05"]),
    ],
    ids=["tl;dv", "Teams chat", "WhatsApp", "a recording that begins late"],
)  # fmt: skip
def test_the_times_of_chats_and_of_times_alone(text: str, labels: list[str]) -> None:
    assert [place.label for place in turn_times(text)] == labels
