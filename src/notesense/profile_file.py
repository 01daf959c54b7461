"""Answers to a few questions → a ``notesense.toml`` with the firm's profile."""

import json
from pathlib import Path

from pydantic import ValidationError

from notesense.domain.profile import FirmPerson, FirmProfile
from notesense.errors import ConfigError, OutputError, UsageError


def profile_of(name: str, short_names: str, mail_domains: str, people: str) -> FirmProfile:
    """Return the profile that some answers give.

    Args:
        name: The firm's name.
        short_names: Separated by commas.
        mail_domains: Separated by commas; an address or a leading @ will do.
        people: ``NAME: PRACTICE``, separated by semicolons; the practice may be left out.

    Raises:
        UsageError: There is no name.
    """
    if not name.strip():
        raise UsageError("a firm has a name", 'For example: notesense config init --name "Kestrel Vane"')
    domains = tuple(part.rsplit("@", 1)[-1].lower() for part in _parts(mail_domains, ","))
    try:
        persons = tuple(
            FirmPerson(name=who.strip(), practice=practice.strip() or None)
            for who, _, practice in (part.partition(":") for part in _parts(people, ";"))
        )
    except ValidationError:
        raise UsageError(f"people cannot be read: {people}", "Write: Ana Ruiz: Water; Tom Ito: Energy") from None
    return FirmProfile(
        name=name.strip(), short_names=tuple(_parts(short_names, ",")), mail_domains=domains, people=persons
    )


def refuse_existing(path: Path) -> None:
    """Refuse to replace a file.

    Raises:
        ConfigError: There is one.
    """
    if path.exists():
        raise ConfigError(f"{path}: is there already", "Edit it; nothing was replaced.")


def write_profile(path: Path, profile: FirmProfile) -> None:
    """Write the file.

    Raises:
        ConfigError: There is one already; nothing is replaced.
        OutputError: It cannot be written.
    """
    lines = [
        "# Who we are: notesense tells our side from the client's by it. Every setting: notesense config show",
        "", "[firm]", f"name = {_quoted(profile.name or '')}", f"short_names = {_list(profile.short_names)}",
        f"mail_domains = {_list(profile.mail_domains)}",
    ]  # fmt: skip
    for person in profile.people:
        lines += ["", "[[firm.people]]", f"name = {_quoted(person.name)}"]
        lines += [f"practice = {_quoted(person.practice)}"] if person.practice else []
    refuse_existing(path)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror or error})", "Choose another folder.") from None


def _parts(text: str, separator: str) -> list[str]:
    return [part.strip() for part in text.split(separator) if part.strip()]


def _list(values: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_quoted, values))}]"


def _quoted(text: str) -> str:
    """Return a TOML basic string; JSON's escapes are a part of TOML's, but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
