"""What can be asked of a batch without running it: its state, and one note."""

from collections import Counter
from pathlib import Path

from notesense.archive.ledger import Ledger, Row
from notesense.archive.results import Results
from notesense.errors import UsageError

MOST_SHOWN = 20


def status_of(folder: Path) -> str:
    """Return the state of a batch in words.

    Raises:
        UsageError: No batch was run there.
    """
    with Ledger(folder, writing=False) as ledger:
        counts, made = ledger.counts(), ledger.fingerprint() or {}
        failed = list(ledger.rows("failed"))
        partial = [row for row in ledger.rows("done") if row.incidents]
    with_what = ", ".join(f"{name} {value}" for name, value in made.items() if value)
    lines = [
        f"{counts.done} done, {counts.failed} failed, {counts.pending} to be read, {counts.gone} gone",
        f"made with: {with_what}",
    ]
    if failed:
        reasons = Counter(row.error for row in failed)
        lines += ["", "failed: " + ", ".join(f"{error} {count}" for error, count in reasons.most_common())]
        lines += [_reason(row) for row in failed[:MOST_SHOWN]] + _more(failed)
    if partial:
        lines += ["", "with parts that could not be read:"]
        lines += [f"  {row.key}" for row in partial[:MOST_SHOWN]] + _more(partial)
    return "\n".join(lines)


def show_note(folder: Path, name: str) -> str:
    """Return the result of a note as JSON, or why there is none.

    Args:
        folder: The output folder.
        name: The note's name in the archive, or the end of it where that is clear.

    Raises:
        UsageError: There is no such note, or several.
    """
    with Ledger(folder, writing=False) as ledger:
        row = ledger.row(name)
        if row is None:
            found = [r for r in ledger.rows() if r.key.endswith(name)]
            if len(found) != 1:
                listed = ", ".join(r.key for r in found[:5])
                raise UsageError(
                    f"{len(found)} notes of {folder} end in {name!r}",
                    f"Name one of them: {listed}" if found else "See: notesense batch status",
                )
            row = found[0]
    if row.state == "done" and row.hash:
        return Results(folder).path(row.hash).read_text(encoding="utf-8").rstrip()
    return f"{row.key}: {row.state}" + (f"\n{_reason(row)}" if row.error else "")


def _reason(row: Row) -> str:
    return (
        f"  {row.message}"
        + (f" {row.hint}" if row.hint else "")
        + (f" ({row.attempts} attempts)" if row.attempts > 1 else "")
    )


def _more(rows: list[Row]) -> list[str]:
    return [f"  … and {len(rows) - MOST_SHOWN} more"] if len(rows) > MOST_SHOWN else []
