import subprocess
import sys

import pytest

HEAVY = (
    "chromadb", "openai", "onnxruntime", "langchain_text_splitters", "bm25s", "numpy", "pydantic", "py3langid",
    "tokenizers", "yaml", "rich", "ray",
)  # fmt: skip


TYPERS_OWN = ("pydantic",)
"""What typer itself loads to read the arguments of a subcommand."""


def loaded_by(*arguments: str, code: int = 0) -> set[str]:
    command = [sys.executable, "-X", "importtime", "-m", "notesense", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == code
    loaded = {line.rsplit("|", 1)[1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert {"notesense.cli.app", "typer"} <= loaded
    return loaded


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_load_nothing_heavy(argument: str) -> None:
    assert sorted(name for name in loaded_by(argument) if name.split(".")[0] in HEAVY) == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["analyze", "--help"], 0), (["index", "--help"], 0), (["index", "build", "--help"], 0), (["frob"], 2)],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_help_of_a_command_loads_nothing_heavy_but_what_typer_needs(arguments: list[str], code: int) -> None:
    heavy = set(HEAVY) - set(TYPERS_OWN)
    assert sorted(name for name in loaded_by(*arguments, code=code) if name.split(".")[0] in heavy) == []


def test_the_package_itself_loads_nothing_heavy() -> None:
    script = f"import notesense, notesense.errors, sys; print([n for n in {HEAVY!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
