from pathlib import Path

import pytest

from notesense.domain.analysis import Skipped
from notesense.domain.profile import Column, FirmProfile
from notesense.errors import NoteFormatError, NoteNotFoundError
from notesense.formats import table
from notesense.formats.table import read_rows
from notesense.reading import find_inputs, read_note

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
        pytest.param("", {}, "no column that holds notes", id="empty"),
        pytest.param("Item,Description\n1,Pump\n2,Roof\n", {}, "'Description' holds no sentences", id="a budget"),
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
