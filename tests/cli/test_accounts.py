import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.archive.conftest import write
from tests.cli.conftest import Run
from tests.engines.llm.loopback import LoopbackServer, says
from tests.engines.llm.test_faults import need, pitch, reading

ROOF = "the hall roof leaks"
NOTE = "client: {client}\nauthor: {author}\ndate: {date}\n\n{text}\n"


@pytest.fixture
def out(notesense: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A batch of four notes of two clients, read by an endpoint on loopback."""

    def reply(handler: Any, body: dict[str, Any]) -> None:
        sent = body["messages"][1]["content"]
        found = [need(ROOF, kind="stated")] if ROOF in sent else []
        flags = [pitch("we are the best")] if "we are the best" in sent else []
        says(reading(*found, pitches=flags))(handler, body)

    notes = {
        "oakmere/a.md": ("Oakmere College", "Ada Quill", "2024-02-01", f"They say {ROOF}. I said we are the best."),
        "oakmere/b.md": ("Oakmere", "Ada Quill", "2024-05-01", f"Again {ROOF} when it rains."),
        "pell/c.md": ("Pell County", "Wes Orr", "2024-06-01", "Nothing new. I said we are the best."),
    }
    for name, (client, author, date, text) in notes.items():
        write(tmp_path / "archive" / name, NOTE.format(client=client, author=author, date=date, text=text))
    write(tmp_path / "archive" / "marlow" / "d.md", f"A note without a head. There {ROOF}.")
    with LoopbackServer(otherwise=reply) as server:
        for name, value in {
            "ENGINE": "llm",
            "LLM_MODEL": "m",
            "LLM_BASE_URL": server.base_url,
            "LLM_CACHE": "false",
        }.items():
            monkeypatch.setenv(f"NOTESENSE_{name}", value)
        assert notesense("batch", tmp_path / "archive", "--out", tmp_path / "out").code == 0
        yield tmp_path / "out"


def test_clients_against_needs(notesense: Run, out: Path, tmp_path: Path) -> None:
    shown = notesense("accounts", out)
    assert shown.code == 0
    assert "CLIENTS × NEEDS" in shown.out
    assert "1 note without a client" in shown.out
    data = json.loads(notesense("accounts", out, "-f", "json").out)
    assert [a["client"] for a in data["accounts"]] == ["Oakmere", "Oakmere College", "Pell County"]
    by_folder = json.loads(notesense("accounts", out, "-f", "json", "--client-from-folder").out)
    assert "marlow" in [a["client"] for a in by_folder["accounts"]]
    rows = list(
        csv.DictReader(
            io.StringIO(notesense("accounts", out, "--view", "quiet", "-f", "csv", "--as-of", "2025-06-01").out)
        )
    )
    assert {row["client"] for row in rows} == {"Oakmere", "Oakmere College"}
    page = tmp_path / "accounts.html"
    assert notesense("accounts", out, "-o", page).code == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert notesense("accounts", out, "-o", tmp_path / "accounts.doc").code == 2
    assert notesense("accounts", out, "--index", tmp_path / "nowhere").code == 6


def test_names_are_suggested_and_merged_by_a_word(notesense: Run, out: Path) -> None:
    shown = notesense("accounts", "names", out).out
    assert "Oakmere College / Oakmere (one name is within the other)" in shown
    assert notesense("accounts", "same", out, "Oakmere College", "Oakmere").code == 0
    data = json.loads(notesense("accounts", out, "-f", "json").out)
    assert [a["client"] for a in data["accounts"]] == ["Oakmere College", "Pell County"]
    (thread,) = data["accounts"][0]["threads"]
    assert [m["note"] for m in thread["mentions"]] == ["oakmere/a.md", "oakmere/b.md"]
    assert "Oakmere College / Oakmere" not in notesense("accounts", "names", out).out
    assert notesense("accounts", "apart", out, "Oakmere College", "Oakmere").code == 2


def test_pitching_is_told_of_one_author_alone_and_only_when_asked(notesense: Run, out: Path) -> None:
    for form in ("terminal", "json", "csv", "html"):
        said = notesense("accounts", out, "-f", form).out
        assert "Ada" not in said
        assert "we are the best" not in said
    said = notesense("accounts", out, "--author", "ada quill").out
    assert re.search(r"2024 Q1 +1 note, 1 with a pitch, 1 pitch +credentials 1", said)
    assert "Wes" not in said
    assert notesense("accounts", out, "--author", "Nobody").code == 2
    assert notesense("accounts", out, "--author", "", "-f", "html").code == 2


def test_notes_that_changed_since_are_told(notesense: Run, out: Path, tmp_path: Path) -> None:
    write(tmp_path / "archive" / "pell" / "c.md", "changed")
    assert "1 note changed or gone since the batch" in notesense("accounts", out).out


def test_without_a_batch_there_is_nothing_to_show(notesense: Run, tmp_path: Path) -> None:
    for command in (["accounts", tmp_path], ["accounts", "names", tmp_path], ["accounts", "same", tmp_path, "A", "B"]):
        said = notesense(*command)
        assert said.code == 2
        assert "no batch was run there" in said.err
