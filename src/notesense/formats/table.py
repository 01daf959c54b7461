"""Tables of notes (CSV, TSV), as CRM systems and spreadsheets export them: each row is a note.

A row becomes a Markdown note with front matter. Its columns are found by their usual names, or named in
``notesense.toml``: ``[firm.columns]`` with ``text = "Full Comments"``. Where a column says who speaks, the table is a
transcript: its rows are the turns of one note.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, product
from typing import Literal, NamedTuple

import yaml

from notesense.domain.profile import Column, Columns
from notesense.errors import NoNotesInTableError, NoteFormatError
from notesense.formats.decode import decode
from notesense.formats.extract import plain_lines
from notesense.formats.web import words_of

SUFFIXES = (".csv", ".tsv")
_Known = Literal[Column, "speaker", "time"]
_Fields = dict[_Known, str]
_USUAL: _Fields = {
    "text": "text|note|notes|meeting notes|note text|note body|call notes|full comments|comments|comment|body|content|"
    "minutes|description|details|summary|message",
    "client": "client|customer|account name|account|company account|company name|company|associated company|"
    "organisation|organization|related to|regarding",
    "client_unit": "client unit|unit|department|division",
    "author": "author|note taker|written by|created by|logged by|activity assigned to|assigned to|owner|owner name|"
    "assigned",
    "practice": "practice|team",
    "date": "meeting date|date|activity date|start date|created date|create date|created on|created|due date",
    "title": "title|subject|topic|activity subject|call title|meeting title|meeting name",
}
_SPOKEN: _Fields = {
    "speaker": "speaker|speaker name",
    "time": "start time|start|time|timestamp",
    "text": "sentence|utterance|transcript",
}
"""Of transcripts alone; each row is a turn."""
_NAME_IT = 'Name it in notesense.toml: [firm.columns], then text = "Name of the column".'
FEWEST_WORDS = 4
"""Words that a cell has on average where it holds notes; "Description" may be a column of a budget too."""
MOST_IN_CELL = 5_000_000
"""Characters of one cell; more is no note."""
_BLOCK = r"(?:blockquote|br|div|h[1-6]|hr|li|ol|p|pre|table|tbody|td|th|thead|tr|ul)"
_TAG = rf"(?:{_BLOCK}|a|b|body|code|col|colgroup|em|font|head|html|i|img|link|meta|o:p|s|small|span|strike|strong|style|sub|sup|title|u)"
_MARKUP = re.compile(rf"</{_TAG}\s*+>|<(?:br|hr|p|li)\s*+/?>", re.IGNORECASE)
_LINE_TAG = re.compile(rf"</?{_BLOCK}[\s/>]", re.IGNORECASE)
_NO_TAG = re.compile(
    rf"<(?!/?{_TAG}(?:\s++[a-z][\w:-]*+\s*+=[^<>]*+|\s*+/?)>|!--|!\[|!doctype\b|\?xml\b)", re.IGNORECASE
)
_RECORD = re.compile(r"(?<=\S) \(\d{5,20}\)(?=;|$)")
"""The number of a record behind its name, as HubSpot writes it."""
_DATE = re.compile(r"\b(\d{1,2})([/.-])(\d{1,2})\2(\d{4})\b")
_CLOCK = re.compile(r"[\[(]?(\d{1,2}:\d{2}(?::\d{2})?)(?:[.,]\d{1,6})?[\])]?")


class Row(NamedTuple):
    """A row that has words."""

    number: int
    """As spreadsheets count: the line of names is row 1. That of a transcript is its first turn's."""
    note: str
    """The note that it stands for: front matter, then its words."""


def read_rows(data: bytes, name: str, columns: Columns | None = None) -> list[Row]:
    """Return the notes of a table, in its order; rows without words are none, turns that belong together are one.

    Args:
        data: The file's content.
        name: The file's name, for messages.
        columns: What the columns are called, where they have no usual name: ``{"text": "Full Comments"}``. They come
            before the usual names; what a table has no such column for is looked for by the usual names.

    Raises:
        NotTextError: It is no text.
        NoNotesInTableError: It is empty, no column holds the words of notes, or the one that should has none.
        NoteFormatError: A row has more cells than there are columns, or it is no table.
    """
    rows = [(number, row) for number, row in _rows(decode(data, name), name) if any(map(str.strip, row))]
    if not rows:
        raise NoNotesInTableError(f"{name}: empty", "Check that the table was saved.")
    titles = [title.strip() for title in rows[0][1]]
    named = _named(titles, columns or {})
    places = _places(titles, named, name)
    for number, row in rows:
        if any(map(str.strip, row[len(titles) :])):
            raise NoteFormatError(
                f"{name}: row {number} has {len(row)} cells, and there are {len(titles)} columns",
                "Put quotes around words that hold the separator, or save it again as CSV.",
            )
    notes = list(_notes(rows[1:], places, name))
    words = sum(len(fields["text"].split()) for _, fields in notes)
    if not notes or (words < FEWEST_WORDS * len(notes) and "text" not in named):
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


