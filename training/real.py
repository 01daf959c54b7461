"""Real notes by pointer → labelled notes, for whoever has the repositories.

    python -m training.real CLONES OUT [POINTERS]        then: notesense eval run --cases OUT

``eval/real/pointers.yaml`` names public notes by repository, path and commit, and labels them by offsets: their words
are not ours to ship. ``eval/real/second.yaml`` labels twenty of them by other people: ``notesense eval agreement``
compares. CLONES holds a clone of each as ``OWNER/NAME``. Never trained on.
"""

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from notesense.domain.spans import Span
from notesense.evaluation.marking import mark

POINTERS = Path(__file__).parents[1] / "eval/real/pointers.yaml"


def main(clones: Path, out: Path, pointers: Path = POINTERS) -> None:
    """Write a labelled note for every pointer whose repository is there."""
    out.mkdir(parents=True, exist_ok=True)
    for number, pointer in enumerate(yaml.safe_load(pointers.read_text(encoding="utf-8")), start=1):
        text = read(clones / pointer["repo"], pointer)
        if text is None:
            print(f"{pointer['repo']}: not there, or not as it was; left out", file=sys.stderr)
            continue
        name = f"real-{number:02}"
        (out / f"{name}.md").write_bytes(mark(text, spans_of(pointer)).encode("utf-8"))
        needs = [
            {"id": f"n{i}", "kind": need["kind"], "category": need["category"], "statement": "as in the note"}
            for i, need in enumerate(pointer["needs"], start=1)
        ]
        pitches = [
            {"id": f"p{i}", "tactic": pitch["tactic"], "where": pitch["where"], "rewrite": "not written"}
            for i, pitch in enumerate(pointer["pitches"], start=1)
        ]
        labels = {"style": "minutes", "library": "none", "needs": needs, "pitches": pitches}
        (out / f"{name}.yaml").write_text(yaml.safe_dump(labels, sort_keys=False), encoding="utf-8")


def read(clone: Path, pointer: dict[str, Any]) -> str | None:
    """Return the text that a pointer points at; None where it is not there or has another digest."""
    command = ["git", "-C", str(clone), "show", f"{pointer['commit']}:{pointer['path']}"]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
    same = hashlib.sha256(done.stdout).hexdigest() == pointer["sha256"]
    return done.stdout.decode("utf-8", "replace") if same else None


def spans_of(pointer: dict[str, Any]) -> list[tuple[str, Span]]:
    """Return the id and place of every mark."""
    return [
        (f"{letter}{number}", Span(*span))
        for letter, findings in (("n", pointer["needs"]), ("p", pointer["pitches"]))
        for number, finding in enumerate(findings, start=1)
        for span in finding["spans"]
    ]


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
