import csv
import json
from pathlib import Path
from typing import Any

import pytest

from notesense.archive.export import NOTE_COLUMNS, TABLES, export
from notesense.errors import OutputError, UsageError
from notesense.reporting.cells import safe_cell
from tests.archive.conftest import RunBatch, write
from tests.engines.llm.loopback import LoopbackServer, says
from tests.engines.llm.test_faults import need, pitch, reading

TEXT = (
    "---\nclient: =Marlow()\nauthor: Padraig Moss\npractice: Water\n---\n\n+the roof leaks\nI said we are the best.\n"
)


@pytest.fixture
def out(batch: RunBatch, server: LoopbackServer, archive: Path, tmp_path: Path) -> Path:
    for path in archive.rglob("*.md"):
        path.unlink()
    write(archive / "a.md", TEXT)
    write(archive / "b.md", TEXT)
    server.otherwise = says(reading(need("+the roof leaks"), pitches=[pitch("I said we are the best.")]))
    batch()
    return tmp_path / "out"


def table(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_tables_have_their_columns_and_a_row_for_each_note(out: Path, tmp_path: Path) -> None:
    paths = export(out, tmp_path / "tables")
    assert [path.name for path in paths] == ["needs.csv", "pitches.csv", "matches.csv"]
    needs = table(paths[0])
    assert [row["note"] for row in needs] == ["a.md", "b.md"]
    assert list(needs[0]) == list(TABLES["needs"])
    assert needs[0]["practice"] == "Water"
    assert needs[0]["questions"] == "What happens then? | Since when?"
    assert table(paths[2]) == []


def test_no_cell_is_a_formula(out: Path, tmp_path: Path) -> None:
    row = table(export(out, tmp_path / "tables")[0])[0]
    assert row["client"] == "'=Marlow()"
    assert row["evidence"] == "'+the roof leaks"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_every_start_of_a_formula_is_told(start: str) -> None:
    assert safe_cell(f"{start}x") == f"'{start}x"
    assert safe_cell("x=1") == "x=1"
    assert safe_cell(-0.5) == -0.5


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_authors_stand_beside_pitches_only_where_asked(out: Path, tmp_path: Path, form: Any) -> None:
    shared = export(out, tmp_path / "shared", form)
    assert "Padraig" not in "".join(path.read_text(encoding="utf-8-sig") for path in shared)
    private = export(out, tmp_path / "private", form, with_authors=True)
    assert "Padraig Moss" in private[1].read_text(encoding="utf-8-sig")


def test_json_lines_keep_types(out: Path, tmp_path: Path) -> None:
    path = export(out, tmp_path / "tables", "jsonl")[0]
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert rows[0]["confidence"] is None
    assert tuple(rows[0])[: len(NOTE_COLUMNS)] == NOTE_COLUMNS


def test_parquet_needs_its_package(out: Path, tmp_path: Path) -> None:
    try:
        import pyarrow.parquet
    except ImportError:
        with pytest.raises(UsageError, match="Parquet"):
            export(out, tmp_path / "tables", "parquet")
        return
    path = export(out, tmp_path / "tables", "parquet")[0]
    assert pyarrow.parquet.read_table(path).column_names == list(TABLES["needs"])


def test_tables_that_cannot_be_written_say_so(out: Path, tmp_path: Path) -> None:
    write(tmp_path / "file", "x")
    with pytest.raises(OutputError, match="cannot be written"):
        export(out, tmp_path / "file" / "tables")
