"""A batch as tables: needs, pitches and matches, with the note, client, unit, date and practice of each.

The columns are a contract: new ones are added at the end, none changes its meaning. CSV cells that a spreadsheet would
run as a formula get an apostrophe in front. The author of a note never stands beside a pitch unless that is asked for.
"""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from notesense.archive.ledger import Ledger
from notesense.archive.results import Results
from notesense.errors import OutputError, UsageError, how_to_install
from notesense.reporting.cells import safe_cell
from notesense.settings import make_private

Format = Literal["csv", "jsonl", "parquet"]
NOTE_COLUMNS = ("note", "note_id", "title", "client", "client_unit", "date", "practice")
TABLES = {
    "needs": (*NOTE_COLUMNS, "need", "key", "kind", "category", "statement", "confidence", "evidence", "side", "speaker",
              "matching", "questions", "places"),
    "pitches": (*NOTE_COLUMNS, "pitch", "key", "tactic", "where", "confidence", "evidence", "rewrite", "places"),
    "matches": (*NOTE_COLUMNS, "need", "need_key", "statement", "solution", "solution_title", "solution_practice",
                "solution_client", "score", "why", "result", "lead", "outside_practice", "precedent"),
}  # fmt: skip
"""Columns by table. ``evidence``: all of it, joined by " | "; ``places``: where it stands in a Word, PDF or other source, likewise.
``key`` is stable over runs."""


def export(folder: Path, to: Path, format: Format = "csv", *, with_authors: bool = False) -> list[Path]:
    """Write the three tables.

    Args:
        folder: The output folder of a batch.
        to: The folder of the tables, made where it is not there.
        format: Of the files.
        with_authors: Whether tables say who wrote the note, those of pitches too.

    Returns:
        The files that were written.

    Raises:
        UsageError: No batch was run there, or Parquet is asked for without its package.
        OutputError: The tables cannot be written.
    """
    paths = []
    for table, columns in TABLES.items():
        path = to / f"{table}.{format}"
        shown = (*columns, "author") if with_authors else columns
        try:
            make_private(to)  # its tables hold the words of the notes
            _WRITERS[format](path, shown, rows(folder, table))
        except OSError as error:
            raise OutputError(
                f"{path}: cannot be written ({error.strerror or error})", "Choose another place."
            ) from None
        paths.append(path)
    return paths


def rows(folder: Path, table: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table, by note; every column of it, and the author."""
    results = Results(folder)
    with Ledger(folder, writing=False) as ledger:
        for row in ledger.rows("done"):
            assert row.hash
            for analysis in results.read(row.hash)["analyses"]:
                note = analysis["note"]
                about = {
                    "note": row.key, "note_id": note["id"], **{name: note[name] for name in NOTE_COLUMNS[2:]},
                    "author": note["author"],
                }  # fmt: skip
                for values in _ROWS[table](analysis):
                    yield about | values


def _needs(analysis: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for need in analysis["needs"]:
        first = need["evidence"][0]
        yield {
            "need": need["id"], "key": need["key"], "kind": need["kind"], "category": need["category"],
            "statement": need["statement"], "confidence": need["confidence"], "evidence": _joined(need),
            "side": first["side"], "speaker": first["speaker"], "matching": need["matching"],
            "questions": " | ".join(need["questions"]), "places": _places(need),
        }  # fmt: skip


def _pitches(analysis: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for pitch in analysis["pitches"]:
        yield {
            "pitch": pitch["id"], "key": pitch["key"], "tactic": pitch["tactic"], "where": pitch["where"],
            "confidence": pitch["confidence"], "evidence": _joined(pitch), "rewrite": pitch["rewrite"],
            "places": _places(pitch),
        }  # fmt: skip


def _matches(analysis: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for need in analysis["needs"]:
        for match in need["matches"]:
            yield {
                "need": need["id"], "need_key": need["key"], "statement": need["statement"],
                "solution": match["solution_id"], "solution_title": match["title"], "solution_practice": match["practice"],
                "solution_client": match["client"], "score": match["score"], "why": match["why"], "result": match["result"],
                "lead": match["lead"], "outside_practice": match["outside_practice"], "precedent": match["precedent"],
            }  # fmt: skip


_ROWS = {"needs": _needs, "pitches": _pitches, "matches": _matches}


def _places(finding: dict[str, Any]) -> str:
    """Return where the pieces of evidence stand in the source; empty where the notes are their source."""
    found = [evidence.get("locator") or "" for evidence in finding["evidence"]]
    return " | ".join(found) if any(found) else ""


def _joined(finding: dict[str, Any]) -> str:
    return " | ".join(" ".join(evidence["quote"].split()) for evidence in finding["evidence"])


def _write_csv(path: Path, columns: tuple[str, ...], found: Iterator[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # with the mark that spreadsheets know UTF-8 by
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in found:
            writer.writerow([safe_cell(row[name]) for name in columns])


def _write_jsonl(path: Path, columns: tuple[str, ...], found: Iterator[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n", errors="replace") as file:
        for row in found:
            file.write(json.dumps({name: row[name] for name in columns}, ensure_ascii=False) + "\n")


def _write_parquet(path: Path, columns: tuple[str, ...], found: Iterator[dict[str, Any]]) -> None:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise UsageError("Parquet needs a package that is not there", how_to_install("parquet")) from None
    numbers = {"confidence": pyarrow.float64(), "score": pyarrow.float64(), "outside_practice": pyarrow.bool_()}
    schema = pyarrow.schema([(name, numbers.get(name, pyarrow.string())) for name in columns])
    table = pyarrow.Table.from_pylist([{name: row[name] for name in columns} for row in found], schema=schema)
    parquet.write_table(table, path)


_WRITERS = {"csv": _write_csv, "jsonl": _write_jsonl, "parquet": _write_parquet}
