"""A note → the pair of files that a labeller marks up."""

from pathlib import Path
from typing import NamedTuple

from notesense.domain.notes import Note
from notesense.errors import OutputError

_LABELS = """\
todo: mark up the note, then delete this line
client: {client}
client_unit: {unit}        # the part of the client's organisation in the room
author_practice: {practice}
date: {date}
style: {style}             # bullets, minutes, transcript, email, dictated or mixed
library: none              # leave this line out where solutions are labelled
needs: []
# Mark the words in {name}.md like this: ⟦n1|third main break this year⟧, then declare them:
#  - id: n1
#    kind: implied         # stated or implied
#    category: condition_capacity
#    statement: Stop the repeated main breaks on Harbor Street.
#    solutions: []
pitches: []
#  - id: p1                # each pitch has one span
#    tactic: premature_solution
#    where: noted          # said or noted
#    rewrite: Ask what the breaks have cost them and what they have tried so far.
"""


class Added(NamedTuple):
    """The files that were made."""

    note: Path
    labels: Path


def add_note(note: Note, folder: Path) -> Added:
    """Write a note's text and a label file to fill in.

    Args:
        note: The note.
        folder: Where; made if it is not there.

    Raises:
        OutputError: One of the files is there, or cannot be written; nothing is replaced.
    """
    name = Path(note.path).stem if note.path != "-" else f"note-{note.id[:8]}"
    added = Added(folder / f"{name}.md", folder / f"{name}.yaml")
    labels = _LABELS.format(
        client=note.client or "null", unit=note.client_unit or "null", practice=note.practice or "null",
        date=note.date or "null", style="minutes", name=name,
    )  # fmt: skip
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in added:
            if path.exists():
                raise OutputError(f"{path}: is there already", "Choose another folder; nothing was replaced.")
        added.note.write_bytes(note.text.encode("utf-8", "surrogatepass"))
        added.labels.write_text(labels, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written ({error.strerror or error})", "Choose another place.") from None
    return added
