import codecs
import io
import os
from datetime import date
from pathlib import Path

import pytest

from notesense.domain.notes import Metadata
from notesense.domain.profile import FirmPerson, FirmProfile
from notesense.errors import (
    NoteEmptyError,
    NoteError,
    NoteFormatError,
    NoteNotFoundError,
    NoteTooLargeError,
    NoteUnreadableError,
    NotTextError,
)
from notesense.reading import MAX_BYTES, read_note, read_stdin
from tests.conftest import SAMPLES
from tests.limits import time_limit


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refused(path: Path, kind: type[NoteError]) -> NoteError:
    with pytest.raises(NoteError) as caught:
        read_note(path)
    assert type(caught.value) is kind
    assert str(path) in caught.value.message
    assert caught.value.hint
    return caught.value


def test_the_text_is_the_file_and_the_words_begin_after_the_front_matter(tmp_path: Path) -> None:
    text = "---\r\nclient: Marlow\r\n---\r\nRoof leaks.\rStill.\n"
    note = read_note(write(tmp_path / "n.md", codecs.BOM_UTF8 + text.encode()))
    assert note.text == text
    assert note.text[note.body_start :] == "Roof leaks.\rStill.\n"
    assert note.client == "Marlow"
    assert note.words == 3


def test_the_same_words_have_the_same_id_in_every_encoding(tmp_path: Path) -> None:
    text = "The café’s roof leaks.\n"
    ids = {
        read_note(write(tmp_path / f"{encoding}.md", text.encode(encoding))).id
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252")
    }
    assert len(ids) == 1
    assert read_note(write(tmp_path / "other.md", text + " ")).id not in ids


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="no bytes"),
        pytest.param(b" \n\r\n\t", id="blanks"),
        pytest.param(codecs.BOM_UTF8, id="a byte-order mark"),
        pytest.param(codecs.BOM_UTF16_LE + " \n".encode("utf-16-le"), id="blanks in utf-16"),
        pytest.param(b"---\nclient: Marlow\n---\n \n", id="only front matter"),
    ],
)
def test_a_note_without_words_is_refused(tmp_path: Path, content: bytes) -> None:
    refused(write(tmp_path / "n.md", content), NoteEmptyError)
    with pytest.raises(NoteEmptyError, match=r"standard input|-"):
        read_stdin(stream=io.BytesIO(content))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    refused(tmp_path / "no such note.md", NoteNotFoundError)


def test_a_folder_is_no_note(tmp_path: Path) -> None:
    refused(tmp_path, NoteUnreadableError)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts descriptors in /proc")
@pytest.mark.parametrize("what", ["folder", "fifo", "missing", "large", "good"])
def test_no_descriptor_stays_open(tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "n.md"
    if what == "folder":
        path.mkdir()
    elif what == "fifo":
        os.mkfifo(path)
    elif what != "missing":
        write(path, "Roof leaks.")
    if what == "large":
        monkeypatch.setattr("notesense.reading.files.MAX_BYTES", 3)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(4):
        try:
            with time_limit(5, waiting=True):
                read_note(path)
        except NoteError:
            assert what != "good"
        else:
            assert what == "good"
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "n.md", "Roof leaks.")
    path.chmod(0)
    refused(path, NoteUnreadableError)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with time_limit(5, waiting=True):
        refused(path, NoteUnreadableError)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no devices here")
def test_a_device_is_refused_at_once() -> None:
    with time_limit(5, waiting=True):
        refused(Path("/dev/zero"), NoteUnreadableError)


def test_a_link_that_leads_in_a_circle_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "loop.md"
    path.symlink_to(path)
    refused(path, NoteUnreadableError)


def test_a_link_to_nothing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gone.md"
    path.symlink_to(tmp_path / "nothing")
    refused(path, NoteNotFoundError)


def test_a_name_that_is_too_long_is_refused(tmp_path: Path) -> None:
    refused(tmp_path / ("n" * 5000), NoteUnreadableError)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.md"
    with path.open("wb") as file:
        file.truncate(400 * MAX_BYTES)
    with time_limit(2):
        refused(path, NoteTooLargeError)


def test_the_limit_itself_is_still_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("files", "note"):
        monkeypatch.setattr(f"notesense.reading.{module}.MAX_BYTES", 11)
    assert read_note(write(tmp_path / "n.md", "Roof leaks.")).text == "Roof leaks."
    assert read_stdin(stream=io.BytesIO(b"Roof leaks.")).text == "Roof leaks."
    refused(write(tmp_path / "m.md", "Roof leaks.\n"), NoteTooLargeError)
    with pytest.raises(NoteTooLargeError, match="standard input"):
        read_stdin(stream=io.BytesIO(b"Roof leaks.\n"))


