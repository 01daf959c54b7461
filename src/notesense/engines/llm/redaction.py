"""Names, addresses, numbers and money out of what is sent, and back into what comes back.

Each gets a placeholder by its order in the text, so the same note is always sent in the same words. Answers come back
with placeholders; they are put back before quotes are looked for, so every offset is that of the note itself.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Literal

from notesense.domain.notes import Note, Sentence
from notesense.domain.profile import FirmProfile
from notesense.domain.solutions import Solution
from notesense.engines.llm.names import Names, is_role

Kind = Literal["PERSON", "ORG", "EMAIL", "PHONE", "MONEY"]

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_CURRENCY = r"(?:[$€£¥]|\b(?:USD|EUR|GBP|CHF|CAD|AUD|NZD|JPY|SEK|NOK|DKK)\b)"
_NUMBER = r"\d[\d.,'’]*(?:\s?(?:k|m|bn|million|billion|thousand)\b)?"
_MONEY = re.compile(
    rf"{_CURRENCY}\s?{_NUMBER}|\b{_NUMBER}\s?(?:{_CURRENCY}|(?:dollars|euros?|pounds|francs|grand)\b)", re.IGNORECASE
)
_PHONE = re.compile(
    r"(?<![\w.])(?:\+\d{1,3}[\s./-]?)?(?:\(\d{1,5}\)[\s./-]?)?\d{2,5}(?:[\s./-]\d{2,5}){1,4}(?![\w.]\w)"
)
_DATE = re.compile(r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})")
_LEAST_DIGITS = 7
_REMEMBERED = 1_000
"""Notes whose redactors are kept."""


class Redactor:
    """Hides what identifies, in everything that is sent about one note.

    Args:
        text: The note, whose own words no placeholder may be.
    """

    def __init__(self, text: str = "") -> None:
        self._names: Names[Kind] = Names("ORG")
        self._mark = "" if not re.search(r"\[(?:PERSON|ORG|EMAIL|PHONE|MONEY)_\d", text) else "X"
        self._placeholders: dict[tuple[Kind, str], str] = {}
        self._originals: dict[str, str] = {}

    def know(self, people: Iterable[str], organisations: Iterable[str]) -> None:
        """Hide these names from here on."""
        self._names.add("ORG", organisations)
        self._names.add("PERSON", people)

    def hide(self, text: str) -> str:
        """Return a text with a placeholder for everything that identifies."""
        text = _EMAIL.sub(lambda m: self._placeholder("EMAIL", m[0]), text)
        text = self._names.pattern.sub(lambda m: self._placeholder(self._names.kind(m[0]), m[0]), text)
        text = _MONEY.sub(lambda m: self._placeholder("MONEY", m[0]), text)
        return _PHONE.sub(self._phone, text)

    def show(self, text: str) -> str:
        """Return a text with the placeholders put back."""
        pattern = rf"\[(?:PERSON|ORG|EMAIL|PHONE|MONEY)_\d+{self._mark}\]"
        return re.sub(pattern, lambda m: self._originals.get(m[0], m[0]), text)

    def _phone(self, found: re.Match[str]) -> str:
        digits = sum(map(str.isdigit, found[0]))
        if digits < _LEAST_DIGITS or _DATE.fullmatch(found[0].strip()):
            return found[0]
        return self._placeholder("PHONE", found[0])

    def _placeholder(self, kind: Kind, original: str) -> str:
        # the very spelling comes back, so each spelling has a placeholder of its own
        known = self._placeholders.get((kind, original))
        if known is None:
            number = 1 + sum(k == kind for k, _ in self._placeholders)
            known = self._placeholders[kind, original] = f"[{kind}_{number}{self._mark}]"
            self._originals[known] = original
        return known


class _Nothing(Redactor):
    """Hides nothing."""

    def know(self, people: Iterable[str], organisations: Iterable[str]) -> None:
        """Take note of nothing."""

    def hide(self, text: str) -> str:
        """Return the text as it is."""
        return text

    def show(self, text: str) -> str:
        """Return the text as it is."""
        return text


class Hiding:
    """Gives the redactor of each note: one a note, whoever asks.

    Args:
        on: Whether anything is hidden.
        profile: The firm's profile: its names and people are hidden.
        listed: Names that the user listed.
    """

    def __init__(self, on: bool, profile: FirmProfile, listed: Iterable[str]) -> None:
        self._on = on
        self._people = [person.name for person in profile.people]
        self._organisations = [*filter(None, [profile.name]), *profile.short_names, *profile.mail_domains, *listed]
        self._lock = threading.Lock()
        self._redactors: OrderedDict[tuple[str, str], Redactor] = OrderedDict()

    def of(self, note: Note, sentences: Iterable[Sentence] = (), solutions: Iterable[Solution] = ()) -> Redactor:
        """Return the redactor of a note, which hides what is known of it, and of these sentences and solutions."""
        if not self._on:
            return _Nothing()
        with self._lock:
            redactor = self._redactors.pop((note.id, note.path), None) or self._make(note)
            self._redactors[note.id, note.path] = redactor
            if len(self._redactors) > _REMEMBERED:
                self._redactors.popitem(last=False)
        speakers = [s.speaker for s in sentences if s.speaker and not is_role(s.speaker)]
        clients = [name for s in solutions for name in (s.client, s.client_unit) if name]
        redactor.know([*speakers, *(s.lead for s in solutions if s.lead)], clients)
        return redactor

    def _make(self, note: Note) -> Redactor:
        redactor = Redactor(note.text)
        clients = filter(None, [note.client, note.client_unit])
        redactor.know([*self._people, *filter(None, [note.author])], [*self._organisations, *clients])
        return redactor
