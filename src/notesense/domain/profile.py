"""Who the firm is: names, mail domains and people, from ``notesense.toml``."""

import re
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from notesense.domain.base import Frozen

Column = Literal["text", "client", "client_unit", "author", "practice", "date", "title"]
"""What a column of a table of notes may hold."""
Columns = Mapping[Column, str]
"""What the columns of a table are called."""


class FirmPerson(Frozen):
    """Somebody of the firm."""

    name: str = Field(min_length=1, pattern=r"\S")
    practice: str | None = None


class FirmProfile(Frozen):
    """The firm's profile. Everything works with an empty one, less sharply."""

    name: str | None = None
    """Its full name, as attendee lists write it."""
    short_names: tuple[str, ...] = ()
    """Short names, initials."""
    mail_domains: tuple[str, ...] = ()
    """What stands after the @ in its people's addresses."""
    people: tuple[FirmPerson, ...] = ()
    """Its own people, who are never the client."""
    columns: dict[Column, str] = Field(default_factory=dict)
    """What the columns of its tables of notes are called: ``{"text": "Full Comments"}``."""

    def is_firm_name(self, label: str) -> bool:
        """Tell whether a label names the firm, case and punctuation aside."""
        names = filter(None, (self.name, *self.short_names))
        return _bare(label) in {_bare(name) for name in names}

    def is_firm_domain(self, domain: str) -> bool:
        """Tell whether a mail domain, or its parent, is the firm's."""
        return any(domain.lower() == d.lower() or domain.lower().endswith("." + d.lower()) for d in self.mail_domains)

    def practice_of(self, person: str | None) -> str | None:
        """Return the practice of somebody of the firm, by full name, or by a first name that only one bears."""
        if not person:
            return None
        wanted = person.lower().strip()
        exact = [p for p in self.people if p.name.lower() == wanted]
        by_first = [p for p in self.people if p.name.lower().split()[0] == wanted]
        found = exact or (by_first if len(by_first) == 1 else [])
        return found[0].practice if found else None


def _bare(name: str) -> str:
    return re.sub(r"\W+", " ", name).strip().lower()
