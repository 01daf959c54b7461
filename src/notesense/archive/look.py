"""What can be asked of a batch without running it: its state, and one note."""

import hashlib
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from notesense.archive.contents import Contents
from notesense.archive.ledger import Ledger, Row
from notesense.archive.results import Results
from notesense.archive.source import MEMBER, Source
from notesense.domain.analysis import Report
from notesense.errors import NoteError, UsageError
from notesense.reading import note_of_bytes

_STATES = {"pending": "to be read", "failed": "failed", "done": "read", "gone": "not in the archive any more"}
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


class Shown(NamedTuple):
    """One note of a batch."""

    report: Report | None
    """None where it is not read."""
    words: str
    """What there is to say beside the report: why there is none, or that the note has changed since."""


def show_note(folder: Path, name: str) -> Shown:
    """Return the result of a note, or why there is none.

    Args:
        folder: The output folder.
        name: The note's name in the archive, or the end of it where that is clear.

    Raises:
        UsageError: There is no such note, or several.
        OutputError: Its result is damaged.
    """
    with Ledger(folder, writing=False) as ledger:
        row = ledger.row(name)
        if row is None:
            found = [r for r in ledger.rows() if r.key.replace(MEMBER, "/").endswith(name.replace(MEMBER, "/"))]
            if len(found) != 1:
                listed = ", ".join(r.key for r in found[:5])
                raise UsageError(
                    f"{len(found)} notes of {folder} end in {name!r}",
                    f"Name one of them: {listed}"
                    if found
                    else f"See what there is: notesense batch export {folder} --to tables",
                )
            row = found[0]
        source, columns = ledger.source(row.key), ledger.columns()
    if row.state not in ("done", "gone") or not row.hash:
        return Shown(None, f"{row.key}: {_STATES[row.state]}" + (f"\n{_reason(row)}" if row.error else ""))
    with Contents(columns) as contents:
        text = text_of(contents, source, row.hash)
    words = "" if text else f"{row.key} has changed or is gone: its findings stand without the words around them."
    return Shown(Results(folder).report(row.hash, text), words)


def text_of(contents: Contents, source: Source, digest: str) -> str:
    """Return the text of a note as it was read; nothing where it is not the same any more."""
    try:
        content = contents.read(source)
        same = hashlib.sha256(content).hexdigest() == digest
        return note_of_bytes(content, source.key).text if same else ""
    except NoteError:
        return ""


def _reason(row: Row) -> str:
    return (
        f"  {row.message}"
        + (f". {row.hint}" if row.hint else "")
        + (f" ({row.attempts} attempts)" if row.attempts > 1 else "")
    )


def _more(rows: list[Row]) -> list[str]:
    return [f"  … and {len(rows) - MOST_SHOWN} more"] if len(rows) > MOST_SHOWN else []
