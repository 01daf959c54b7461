"""What every format's module returns, and the pieces that they share."""

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, NamedTuple

from notesense.domain.notes import Place
from notesense.errors import NoteFormatError, NoteTooLargeError

MOST_UNPACKED = 100_000_000
"""Bytes that an Office file may unpack to: a note of 20 MB with pictures has less, a bomb has more."""

DAMAGE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError)
"""What the standard library raises on damaged, locked or exotic zip files."""


class Extract(NamedTuple):
    """What a format's module gets out of a file."""

    text: str
    places: tuple[Place, ...] = ()
    """Where stretches of the text stand in the source, in order; none where the text is the source."""
    body_start: int = 0
    """Where the words begin, after the front matter."""
    fields: Mapping[str, Any] = MappingProxyType({})
    """The front matter."""
    title: str | None = None
    """What the file calls itself, outside its words."""


class Lines:
    """Collects the lines of a text, and where each stands in the source."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._places: list[Place] = []
        self._length = 0

    def add(self, line: str, place: str | None = None) -> None:
        """Add a line, which may hold line breaks.

        Args:
            line: The words.
            place: Where they stand in the source; None for "as the line before".
        """
        self.begin(line + "\n", place)

    def begin(self, words: str, place: str | None = None) -> None:
        """Add words without a line end; see :meth:`add`."""
        if place and (not self._places or self._places[-1].label != place):
            self._places.append(Place(self._length, place))
        self._parts.append(words)
        self._length += len(words)

    @property
    def text(self) -> str:
        """All lines."""
        return "".join(self._parts)

    @property
    def places(self) -> tuple[Place, ...]:
        """Where they stand."""
        return tuple(self._places)


def plain_lines(text: str) -> str:
    """Return a text whose lines end in line feeds, without NUL."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


@contextmanager
def office_file(data: bytes, name: str, what: str, program: str) -> Iterator[None]:
    """Refuse what is no Office file or unsafe to unpack, and tell of damage that turns up while it is read.

    Args:
        data: The file's content.
        name: Its name, for messages.
        what: What it should be, for messages.
        program: What opens such files.

    Raises:
        NoteFormatError: It is none, damaged, or protected by a password.
        NoteTooLargeError: It unpacks to more than any note.
    """
    _check_zip(data, name, what)
    from lxml.etree import LxmlError

    try:
        yield
    except (*DAMAGE, KeyError, ValueError, TypeError, AttributeError, LxmlError) as error:
        raise NoteFormatError(
            f"{name}: not {what} that can be read ({type(error).__name__})", f"Open it in {program}, and save it again."
        ) from None


def _check_zip(data: bytes, name: str, what: str) -> None:
    """Refuse a zip file that is unsafe to unpack.

    Args:
        data: The file's content.
        name: Its name, for messages.
        what: What it should be, for messages.

    Raises:
        NoteFormatError: It is none, or damaged.
        NoteTooLargeError: It unpacks to more than any note.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(member.file_size for member in packed.infolist())
    except (*DAMAGE, ValueError) as error:
        if data.startswith(b"\xd0\xcf\x11\xe0"):
            raise NoteFormatError(
                f"{name}: protected by a password, or of an old format", f"Save it as {what} without a password."
            ) from None
        raise NoteFormatError(f"{name}: not {what}, or damaged ({error})", "Open it, and save it again.") from None
    if size > MOST_UNPACKED:
        raise NoteTooLargeError(
            f"{name}: unpacks to {size / 1e6:,.0f} MB, and a note may have {MOST_UNPACKED / 1e6:,.0f} MB",
            "Take the pictures out, or save the words as text.",
        )
