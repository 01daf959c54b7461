"""The folders and files that the documentation speaks of, small: what a reader would have at hand."""

import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import yaml

from tests.conftest import ROOT, SAMPLES
from tests.engines.llm.test_faults import need, reading
from tests.formats.files import word

WALK = "01-marlow-parks-walk.md"
NOTES = ("10-fenner-lane-chat.md", "11-dunmore-paving-progress.md")
SAMPLE = ("notesense.toml", "README.md", "05-brackley-fire-email.txt", WALK, *NOTES)
CASES = ("B-01", "G-05", "S-06", "W-03")
LABELLED = ("c/c02-cold-store-call", "c/c05-transit-drop-in")
SALT_YARD = """---
client: {client}
client_unit: Public Works
date: {date}
---
# Salt yard walk

Carla says the brine pump quits {when}, and they shovel by hand.

Tom told her we are the best in the state.
"""
CALLS = """Account Name,Created Date,Logged By,Full Comments
Marlow,2025-10-12,Dana Reyes,"The pumps trip every time it rains. They need somebody before winter."
Pell County,2025-10-13,Lee Ortiz,"The roof of the old depot leaks badly, and the records are in boxes."
"""
TRANSCRIPT = """Dana Reyes   0:03
Morning. Can you hear me?

Tom Bauer (City of Marlow)   0:09
We need somebody to look at the pumps.

Dana Reyes   0:31
How often do they trip?
"""
MAIL = """From: Tom Bauer <tom@marlow.example>
To: Dana Reyes <dana@kestrelvane.example>
Date: Tue, 6 May 2025 10:12:00 +0200
Subject: Pumps
Content-Type: text/plain; charset="utf-8"

The pumps trip every time it rains.
"""


def make_scratch(folder: Path) -> None:
    """Fill a folder with what the pages name, the ``notesense.toml`` of the samples aside."""
    _copy((SAMPLES / name for name in SAMPLE), folder / "sample_notes")
    for place in ("sample_notes/library", "my-library"):
        (folder / place).mkdir()
        for case in CASES:
            (found,) = (SAMPLES / "library" / "case_studies").glob(f"{case}-*.md")
            shutil.copy(found, folder / place)
    _notes(folder)
    _labelled(folder)
    _eval(folder)


def _notes(folder: Path) -> None:
    """Write notes: single ones, folders of them, a zip file, one note of each of some formats."""
    _copy((SAMPLES / name for name in NOTES), folder / "notes")
    for name, client, date, when in (
        ("2024-04-11-salt-yard-walk.md", "City of Marlow", "2024-04-11", "whenever it is cold"),
        ("2024-09-02-salt-yard-call.md", "Marlow", "2024-09-02", "again"),
    ):
        (folder / "notes" / name).write_text(SALT_YARD.format(client=client, date=date, when=when), encoding="utf-8")
    shutil.copytree(folder / "notes", folder / "archive")
    with zipfile.ZipFile(folder / "notes.zip", "w") as packed:
        for path in sorted((folder / "notes").iterdir()):
            packed.write(path, path.name)
    shutil.copy(SAMPLES / WALK, folder / "notes.md")
    for name in ("note.md", "meeting.md"):
        shutil.copy(SAMPLES / NOTES[0], folder / name)
    (folder / "minutes.docx").write_bytes(word("# Salt yard walk", "The pump fails every week, said the owner."))
    (folder / "calls.csv").write_text(CALLS, encoding="utf-8")
    (folder / "transcript.txt").write_text(TRANSCRIPT, encoding="utf-8")
    (folder / "mail.eml").write_text(MAIL, encoding="utf-8")
    (folder / "empty.md").write_text("\n", encoding="utf-8")
    (folder / "budget.xlsx").write_bytes(b"PK\x03\x04")
    (folder / "german.md").write_text(
        "Der Bauamtsleiter sagte, dass die Pumpe im Keller jede Woche ausfällt und niemand weiß, was zu tun ist. "
        "Wir sollen ihnen bis zum Herbst ein Angebot für eine neue machen, sonst steht wieder alles unter Wasser.\n",
        encoding="utf-8",
    )


