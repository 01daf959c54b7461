"""What is fuzzed: each target takes bytes, and raises where notesense does what it never may.

Never: another error than its own, evidence that is not in the note, sentences or chunks that lose a character, a control
sequence on the terminal, more than a few seconds.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from notesense.chunking import split_chunks, split_note
from notesense.domain.findings import Claim, NeedLabel
from notesense.domain.notes import Note
from notesense.domain.printable import printable
from notesense.domain.profile import FirmProfile
from notesense.errors import LibraryError, NoteError
from notesense.formats import EXTRACTORS
from notesense.formats.frontmatter import split_front_matter
from notesense.formats.table import read_rows
from notesense.grounding import ground
from notesense.reading import note_of_bytes, note_of_text
from notesense.solutions.library import load_library
from tests.conftest import SAMPLES
from tests.formats.files import outlook, pdf, slides, word
from tests.fuzzing.corpus import CAPTIONS, CASE, CATALOGUE, MAIL, PAGE, RICH, TABLE

FIRM = FirmProfile(name="KVA", mail_domains=("kva.com",))
NOTES = [path.read_bytes() for path in sorted(SAMPLES.glob("*.md"))]
WORDS = NOTES[0].decode()[:600]
SEEDS: dict[str, list[bytes]] = {
    ".md": NOTES,
    ".docx": [word("# Walk", WORDS, "- item", [["a", "b"]], comments=[("Ana", "Why?")])],
    ".pptx": [slides(("Walk", WORDS, "notes"))],
    ".pdf": [pdf("The pump fails.", "The roof leaks.")],
    ".html": [PAGE],
    ".rtf": [RICH],
    ".eml": [MAIL],
    ".mht": [b"Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n" + PAGE + b"\n--b--\n"],
    ".msg": [outlook("Pumps", WORDS, "Tom <tom@x.org>", datetime(2026, 10, 12, tzinfo=UTC), html="<p>hi</p>")],
    ".vtt": [CAPTIONS],
    ".srt": [CAPTIONS.removeprefix(b"WEBVTT\n\n").replace(b".", b",")],
    ".csv": [TABLE],
    "library": [CASE, CATALOGUE],
    "claims": NOTES,
}
"""Good input for each target."""


def read_file(suffix: str, data: bytes) -> None:
    """A file of a format → a note whose sentences and chunks are its text."""
    try:
        note = note_of_bytes(data, f"a{suffix}", None, FIRM)
    except NoteError as error:
        assert f"a{suffix}" in error.message, error.message
        assert error.hint
        return
    _check_note(note)


def read_table(data: bytes) -> None:
    """A table of notes → the note of each row."""
    try:
        rows = read_rows(data, "a.csv")
    except NoteError:
        return
    for row in rows[:20]:
        split_front_matter(row.note)
        _check_note(note_of_text(row.note, f"a.csv#{row.number}"))


def load_cases(data: bytes) -> None:
    """A case study and a catalogue → solutions, or faults by file."""
    with TemporaryDirectory() as folder:
        for name in ("a.md", "b.yaml", "c.csv", "d.json", "e.docx"):
            (Path(folder) / name).write_bytes(data)
        try:
            load_library(Path(folder))
        except LibraryError as error:
            assert all(fault.startswith(folder) for fault in error.faults), error.faults


def ground_claims(data: bytes) -> None:
    """Whatever a model quotes → evidence in the note's own words, or a rejected claim."""
    text = data.decode("utf-8", "replace")
    middle = len(text) // 2
    try:
        note = note_of_text(text[:middle], "a.md")
    except NoteError:
        return
    label = NeedLabel(kind="stated", category="operations")
    quotes = [q for q in (text[middle:][:700], text[: middle // 2][-80:], text[middle - 90 : middle + 20], " ") if q]
    claims = [Claim(quote=quote, label=label) for quote in quotes]
    mentions, rejected = ground(claims, note, split_note(note))
    for mention in mentions:
        evidence = mention.evidence
        assert note.text[evidence.start : evidence.end] == evidence.quote
        assert evidence.start >= note.body_start
    assert len(mentions) + len(rejected) <= len(claims)


def _check_note(note: Note) -> None:
    before = note.body_start
    for sentence in split_note(note, FIRM):
        assert note.text[sentence.start : sentence.end] == sentence.text
        assert sentence.start >= before, "sentences overlap"
        before = sentence.end
    for window in (5000, 200):
        assert "".join(note.text[c.start : c.end] for c in split_chunks(note, window)) == note.text
    assert [p.start for p in note.places] == sorted(p.start for p in note.places)
    json.dumps(note.model_dump(mode="json"))
    shown = printable(note.text)
    assert not any(c < " " and c not in "\n\t" for c in shown), "a control character on the terminal"
    assert "\x9b" not in shown


TARGETS: dict[str, Callable[[bytes], None]] = {
    **{suffix: (lambda data, suffix=suffix: read_file(suffix, data)) for suffix in EXTRACTORS if suffix in SEEDS},
    ".csv": read_table,
    "library": load_cases,
    "claims": ground_claims,
}
