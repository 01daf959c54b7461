"""What every format's module returns, and the pieces that they share."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, NamedTuple

from notesense.domain.notes import Place
from notesense.errors import NoteFormatError, NoteTooLargeError
from notesense.formats.decode import kind_of
from notesense.formats.times import turn_times

MOST_UNPACKED = 100_000_000
"""Bytes that an Office file may unpack to: a note of 20 MB with pictures has less, a bomb has more."""

DAMAGE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError)
"""What the standard library raises on damaged, locked or exotic zip files."""
COMPOUND = b"\xd0\xcf\x11\xe0"
"""What old Office files, protected ones, and Outlook messages begin with."""
_AGAIN = "Open it in the program that made it, and save it as {what}."
_ENDING = "Give it the ending {ending}."
_PACKED = (
    ("word/", "a Word file", _ENDING.format(ending=".docx")),
    ("ppt/", "a PowerPoint file", _ENDING.format(ending=".pptx")),
    ("xl/", "an Excel file", "Save its notes as CSV."),
    ("content.xml", "an OpenDocument file", "Open it in LibreOffice, and save it as {what}."),
    ("Index/", "a Pages, Numbers or Keynote file", "Open it in Pages, and export it as {what}."),
)
"""Kinds of zip files by how the name of a file in it begins, and what to do with each."""
_STREAMS = (
    ("EncryptedPackage", "protected by a password", "Save it as {what} without a password."),
    ("WordDocument", "an old Word file (.doc), not {what}", _AGAIN),
    ("PowerPoint Document", "an old PowerPoint file (.ppt), not {what}", _AGAIN),
    ("Workbook", "an old Excel file (.xls), not {what}", "Save its notes as CSV."),
    ("__properties_version1.0", "an Outlook message, not {what}", _ENDING.format(ending=".msg")),
)
"""What is said of compound files by the name of a stream in them, and what to do with each."""
_HASHES = re.compile(r"(?m)^#{1,6}[ ]")


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


def timed(text: str, places: tuple[Place, ...]) -> tuple[Place, ...]:
    """Return places that also name the time at which the words were said ("paragraph 6, 00:12"), of a transcript.

    Args:
        text: The extracted text; a time may stand in a heading.
        places: Where stretches of it stand in the source, in order; they come back as they are where the text is none.
    """
    times = turn_times(_HASHES.sub(lambda hashes: " " * len(hashes[0]), text))
    if not times:
        return places
    marks = sorted([(place.start, 0, place.label) for place in places] + [(at.start, 1, at.label) for at in times])
    labels = ["", ""]
    merged: dict[int, str] = {}
    for start, of_time, label in marks:
        labels[of_time] = label
        merged[start] = ", ".join(filter(None, labels))
    return tuple(Place(start, label) for start, label in merged.items())


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
        NoteFormatError: It is of another kind, damaged, or protected by a password.
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
    """Refuse what is no zip file, holds a file of another kind, or is unsafe to unpack.

    Args:
        data: The file's content.
        name: Its name, for messages.
        what: What it should be, for messages.

    Raises:
        NoteFormatError: It is of another kind, or damaged.
        NoteTooLargeError: It unpacks to more than any note.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(member.file_size for member in packed.infolist())
            names = packed.namelist()
    except (*DAMAGE, ValueError) as error:
        if data.startswith(COMPOUND):
            raise _not_zip(data, name, what) from None
        if (kind := kind_of(data)) and not data.startswith(b"PK"):
            raise NoteFormatError(f"{name}: {kind}, not {what}", "Give it the ending of what it is.") from None
        raise NoteFormatError(f"{name}: not {what}, or damaged ({error})", "Open it, and save it again.") from None
    for start, kind, hint in _PACKED:
        if any(member.startswith(start) for member in names):
            if not what.startswith(kind):
                raise NoteFormatError(f"{name}: {kind}, not {what}", hint.format(what=what))
            break
    if size > MOST_UNPACKED:
        raise NoteTooLargeError(
            f"{name}: unpacks to {size / 1e6:,.0f} MB, and a note may have {MOST_UNPACKED / 1e6:,.0f} MB",
            "Take the pictures out, or save the words as text.",
        )


def _not_zip(data: bytes, name: str, what: str) -> NoteFormatError:
    """Return the error that says what a compound file is."""
    for stream, message, hint in _STREAMS:
        if stream.encode("utf-16-le") in data:
            return NoteFormatError(f"{name}: {message.format(what=what)}", hint.format(what=what))
    return NoteFormatError(
        f"{name}: protected by a password, or of an old format",
        f"Open it in the program that made it, and save it as {what} without a password.",
    )
