import hashlib
import subprocess
from pathlib import Path

import pytest
import yaml

from notesense.evaluation.cases import strip_marks
from notesense.evaluation.marking import mark
from notesense.evaluation.validate import find_faults
from training import real

TEXT = "They want a bigger hall.\r\nThe roof leaks: it drips on the organ.\n"


def test_marks_stand_where_the_offsets_say() -> None:
    needs = [{"spans": [[0, 23]]}, {"spans": [[26, 40], [42, 63]]}]
    text, marks = strip_marks(mark(TEXT, real.spans_of({"needs": needs, "pitches": []})))
    assert text == TEXT
    assert [(name, text[span.start : span.end]) for name, span in marks] == [
        ("n1", "They want a bigger hall"), ("n2", "The roof leaks"), ("n2", "it drips on the organ"),
    ]  # fmt: skip


def test_a_pointed_at_note_becomes_a_case_and_a_changed_one_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clone = tmp_path / "clones/owner/name"
    clone.mkdir(parents=True)
    git = ["git", "-C", str(clone), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    (clone / "m.md").write_bytes(TEXT.encode())
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "-c", "core.autocrlf=false", "commit", "-qm", "x"], check=True)
    need = {"kind": "implied", "category": "condition_capacity", "spans": [[26, 40]]}
    good = {"repo": "owner/name", "path": "m.md", "commit": "HEAD", "needs": [need], "pitches": [],
            "sha256": hashlib.sha256(TEXT.encode()).hexdigest()}  # fmt: skip
    (tmp_path / "p.yaml").write_text(yaml.safe_dump([good, good | {"sha256": "0"}, good | {"path": "gone.md"}]))
    real.main(tmp_path / "clones", tmp_path / "out", tmp_path / "p.yaml")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["real-01.md", "real-01.yaml"]
    assert find_faults(tmp_path / "out") == []
    assert capsys.readouterr().err.count("left out") == 2
