from datetime import date
from pathlib import Path

import pytest

from notesense.chunking.lines import mark_lines
from notesense.chunking.speakers import find_turns
from notesense.domain.analysis import Skipped
from notesense.domain.profile import Column, FirmProfile
from notesense.errors import NoteFormatError, NoteNotFoundError
from notesense.formats import table
from notesense.formats.frontmatter import split_front_matter
from notesense.formats.table import read_rows
from notesense.reading import find_inputs, read_note
from tests.limits import time_limit

CRM = """Account Name,Subject,Created Date,Assigned To,Full Comments
Harlow Water,Call on pumps,2026-10-12,Dana Reyes,"The pumps trip every time it rains.
They need somebody before winter."
Marlow,"Lunch: parks",2026-10-13,Lee,"The roof of the ""old"" depot leaks badly."
Marlow,Empty,2026-10-14,Lee,
"""


def test_rows_are_notes_with_what_their_columns_say(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(CRM)
    rows = list(find_inputs([tmp_path]))
    assert rows == [tmp_path / "calls.csv#2", tmp_path / "calls.csv#3"]
    first, second = (read_note(row) for row in rows if isinstance(row, Path))
    assert first.text[first.body_start :] == "The pumps trip every time it rains.\nThey need somebody before winter.\n"
    assert (first.client, first.title, str(first.date), first.author) == (
        "Harlow Water", "Call on pumps", "2026-10-12", "Dana Reyes",
    )  # fmt: skip
    assert first.locator(first.body_start) == "row 2"
    assert (second.title, second.text[second.body_start :]) == (
        "Lunch: parks",
        'The roof of the "old" depot leaks badly.\n',
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_delimiters_and_encodings_of_spreadsheets(delimiter: str, encoding: str) -> None:
    data = delimiter.join(("Kunde", "Notes")) + "\r\n" + delimiter.join(("Bäckerei", "Der Ofen – er ist alt"))
    (row,) = read_rows(data.encode(encoding), "a.csv", {"client": "kunde"})
    assert row.note == "---\nclient: Bäckerei\n---\nDer Ofen – er ist alt\n"


def test_columns_by_other_names_are_named_in_the_profile(tmp_path: Path) -> None:
    path = tmp_path / "calls.tsv"
    path.write_text("Wer\tWas war\nMarlow\tleaks\n")
    columns: dict[Column, str] = {"text": "was war", "client": "Wer"}
    assert list(find_inputs([path], columns=columns)) == [tmp_path / "calls.tsv#2"]
    note = read_note(tmp_path / "calls.tsv#2", profile=FirmProfile(columns=columns))
    assert (note.client, note.text[note.body_start :]) == ("Marlow", "leaks\n")


def test_a_table_of_another_program_is_read_by_the_usual_names() -> None:
    (row,) = read_rows(b"Account,Notes\nMarlow,The roof leaks again.\n", "a.csv", {"text": "Was war", "client": "Wer"})
    assert row.note == "---\nclient: Marlow\n---\nThe roof leaks again.\n"


@pytest.mark.parametrize(
    ("content", "columns", "message"),
    [
        pytest.param("A,B\n1,2\n", {}, r"no column that holds notes \(columns: A, B\)", id="no such column"),
        pytest.param("", {}, r"a\.csv: empty", id="empty"),
        pytest.param("sep=;\n\n;;\n", {}, r"a\.csv: empty", id="only what Excel writes"),
        pytest.param("Item,Description\n1,Pump\n2,Roof\n", {}, "'Description' holds no sentences", id="a budget"),
        pytest.param("Item,Description\n1,Pump\n2,Roof\n", {"text": "Full Comments"}, "'Description' holds no sentences", id="a budget beside tables with a named column"),
        pytest.param("Title,Notes\nStorm,<p>&nbsp;</p><p></p>\n", {}, "'Notes' holds no words", id="rich text without words"),
        pytest.param("Client,Notes\nMarlow,<p>a</p>" + "<div>" * 3000 + "words\n", {}, r"a\.csv: row 2: nested deeper", id="rich text that loses words"),
        pytest.param("Notes,Client\nThe roof leaks badly, and they need help,Marlow\n", {}, "row 2 has 3 cells, and there are 2 columns", id="words with a bare comma"),
        pytest.param('Client,Notes\nMarlow,"The roof leaks\nHarlow,The pumps trip\n', {}, r"a\.csv:3: not a table", id="a quote that nobody closes"),
        pytest.param("Notes,Comments\n,The roof leaks badly.\n", {}, "column 'Notes' holds no words", id="an empty column"),
        pytest.param('Notes\n"The roof\n' + "x" * 6_000_000, {}, r"a\.csv:\d+: not a table", id="a cell without an end"),
    ],
)  # fmt: skip
def test_tables_without_notes_are_refused_with_their_columns(
    content: str, columns: dict[Column, str], message: str
) -> None:
    with pytest.raises(NoteFormatError, match=message):
        read_rows(content.encode(), "a.csv", columns)


def test_a_table_without_notes_is_told_of_and_keeps_no_other_note_from_being_read(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("The roof leaks.")
    (tmp_path / "budget.csv").write_text("Item,Cost\nPump,12\n")
    (tmp_path / "c.csv").write_bytes(b"\x00\x01\x02\xff" * 500)
    note, budget, binary = find_inputs([tmp_path])
    assert note == tmp_path / "a.md"
    assert isinstance(budget, Skipped)
    assert "no column that holds notes" in budget.message
    assert "[firm.columns]" in budget.hint
    assert isinstance(binary, Skipped)
    assert "c.csv" in binary.message


@pytest.mark.parametrize(
    "head",
    [
        pytest.param("", id="as usual"),
        pytest.param("\n \n", id="blank lines above"),
        pytest.param("sep=;\n", id="Excel's line"),
        pytest.param("\nSEP=;\r\n", id="both"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_what_programs_write_above_the_names(head: str, end: str) -> None:
    (row,) = read_rows(f"{head}Client;Notes{end}Marlow;The roof leaks, and badly.{end}".encode(), "a.csv")
    assert row.note == "---\nclient: Marlow\n---\nThe roof leaks, and badly.\n"


def test_a_row_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text(CRM)
    with pytest.raises(NoteNotFoundError, match=r"calls\.csv#4: no note in this row"):
        read_note(tmp_path / "calls.csv#4")
    with pytest.raises(NoteFormatError, match="a table of notes, not one note"):
        read_note(tmp_path / "calls.csv")
    with pytest.raises(NoteNotFoundError, match=r"other\.csv: no such file"):
        read_note(tmp_path / "other.csv#2")


def test_rows_are_parsed_once_and_again_when_the_table_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("Notes\n" + "The roof leaks again.\n" * 50)
    parsed: list[str] = []
    monkeypatch.setattr(table, "read_rows", lambda *given: parsed.append(given[1]) or read_rows(*given))
    rows = [row for row in find_inputs([path]) if isinstance(row, Path)]
    assert len({read_note(row).text for row in rows}) == 1
    assert len(parsed) == 1
    path.write_text("Notes\nThe pump is out of order.\n")
    assert "pump" in read_note(tmp_path / "calls.csv#2").text


def read(content: str, columns: dict[Column, str] | None = None) -> list[tuple[dict[str, str], str]]:
    """Return what the notes of a table state at their heads, and their words."""
    notes = (row.note for row in read_rows(content.encode(), "a.csv", columns))
    heads = ((split_front_matter(note), note) for note in notes)
    return [(front.fields, note[front.end :]) for front, note in heads]


@pytest.mark.parametrize(
    ("head", "row", "columns", "fields"),
    [
        pytest.param("Account,Company,Notes", "North depot,Harlow Water", {"client_unit": "Account"}, {"client_unit": "North depot", "client": "Harlow Water"}, id="usual for another field"),
        pytest.param("Owner,Account,Notes", "Ines,Harlow Water", {"client": "Owner"}, {"client": "Ines"}, id="the usual one too"),
        pytest.param("Title,Details,Summary", "Storm,Pumps", {"title": "Details"}, {"title": "Pumps"}, id="usual for the words"),
        pytest.param("CustomerName,Team,Notes", "Harlow Water,Water", {"client": "customer_name"}, {"client": "Harlow Water", "practice": "Water"}, id="otherwise written"),
    ],
)  # fmt: skip
def test_named_columns_come_before_usual_names(
    head: str, row: str, columns: dict[Column, str], fields: dict[str, str]
) -> None:
    assert read(f"{head}\n{row},The roof leaks again.\n", columns) == [(fields, "The roof leaks again.\n")]


def test_a_named_column_may_hold_few_words() -> None:
    columns: dict[Column, str] = {"text": "Description"}
    assert read("Item,Description\n1,Pump\n", columns) == [({}, "Pump\n")]


@pytest.mark.parametrize(
    ("head", "row", "fields"),
    [
        pytest.param("Activity ID,Subject,Company / Account,Contact,Assigned,Full Comments", "00T1,Call,Harlow Water,Dana,Ines Halloran", {"client": "Harlow Water", "author": "Ines Halloran", "title": "Call"}, id="Salesforce's report"),
        pytest.param("Id,WhatId,Subject,ActivityDate,OwnerId,Account.Name,Owner.Name,Description", "00T1,003,Call,2025-03-12,005,Harlow Water,Ines Halloran", {"client": "Harlow Water", "author": "Ines Halloran", "date": "2025-03-12", "title": "Call"}, id="Salesforce's data"),
        pytest.param("Record ID,Create date,Activity assigned to,Associated Company (Primary),Associated Company IDs,Note body", "1,2025-03-12 10:03,Ines Halloran,Harlow Water (123456); Marlow (9912345),123456", {"client": "Harlow Water; Marlow", "author": "Ines Halloran", "date": "2025-03-12 10:03"}, id="HubSpot's notes"),
        pytest.param("Call title,Activity date,Created by,Associated Company,Call notes", "Storm week,2025-03-12,Ines Halloran,Harlow Water (North)", {"client": "Harlow Water (North)", "author": "Ines Halloran", "date": "2025-03-12", "title": "Storm week"}, id="HubSpot's calls"),
        pytest.param("(Do Not Modify) Appointment,Subject,Regarding,Owner,Description", "5f,Storm week,Harlow Water,Ines Halloran", {"client": "Harlow Water", "author": "Ines Halloran", "title": "Storm week"}, id="Dynamics"),
    ],
)  # fmt: skip
def test_columns_of_crm_programs_are_known(head: str, row: str, fields: dict[str, str]) -> None:
    assert read(f"{head}\n{row},The telemetry drops out.\n") == [(fields, "The telemetry drops out.\n")]


@pytest.mark.parametrize(
    ("dates", "read_as"),
    [
        (["3/12/2025", "3/20/2025 10:03 AM"], [date(2025, 3, 12), date(2025, 3, 20)]),
        (["03-12-2025", "20-12-2025"], [date(2025, 12, 3), date(2025, 12, 20)]),
        (["3/12/2025", "2025-03-20"], [None, date(2025, 3, 20)]),
        (["3/12/2025", "13/3/2025", "3/14/2025"], [None, date(2025, 3, 13), date(2025, 3, 14)]),
    ],
    ids=["month first", "day first", "nothing settles it", "dates that disagree"],
)
def test_one_date_settles_the_order_for_its_column(
    dates: list[str], read_as: list[date | None], tmp_path: Path
) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("Date,Notes\n" + "".join(f"{day},The roof leaks again.\n" for day in dates))
    rows = list(find_inputs([path]))
    assert [read_note(row).date for row in rows if isinstance(row, Path)] == read_as


def test_a_row_without_words_settles_the_order_too() -> None:
    ((fields, _),) = read("Date,Notes\n3/12/2025,The roof leaks again.\n3/20/2025,\n")
    assert fields == {"date": "2025-3-12"}


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        pytest.param('<div style=""x""><p style=""margin:0;"">The telemetry drops <strong>out</strong>.</p>\n<p>A report &amp; soon.</p></div>', "The telemetry drops out.\n\nA report & soon.\n", id="of an editor"),
        pytest.param("Pumps<br>Roof<BR/>Gate", "Pumps\nRoof\nGate\n", id="line ends alone"),
        pytest.param("<ul><li>Pumps trip<li>Roof leaks</ul>", "- Pumps trip\n- Roof leaks\n", id="a list"),
        pytest.param("The <b>pumps</b> trip.\n\nThe roof leaks.", "The pumps trip.\n\nThe roof leaks.\n", id="lines with bold words"),
        pytest.param("<p>Ana <ana@marlow.example>: <5 litres, head > 3, see <https://x.example/a></p>", "Ana <ana@marlow.example>: <5 litres, head > 3, see <https://x.example/a>\n", id="words that look like tags"),
        pytest.param("Flow is < 5 litres and head > 3 metres; a <b or <br> they said", "Flow is < 5 litres and head > 3 metres; a <b or\nthey said\n", id="one tag in plain words"),
        pytest.param("From <ana@marlow.example>: flow <5 & head > 3, a<b>c &amp; &lt;p&gt;", "From <ana@marlow.example>: flow <5 & head > 3, a<b>c &amp; &lt;p&gt;\n", id="no HTML"),
    ],
)  # fmt: skip
def test_of_rich_text_the_words_are_read(cell: str, words: str) -> None:
    ((_, found),) = read(f'Notes\n"{cell}"\n', {"text": "Notes"})
    assert found == words


TURNS = """Sentence,Speaker Name,Start Time,End Time
"How did it go,
Dana?",Ines Halloran,00:00:03.120,00:00:08
Rough.,Dana Whitfield,00:00:14.000,00:00:19
Three overflows and nobody knew.,Dana Whitfield,00:00:31.500,00:00:36
,Dana Whitfield,00:00:40,00:00:41
"""


def test_a_transcript_is_one_note_with_the_turns_of_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "call.csv"
    path.write_text(TURNS)
    assert list(find_inputs([path])) == [tmp_path / "call.csv#2"]
    note = read_note(tmp_path / "call.csv#2")
    assert note.text == (
        "[00:00:03] Ines Halloran: How did it go, Dana?\n[00:00:14] Dana Whitfield: Rough.\n"
        "[00:00:31] Dana Whitfield: Three overflows and nobody knew.\n"
    )
    assert [turn.speaker for turn in find_turns(mark_lines(note.text)).values()] == [
        "Ines Halloran", "Dana Whitfield", "Dana Whitfield",
    ]  # fmt: skip


def test_a_table_of_several_transcripts_is_a_note_for_each() -> None:
    rows = read_rows(
        b"Meeting title,Date,Speaker,Text,Start\n"
        b"Storm,2025-03-12,Ines,How did the week go?,0:03\n"
        b"Storm,2025-03-12,Dana,Rough and long.,12.5\n"
        b"Storm,2025-03-12,,Very long.,0:20\n"
        b"Pumps,2025-03-19,Raj,The pumps trip again.,0:02\n",
        "calls.csv",
    )
    assert [(row.number, row.note) for row in rows] == [
        (2, "---\ndate: '2025-03-12'\ntitle: Storm\n---\n[0:03] Ines: How did the week go?\nDana: Rough and long.\nVery long.\n"),
        (5, "---\ndate: '2025-03-19'\ntitle: Pumps\n---\n[0:02] Raj: The pumps trip again.\n"),
    ]  # fmt: skip


def test_times_and_sentences_are_no_transcript_where_nobody_speaks() -> None:
    calendar = "Subject,Start Date,Start Time,Description\nStorm,2025-03-12,10:00,The roof leaks again.\n"
    assert read(calendar) == [({"title": "Storm", "date": "2025-03-12"}, "The roof leaks again.\n")]
    with pytest.raises(NoteFormatError, match="no column that holds notes"):
        read("Sentence,Label\nThe roof leaks again.,need\n")


@pytest.mark.parametrize(
    "cell",
    ["<" * 100_000 + "<br>", "<a " * 50_000 + "<br>", "</p" + " " * 100_000 + "<br>", "<br>" * 20_000, "1/" * 50_000, "(1) " * 50_000],
    ids=["open", "open tags", "blanks", "lines", "dates", "numbers"],
)  # fmt: skip
def test_a_hostile_cell_ends_in_good_time(cell: str) -> None:
    with time_limit(10):
        ((_, words),) = read(f"Date,Client,Start,Speaker,Text\n{cell},{cell},{cell},Dana,{cell}the roof leaks now\n")
    assert words.endswith("the roof leaks now\n")
