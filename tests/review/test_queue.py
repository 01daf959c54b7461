"""What is reviewed: a batch's notes whose words are still the same, or notes that are read now."""

from pathlib import Path

import pytest

from notesense.errors import NoNotesError
from notesense.review import queue_of
from notesense.settings import Settings
from tests.archive.conftest import RunBatch, archive, batch, server, settings, write

__all__ = ["archive", "batch", "server", "settings"]


def test_a_batch_is_reviewed_where_its_notes_are_the_same(
    batch: RunBatch, archive: Path, settings: Settings, tmp_path: Path
) -> None:
    batch()
    write(archive / "00.md", "Changed since.\n")
    (archive / "02.md").unlink()
    queue = queue_of(tmp_path / "out", settings)
    assert (len(queue.entries), [words.split(":")[0] for words in queue.left_out]) == (18, ["00.md", "02.md"])
    assert len({entry.id for entry in queue.entries}) == 18
    entry = next(e for e in queue.entries if e.name == "old/01.md")
    material = queue.material(entry.id)
    assert material
    assert "house 1 fails" in material.note.text
    assert next(material.note.text[slice(*s)] for s in material.sentences) == "Visit 1."
    evidence = material.analysis.needs[0].evidence[0]
    assert material.note.text[evidence.start : evidence.end] == evidence.quote
    write(archive / "old/01.md", "Changed while it is reviewed.\n")
    assert queue.material(entry.id) is None
    assert queue.material("nothing") is None


def test_copies_are_reviewed_once(batch: RunBatch, archive: Path, settings: Settings, tmp_path: Path) -> None:
    write(archive / "copy.md", (archive / "00.md").read_text())
    batch()
    assert len(queue_of(tmp_path / "out", settings).entries) == 20


def test_notes_of_one_name_keep_their_corrections_apart(settings: Settings, tmp_path: Path) -> None:
    for n in (1, 2):
        write(
            tmp_path / f"notes/{n}/weekly.md",
            f"Visit {n}.\n\nThe pump in house {n} fails every week, said the owner.\n",
        )
    queue = queue_of(tmp_path / "notes", settings, recursive=True)
    assert sorted(e.name for e in queue.entries) == ["1/weekly.md", "2/weekly.md"]
    assert len({e.id for e in queue.entries}) == 2
    assert all(e.id.startswith("weekly-") for e in queue.entries)


def test_nothing_to_review_is_an_error(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(NoNotesError, match="empty"):
        queue_of(tmp_path / "empty", settings)