def _named(titles: Sequence[str], columns: Columns) -> dict[_Known, int]:
    """Return the position of each column that the firm names, where the table has it."""
    bare = [_bare(title) for title in titles]
    return {ours: bare.index(_bare(title)) for ours, title in columns.items() if _bare(title) in bare}


def _places(titles: Sequence[str], named: dict[_Known, int], name: str) -> dict[_Known, int]:
    """Return the position of each column that is known; those of transcripts only where one says who speaks."""
    places = _with_usual(titles, named, _USUAL)
    spoken = _with_usual(titles, places, _SPOKEN)
    if "speaker" in spoken:
        places = spoken
    if "text" not in places:
        raise NoNotesInTableError(
            f"{name}: no column that holds notes (columns: {', '.join(titles[:12])})",
            _NAME_IT,
        )
    return places


def _with_usual(titles: Sequence[str], places: dict[_Known, int], known: _Fields) -> dict[_Known, int]:
    """Return the positions, and for what has none the first free column with a usual name.

    "Company (Primary)" is a "Company" where no column is called just so.
    """
    bare = [_bare(title) for title in titles]
    short = [title.partition("(")[0] for title in bare]
    found = dict(places)
    for ours, usual in known.items():
        for where, wanted in product((bare, short), map(_bare, usual.split("|"))):
            free = (at for at, title in enumerate(where) if title == wanted and at not in found.values())
            if ours not in found and (at := next(free, None)) is not None:
                found[ours] = at
    return found


def _notes(
    rows: Iterable[tuple[int, list[str]]], places: dict[_Known, int], name: str
) -> Iterator[tuple[int, _Fields]]:
    """Yield the notes with the numbers of their rows: what the columns say, and words in every ``text``."""
    found = [(number, {ours: row[at].strip() for ours, at in places.items() if at < len(row)}) for number, row in rows]
    order = _order([fields.get("date", "") for _, fields in found])
    told: list[tuple[int, _Fields]] = []
    for number, fields in found:
        if words := _words(fields.get("text", ""), f"{name}: row {number}"):
            date = _DATE.sub(order, fields.get("date", "")) if order else fields.get("date", "")
            told.append((number, {**fields, "date": date, "text": words}))
    return _meetings(told) if "speaker" in places else iter(told)


def _meetings(turns: Iterable[tuple[int, _Fields]]) -> Iterator[tuple[int, _Fields]]:
    """Yield the notes that turns stand for: those one after the other that agree in client, date and all else are one."""
    for about, members in groupby(turns, key=lambda turn: {k: v for k, v in turn[1].items() if k not in _SPOKEN and v}):
        said = list(members)
        yield said[0][0], {**about, "text": "\n".join(_turn(fields) for _, fields in said)}


def _turn(fields: _Fields) -> str:
    """Return a turn as transcripts write it: "[00:12:04] Dana: …"."""
    time = _CLOCK.fullmatch(fields.get("time", ""))
    speaker, words = (" ".join(fields.get(ours, "").split()) for ours in ("speaker", "text"))
    if not speaker:  # it goes on with the turn before
        return words
    return f"[{time[1]}] {speaker}: {words}" if time else f"{speaker}: {words}"


def _words(cell: str, where: str) -> str:
    """Return the words of a cell, as a reader sees them: an editor of rich text leaves HTML.

    A "<" that begins no tag of such an editor ("< 5 litres", "<ana@marlow.example>") is one of the words.
    """
    text = plain_lines(cell)
    if not _MARKUP.search(text):
        return text
    if not _LINE_TAG.search(text):
        text = text.replace("\n", "<br>")
    return words_of(_NO_TAG.sub("&lt;", text), where)[0].strip()


def _order(cells: Iterable[str]) -> str | None:
    """Return how the dates of a column are written in ISO's order, as a template of :data:`_DATE`.

    Some day above 12 settles for all of them whether days or months come first; None where none does, or two disagree.
    """
    dates = [(int(date[1]), int(date[3])) for cell in cells for date in _DATE.finditer(cell)]
    is_day_first = any(first > 12 for first, _ in dates)
    is_month_first = any(second > 12 for _, second in dates)
    if is_day_first == is_month_first:
        return None
    return r"\4-\3-\1" if is_day_first else r"\4-\1-\3"


def _note(fields: _Fields) -> str:
    known = {ours: " ".join(value.split()) for ours, value in fields.items() if ours != "text" and value}
    if "client" in known:
        known["client"] = _RECORD.sub("", known["client"])
    head = yaml.safe_dump(known, allow_unicode=True, sort_keys=False, width=100_000) if known else ""
    return f"---\n{head}---\n{fields['text']}\n" if head else f"{fields['text']}\n"


def _bare(title: str) -> str:
    """Return a column's name by which it is compared: "Account.Name", "account_name" and "AccountName" are one."""
    return re.sub(r"[\s_./:-]+", "", title).lower()
