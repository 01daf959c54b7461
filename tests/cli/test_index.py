import re
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.conftest import LIBRARY
from tests.solutions.examples import SMALL, solution, write_library

SEWAGE = "sewage comes up in forty basements whenever it rains"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return write_library(tmp_path / "library", SMALL)


def test_a_build_says_on_standard_error_what_it_did(notesense: Run, library: Path, tmp_path: Path) -> None:
    code, out, err = notesense("index", "build", library)
    assert (code, out) == (0, "")
    assert "4 solutions: 4 embedded, 0 unchanged, 0 removed" in err
    assert str(tmp_path / "index") in err
    (library / "A-0.md").unlink()
    write_library(library, [SMALL[1].model_copy(update={"summary": "Gone."}), solution("B-1", "library")])
    code, out, err = notesense("index", "build", library)
    assert (code, out) == (0, "")
    assert "4 solutions: 2 embedded, 2 unchanged, 1 removed" in err


def test_a_faulty_library_builds_nothing_and_names_every_fault(notesense: Run, library: Path, tmp_path: Path) -> None:
    (library / "bad.md").write_text("no front matter")
    (library / "bad.yaml").write_text("- {id: X}\n")
    code, out, err = notesense("index", "build", library)
    assert (code, out) == (6, "")
    assert f"{library / 'bad.md'}:1: no front matter" in err
    assert f"{library / 'bad.yaml'}:1: title, practice, client missing" in err
    assert "docs/library.md" in err
    assert not (tmp_path / "index").exists()


def test_an_old_index_outlives_a_faulty_library(notesense: Run, library: Path) -> None:
    notesense("index", "build", library)
    (library / "bad.md").write_text("no front matter")
    assert notesense("index", "build", library).code == 6
    assert len(notesense("index", "list").out.splitlines()) == 4


def test_an_index_cannot_be_built_below_a_file(notesense: Run, library: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    code, out, err = notesense("index", "build", library, "--index", "file/index")
    assert code in (2, 3, 6), err
    assert out == ""
    assert "file/index" in err
    assert (tmp_path / "file").read_text() == "kept"


def test_the_list_has_a_line_for_each_solution(notesense: Run, sample_index: Path) -> None:
    code, out, err = notesense("index", "list", "--index", sample_index)
    assert (code, err) == (0, "")
    rows = [line.split("\t") for line in out.splitlines()]
    assert len(rows) == 59
    assert rows == sorted(rows)
    assert ["W-03", "Water", "City of Marlow", "2020", "Infiltration and inflow reduction in old sewers"] in rows


def test_a_search_shows_the_nearest_first_and_marks_what_fits(notesense: Run, sample_index: Path) -> None:
    code, out, err = notesense("index", "search", SEWAGE, "--index", sample_index)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) == 10
    assert lines[0].startswith("* ")
    assert "W-03  Infiltration" in lines[0]
    assert lines[1].strip()


def test_a_search_marks_nothing_where_nothing_fits(notesense: Run, sample_index: Path) -> None:
    code, out, _ = notesense("index", "search", "The dog ate the office plants.", "--index", sample_index)
    assert code == 0
    assert [line for line in out.splitlines() if line.startswith("*")] == []


def test_a_search_keeps_to_limit_and_filters(notesense: Run, sample_index: Path) -> None:
    options = ["--limit", 59, "--practice", "energy", "--practice", "Planning", "--since", 2022]
    out = notesense("index", "search", SEWAGE, "--index", sample_index, *options).out
    found = set(re.findall(r"(?m)^[* ] .{3}%  (\S+)  ", out))
    listed = [line.split("\t") for line in notesense("index", "list", "--index", sample_index).out.splitlines()]
    assert found == {row[0] for row in listed if row[1] in ("Energy", "Planning") and int(row[3]) >= 2022}
    out = notesense("index", "search", SEWAGE, "--index", sample_index, "--client", "marlow", "--limit", 1).out
    assert len(out.splitlines()) == 2


@pytest.mark.parametrize("command", [["list"], ["search", "x"], ["check"]], ids=lambda value: value[0])
def test_without_an_index_every_command_says_how_to_build_one(
    notesense: Run, tmp_path: Path, command: list[str]
) -> None:
    code, out, err = notesense("index", *command)
    assert (code, out) == (6, "")
    assert f"{tmp_path / 'index'}: no solution index there" in err
    assert "notesense index build PATH" in err


def test_a_check_tells_what_is_new_changed_and_gone(notesense: Run, library: Path) -> None:
    notesense("index", "build", library)
    code, out, _ = notesense("index", "check")
    assert code == 0
    assert f"4 solutions (generation {out.split('generation ')[1].split(')')[0]}), built from {library}" in out
    assert "Up to date." in out
    (library / "A-0.md").unlink()
    write_library(library, [SMALL[1].model_copy(update={"summary": "Gone."}), solution("B-1", "library")])
    code, out, _ = notesense("index", "check")
    assert code == 6
    lines = out.splitlines()
    assert "new in the library: B-1" in lines
    assert "changed in the library: A-1" in lines
    assert "gone in the library: A-0" in lines
    assert f"Bring it up to date: notesense index build {library}" in lines
    notesense("index", "build", library)
    assert notesense("index", "check").code == 0


def test_a_check_of_a_library_that_moved_can_name_the_new_place(notesense: Run, library: Path, tmp_path: Path) -> None:
    notesense("index", "build", library)
    shutil.move(library, tmp_path / "moved")
    code, out, err = notesense("index", "check")
    assert (code, out) == (6, "")
    assert str(library) in err
    assert notesense("index", "check", tmp_path / "moved").code == 0
    assert notesense("index", "check", LIBRARY).code == 6


def test_an_index_built_from_a_relative_path_can_be_checked_from_elsewhere(
    notesense: Run, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notesense("index", "build", library.name)
    monkeypatch.chdir(tmp_path / "home")
    assert notesense("index", "check").code == 0
