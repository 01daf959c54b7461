"""Tables of notes (CSV, TSV), as CRM systems and spreadsheets export them: each row is a note.

A row becomes a Markdown note with front matter. Its columns are found by their usual names, or named in
``notesense.toml``: ``[firm.columns]`` with ``text = "Full Comments"``.
"""

import csv
import io
from typing import NamedTuple

import yaml

from notesense.domain.profile import Column, Columns
from notesense.errors import NoteFormatError
from notesense.formats.decode import decode

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
        columns: What the columns are called, where they have no usual name: ``{"text": "Full Comments"}``.

    Raises:
        NotTextError: It is no text.
        NoteFormatError: No column holds the words of notes, a named column is missing, or it is no table.
    """
    text = decode(data, name)
    header = text.lstrip().split("\n", 1)[0]
    table = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t|", key=header.count))
    csv.field_size_limit(MOST_IN_CELL)
    try:
        titles = [title.strip() for title in next(table, [])]
        places = _places(titles, name, columns or {})
        rows = [(number, row) for number, row in enumerate(table, start=2) if any(map(str.strip, row))]
    except csv.Error as error:
        raise NoteFormatError(
            f"{name}:{table.line_num}: not a table that can be read ({error})", "Save it again as CSV, UTF-8."
        ) from None
    found = [(number, {ours: row[at].strip() for ours, at in places.items() if at < len(row)}) for number, row in rows]
    notes = [(number, fields) for number, fields in found if fields.get("text")]
    words = sum(len(fields["text"].split()) for _, fields in notes)
    if words < FEWEST_WORDS * len(notes) and "text" not in (columns or {}):
        raise NoteFormatError(
            f"{name}: column {titles[places['text']]!r} holds no sentences", f"If it is the one: {_NAME_IT}"
        )
    return [Row(number, _note(fields)) for number, fields in notes]


def _places(titles: list[str], name: str, columns: Columns) -> dict[Column, int]:
    """Return the position of each column that is known."""
    bare = [_bare(title) for title in titles]
    places: dict[Column, int] = {}
    for ours, usual in _USUAL.items():
        wanted = columns.get(ours)
        if wanted is not None and _bare(wanted) not in bare:
            raise NoteFormatError(
                f"{name}: no column {wanted!r} (columns: {', '.join(titles) or 'none'})",
                "Mend [firm.columns] in notesense.toml.",
            )
        names = [_bare(wanted)] if wanted is not None else usual.split("|")
        at = next((bare.index(n) for n in names if n in bare and bare.index(n) not in places.values()), None)
        if at is not None:
            places[ours] = at
    if "text" not in places:
        raise NoteFormatError(
            f"{name}: no column that holds notes (columns: {', '.join(titles[:12]) or 'none'})",
            _NAME_IT,
        )
    return places


def _note(fields: dict[Column, str]) -> str:
    words = fields.pop("text").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    known = {ours: " ".join(value.split()) for ours, value in fields.items() if value}
    head = yaml.safe_dump(known, allow_unicode=True, sort_keys=False, width=100_000) if known else ""
    return f"---\n{head}---\n{words}\n" if head else f"{words}\n"


def _bare(title: str) -> str:
    return " ".join(title.replace("_", " ").replace("-", " ").lower().split())
