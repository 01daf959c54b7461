import json

import pytest

from notesense import __version__, errors, library
from notesense.errors import LibraryError, NotesenseError
from tests.cli.conftest import Run

CLASSES = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, NotesenseError)]


def test_the_version_is_printed(notesense: Run) -> None:
    assert notesense("--version") == (0, f"notesense {__version__}\n", "")


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_names_every_command(notesense: Run, option: str) -> None:
    code, out, err = notesense(option)
    assert (code, err) == (0, "")
    for command in ("analyze", "index", "schema", "doctor", "purge"):
        assert command in out


@pytest.mark.parametrize("command", ["build", "list", "search", "check"])
def test_help_of_the_index_names_its_commands(notesense: Run, command: str) -> None:
    assert command in notesense("index", "--help").out


@pytest.mark.parametrize(
    "arguments",
    [["frob"], ["analyze"], ["analyze", "n.md", "--frob"], ["analyze", "n.md", "-f", "pdf"], ["index", "build"],
     ["analyze", "n.md", "--date", "2024-13-45"], ["analyze", "n.md", "--since", "soon"],
     ["index", "search", "x", "--limit", "0"]],
    ids=" ".join,
)  # fmt: skip
def test_a_wrong_command_line_is_a_usage_error(notesense: Run, arguments: list[str]) -> None:
    code, out, err = notesense(*arguments)
    assert (code, out) == (2, "")
    assert "Usage" in err or "Error" in err


@pytest.mark.parametrize("error", CLASSES, ids=lambda cls: cls.__name__)
def test_every_error_ends_with_its_code_its_message_and_its_hint(
    notesense: Run, monkeypatch: pytest.MonkeyPatch, error: type[NotesenseError]
) -> None:
    def fail(*_: object) -> None:
        raise error(["lib.md:1: wrong"] if error is LibraryError else "lib.md:1: wrong", "Mend it.")  # type: ignore[arg-type]

    monkeypatch.setattr(library, "solutions", fail)
    assert notesense("index", "list") == (error.exit_code, "", "notesense: lib.md:1: wrong\n  Mend it.\n")


def test_anything_else_is_called_a_bug_and_raised_where_asked(notesense: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("surprise")

    monkeypatch.setattr(library, "solutions", fail)
    code, out, err = notesense("index", "list")
    assert (code, out) == (1, "")
    assert "a bug: RuntimeError: surprise" in err
    assert "Traceback" not in err
    monkeypatch.setenv("NOTESENSE_DEBUG", "1")
    with pytest.raises(RuntimeError, match="surprise"):
        notesense("index", "list")


def test_the_schema_is_one_json_object(notesense: Run) -> None:
    code, out, err = notesense("schema")
    assert (code, err) == (0, "")
    assert json.loads(out)["type"] == "object"