def _labelled(folder: Path) -> None:
    """Write folders of labelled notes, under every name that a page gives one."""
    for place in (
        "labelled-notes",
        "my-notes",
        "corrections",
        "other-notes",
        "mine",
        "yours",
        "ana/corrections",
        "ben/corrections",
    ):
        _copy(_pairs(LABELLED), folder / place)
    for case in LABELLED:
        answer = folder / "their-json" / f"{case}.json"
        answer.parent.mkdir(parents=True, exist_ok=True)
        answer.write_text('{"needs": [], "pitches": []}', encoding="utf-8")


def _eval(folder: Path) -> None:
    """Write the part of ``eval`` that the pages measure on; two notes hold no gate, so the suites have none."""
    for suite in sorted((ROOT / "eval" / "suites").glob("*.yaml")):
        place = folder / "eval" / "suites" / suite.name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(
            re.sub(r"(?ms)^gates:\n.*?(?=^\S|\Z)", "", suite.read_text(encoding="utf-8")), encoding="utf-8"
        )
    _copy(_pairs(LABELLED), folder / "eval" / "notes" / "c")
    _copy([ROOT / "eval" / "pairs" / "plain-01.yaml"], folder / "eval" / "pairs")
    shutil.copytree(ROOT / "eval" / "baselines", folder / "eval" / "baselines")
    _labelled_archive(ROOT / "eval" / "archives" / "unseen", folder / "eval" / "notes" / "archive")


def _labelled_archive(source: Path, to: Path) -> None:
    """Write a labelled archive of one client."""
    (client, *_) = yaml.safe_load((source / "clients.yaml").read_text(encoding="utf-8"))["clients"]
    threads = yaml.safe_load((source / "threads.yaml").read_text(encoding="utf-8"))["threads"]
    shutil.copytree(source / client["slug"], to / client["slug"])
    kept = {"clients": [client]}, {"threads": [thread for thread in threads if thread["client"] == client["name"]]}
    for name, content in zip(("clients.yaml", "threads.yaml"), kept, strict=True):
        (to / name).write_text(yaml.safe_dump(content), encoding="utf-8")


def _pairs(cases: Iterable[str]) -> list[Path]:
    return [ROOT / "eval" / "notes" / f"{case}{ending}" for case in cases for ending in (".md", ".yaml")]


def _copy(files: Iterable[Path], to: Path) -> None:
    to.mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.copy(file, to)


Call = Callable[..., int]
"""Runs notesense in this process with some arguments, and gives its exit code."""


def read_archive(notesense: Call) -> None:
    """Leave ``read``, the output folder of a batch, for pages that start from one."""
    assert notesense("batch", "notes", "--out", "read") == 0


def run_twice(notesense: Call) -> None:
    """Leave two runs of a suite, for a page that compares them."""
    assert notesense("eval", "run", "--suite", "pairs", "--quick", "--out", "eval-runs/before") == 0
    shutil.copytree("eval-runs/before", "eval-runs/after")


def set_up_a_model(_notesense: Call) -> None:
    """Leave the settings of an endpoint, and what a chat answered to the two prompts."""
    Path("notesense.toml").write_text('engine = "llm"\n[llm]\nmodel = "gpt-4.1-mini"\n', encoding="utf-8")
    Path("answers").mkdir()
    found = reading(need("basement at no 8 had 4 inches again last night."))
    chosen = {"verdicts": [{"need": "n1", "solutions": []}]}
    for name, answer in (("detect", found), ("match", chosen)):
        Path(f"answers/note.{name}.json").write_text(json.dumps(answer), encoding="utf-8")


BEFORE: dict[str, tuple[Callable[[Call], None], ...]] = {
    "docs/review.md": (read_archive,),
    "docs/evaluation.md": (run_twice,),
    "docs/llm.md": (set_up_a_model,),
}
"""What pages take for done that say so in words alone."""
