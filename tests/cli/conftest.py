"""The command line, run in this process."""

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from notesense.cli import main
from tests.archive.conftest import write
from tests.engines.llm.loopback import LoopbackServer, says
from tests.engines.llm.test_faults import need, pitch, reading

ROOF = "the hall roof leaks"
NOTE = "client: {client}\nauthor: {author}\ndate: {date}\n\n{text}\n"


class Outcome(NamedTuple):
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def notesense(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line with these arguments, and bytes on standard input."""

    def run(*arguments: object, stdin: bytes = b"") -> Outcome:
        monkeypatch.setattr(sys, "argv", ["notesense", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert "a bug" not in err or ended.value.code == 1
        return Outcome(int(ended.value.code or 0), out, err)

    return run


@pytest.fixture
def read_archive(notesense: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
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
