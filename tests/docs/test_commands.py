"""Every command of the README and of the pages is run, and its exit code is the one that the page promises."""

import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from notesense.archive import runners
from notesense.cli import main
from notesense.evaluation import run as evaluation_run
from tests.conftest import ROOT
from tests.docs.pages import Command, commands_of, pages
from tests.docs.scratch import BEFORE, make_scratch

NOT_RUN = {
    "make": "builds the environment, or runs this test",
    "pipx install": "installs from a package index",
    "pip install": "installs from a package index",
    "pbpaste": "the clipboard of a Mac",
    "notesense review": "serves until Ctrl-C; tests/review and tests/browser run it",
    "notesense mcp": "serves an assistant until its input ends; tests/cli/test_mcp.py runs it",
    "notesense learn corrections": "needs five corrected notes and a minute or two; tests/learning runs it",
    "notesense eval run -e llm": "asks an endpoint",
    "notesense analyze notes/ --engine llm --max-cost": "asks an endpoint; tests/cli/test_llm.py does, on loopback",
    "notesense doctor --ping": "asks an endpoint",
    "notesense --install-completion": "changes the start file of the shell",
}
"""Commands by how they begin, and why they are not run here."""
ANSWERS = {"notesense purge": b"y\n"}
"""What somebody types where a command asks."""
ALL = {str(page.relative_to(ROOT)): list(commands_of(page)) for page in pages()}
ASSIGNMENT = re.compile(r"[A-Z_]+=\S*")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What each page finds, with an index of its library."""
    from notesense.encoding.encoder import shared_retriever
    from notesense.solutions.index import build_index
    from notesense.solutions.library import load_library

    folder = tmp_path_factory.mktemp("docs") / "scratch"
    folder.mkdir()
    make_scratch(folder)
    library = folder / "sample_notes" / "library"
    build_index(folder / ".index", load_library(library), str(library), shared_retriever(), "test")
    return folder


@pytest.fixture
def scratch(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, in which notesense works in this process alone: what others test need not start processes here."""
    folder = tmp_path / "scratch"
    shutil.copytree(template, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NOTESENSE_INDEX", str(folder / ".index"))
    monkeypatch.setattr(
        runners,
        "run_in_processes",
        lambda settings, workers, jobs, stop: runners.run_in_threads(settings, 1, jobs, stop),
    )
    run_engine = evaluation_run.run_engine
    monkeypatch.setattr(evaluation_run, "run_engine", lambda *arguments: run_engine(*arguments[:5], 1, arguments[6]))
    return folder


class Shell:
    """As much of a shell as the pages need: folders, variables, pipes and files."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def run(self, command: Command) -> tuple[int, str]:
        """Return the exit code of a command's last part, and all that it wrote."""
        data, log, code = _answer(command.text), "", 0
        for part in _parts(command.words):
            words = list(part)
            with self._monkeypatch.context() as here:
                while ASSIGNMENT.fullmatch(words[0]):
                    here.setenv(*words.pop(0).split("=", 1))
                target = Path(words[words.index(">") + 1]) if ">" in words else None
                words = words[: words.index(">")] if target else words
                code, data, errors = self._one(words, data)
            log += data.decode("utf-8", "replace") + errors
            if target:
                target.write_bytes(data)
        return code, log

    def notesense(self, *arguments: str) -> int:
        """Return the exit code of notesense with these arguments."""
        code, out, errors = self._ours(list(arguments), b"")
        print(out.decode(), errors)
        return code

    def _one(self, words: list[str], data: bytes) -> tuple[int, bytes, str]:
        if words[0] == "cd":
            self._monkeypatch.chdir(words[1])
            return 0, b"", ""
        if words[0] == "notesense":
            return self._ours(words[1:], data)
        done = subprocess.run(words, input=data, capture_output=True, check=False, timeout=60)
        return done.returncode, done.stdout, done.stderr.decode()

    def _ours(self, arguments: list[str], data: bytes) -> tuple[int, bytes, str]:
        out, errors = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
        with self._monkeypatch.context() as here:
            here.setattr(sys, "argv", ["notesense", *arguments])
            here.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
            here.setattr(sys, "stdout", out)
            here.setattr(sys, "stderr", errors)
            with pytest.raises(SystemExit) as ended:
                main()
        out.flush()
        return int(ended.value.code or 0), out.buffer.getvalue(), errors.getvalue()  # type: ignore[attr-defined]


def _parts(words: list[str]) -> Iterator[list[str]]:
    """Yield the commands of a pipe."""
    part: list[str] = []
    for word in [*words, "|"]:
        if word == "|":
            yield part
            part = []
        else:
            part.append(word)


def _answer(text: str) -> bytes:
    return next((answer for start, answer in ANSWERS.items() if text == start), b"")


def _reason(command: Command) -> str | None:
    """Return the entry of the table that a command is covered by."""
    return next((start for start in NOT_RUN if command.text == start or command.text.startswith(f"{start} ")), None)


@pytest.mark.parametrize("page", [page for page, commands in ALL.items() if any(not _reason(c) for c in commands)])
def test_every_command_of_a_page_works_as_it_is_written(
    page: str, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = Shell(monkeypatch)
    for prepare in BEFORE.get(page, ()):
        prepare(shell.notesense)
    for command in ALL[page]:
        if _reason(command):
            continue
        code, log = shell.run(command)
        assert code == command.code, f"{page}:{command.line}: $ {command.text}\nexit code {code}\n{log}"


def test_what_is_not_run_stands_on_a_page() -> None:
    used = {_reason(command) for commands in ALL.values() for command in commands}
    assert used >= set(NOT_RUN), f"on no page any more: {set(NOT_RUN) - used}"


def test_what_is_prepared_belongs_to_a_page() -> None:
    assert set(BEFORE) <= set(ALL)
    assert {
        start for start in ANSWERS if not any(c.text == start for commands in ALL.values() for c in commands)
    } == set()


@pytest.mark.parametrize(
    ("line", "code"), [("notesense doctor", 0), ("notesense analyze empty.md", 4), ("cat notes.md | notesense analyze nowhere", 4),
                       ("NOTESENSE_ENGINE=gpt notesense analyze notes.md", 3), ("false", 1)]
)  # fmt: skip
def test_the_shell_tells_what_fails(line: str, code: int, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Shell(monkeypatch).run(Command(1, line, 0))[0] == code
    assert "NOTESENSE_ENGINE" not in os.environ
