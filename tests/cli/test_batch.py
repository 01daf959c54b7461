import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.archive.conftest import NOTE, write
from tests.cli.conftest import Run
from tests.engines.llm.loopback import LoopbackServer, says
from tests.engines.llm.test_faults import reading


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    for n in range(3):
        write(tmp_path / "archive" / f"{n}.md", NOTE.format(n=n))
    return tmp_path / "archive"


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackServer]:
    with LoopbackServer(otherwise=says(reading())) as server:
        monkeypatch.setenv("NOTESENSE_ENGINE", "llm")
        monkeypatch.setenv("NOTESENSE_LLM_MODEL", "m")
        monkeypatch.setenv("NOTESENSE_LLM_BASE_URL", server.base_url)
        monkeypatch.setenv("NOTESENSE_LLM_CACHE", "false")
        yield server


def test_a_batch_from_the_command_line(notesense: Run, endpoint: LoopbackServer, archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, said, err = notesense("batch", archive, "--out", out, "--json-progress")
    assert code == 0
    assert said.startswith("3 notes: 3 done, 0 failed, 0 to be read.")
    assert [json.loads(line)["done"] for line in err.splitlines()] == [1, 2, 3]
    assert notesense("batch", "status", out).out.startswith("3 done, 0 failed")
    as_json = notesense("batch", "show", out, "1.md", "-f", "json").out
    assert json.loads(as_json)["analyses"][0]["note"]["path"] == "1.md"
    shown = notesense("batch", "show", out, "1.md")
    assert shown.out.startswith("1.md\n")
    assert not shown.err
    assert notesense("batch", "show", out, ".md").code == 2
    assert notesense("batch", "export", out, "--to", tmp_path / "t", "-f", "jsonl").code == 0
    write(archive / "bad.md", " ")
    code, said, _ = notesense("batch", archive, "-o", out)
    assert code == 7
    assert "--retry-failed" in said
    assert notesense("batch", "status", tmp_path).code == 2


def test_a_list_on_standard_input(notesense: Run, endpoint: LoopbackServer, archive: Path, tmp_path: Path) -> None:
    listed = f"{archive / '0.md'}\n{archive / '2.md'}\n".encode()
    assert notesense("batch", "-", "--out", tmp_path / "out", stdin=listed).out.startswith("2 notes: 2 done")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT to a process is POSIX")
def test_ctrl_c_finishes_what_is_in_hand_and_says_how_to_go_on(
    endpoint: LoopbackServer, archive: Path, tmp_path: Path
) -> None:
    for n in range(3, 60):
        write(archive / f"{n}.md", NOTE.format(n=n))
    endpoint.otherwise = says(reading(), delay=0.2)
    command = [sys.executable, "-m", "notesense", "batch", str(archive), "--out", str(tmp_path / "out")]
    environment = os.environ | {"NOTESENSE_LLM_CONCURRENCY": "2"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while len(endpoint.calls) < 4 and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    said, err = process.communicate(timeout=60)
    assert process.returncode == 7, err
    assert "the notes in hand are finished" in err
    assert "Run the same command again to go on." in said
    assert 4 <= len(endpoint.calls) < 40
    assert f": {len(endpoint.calls)} done" in said


def test_the_cost_of_an_archive_is_told_before_a_key_is_bought(notesense: Run, archive: Path, tmp_path: Path) -> None:
    code, said, _ = notesense(
        "batch", archive, "-o", tmp_path / "out", "--engine", "llm", "--model", "gpt-4.1-mini", "--dry-run"
    )
    assert code == 0
    assert said.startswith("3 notes, model gpt-4.1-mini; nothing was sent.")
    assert "cost" in said
    assert not (tmp_path / "out").exists()
    said = notesense("analyze", archive, "--engine", "llm", "--model", "gpt-4.1-mini", "--dry-run").out
    assert said.startswith("3 notes, model gpt-4.1-mini; nothing was sent.")
    assert notesense("batch", archive, "-o", tmp_path / "out", "--dry-run").code == 2


def test_a_report_among_the_notes_is_no_note(notesense: Run, endpoint: LoopbackServer, archive: Path) -> None:
    assert notesense("analyze", archive, "-o", archive / "report.md").code == 0
    again = notesense("analyze", archive, "-f", "json")
    assert again.code == 7
    (skipped,) = json.loads(again.out)["skipped"]
    assert "a report of notesense, not a note" in skipped["message"]
