"""Broken and hostile input, as processes of their own: a clear error, the other notes unaffected, bounded time and memory."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from tests.limits import time_limit

GOOD = "The pump in house 7 fails every week, said the owner.\n"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes, devices and limits of POSIX")


def bounded(*arguments: object, seconds: float = 60, megabytes: int = 1500) -> "subprocess.CompletedProcess[bytes]":
    """Run notesense in bounded time on the clock, and check its peak memory."""
    command = [sys.executable, "-m", "notesense", *map(str, arguments)]
    with time_limit(seconds, waiting=True), TemporaryFile() as out, TemporaryFile() as err:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        _, status, used = os.wait4(process.pid, 0)  # the peak of this child, not of all there ever were
        process.returncode = os.waitstatus_to_exitcode(status)
        assert used.ru_maxrss <= megabytes * 1024
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(command, process.returncode, out.read(), err.read())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("command", [("analyze", "n.md"), ("analyze", "n.md", "-f", "json"), ("read", "n.md")])
def test_a_full_disk_is_told_as_one(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "n.md").write_text(GOOD)
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "notesense", *command], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 2
    assert b"No space left on device" in done.stderr
    assert b"a bug" not in done.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("pump fails\n" * 1_000_000, b"2,000,000 words, and a note may have 500,000", id="a million lines"),
        pytest.param("the pump fails " * 1_200_000, b"3,600,000 words", id="one line of 18 MB"),
        pytest.param(" " * 3_000_000 + "roof", b"", id="blanks"),
        pytest.param(">" * 1_000_000 + " the roof leaks", b"", id="quotes in quotes"),
        pytest.param("<div>" * 200_000 + "the roof leaks", b"", id="deep nesting"),
        pytest.param("From: " + "a@" * 500_000 + "\n\nthe roof leaks", b"", id="an endless address"),
    ],
)
def test_huge_files_take_bounded_time(tmp_path: Path, text: str, words: bytes) -> None:
    path = tmp_path / ("huge.html" if text.startswith("<") else "huge.md")
    path.write_text(text)
    (tmp_path / "good.md").write_text(GOOD)
    done = bounded("analyze", path, tmp_path / "good.md", "-f", "json")
    report = json.loads(done.stdout)
    assert [a["note"]["path"] for a in report["analyses"]][-1] == str(tmp_path / "good.md")
    assert words in json.dumps(report["skipped"]).encode()


def test_json_that_is_printed_steers_no_terminal(tmp_path: Path) -> None:
    (tmp_path / "n.md").write_text(f"client: Mar\x9b31mlow \u202e\n\n{GOOD}", encoding="utf-8")
    for form in ("json", "jsonl"):
        said = bounded("analyze", tmp_path / "n.md", "-f", form).stdout.decode()
        assert not re.search("[\x80-\x9f\u202e]", said)
        first = json.loads(said.splitlines()[0]) if form == "jsonl" else json.loads(said)["analyses"][0]
        assert "\x9b31mlow" in first["note"]["client"]


def test_every_broken_file_of_a_folder_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "good.md").write_text(GOOD)
    (folder / "umlaut und Leerzeichen ä.md").write_text(GOOD)
    (folder / "nul.md").write_bytes(b"roof\x00leaks")
    (folder / "odd.md").write_bytes(b"\x81\x8d\x8f\x90\x9d" * 20)
    (folder / "locked.docx").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    (folder / "macro.docm").write_bytes(b"PK\x03\x04")
    (folder / "torn.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n<<")
    (folder / "torn.pptx").write_bytes(b"PK\x03\x04 torn")
    (folder / "torn.msg").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100))
    (folder / "mail.eml").write_bytes(b"Content-Type: multipart/mixed; boundary=b\n\n" * 400)
    with zipfile.ZipFile(folder / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("word/document.xml", b"a" * 150_000_000)
    os.mkfifo(folder / "pipe.md")
    (folder / "loop.md").symlink_to(folder / "loop.md")
    done = bounded("analyze", folder, "-f", "json")
    assert done.returncode == 7
    report = json.loads(done.stdout)
    assert sorted(Path(a["note"]["path"]).name for a in report["analyses"]) == [
        "good.md",
        "umlaut und Leerzeichen ä.md",
    ]
    skipped = {Path(s["path"]).name: s for s in report["skipped"]}
    assert set(skipped) == {path.name for path in folder.iterdir()} - {"good.md", "umlaut und Leerzeichen ä.md"}
    for name, entry in skipped.items():
        assert name in entry["message"], entry
        assert entry["hint"], entry
        assert entry["error"] != "NotesenseError"


def test_no_control_sequence_of_a_note_reaches_the_terminal(tmp_path: Path) -> None:
    marks = "\x1b[31m\x1b]0;title\x07\x9b31m\u202e\u2066"
    (tmp_path / "n.md").write_text(f"Client: {marks}Marlow\n\nThe client needs a new {marks}roof soon, she said.\n")
    for command in (
        ("analyze", "n.md"),
        ("analyze", "n.md", "-f", "markdown"),
        ("read", "n.md"),
        ("read", "--text", "n.md"),
    ):
        shown = bounded(*command).stdout.decode()
        assert "roof" in shown or command[0] == "analyze"
        assert not set("\x1b\x07\x9b\u202e\u2066") & set(shown), command


def test_no_control_sequence_of_a_name_or_a_library_reaches_the_terminal(tmp_path: Path) -> None:
    odd = "odd\x1b[31m\u202ename"
    library = tmp_path / "library"
    library.mkdir()
    (library / "a.yaml").write_text(
        '- {id: W-1, title: "R\\e[31moof", practice: Water, client: "M\\u202earlow", summary: "The r\\e[31moof is tight."}\n'
    )
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / f"{odd}.md").write_bytes(b"\x00roof")
    said = [bounded("read", f"{odd}.md").stderr, bounded("index", "build", library).stderr]
    said += [bounded("batch", tmp_path / "archive", "--out", tmp_path / "out", "--workers", 1).stdout]
    commands = (("index", "list"), ("index", "search", "roof"), ("batch", "status", tmp_path / "out"))
    said += [bounded(*command).stdout for command in commands]
    assert "odd" in said[0].decode() and "W-1" in said[3].decode() and "odd" in said[-1].decode()
    assert not any({"\x1b", "\u202e"} & set(words.decode()) for words in said)


def test_a_zip_member_cannot_climb_out_of_the_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("../../climb.md", GOOD)
        archive.writestr("/etc/absolute.md", GOOD)
    before = {path for path in tmp_path.rglob("*") if "out" not in path.parts and "home" not in path.parts}
    done = bounded("batch", tmp_path / "a.zip", "--out", tmp_path / "out", "--workers", 1)
    assert done.returncode == 0
    after = {p for p in tmp_path.rglob("*") if not p.is_relative_to(tmp_path / "out") and "home" not in p.parts}
    assert after == before
    assert not (tmp_path.parent / "climb.md").exists()
