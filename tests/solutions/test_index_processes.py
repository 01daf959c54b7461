"""The index under several processes: killed builds, builds at once, readers beside a build, read-only places."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from notesense.encoding.encoder import shared_retriever
from notesense.solutions.index import current_generation, open_index
from tests.conftest import SAMPLES
from tests.limits import time_limit
from tests.processes import run_notesense, start_script
from tests.solutions.examples import SMALL, build, generations, solution, write_library

NOTE = SAMPLES / "10-fenner-lane-chat.md"

HELD_BUILD = """
import sys, time
from pathlib import Path
from notesense.encoding.encoder import shared_retriever
from notesense.solutions import index
from notesense.solutions.library import load_library

root, library, last = sys.argv[1:]
write = index._write

def held(path, content):
    if path.name == last:
        print("held", flush=True)
        time.sleep(300)
    write(path, content)

index._write = held
index.build_index(Path(root), load_library(Path(library)), library, shared_retriever(), "test")
"""

READER = """
import sys
from pathlib import Path
from notesense.analyzer import Analyzer, exit_code
from notesense.settings import Settings

root, note, stop = map(Path, sys.argv[1:])
settings = Settings(index=root)
runs = 0
while not stop.exists() or not runs:
    report = Analyzer(settings).analyze([note])
    assert exit_code(report) == 0, report
    assert report.run.index.solutions in (2, 4), report.run
    assert report.analyses[0].needs
    runs += 1
    if runs == 1:
        print("reading", flush=True)
print(runs)
"""


@pytest.fixture
def processes() -> Iterator[list["subprocess.Popen[str]"]]:
    """Processes that the test starts, ended with it."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("last", ["solutions.json", "CURRENT.new"])
def test_a_killed_build_leaves_the_old_index_and_the_next_build_sweeps(
    tmp_path: Path, processes: list["subprocess.Popen[str]"], last: str
) -> None:
    root = tmp_path / "index"
    old = build(root, SMALL).generation
    library = write_library(tmp_path / "library", SMALL[:2])
    process = start_script(HELD_BUILD, root, library, last)
    processes.append(process)
    assert process.stdout is not None
    with time_limit(60, waiting=True):
        assert process.stdout.readline() == "held\n"
    process.kill()
    process.wait()
    (half,) = generations(root) - {old}
    assert (root / "generations" / half / "chroma" / "chroma.sqlite3").exists()
    assert current_generation(root) == old
    assert list(open_index(root, shared_retriever()).solutions) == SMALL
    with time_limit(30, waiting=True):  # the lock died with its holder
        new = build(root, SMALL[:3]).generation
    assert generations(root) == {old, new}
    assert list(open_index(root, shared_retriever()).solutions) == SMALL[:3]


def test_two_builds_at_once_wait_for_each_other(tmp_path: Path) -> None:
    root = tmp_path / "index"
    first = write_library(tmp_path / "first", SMALL)
    second = write_library(tmp_path / "second", [*SMALL[:1], solution("B-1", "library")])
    commands = [
        subprocess.Popen([sys.executable, "-m", "notesense", "index", "build", library, "--index", root],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for library in (first, second)
    ]  # fmt: skip
    outcomes = [(command.communicate(timeout=120), command.returncode) for command in commands]
    assert [code for _, code in outcomes] == [0, 0], outcomes
    index = open_index(root, shared_retriever())
    assert [s.id for s in index.solutions] in (["A-0", "A-1", "A-2", "A-3"], ["A-0", "B-1"])
    assert len(index.passages) == len(index.vectors) == 3 * len(index.solutions)
    assert len(generations(root)) == 2
    assert build(root, SMALL).solutions == 4


def test_four_processes_read_while_one_builds(tmp_path: Path, processes: list["subprocess.Popen[str]"]) -> None:
    root, stop = tmp_path / "index", tmp_path / "stop"
    build(root, SMALL)
    processes += [start_script(READER, root, NOTE, stop) for _ in range(4)]
    with time_limit(90, waiting=True):
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "reading\n", process.stderr.read() if process.stderr else ""
        for count in (2, 4, 2, 4):
            build(root, SMALL[:count])
            time.sleep(0.2)
        stop.touch()
        for process in processes:
            out, errors = process.communicate()
            assert process.returncode == 0, errors
            assert int(out) > 1
    assert len(open_index(root, shared_retriever()).solutions) == 4


def fingerprints(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def read_only(root: Path) -> list[str]:
    """Make a folder read-only and return what must stand before a command that may not write there."""
    for path in (root, *root.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    if os.getuid() != 0:
        return []
    mount = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0"'
    prefix = ["unshare", "-m", "sh", "-c", f'{mount} && exec "$@"', str(root)]
    try:
        checked = subprocess.run([*prefix, "touch", root / "x"], capture_output=True, check=False, timeout=30)
    except OSError:
        pytest.skip("no unshare")
    if b"ead-only" not in checked.stderr:
        pytest.skip(f"root cannot be kept from writing: {checked.stderr.decode()}")
    return prefix


@pytest.mark.skipif(os.name != "posix", reason="no modes")
def test_an_index_in_a_read_only_place_works_and_stays_as_it_is(tmp_path: Path, sample_index: Path) -> None:
    root = Path(shutil.copytree(sample_index, tmp_path / "shared"))
    before = fingerprints(root)
    prefix = read_only(root)
    try:
        done = run_notesense("analyze", NOTE, "--index", root, "-f", "json", prefix=prefix)
    finally:
        for path in (root, *root.rglob("*")):
            path.chmod(0o755)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["run"]["index"]["solutions"] == 59
    assert {need["matching"] for need in report["analyses"][0]["needs"]} <= {"matched", "nothing_fits"}
    assert report["analyses"][0]["needs"]
    assert fingerprints(root) == before
