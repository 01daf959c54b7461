"""Several processes on one index at once: analyses, a build and a batch."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import LIBRARY, SAMPLES
from tests.limits import time_limit
from tests.processes import run_notesense

NOTES = sorted(SAMPLES.glob("*.md"))[:4]


def start(*arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "notesense", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ))


def test_two_analyses_a_build_and_a_batch_at_once(tmp_path: Path) -> None:
    library, archive = tmp_path / "library", tmp_path / "archive"
    shutil.copytree(LIBRARY, library)
    archive.mkdir()
    for note in NOTES:
        shutil.copy(note, archive)
    assert run_notesense("index", "build", library).returncode == 0
    before = len(list(library.rglob("*.md")))
    extra = (
        "---\nid: NEW-1\ntitle: Pumps\npractice: Water\nclient: Harlow\n---\nThe pumps tripped each winter; no more.\n"
    )
    (library / "new.md").write_text(extra, encoding="utf-8")
    with time_limit(300, waiting=True):
        running = {
            "first": start("analyze", *NOTES, "-f", "json"),
            "build": start("index", "build", library),
            "second": start("analyze", *NOTES, "-f", "json"),
            "batch": start("batch", archive, "--out", tmp_path / "out", "--workers", 1),
        }
        ended = {name: (*process.communicate(), process.returncode) for name, process in running.items()}
    assert {name: code for name, (_, _, code) in ended.items()} == dict.fromkeys(running, 0), ended
    first, second = (json.loads(ended[name][0]) for name in ("first", "second"))
    assert [a["needs"] for a in first["analyses"]]
    assert [[n["key"] for n in a["needs"]] for a in first["analyses"]] == [
        [n["key"] for n in a["needs"]] for a in second["analyses"]
    ]
    assert first["run"]["index"]["solutions"] >= before - 1  # the old index or the new one, and nothing between
    assert "4 done, 0 failed" in ended["batch"][0]
    assert run_notesense("index", "check").returncode == 0
