"""Tables of notes (CSV, TSV), as CRM systems and spreadsheets export them: each row is a note.

A row becomes a Markdown note with front matter. Its columns are found by their usual names, or named in
``notesense.toml``: ``[firm.columns]`` with ``text = "Full Comments"``.
"""

import csv
import io
import re
from typing import NamedTuple

import yaml

from notesense.domain.profile import Column, Columns
from notesense.errors import NoNotesInTableError, NoteFormatError
from notesense.formats.decode import decode
from notesense.formats.extract import plain_lines

SUFFIXES = (".csv", ".tsv")
_USUAL: dict[Column, str] = {
    "text": "text|note|notes|meeting notes|note text|call notes|full comments|comments|comment|body|content|minutes|description|"
    "details|summary|message",
    "client": "client|customer|account name|account|company name|company|organisation|organization|related to",
    "client_unit": "client unit|unit|department|division",
    "author": "author|note taker|written by|created by|logged by|assigned to|owner|assigned",
    "practice": "practice|team",
    "date": "meeting date|date|activity date|start date|created date|created on|created|due date",
    "title": "title|subject|topic|activity subject",
}
_NAME_IT = 'Name it in notesense.toml: [firm.columns], then text = "Name of the column".'
FEWEST_WORDS = 4
"""Words that a cell has on average where it holds notes; "Description" may be a column of a budget too."""
MOST_IN_CELL = 5_000_000
"""Characters of one cell; more is no note."""


class Row(NamedTuple):
    """A row that has words."""

    number: int
    """As spreadsheets count: the line of names is row 1."""
    note: str
    """The note that it stands for: front matter, then its words."""


def read_rows(data: bytes, name: str, columns: Columns | None = None) -> list[Row]:
    """Return the notes of a table, in its order; rows without words are none.

    Args:
        data: The file's content.
        name: The file's name, for messages.
        columns: What the columns are called, where they have no usual name: ``{"text": "Full Comments"}``. A table that has
            no such column is read by the usual names.

    Raises:
        NotTextError: It is no text.
        NoNotesInTableError: No column holds the words of notes, or the one that should is empty.
        NoteFormatError: A row has more cells than there are columns, or it is no table.
    """
    rows = [(number, row) for number, row in _rows(decode(data, name), name) if any(map(str.strip, row))]
    titles = [title.strip() for title in rows[0][1]] if rows else []
    places = _places(titles, name, columns or {})
    for number, row in rows:
        if any(map(str.strip, row[len(titles) :])):
            raise NoteFormatError(
                f"{name}: row {number} has {len(row)} cells, and there are {len(titles)} columns",
                "Put quotes around words that hold the separator, or save it again as CSV.",
            )
    found = [
        (number, {ours: row[at].strip() for ours, at in places.items() if at < len(row)}) for number, row in rows[1:]
    ]
    notes = [(number, fields) for number, fields in found if fields.get("text")]
    words = sum(len(fields["text"].split()) for _, fields in notes)
    if not notes or (words < FEWEST_WORDS * len(notes) and "text" not in (columns or {})):
        raise NoNotesInTableError(
            f"{name}: column {titles[places['text']]!r} holds no {'sentences' if notes else 'words'}",
            f"If another one does: {_NAME_IT}",
        )
    return [Row(number, _note(fields)) for number, fields in notes]


def _rows(text: str, name: str) -> list[tuple[int, list[str]]]:
    """Return the rows with their numbers, as spreadsheets count them."""
    blank = re.match(r"\s*[\r\n]", text)
    start = blank.end() if blank else 0
    above = len(text[:start].splitlines())
    separator = None
    if said := re.compile(r"sep=(.)[ \t]*(?:\r\n|\r|\n|$)", re.IGNORECASE).match(text, start):  # a line for Excel alone
        start, separator = said.end(), said[1]
    head = (text[start:].splitlines() or [""])[0]
    table = csv.reader(
        io.StringIO(text[start:], newline=""), delimiter=separator or max(",;\t|", key=head.count), strict=True
    )
    csv.field_size_limit(MOST_IN_CELL)
    try:
        return list(enumerate(table, start=above + 1))
    except csv.Error as error:
        raise NoteFormatError(
            f"{name}:{table.line_num}: not a table that can be read ({error})", "Save it again as CSV, UTF-8."
        ) from None


def _places(titles: list[str], name: str, columns: Columns) -> dict[Column, int]:
    """Return the position of each column that is known."""
    bare = [_bare(title) for title in titles]
    places: dict[Column, int] = {}
    for ours, usual in _USUAL.items():
        named = [_bare(columns[ours])] if ours in columns else []
        names = [*named, *usual.split("|")]  # a firm has tables of several programs
        at = next((bare.index(n) for n in names if n in bare and bare.index(n) not in places.values()), None)
        if at is not None:
            places[ours] = at
    if "text" not in places:
        raise NoNotesInTableError(
            f"{name}: no column that holds notes (columns: {', '.join(titles[:12]) or 'none'})",
            _NAME_IT,
        )
    return places


def _note(fields: dict[Column, str]) -> str:
    words = plain_lines(fields.pop("text"))
    known = {ours: " ".join(value.split()) for ours, value in fields.items() if value}
    head = yaml.safe_dump(known, allow_unicode=True, sort_keys=False, width=100_000) if known else ""
    return f"---\n{head}---\n{words}\n" if head else f"{words}\n"


def _bare(title: str) -> str:
    return " ".join(title.replace("_", " ").replace("-", " ").lower().split())
