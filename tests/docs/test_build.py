"""The site builds without a warning, loads nothing from elsewhere, and names all that there is."""

import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main

from notesense.cli.app import app
from notesense.domain.endpoint import ModelSettings
from notesense.domain.profile import FirmProfile
from notesense.errors import NotesenseError
from notesense.formats import EXTRACTORS
from notesense.formats.table import SUFFIXES
from notesense.reading import is_note_name
from notesense.settings import Settings
from tests.docs.pages import DOCS, pages
from tests.docs.scratch import make_scratch

LOADED = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc="(?P<src>[^"]+)"|<link\b[^>]*\bhref="(?P<link>[^"]+)"|url\((?P<url>[^)]+)\)"""
)
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as ``make docs`` does."""
    out = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "--keep-going",
        "-q",
        "-d",
        str(out / ".doctrees"),
        str(DOCS),
        str(out),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def reference() -> dict[str, str]:
    """The generated pages by name."""
    pages: dict[str, str] = runpy.run_path(str(DOCS / "_generate.py"))["pages"]()
    return pages


def commands(command: Any, path: str = "notesense") -> list[str]:
    found = [path]
    for name, inner in getattr(command, "commands", {}).items():
        found += commands(inner, f"{path} {name}")
    return found


def subclasses(kind: type) -> list[type]:
    return [kind, *(below for inner in kind.__subclasses__() for below in subclasses(inner))]


def test_every_page_is_on_the_site(site: Path) -> None:
    for page in pages():
        if page.is_relative_to(DOCS):
            assert (site / page.relative_to(DOCS)).with_suffix(".html").is_file()
    assert "Analyzer" in (site / "reference" / "api.html").read_text(encoding="utf-8")


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    files = [*site.rglob("*.html"), *site.rglob("*.css")]
    assert len(files) > 30
    for file in files:
        for found in LOADED.finditer(file.read_text(encoding="utf-8")):
            loaded = next(filter(None, found.groups())).strip("\"'")
            assert not re.match(r"(?:\w+:)?//", loaded), f"{file.name} loads {loaded}"


def test_every_command_and_option_is_named(reference: dict[str, str]) -> None:
    every = commands(typer.main.get_command(app))
    assert "notesense batch export" in every
    for path in every:
        assert re.search(rf"^##+ {re.escape(path)}$", reference["commands"], re.MULTILINE), path


def test_every_command_stands_on_a_page_that_somebody_wrote() -> None:
    written = "\n".join(page.read_text(encoding="utf-8") for page in pages())
    tree = typer.main.get_command(app)
    for path in commands(tree):
        words = path.split()
        default = {"run", "view"}  # may be left out
        assert path in written or (words[-1] in default and " ".join(words[:-1]) in written), path


def test_every_setting_is_named_with_what_it_means(reference: dict[str, str]) -> None:
    rows = {line.split("`")[1]: line for line in reference["settings"].splitlines() if line.startswith("| `")}
    for model in (Settings, ModelSettings, FirmProfile):
        for name in model.model_fields:
            meaning = rows[name].rstrip("| ").rsplit("|", 1)[-1].strip()
            assert len(meaning) > 5, name


def test_every_error_and_field_is_named(reference: dict[str, str]) -> None:
    for kind in subclasses(NotesenseError):
        if kind.__module__ == "notesense.errors":
            assert kind.__name__ in reference["errors"]
    for code in range(9):
        assert f"\n| {code} | " in reference["errors"]
    for field in ("skipped", "statement", "locator", "outside_practice", "rewrite", "incidents", "input_tokens"):
        assert f"| `{field}` |" in reference["contract"]


def test_every_ending_that_is_read_or_refused_is_on_the_page_of_formats() -> None:
    page = (DOCS / "formats.md").read_text(encoding="utf-8")
    glance = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `.")]
    read, refused = (
        set(re.findall(r"`(\.\w+)`", "".join(glance))),
        page.partition("Refused by their ending:")[2].partition("\n\n")[0],
    )
    assert read == {*EXTRACTORS, *SUFFIXES} - {""}
    named = set(re.findall(r"`(\.\w+)`", refused))
    assert not any(is_note_name(f"a{ending}") for ending in named)
    assert all(is_note_name(f"a{ending}") for ending in EXTRACTORS)


@pytest.mark.parametrize("page", ["extending.md", "reference/api.md"])
def test_the_examples_in_python_work(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_scratch(tmp_path)
    monkeypatch.chdir(tmp_path)
    blocks = PYTHON.findall((DOCS / page).read_text(encoding="utf-8"))
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, page, "exec"), names)
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert len(tests) == sum("def test_" in block for block in blocks)
    for test in tests:
        test()