@pytest.mark.parametrize("name", ["n.docx", "n.PDF", "n.eml", "n.csv", "n.vtt", "n.msg", "n.pptx", "n.json", "n.docm"])
def test_formats_without_a_reader_are_refused_by_name(tmp_path: Path, name: str) -> None:
    refused(write(tmp_path / name, "Roof leaks."), NoteFormatError)


@pytest.mark.parametrize(
    "name",
    ["n.md", "n.MD", "n.markdown", "n.txt", "n", "site visit ü.txt", "-n.md", "a\nb.md", "n.2025-03-04", "n.note"],
)
def test_text_is_read_whatever_its_name(tmp_path: Path, name: str) -> None:  # fmt: skip
    path = write(tmp_path / name, "Roof leaks.")
    note = read_note(path)
    assert note.text == "Roof leaks."
    assert note.path == str(path)


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"%PDF-1.4 roof", NoteFormatError), (b"PK\x03\x04roof", NoteFormatError), (b"roof\x00leaks", NotTextError)],
    ids=["pdf", "zip", "NUL"],
)
def test_content_counts_more_than_the_name(tmp_path: Path, content: bytes, kind: type[NoteError]) -> None:
    refused(write(tmp_path / "n.md", content), kind)
    with pytest.raises(kind, match="standard input"):
        read_stdin(stream=io.BytesIO(content))


BLOCK = "---\nclient: Block\nauthor: Block\ndate: 2026-01-01\n---\n"
LINES = "Client: Lines\nAuthor: Lines\nPractice: Lines\nDate: 2025-05-05\n\n# Heading\nThe roof leaks."


@pytest.mark.parametrize(
    ("given", "text", "expected"),
    [
        pytest.param(Metadata(client="Flag", date=date(2024, 2, 2)), BLOCK + LINES, ("Flag", "Block", "Lines", date(2024, 2, 2)), id="flags first"),
        pytest.param(None, BLOCK + LINES, ("Block", "Block", "Lines", date(2026, 1, 1)), id="then front matter"),
        pytest.param(None, LINES, ("Lines", "Lines", "Lines", date(2025, 5, 5)), id="then header lines"),
        pytest.param(Metadata(), LINES, ("Lines", "Lines", "Lines", date(2025, 5, 5)), id="empty flags change nothing"),
        pytest.param(None, "The roof leaks.", (None, None, None, None), id="nothing is made up"),
    ],
)  # fmt: skip
def test_flags_win_over_front_matter_over_header_lines(
    tmp_path: Path, given: Metadata | None, text: str, expected: tuple[object, ...]
) -> None:
    for note in (read_note(write(tmp_path / "n.md", text), given), read_stdin(given, stream=io.BytesIO(text.encode()))):
        assert (note.client, note.author, note.practice, note.date) == expected


@pytest.mark.parametrize(
    "block",
    [
        pytest.param("client: Marlow\ndate: 2026-13-45", id="a date that does not exist"),
        pytest.param("client: Marlow\ntitle: Re: our call", id="two colons"),
        pytest.param("client: Marlow\ntags: [a, b", id="open bracket"),
        pytest.param("client: Marlow\nfee: !!python/object:os.system x", id="a tag that runs code"),
    ],
)
def test_bad_front_matter_does_not_cost_the_note(tmp_path: Path, block: str) -> None:
    note = read_note(write(tmp_path / "n.md", f"---\n{block}\n---\nThe roof leaks."))
    assert note.client == "Marlow"
    assert note.text[note.body_start :] == "The roof leaks."


def test_the_profile_knows_the_practice_of_the_author(tmp_path: Path) -> None:
    profile = FirmProfile(people=(FirmPerson(name="Lee Park", practice="Water"), FirmPerson(name="Dana Reyes")))
    path = write(tmp_path / "n.md", "Author: Lee Park\n\nThe roof leaks.")
    assert read_note(path, profile=profile).practice == "Water"
    assert read_note(path, Metadata(practice="Transport"), profile).practice == "Transport"
    assert read_note(path, Metadata(author="Dana Reyes"), profile).practice is None
    assert read_note(path).practice is None


def test_standard_input_is_named_by_a_dash() -> None:
    assert read_stdin(stream=io.BytesIO(b"Roof leaks.")).path == "-"


SAMPLE_NOTES = sorted(p for p in SAMPLES.iterdir() if p.suffix in (".md", ".txt") and p.stem != "README")


@pytest.mark.parametrize("path", SAMPLE_NOTES, ids=lambda p: p.stem)
def test_every_sample_note_can_be_read(path: Path) -> None:
    note = read_note(path)
    assert note.words > 30
    assert note.language == "en"
    assert "\ufeff" not in note.text
    assert "\ufffd" not in note.text
