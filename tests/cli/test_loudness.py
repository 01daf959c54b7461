"""How much is said: ``--quiet`` and ``--verbose``, wherever they stand."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.conftest import SAMPLES

NOTE = SAMPLES / "10-fenner-lane-chat.md"


@pytest.mark.parametrize("flag", ["-q", "--quiet"])
def test_quiet_says_nothing_but_results_and_errors(notesense: Run, tmp_path: Path, flag: str) -> None:
    loud = notesense("analyze", NOTE, "-o", tmp_path / "a.json")
    assert loud.err == f"Report written to {tmp_path / 'a.json'}\n"
    for arguments in (
        ("analyze", NOTE, "-o", tmp_path / "a.json", flag),
        (flag, "analyze", NOTE, "-o", tmp_path / "a.json"),
    ):
        assert notesense(*arguments) == (0, "", "")
    assert "no such file" in notesense("read", "nothing.md", flag).err


@pytest.mark.parametrize("flag", ["-v", "--verbose"])
def test_verbose_says_with_what_and_how_long(
    notesense: Run, monkeypatch: pytest.MonkeyPatch, sample_index: Path, flag: str
) -> None:
    monkeypatch.setenv("NOTESENSE_INDEX", str(sample_index))
    said = notesense("analyze", NOTE, "-f", "json", flag).err
    assert "index: from environment variable NOTESENSE_INDEX" in said
    assert "engine local (minilm" in said
    assert f"index {sample_index}, generation " in said
    assert f"{NOTE}: " in said
    assert notesense("analyze", NOTE, "-f", "json").err == ""


def test_what_stands_after_two_dashes_is_a_name(notesense: Run) -> None:
    assert "--quiet: no such file" in notesense("read", "--", "--quiet").err


def test_both_at_once_are_refused(notesense: Run) -> None:
    assert notesense("doctor", "-q", "-v").code == 2
