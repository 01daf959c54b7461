"""Personal models: heads and thresholds that were learnt from somebody's corrections, kept beside the shipped ones.

::

    personal/                   in the user's data folder
        CURRENT                 name of the model in use; none: the shipped one
        NAME/
            personal.json       what it was learnt from, thresholds, figures
            heads.npz
"""

import re
import shutil
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from notesense.domain.base import Frozen
from notesense.encoding.bundle import Bundle, file_digest
from notesense.engines.local.heads import Heads, read_heads, write_heads
from notesense.errors import ConfigError, OutputError, UsageError
from notesense.settings import SHIPPED, make_private, personal_folder

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}")
_USE = "See notesense learn list; back to the shipped one: notesense learn use shipped"


class Figures(Frozen):
    """F1 over needs and pitches together, before and after."""

    shipped: float
    personal: float


class Personal(Frozen):
    """What a personal model says of itself."""

    name: str
    made: datetime
    bundle: str
    """Digest of the bundle that it belongs to."""
    digest: str = ""
    """First hex digits of the SHA-256 of the heads: two models of one name are told apart."""
    learnt_from: str
    """The folder of corrections."""
    notes: int
    findings: int
    thresholds: dict[str, float]
    own: Figures
    """On the corrections, cross-validated."""
    development: Figures
    """On shipped sentences that neither was fitted on."""

    @property
    def heads(self) -> Heads:
        """The heads."""
        return read_heads(personal_folder() / self.name / "heads.npz")


def load_personal(name: str, bundle: Bundle) -> Personal | None:
    """Return a personal model; None for the shipped one.

    Raises:
        ConfigError: There is none of that name, or it is damaged or of another version.
    """
    if name == SHIPPED:
        return None
    found = _read(personal_folder() / name) if _NAME.fullmatch(name) else None
    if found is None:
        raise ConfigError(f"there is no personal model {name!r}, or it is damaged", _USE)
    if found.digest != _digest(personal_folder() / name / "heads.npz"):
        raise ConfigError(f"the personal model {name} is damaged", f"Remove it: notesense learn remove {name}")
    if found.bundle != bundle.digest:
        raise ConfigError(
            f"the personal model {name} belongs to another version of notesense",
            "Learn again: notesense learn CORRECTIONS. Until then: notesense learn use shipped",
        )
    return found


def write_personal(personal: Personal, heads: Heads) -> None:
    """Keep a model.

    Raises:
        UsageError: The name is none, or taken.
        OutputError: It cannot be written.
    """
    check_name(personal.name)
    folder = personal_folder() / personal.name
    part = folder.with_name(f".{personal.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        make_private(part)
        write_heads(part / "heads.npz", heads)
        whole = personal.model_copy(update={"digest": _digest(part / "heads.npz")})
        (part / "personal.json").write_text(whole.model_dump_json(indent=1) + "\n", encoding="utf-8")
        part.replace(folder)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written ({error.strerror or error})", "Make room.") from None


def check_name(name: str) -> None:
    """Refuse a name for a new model that is none, or taken.

    Raises:
        UsageError: Says which.
    """
    if not _NAME.fullmatch(name) or name == SHIPPED:
        raise UsageError(f"{name!r} cannot be a model's name", "Letters, digits, dots and hyphens: --name spring-2026")
    if (personal_folder() / name).exists():
        raise UsageError(
            f"there is a personal model {name} already", f"Choose another --name, or: notesense learn remove {name}"
        )


def list_personal() -> list[Personal]:
    """Return the models that can be read, the oldest first."""
    folder = personal_folder()
    found = [_read(path) for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
    return sorted((p for p in found if p), key=lambda p: p.made)


def use_personal(name: str, bundle: Bundle) -> None:
    """Let every analysis from here on use a model, or the shipped one.

    Raises:
        ConfigError: There is none of that name.
        OutputError: It cannot be written down.
    """
    load_personal(name, bundle)
    current = personal_folder() / "CURRENT"
    try:
        make_private(personal_folder())
        part = current.with_suffix(".part")
        part.write_text(name + "\n", encoding="ascii")
        part.replace(current)
    except OSError as error:
        raise OutputError(f"{current}: cannot be written ({error.strerror or error})", "Make room.") from None


def remove_personal(name: str) -> None:
    """Delete a model. Where it was in use, the shipped one is.

    Raises:
        UsageError: There is none of that name.
    """
    folder = personal_folder() / name
    if not _NAME.fullmatch(name) or not (folder / "personal.json").exists():
        raise UsageError(f"there is no personal model {name!r}", "See: notesense learn list")
    current = personal_folder() / "CURRENT"
    if current.exists() and current.read_text(encoding="ascii", errors="replace").strip() == name:
        current.unlink()
    shutil.rmtree(folder)


def _digest(path: Path) -> str:
    return file_digest(path)[:8]


def _read(folder: Path) -> Personal | None:
    try:
        found = Personal.model_validate_json((folder / "personal.json").read_bytes())
    except (OSError, ValidationError):
        return None
    return found if found.name == folder.name and (folder / "heads.npz").is_file() else None
