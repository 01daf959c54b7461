"""Prompt files: front matter (name, version, purpose, schema, invented names), then the two messages.

The stable part, the system message, comes first so that providers can cache it; the note comes last, between fence lines
with a mark that its author cannot know. Values are put in once: what stands in a note is never read as a placeholder.
"""

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from notesense.engines.llm.schemas import SCHEMAS, Wire
from notesense.errors import ConfigError

NAMES = ("detect", "match", "group", "quote")
_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_PLACE = re.compile(r"\{\{(\w+)\}\}")
_SYSTEM, _USER = "=== system ===\n", "=== user ===\n"


class Message(NamedTuple):
    """One message of a conversation."""

    role: str
    content: str


class Prompt(NamedTuple):
    """A prompt file."""

    name: str
    version: int
    purpose: str
    schema: type[Wire]
    invented: tuple[str, ...]
    """Names that only the examples in the prompt bear: a text that holds one was copied from there."""
    system: str
    user: str
    digest: str
    """First 12 hex digits of the SHA-256 of the file's text."""

    def render(self, **values: str) -> tuple[Message, ...]:
        """Return the messages with the values in their places.

        Raises:
            ConfigError: The file has a place that nothing is known for.
        """

        def put(found: re.Match[str]) -> str:
            if found[1] not in values:
                raise ConfigError(
                    f"prompt {self.name}: nothing is known for {{{{{found[1]}}}}}", f"Known: {', '.join(values)}."
                )
            return values[found[1]]

        return tuple(
            Message(role, _PLACE.sub(put, content).strip())
            for role, content in (("system", self.system), ("user", self.user))
        )


class Prompts:
    """The prompts of a run.

    Args:
        folder: Files here replace the shipped ones of the same name.

    Raises:
        ConfigError: A file is not a prompt.
    """

    def __init__(self, folder: Path | None = None) -> None:
        if folder and not folder.is_dir():
            raise ConfigError(f"{folder}: no folder of prompts", "Make it, or leave the setting llm.prompts out.")
        self._by_name = {name: _load(_find(name, folder)) for name in NAMES}

    def __getitem__(self, name: str) -> Prompt:
        """Return a prompt by name."""
        return self._by_name[name]

    def all(self) -> list[Prompt]:
        """Return the prompts in the order in which they are used."""
        return list(self._by_name.values())

    @property
    def digest(self) -> str:
        """Versions and a hash of all files: goes into every report."""
        content = "".join(prompt.digest for prompt in self.all())
        versions = ", ".join(f"{prompt.name} {prompt.version}" for prompt in self.all())
        return f"{versions} ({hashlib.sha256(content.encode()).hexdigest()[:12]})"


def mark_of(text: str) -> str:
    """Return the mark of the fence around a text: its author cannot write it, as the text would change with it."""
    return hashlib.sha256(b"notesense fence" + text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _find(name: str, folder: Path | None) -> Path:
    if folder and (folder / f"{name}.md").is_file():
        return folder / f"{name}.md"
    return shipped_folder() / f"{name}.md"


@cache
def shipped_folder() -> Path:
    """Return the folder of the shipped prompts: in the package, or at the top of a checkout."""
    packaged = Path(str(files("notesense"))) / "prompts"
    return packaged if packaged.is_dir() else Path(__file__).parents[4] / "prompts"


def _load(path: Path) -> Prompt:
    hint = "See the shipped prompts: notesense prompts show detect --source"
    try:
        text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})", hint) from None
    front = _FRONT.match(text)
    try:
        about: Mapping[str, Any] = yaml.safe_load(front[1]) if front else {}
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: {error}", hint) from None
    missing = [field for field in ("name", "version", "purpose", "schema") if field not in (about or {})]
    if front is None or missing:
        raise ConfigError(
            f"{path}: no front matter with {', '.join(missing) or 'name, version, purpose, schema'}", hint
        )
    system, found, user = text[front.end() :].partition(_USER)
    if not found or not system.startswith(_SYSTEM):
        raise ConfigError(f"{path}: the messages must follow as {_SYSTEM.strip()!r}, then {_USER.strip()!r}", hint)
    if about["schema"] not in SCHEMAS:
        raise ConfigError(f"{path}: no schema is called {about['schema']}", f"There are: {', '.join(SCHEMAS)}.")
    return Prompt(
        name=path.stem, version=int(about["version"]), purpose=str(about["purpose"]), schema=SCHEMAS[about["schema"]],
        invented=tuple(about.get("invented") or ()), system=system.removeprefix(_SYSTEM), user=user,
        digest=hashlib.sha256(text.encode()).hexdigest()[:12],
    )  # fmt: skip
