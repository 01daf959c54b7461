from pathlib import Path

import pytest

from notesense.settings import data_folder
from tests.cli.conftest import Run
from tests.solutions.examples import SMALL, build


@pytest.fixture
def kept(tmp_path: Path) -> list[Path]:
    """An index with a foreign file beside it, and data of the user."""
    build(tmp_path / "index", SMALL[:1])
    (tmp_path / "index" / "mine.md").write_text("a note")
    data_folder().mkdir(parents=True)
    (data_folder() / "learnt.json").write_text("{}")
    return [tmp_path / "index", data_folder()]


def test_nothing_is_deleted_where_nothing_is_kept(notesense: Run) -> None:
    assert notesense("purge") == (0, "Nothing is kept.\n", "")


@pytest.mark.parametrize(("arguments", "answer"), [(["-y"], b""), (["--yes"], b""), ([], b"y\n")])
def test_the_index_and_the_data_go_and_foreign_files_stay(
    notesense: Run, kept: list[Path], tmp_path: Path, arguments: list[str], answer: bytes
) -> None:
    code, out, _ = notesense("purge", *arguments, stdin=answer)
    assert code == 0
    for place in kept:
        assert str(place) in out
    assert not data_folder().exists()
    assert [path.name for path in (tmp_path / "index").rglob("*")] == ["mine.md"]
    assert notesense("purge").out == "Nothing is kept.\n"


def test_an_index_folder_with_nothing_else_in_it_goes_whole(notesense: Run, tmp_path: Path) -> None:
    build(tmp_path / "index", SMALL[:1])
    assert notesense("purge", "-y").code == 0
    assert not (tmp_path / "index").exists()


@pytest.mark.parametrize("answer", [b"n\n", b"\n", b""], ids=["no", "return", "nobody there"])
def test_without_a_yes_all_stays_and_it_is_no_bug(notesense: Run, kept: list[Path], answer: bytes) -> None:
    code, out, _ = notesense("purge", stdin=answer)
    assert "Deleted." not in out
    assert all(place.exists() for place in kept)
    assert (kept[0] / "CURRENT").exists()
    assert code != 1


def test_an_index_in_the_data_folder_is_named_once(notesense: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTESENSE_INDEX")
    build(data_folder() / "index", SMALL[:1])
    code, out, _ = notesense("purge", "-y")
    assert (code, out) == (0, f"{data_folder()}\nDeleted.\n")
    assert not data_folder().exists()
