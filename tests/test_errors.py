import ast
import re
from pathlib import Path

import pytest

import notesense
from notesense import errors
from notesense.errors import LibraryError, NotesenseError

SOURCE = Path(notesense.__file__).parent
CLASSES = {
    name: value for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, NotesenseError)
}
CODES = {
    "NotesenseError": 1,
    "UsageError": 2, "OutputError": 2,
    "ConfigError": 3, "BundleError": 3,
    "NoteError": 4, "NoteNotFoundError": 4, "NoteUnreadableError": 4, "NoteEmptyError": 4, "NoteTooLargeError": 4,
    "NotTextError": 4, "NoteFormatError": 4, "NoNotesError": 4, "NoNotesInTableError": 4,
    "EngineError": 5, "LanguageError": 5, "EndpointError": 5, "EngineUnavailableError": 5, "EngineTimeoutError": 5,
    "EngineAnswerError": 5, "EngineTruncatedError": 5, "EngineRefusedError": 5, "CostCapError": 5,
    "SolutionsError": 6, "LibraryError": 6, "IndexMissingError": 6, "IndexMismatchError": 6, "IndexDamagedError": 6,
    "IndexUnwritableError": 6, "IndexBusyError": 6,
}  # fmt: skip
"""The exit codes of the contract, by class."""


def drawn() -> dict[str, tuple[str | None, int | None]]:
    """Return parent and exit code of each class as the module's docstring draws them."""
    tree: dict[str, tuple[str | None, int | None]] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"    (?P<lead>[ │├└─]*)(?P<name>[A-Z]\w+Error)(?:\s+(?P<code>\d)\s)?", line)
        if not found:
            continue
        depth = len(found["lead"])
        above = [entry for entry in above if entry[0] < depth]
        tree[found["name"]] = (above[-1][1] if above else None, int(found["code"]) if found["code"] else None)
        above.append((depth, found["name"]))
    return tree


def raised() -> list[tuple[str, ast.Call, str]]:
    """Return every error of the package that is raised or returned, alone or in another, with its class and its place."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            value = node.exc if isinstance(node, ast.Raise) else node.value if isinstance(node, ast.Return) else None
            for call in ast.walk(value) if value else ():
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in CLASSES:
                    found.append((call.func.id, call, f"{path.relative_to(SOURCE)}:{call.lineno}"))
    return found


def test_the_docstring_draws_every_class_under_its_parent_with_its_code() -> None:
    tree = drawn()
    assert list(tree) == list(CLASSES)
    for name, (parent, code) in tree.items():
        base = CLASSES[name].__bases__[0]
        assert parent == (base.__name__ if base is not Exception else None)
        if code is not None:
            assert CLASSES[name].exit_code == code
        elif parent is not None:
            assert CLASSES[name].exit_code == CLASSES[parent].exit_code


def test_the_exit_codes_are_those_of_the_contract() -> None:
    assert {name: cls.exit_code for name, cls in CLASSES.items()} == CODES
    assert (errors.EXIT_DONE, errors.EXIT_BUG, errors.EXIT_PARTIAL) == (0, 1, 7)


def test_every_class_says_what_it_means() -> None:
    assert all(cls.__doc__ and cls.__doc__.strip() for cls in CLASSES.values())


@pytest.mark.parametrize(("name", "call", "place"), raised(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_error_is_raised_with_a_message_that_says_something(name: str, call: ast.Call, place: str) -> None:
    assert call.args, place
    message = call.args[0]
    if isinstance(message, ast.Starred):  # _explain returns message and hint
        return
    parts = list(ast.walk(message))
    words = "".join(part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))
    filled_in = sum(isinstance(part, ast.FormattedValue) for part in parts)
    assert isinstance(message, ast.Name) or re.search(r"[a-z]{3}", words) or filled_in > 1, place


def test_errors_are_raised_in_many_places_and_every_leaf_of_the_tree_somewhere() -> None:
    names = {name for name, _, _ in raised()}
    parents = {base.__name__ for cls in CLASSES.values() for base in cls.__bases__}
    assert set(CLASSES) - parents <= names


def test_message_and_hint_are_kept() -> None:
    error = NotesenseError("n.md: broken", "Mend it.")
    assert (error.message, error.hint, str(error)) == ("n.md: broken", "Mend it.", "n.md: broken")
    assert NotesenseError("x").hint == ""


@pytest.mark.parametrize(("count", "lines"), [(1, 1), (20, 20), (21, 21), (100, 21)])
def test_a_library_error_shows_twenty_faults_and_counts_the_rest(count: int, lines: int) -> None:
    error = LibraryError([f"f:{i}: wrong" for i in range(count)], "Mend.")
    assert len(error.faults) == count
    assert len(error.message.splitlines()) == lines
    assert (f"… and {count - 20} more" in error.message) == (count > 20)
