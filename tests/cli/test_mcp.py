"""The server for assistants, spoken to by the SDK's own client over standard input and output."""

import json
import os
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters, stdio_client  # noqa: TID253

from notesense.assistants import Desk
from notesense.settings import Settings
from tests.cli.conftest import Run
from tests.conftest import SAMPLES

Ask = Callable[..., Awaitable[Any]]


def talk(*arguments: object, questions: Callable[[Ask], Awaitable[None]]) -> None:
    """Start ``notesense mcp`` and ask its tools."""
    command = ["-m", "notesense", "mcp", *map(str, arguments)]

    async def main() -> None:
        parameters = StdioServerParameters(command=sys.executable, args=command, env=dict(os.environ))
        with anyio.fail_after(90):
            async with Client(stdio_client(parameters)) as client:
                tools = (await client.list_tools()).tools
                assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)

                async def ask(tool: str, **given: Any) -> Any:
                    answer = await client.call_tool(tool, given)
                    texts = [content.text for content in answer.content]
                    return AssertionError(texts[0]) if answer.is_error else [json_or_text(text) for text in texts]

                await questions(ask)

    with ThreadPoolExecutor(1) as thread:  # Playwright leaves a running loop in the thread of the tests
        thread.submit(anyio.run, main).result()


def json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def test_notes_are_listed_and_analysed_and_solutions_found(sample_index: Path) -> None:
    async def questions(ask: Ask) -> None:
        listed = (await ask("list_notes", contains="marlow-parks"))[0]
        assert (listed["more"], listed["unreadable"]) == (0, [])
        (note,) = listed["notes"]
        assert note == str(SAMPLES / "01-marlow-parks-walk.md")
        by_path = (await ask("analyze_note", path="01-marlow-parks-walk.md"))[0]
        assert by_path["note"]["client"] == "City of Marlow"
        text = Path(note).read_text(encoding="utf-8")
        evidence = [e for need in by_path["needs"] for e in need["evidence"]]
        assert evidence
        assert all(text[e["start"] : e["end"]] == e["quote"] for e in evidence)
        by_text = (await ask("analyze_note", text=text, client="Somebody"))[0]
        assert [n["key"] for n in by_text["needs"]] == [n["key"] for n in by_path["needs"]]
        assert by_text["note"]["client"] == "Somebody"
        found = (await ask("search_solutions", need="sewers overflow in storms", limit=3))[0]["solutions"]
        assert len(found) == 3
        assert found[0]["practice"] == "Water"

    talk(SAMPLES, "--index", sample_index, questions=questions)


def test_nothing_outside_the_folders_is_read(tmp_path: Path) -> None:
    inside, outside = tmp_path / "notes", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.md").write_text("The roof leaks.", encoding="utf-8")
    (inside / "link.md").symlink_to(outside / "secret.md")
    (inside / "calls.csv").write_text("Notes\nThe roof leaks again.\n", encoding="utf-8")
    (outside / "secret.csv").write_text("Notes\nThe merger is secret.\n", encoding="utf-8")
    (inside / "link.csv").symlink_to(outside / "secret.csv")
    (outside / "columns.csv").write_text("Secret,Merger\n1,2\n", encoding="utf-8")
    (inside / "other.csv").symlink_to(outside / "columns.csv")
    (inside / ".env").write_text("KEY=secret", encoding="utf-8")
    (inside / "budget.csv").write_text("Item,Cost\nPump,12\n", encoding="utf-8")

    async def questions(ask: Ask) -> None:
        for path in ("../outside/secret.md", str(outside / "secret.md"), "link.md", "/etc/passwd", "no such.md", "link.csv#2",
                     ".env", "a\0b.md", "x" * 5000, "../outside/secret.csv#2"):  # fmt: skip
            refused = await ask("analyze_note", path=path)
            assert "no note in the folders of this server" in str(refused)
        listed = (await ask("list_notes"))[0]
        assert listed["notes"] == [str(inside / "calls.csv#2")]
        assert ["budget.csv" in words for words in listed["unreadable"]] == [True]
        row = (await ask("analyze_note", path="calls.csv#2"))[0]
        assert row["note"]["words"] == 4
        assert "either a path or a text" in str(await ask("analyze_note"))
        assert "no solution index there" in str(await ask("search_solutions", need="roof"))
        assert "knows no archive" in str(await ask("list_open_needs"))

    talk(inside, questions=questions)


def test_open_needs_of_a_client(read_archive: Path, tmp_path: Path) -> None:
    async def questions(ask: Ask) -> None:
        needs = (await ask("list_open_needs", client="oakmere"))[0]["needs"]
        assert {need["client"] for need in needs} == {"Oakmere", "Oakmere College"}
        assert needs[0]["mentions"][0]["quotes"] == ["the hall roof leaks"]
        assert "Ada Quill" not in json.dumps(needs)  # who wrote a note is nobody's business here
        assert "no client called 'Nobody'" in str(await ask("list_open_needs", client="Nobody"))

    talk(tmp_path, "--batch", read_archive, questions=questions)


@pytest.mark.parametrize(("folder", "missing"), [("nowhere", None), (".", "mcp")], ids=["no folder", "no extra"])
def test_what_is_missing_is_said_before_the_server_starts(
    notesense: Run, monkeypatch: pytest.MonkeyPatch, folder: str, missing: str | None
) -> None:
    if missing:
        monkeypatch.setitem(sys.modules, "mcp.server", None)
    outcome = notesense("mcp", folder)
    assert outcome.code == (3 if missing else 2)
    assert ("pip install 'notesense[mcp]'" if missing else "nowhere: no such folder") in outcome.err


def test_what_cannot_be_read_is_listed_with_the_reason(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.md").write_text("The roof leaks.\n")
    (folder / "calls.csv").write_text("Client,Notes\nMarlow,The roof of the hall leaks again.\n")
    (folder / "budget.xlsx").write_bytes(b"PK")
    found = Desk(Settings(), [folder]).notes()
    assert [Path(name).name for name in found.notes] == ["a.md", "calls.csv#2"]
    assert [Path(told.split(":")[0]).name for told in found.unreadable] == ["budget.xlsx"]
    assert [Path(name).name for name in Desk(Settings(), [folder]).notes("calls.csv#2").notes] == ["calls.csv#2"]
