import os
from pathlib import Path

import pytest

from notesense.domain.analysis import Skipped
from notesense.reading import find_inputs
from tests.limits import time_limit


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Roof leaks.")


def names(found: list[Path | Skipped], folder: Path) -> list[str]:
    assert not [f for f in found if isinstance(f, Skipped)]
    return [str(f.relative_to(folder)) for f in found if isinstance(f, Path)]


def only_skipped(found: list[Path | Skipped]) -> Skipped:
    (record,) = found
    assert isinstance(record, Skipped)
    assert record.hint
    return record


def test_a_folder_stands_for_its_files_in_order_of_name(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    odd = ["-n.md", "10.md", "2.txt", "a b.md", "a\nb.md", "plain", "zürich.md", "日本.md"]
    make(folder, *odd)
    assert names(list(find_inputs([folder])), folder) == sorted(odd)


def test_hidden_files_readmes_and_settings_are_no_notes(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    make(
        folder,
        "a.md",
        ".hidden.md",
        ".git/x.md",
        "README.md",
        "readme.txt",
        "ReadMe",
        "notesense.toml",
        "readme first.md",
    )
    assert names(list(find_inputs([folder], recursive=True)), folder) == ["a.md", "readme first.md"]


def test_a_file_named_by_the_user_is_taken_as_it_is(tmp_path: Path) -> None:
    make(tmp_path, "README.md", ".hidden.md", "-", "-x.md")
    wanted = [tmp_path / "README.md", tmp_path / ".hidden.md", Path("-x.md")]
    assert list(find_inputs(wanted)) == wanted


def test_folders_in_folders_are_read_when_asked(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    make(folder, "b.md", "a/z.md", "a/deep/er/y.md", "c/x.md")
    assert names(list(find_inputs([folder])), folder) == ["b.md"]
    assert names(list(find_inputs([folder], recursive=True)), folder) == ["a/deep/er/y.md", "a/z.md", "b.md", "c/x.md"]


@pytest.mark.parametrize(
    ("content", "recursive"),
    [([], False), ([], True), (["README.md", ".x"], True), (["sub/a.md"], False)],
    ids=["empty", "empty, recursive", "nothing that counts", "only in folders"],
)
def test_a_folder_without_notes_is_recorded(tmp_path: Path, content: list[str], recursive: bool) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    make(folder, *content)
    record = only_skipped(list(find_inputs([folder], recursive=recursive)))
    assert (record.path, record.error) == (str(folder), "NoNotesError")
    assert ("--recursive" in record.message) == ("sub/a.md" in content)


def test_a_missing_path_is_recorded_and_the_rest_goes_on(tmp_path: Path) -> None:
    make(tmp_path, "a.md", "b.md")
    first, missing, last = find_inputs([tmp_path / "a.md", tmp_path / "no such.md", tmp_path / "b.md"])
    assert (first, last) == (tmp_path / "a.md", tmp_path / "b.md")
    assert isinstance(missing, Skipped)
    assert missing.error == "NoteNotFoundError"
    assert str(tmp_path / "no such.md") in missing.message


def test_a_name_that_is_too_long_is_recorded() -> None:
    assert only_skipped(list(find_inputs([Path("n" * 5000)]))).error == "NoteUnreadableError"


@pytest.mark.skipif(not hasattr(os, "fsdecode") or os.name == "nt", reason="names are bytes on POSIX only")
def test_a_name_that_is_no_utf8_is_recorded() -> None:
    assert only_skipped(list(find_inputs([Path(os.fsdecode(b"caf\xe9.md"))]))).error == "NoteNotFoundError"


@pytest.mark.parametrize(
    "paths",
    [
        ["notes/a.md", "notes/a.md"],
        ["notes", "notes/a.md"],
        ["notes/a.md", "notes"],
        ["notes", "./notes"],
        ["notes", "notes/../notes"],
        ["{here}/notes/a.md", "notes"],
    ],
    ids=", ".join,
)
def test_a_file_named_twice_is_read_once(tmp_path: Path, paths: list[str]) -> None:
    make(tmp_path, "notes/a.md")
    (found,) = find_inputs([Path(p.format(here=tmp_path)) for p in paths])
    assert isinstance(found, Path)
    assert found.samefile(tmp_path / "notes" / "a.md")


def test_standard_input_is_taken_once() -> None:
    assert list(find_inputs([Path("-"), Path("-")])) == [Path("-")]


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    make(folder, "a.md", "sub/b.md")
    (folder / "sub" / "up").symlink_to(folder)
    (folder / "self.md").symlink_to(folder / "self.md")
    with time_limit(5, waiting=True):
        found = names(list(find_inputs([folder], recursive=True)), folder)
    assert found == ["a.md", "self.md", "sub/b.md"]


def test_a_linked_folder_named_by_the_user_is_read(tmp_path: Path) -> None:
    make(tmp_path / "notes", "a.md")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "notes")
    assert list(find_inputs([link])) == [link / "a.md"]


def test_a_broken_link_is_left_to_the_reader(tmp_path: Path) -> None:
    link = tmp_path / "gone.md"
    link.symlink_to(tmp_path / "nothing")
    assert list(find_inputs([link])) == [link]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_recorded(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    make(folder, "a.md")
    folder.chmod(0)
    try:
        assert only_skipped(list(find_inputs([folder]))).error == "NoteUnreadableError"
    finally:
        folder.chmod(0o700)
