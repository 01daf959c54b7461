import csv
import io
import json
import re
from pathlib import Path

from tests.archive.conftest import write
from tests.cli.conftest import Run


def test_clients_against_needs(notesense: Run, read_archive: Path, tmp_path: Path) -> None:
    shown = notesense("accounts", read_archive)
    assert shown.code == 0
    assert "CLIENTS × NEEDS" in shown.out
    assert "1 note without a client" in shown.out
    data = json.loads(notesense("accounts", read_archive, "-f", "json").out)
    assert [a["client"] for a in data["accounts"]] == ["Oakmere", "Oakmere College", "Pell County"]
    by_folder = json.loads(notesense("accounts", read_archive, "-f", "json", "--client-from-folder").out)
    assert "marlow" in [a["client"] for a in by_folder["accounts"]]
    rows = list(
        csv.DictReader(
            io.StringIO(
                notesense("accounts", read_archive, "--view", "quiet", "-f", "csv", "--as-of", "2025-06-01").out
            )
        )
    )
    assert {row["client"] for row in rows} == {"Oakmere", "Oakmere College"}
    page = tmp_path / "accounts.html"
    assert notesense("accounts", read_archive, "-o", page).code == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert notesense("accounts", read_archive, "-o", tmp_path / "accounts.doc").code == 2
    assert notesense("accounts", read_archive, "--index", tmp_path / "nowhere").code == 6


def test_names_are_suggested_and_merged_by_a_word(notesense: Run, read_archive: Path) -> None:
    shown = notesense("accounts", "names", read_archive).out
    assert "Oakmere College / Oakmere (one name is within the other)" in shown
    assert notesense("accounts", "same", read_archive, "Oakmere College", "Oakmere").code == 0
    data = json.loads(notesense("accounts", read_archive, "-f", "json").out)
    assert [a["client"] for a in data["accounts"]] == ["Oakmere College", "Pell County"]
    (thread,) = data["accounts"][0]["threads"]
    assert [m["note"] for m in thread["mentions"]] == ["oakmere/a.md", "oakmere/b.md"]
    assert "Oakmere College / Oakmere" not in notesense("accounts", "names", read_archive).out
    assert notesense("accounts", "apart", read_archive, "Oakmere College", "Oakmere").code == 2


def test_pitching_is_told_of_one_author_alone_and_only_when_asked(notesense: Run, read_archive: Path) -> None:
    for form in ("terminal", "json", "csv", "html"):
        said = notesense("accounts", read_archive, "-f", form).out
        assert "Ada" not in said
        assert "we are the best" not in said
    said = notesense("accounts", read_archive, "--author", "ada quill").out
    assert re.search(r"2024 Q1 +1 note, 1 with a pitch, 1 pitch +credentials 1", said)
    assert "Wes" not in said
    assert notesense("accounts", read_archive, "--author", "Nobody").code == 2
    assert notesense("accounts", read_archive, "--author", "", "-f", "html").code == 2


def test_notes_that_changed_since_are_told(notesense: Run, read_archive: Path, tmp_path: Path) -> None:
    write(tmp_path / "archive" / "pell" / "c.md", "changed")
    assert "1 note changed or gone since the batch" in notesense("accounts", read_archive).out


def test_without_a_batch_there_is_nothing_to_show(notesense: Run, tmp_path: Path) -> None:
    for command in (["accounts", tmp_path], ["accounts", "names", tmp_path], ["accounts", "same", tmp_path, "A", "B"]):
        said = notesense(*command)
        assert said.code == 2
        assert "no batch was run there" in said.err
