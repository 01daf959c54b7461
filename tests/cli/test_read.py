"""``notesense read``, and where the words of other formats stand, in every report."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.formats.files import pdf, word

NOTE = word(
    "# Site walk",
    "Client: City of Marlow",
    "Ana Ruiz: Joel loses the last week of every month to the board report: four spreadsheets, and the numbers never agree.",
    "Ana Ruiz: Nobody has mapped the pipes since 1974, and the third main broke this year.",
)


def test_what_is_understood_of_a_note_is_shown(notesense: Run, tmp_path: Path) -> None:
    (tmp_path / "my note.docx").write_bytes(NOTE)
    said = notesense("read", tmp_path / "my note.docx").out
    assert "client       City of Marlow" in said
    assert "speakers     Ana Ruiz (unknown)" in said
    assert "[paragraph 3]\nturn     Ana Ruiz: Joel loses the last week" in said
    assert notesense("read", tmp_path / "my note.docx", "--text").out.startswith(
        "# Site walk\n\nClient: City of Marlow\n"
    )


def test_what_is_shown_steers_no_terminal(notesense: Run) -> None:
    for options in ((), ("--text",)):
        said = notesense("read", "-", *options, stdin="The roof \x1b[31mleaks\u202e again.\n".encode()).out
        assert "\x1b" not in said
        assert "\u202e" not in said


def test_a_file_that_cannot_be_read_is_named(notesense: Run, tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(pdf("", ""))
    found = notesense("read", tmp_path / "scan.pdf")
    assert found.code == 4
    assert "scanned" in found.err
    assert "OCR" in found.err


@pytest.mark.parametrize("form", ["terminal", "markdown", "html", "json"])
def test_reports_say_where_the_words_stand(form: str, notesense: Run, tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(NOTE)
    said = notesense("analyze", tmp_path / "a.docx", "--format", form).out
    assert re.search("paragraph [34]", said)
    if form == "json":
        evidence = json.loads(said)["analyses"][0]["needs"][0]["evidence"][0]
        assert evidence["locator"].startswith("paragraph")


def test_a_batch_reads_them_all_and_its_tables_say_where(notesense: Run, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / "a.docx").write_bytes(NOTE)
    (archive / "b.pdf").write_bytes(
        pdf("Minutes.\nThe roof of the hall leaks again, and nobody knows why.\nThey need it mended by May.")
    )
    assert notesense("batch", archive, "--out", tmp_path / "out").code == 0
    notesense("batch", "export", tmp_path / "out", "--to", tmp_path / "tables")
    table = (tmp_path / "tables/needs.csv").read_text(encoding="utf-8-sig")
    assert table.splitlines()[0].endswith(",places")
    assert "page 1" in table
    assert "paragraph" in table


@pytest.mark.parametrize("ending", ["md", "html", "json", "jsonl", "txt"])
def test_a_report_replaces_an_earlier_one_and_nothing_else(ending: str, notesense: Run, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.docx").write_bytes(NOTE)
    place = folder / f"b.{ending}"
    place.write_text("Precious: the roof leaks.\n")
    found = notesense("analyze", folder, "-o", place)
    assert found.code != 0
    assert "nothing was replaced" in found.err
    assert place.read_text() == "Precious: the roof leaks.\n"
    place.unlink()
    for _ in range(2):
        assert notesense("analyze", folder, "-o", place).code == 0
    assert notesense("analyze", place).code == 4  # and is no note


def test_corrections_are_passed_over(notesense: Run, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    (archive / "corrections/.journal").mkdir(parents=True)
    (archive / "corrections/x.md").write_text("The roof leaks again.\n")
    (archive / "a.docx").write_bytes(NOTE)
    notesense("batch", archive, "--out", tmp_path / "out")
    assert notesense("batch", "status", tmp_path / "out").out.startswith("1 done")
    report = json.loads(notesense("analyze", archive, "--recursive", "--format", "json").out)
    assert [Path(a["note"]["path"]).name for a in report["analyses"]] == ["a.docx"]


def test_what_would_make_findings_surer_is_said(notesense: Run, tmp_path: Path) -> None:
    call = "Dana: Morning.\nTom: The pumps trip.\nDana: How often?\nTom: Each time it rains.\n"
    (tmp_path / "call.txt").write_text(call)
    said = notesense("read", tmp_path / "call.txt").err
    assert 'write "Client: NAME" at its head' in said
    assert "Whose side they are on is not known: Dana, Tom." in said
    (tmp_path / "known.txt").write_text(f"Client: Tom Bauer\nUs: Dana Reyes\n\n{call}")
    assert "not known" not in notesense("read", tmp_path / "known.txt").err
