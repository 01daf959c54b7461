"""The pages of the documentation, and the commands in them: each ``$ …`` line of a ``console`` block."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT

DOCS = ROOT / "docs"
_BLOCK = re.compile(r"^[ \t]*```console\n(?P<lines>.*?)^[ \t]*```", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"exit code (\d)")


class Command(NamedTuple):
    """One command of a page."""

    line: int
    text: str
    """As a reader types it, without the comment behind it."""
    code: int
    """The exit code that the page promises."""

    @property
    def words(self) -> list[str]:
        """What the shell makes of it."""
        return shlex.split(self.text)


def pages() -> list[Path]:
    """Return every page that was written by hand."""
    found = [page for page in DOCS.rglob("*.md") if not {"_build", "_generated"} & set(page.relative_to(DOCS).parts)]
    return [ROOT / "README.md", *sorted(found)]


def commands_of(page: Path) -> Iterator[Command]:
    """Yield the commands of a page, in order."""
    text = page.read_text(encoding="utf-8")
    for block in _BLOCK.finditer(text):
        first = text.count("\n", 0, block.start("lines")) + 1
        for number, line in enumerate(block["lines"].splitlines(), start=first):
            if line.strip().startswith("$ "):
                command, _, comment = line.strip()[2:].partition(" # ")
                promised = _CODE.search(comment)
                yield Command(number, command.strip(), int(promised[1]) if promised else 0)
