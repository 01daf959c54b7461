"""``notesense review`` as a process: served until somebody stops it, over notes and over a batch."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from tests.cli.conftest import Run

NOTE = "Visit.\n\nThe pump in house 7 fails every week, said the owner. She is afraid of the next storm.\n"


def started(*arguments: object, folder: Path) -> tuple[subprocess.Popen[str], str, str]:
    """Start the program; returns it, what it said, and the address."""
    command = [sys.executable, "-m", "notesense", "review", *map(str, arguments), "--no-browser"]
    process = subprocess.Popen(
        command, cwd=folder, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    )
    assert process.stderr
    said = ""
    for line in process.stderr:
        said += line
        if found := re.search(r"http://\S+", line):
            return process, said, found[0]
    pytest.fail(f"the program ended: {said}")


def test_a_folder_of_notes_is_analysed_and_served_until_it_is_stopped(tmp_path: Path) -> None:
    notes = tmp_path / "my notes"
    notes.mkdir()
    (notes / "ein Gespräch.md").write_text(NOTE, encoding="utf-8")
    (notes / "broken.md").write_bytes(b"%PDF-1.4")
    process, said, address = started(notes, "--as", "Ana", folder=tmp_path)
    try:
        assert "1 note to review" in said
        assert "broken.md" in said
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        assert b"Review of notes" in browser.open(address, timeout=20).read()
        queue = browser.open(address.split("?")[0] + "api/queue", timeout=20).read().decode()
        assert "ein Gespräch.md" in queue
        assert '"reviewer":"Ana"' in queue
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 0
    assert (tmp_path / "corrections").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("make", "words"),
    [(lambda path: None, "no such"), (lambda path: path.mkdir(), "no note")],
    ids=["nothing there", "an empty folder"],
)
def test_what_cannot_be_reviewed_is_named(make: object, words: str, notesense: Run, tmp_path: Path) -> None:
    place = tmp_path / "place"
    make(place)  # type: ignore[operator]
    found = notesense("review", place, "--no-browser")
    assert found.code == 4
    assert words in found.err.lower()
    assert "place" in found.err


def test_a_port_that_is_taken_is_named(notesense: Run, tmp_path: Path) -> None:
    import socket

    (tmp_path / "note.md").write_text(NOTE)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        found = notesense("review", tmp_path / "note.md", "--no-browser", "--port", other.getsockname()[1])
    assert found.code == 2
    assert "cannot be used" in found.err
