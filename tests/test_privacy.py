"""No connection, no name look-up, nothing read from ``.env``, nothing kept that others can read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from notesense.settings import data_folder
from tests.conftest import SAMPLES
from tests.processes import run_notesense
from tests.solutions.examples import SMALL, write_library

NOTE = SAMPLES / "10-fenner-lane-chat.md"

GUARD = """
import os, socket, sys

def guard(event, arguments):
    wrong = False
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        wrong = True
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        wrong = arguments[0].family != getattr(socket, "AF_UNIX", None)
    elif event == "open":
        wrong = os.path.basename(str(arguments[0])) == ".env"
    if wrong:
        line = f"{event} {arguments}\\n".encode()
        descriptor = os.open(os.environ["GUARD_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(descriptor, line)
        os.close(descriptor)
        raise RuntimeError(f"refused: {event} {arguments}")

sys.addaudithook(guard)
"""
DOT_ENV = """
NOTESENSE_ENGINE=gpt
OPENAI_API_KEY=sk-none
CHROMA_API_IMPL=chromadb.api.fastapi.FastAPI
CHROMA_SERVER_HOST=127.0.0.1
CHROMA_SERVER_HTTP_PORT=9
IS_PERSISTENT=maybe
"""


class Guard:
    """Environment of a process that may not connect, look a name up, or open a ``.env`` file."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(GUARD)
        self.log = folder / "log"
        path = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH", "")]))
        self.env = {"PYTHONPATH": path, "GUARD_LOG": str(self.log)}

    def refused(self) -> str:
        """Return what was tried."""
        return self.log.read_text() if self.log.exists() else ""


@pytest.fixture
def guard(tmp_path: Path) -> Guard:
    return Guard(tmp_path / "guard")


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return write_library(tmp_path / "library", SMALL)


@pytest.mark.parametrize(
    "script",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import socket; socket.getaddrinfo('localhost', 80)",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
        "open('.env').read()",
        "import pathlib; pathlib.Path('.env').read_text()",
    ],
)
def test_the_guard_sees_what_it_is_there_for(guard: Guard, tmp_path: Path, script: str) -> None:
    (tmp_path / ".env").write_text(DOT_ENV)
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, **guard.env}, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert b"refused" in done.stderr
    assert guard.refused()


def test_building_analysing_and_examining_connect_to_nothing(guard: Guard, library: Path) -> None:
    for arguments in (["index", "build", library], ["analyze", NOTE, "-f", "json"], ["doctor"]):
        done = run_notesense(*arguments, env=guard.env)
        assert guard.refused() == ""
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("arguments", [["index", "build", "library"], ["analyze", NOTE]], ids=["build", "analyze"])
def test_nothing_is_read_from_a_dot_env_file(
    guard: Guard, library: Path, tmp_path: Path, sample_index: Path, arguments: list[object]
) -> None:
    (tmp_path / ".env").write_text(DOT_ENV)
    index = str(sample_index) if arguments[0] == "analyze" else str(tmp_path / "index")
    done = run_notesense(*arguments, env={**guard.env, "NOTESENSE_INDEX": index})
    assert guard.refused() == ""
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param({"CHROMA_API_IMPL": "chromadb.api.fastapi.FastAPI", "CHROMA_SERVER_HOST": "127.0.0.1",
                      "CHROMA_SERVER_HTTP_PORT": "9"}, id="a Chroma server"),
        pytest.param({"CHROMA_SERVER_HTTP_PORT": "not a number"}, id="a variable that Chroma cannot read"),
        pytest.param({"OPENAI_API_KEY": "sk-none", "OPENAI_BASE_URL": "http://127.0.0.1:9"}, id="a key"),
    ],
)  # fmt: skip
def test_settings_of_other_programs_in_the_environment_open_no_connection(
    guard: Guard, library: Path, variables: dict[str, str]
) -> None:
    done = run_notesense("index", "build", library, env={**guard.env, **variables})
    assert guard.refused() == ""
    assert done.returncode == 0, done.stderr


def test_it_works_where_there_is_no_network_at_all(library: Path) -> None:
    prefix = ["unshare", "-n", "--"] if os.name == "posix" and os.getuid() == 0 else ["unshare", "-rn", "--"]
    try:
        tried = subprocess.run([*prefix, "true"], capture_output=True, check=False, timeout=30)
    except OSError:
        pytest.skip("no unshare")
    if tried.returncode:
        pytest.skip(f"no network namespace: {tried.stderr.decode()}")
    script = "import socket; socket.create_connection(('127.0.0.1', 9))"
    alone = subprocess.run([*prefix, sys.executable, "-c", script], capture_output=True, check=False, timeout=60)
    assert b"unreachable" in alone.stderr  # not even loopback is up
    built = run_notesense("index", "build", library, prefix=prefix)
    assert built.returncode == 0, built.stderr
    done = run_notesense("analyze", NOTE, "-f", "json", prefix=prefix)
    assert done.returncode == 0, done.stderr
    assert b'"solutions": 4' in done.stdout


@pytest.mark.skipif(os.name != "posix", reason="no modes")
def test_the_data_folder_is_readable_by_the_user_alone(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTESENSE_INDEX")
    assert data_folder().is_relative_to(tmp_path / "home")
    before = os.umask(0o022)
    try:
        done = run_notesense("index", "build", library)
    finally:
        os.umask(before)
    assert done.returncode == 0, done.stderr
    assert (data_folder() / "index" / "CURRENT").exists()
    assert (data_folder() / "index").stat().st_mode & 0o777 == 0o700
    assert data_folder().stat().st_mode & 0o777 == 0o700


def test_an_analysis_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file of notesense's, and none of a library that keeps a device identifier or a queue of events to send."""
    monkeypatch.delenv("NOTESENSE_INDEX")
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    (tmp_path / "temporary").mkdir()
    done = run_notesense("analyze", NOTE, "-f", "json")
    assert done.returncode == 0, done.stderr
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == ["home", "temporary"]
