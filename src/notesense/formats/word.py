"""Word files (DOCX): headings, lists, tables and comments as Markdown-like lines; of tracked changes, the accepted text.

A table that says what the minutes are about ("Client | Harlow Water") becomes header lines; what a transcript says of a
turn in paragraphs of their own (its time, its speaker) stands without blank lines, as in a text file.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from notesense.formats.extract import Extract, Lines, office_file, timed

if TYPE_CHECKING:
    from docx.document import Document

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_GONE = frozenset(
    [_W + tag for tag in ("del", "moveFrom", "rPr", "pPr")]
    + ["{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"]
)
"""Elements whose words are no part of the accepted text, or say once more what stands beside them."""
_HEADING = re.compile(r"(?i)heading\s?([1-6])")
_RANGE = re.compile(r"[\d:.]{4,15} ?--> ?[\d:.]{4,15}")
_TIME = re.compile(r"[\[(]?\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp]\.?[Mm]\.?)?[\])]?")
_NAME = re.compile(r"[^\W\d_][^\n]{0,60}(?<![.!?:;,])")
"""Of a transcript: the times of a turn, its time, and what may be its speaker."""
HEADER_NAMES = frozenset(
    name.strip()
    for name in """
    title; subject; client; customer; client unit; unit; author; notes by; note-taker; note taker; taken by;
    recorded by; written by; minutes by; practice; date; time; project; location; place; venue; present; attendees;
    attending; attendance; in attendance; participants; apologies; regrets; absent; distribution
    """.split(";")
)
"""What a table at the head of minutes says, as header lines name it."""
WHAT = "a Word file (.docx)"


class _Piece(NamedTuple):
    """A paragraph, or a row of a table."""

    words: str
    place: str
    is_parted: bool = True
    """Whether a blank line follows."""


def extract(data: bytes, name: str) -> Extract:
    """Return the words of a Word file.

    Args:
        data: The file's content.
        name: The file's name, for messages.

    Raises:
        NoteFormatError: It is no Word file, damaged, or protected by a password.
        NoteTooLargeError: It unpacks to more than any note.
    """
    lines = Lines()
    with office_file(data, name, WHAT, "Word"):
        import docx

        document = docx.Document(io.BytesIO(data))
        _drop_hidden(document)
        for piece in _turns(list(_body(document))):
            lines.add(piece.words + "\n" * piece.is_parted, piece.place)
        places = lines.places
        body = timed(lines.text, places)
        _comments(document, lines)
        title = _title(document)
    return Extract(lines.text, body + lines.places[len(places) :], title=title)


def _title(document: "Document") -> str | None:
    """Return the title among the file's properties; None where it has none."""
    from docx.opc.constants import RELATIONSHIP_TYPE as KINDS

    if all(relation.reltype != KINDS.CORE_PROPERTIES for relation in document.part.package.rels.values()):
        return None  # the library would make some up
    return " ".join((document.core_properties.title or "").split()) or None


def _drop_hidden(document: "Document") -> None:
    """Take out the runs that are hidden, by themselves or by their character style."""
    styles = {style.style_id for style in document.styles if _says_hidden(style.element.find(_W + "rPr"))}
    for run in list(document.element.body.iter(_W + "r")):
        properties = run.find(_W + "rPr")
        hidden = _says_hidden(properties)
        if hidden is None and properties is not None and (style := properties.find(_W + "rStyle")) is not None:
            hidden = style.get(_W + "val") in styles
        if hidden:
            run.getparent().remove(run)


def _says_hidden(properties: Any) -> bool | None:
    """Tell whether properties of a run hide it; None where they do not say."""
    hidden = properties.find(_W + "vanish") if properties is not None else None
    return None if hidden is None else hidden.get(_W + "val", "1") not in ("0", "false", "off")


def _turns(pieces: Sequence[_Piece]) -> Iterator[_Piece]:
    """Yield the pieces, of a transcript without blank lines inside the head of a turn, and below it."""
    words = ["", *(piece.words for piece in pieces), ""]
    for piece, before, after in zip(pieces, words, words[2:], strict=False):
        is_name = bool(_NAME.fullmatch(piece.words)) and bool(_RANGE.fullmatch(before) or _TIME.fullmatch(after))
        is_time = bool(_TIME.fullmatch(piece.words) and _NAME.fullmatch(before)) or bool(_RANGE.fullmatch(piece.words))
        yield piece._replace(is_parted=False) if is_name or is_time else piece


def _body(document: "Document") -> Iterator[_Piece]:
    """Yield each paragraph and table row with its place."""
    styles = {style.style_id: style.name or "" for style in document.styles}
    paragraphs = tables = 0
    for block in _blocks(document.element.body):
        if block.tag == _W + "tbl":
            tables += 1
            yield from _table(block, f"table {tables}")
            continue
        paragraphs += 1
        if words := _words(block):
            yield _Piece(_mark(block, styles) + words, f"paragraph {paragraphs}")


def _table(table: Any, place: str) -> Iterator[_Piece]:
    """Yield the rows of a table, those of a head table as header lines with a blank line below the last."""
    rows = [[_lines(_nearest(cell, "p")) for cell in _nearest(row, "tc")] for row in _nearest(table, "tr")]
    heads = _head_rows(rows)
    for number, row in enumerate(rows):
        if any(row):
            cells = " | ".join(map(" ".join, row))
            yield _Piece(
                heads.get(number, f"| {cells} |"), f"{place}, row {number + 1}", number == max(heads, default=-1)
            )


def _head_rows(rows: Sequence[Sequence[list[str]]]) -> dict[int, str]:
    """Return the header lines of the rows that are of a head table, by their number; none where the table is another.

    A head table says each thing once, two at least, and has fewer other rows of the same width: "Client | Date" above
    clients and dates is none, nor is "Client | We need help" in a table of who said what.
    """
    heads = {number: pairs for number, row in enumerate(rows) if (pairs := _pairs(row))}
    names = [name.lower() for pairs in heads.values() for name, _ in pairs]
    widths = {len(rows[number]) for number in heads}
    others = sum(len(row) in widths and any(row) for number, row in enumerate(rows) if number not in heads)
    if len(set(names)) < max(2, len(names)) or others >= len(heads):
        return {}
    return {number: "\n".join(f"{name}: {value}" for name, value in pairs) for number, pairs in heads.items()}


def _pairs(row: Sequence[list[str]]) -> list[tuple[str, str]]:
    """Return what a row of a head table says, one or more pairs of name and value; nothing where it is another row."""
    names = [" ".join(cell).rstrip(": ") for cell in row[::2]]
    values = ["; ".join(line.rstrip(",; ") for line in cell) for cell in row[1::2]]
    pairs = [(name, value) for name, value in zip(names, values, strict=False) if name or value]
    is_head = len(names) == len(values) and all(
        name.lower() in HEADER_NAMES and value and value.lower() not in HEADER_NAMES and value[-1] not in ".!?"
        for name, value in pairs
    )
    return pairs if is_head else []


def _blocks(parent: Any) -> Iterator[Any]:
    """Yield the paragraphs and tables below an element, in order; content controls are looked into."""
    for child in parent:
        if child.tag in (_W + "p", _W + "tbl"):
            yield child
        elif child.tag in (_W + "sdt", _W + "sdtContent", _W + "ins", _W + "moveTo", _W + "customXml"):
            yield from _blocks(child)


def _nearest(parent: Any, name: str) -> Iterator[Any]:
    """Yield the elements of a name below another one, but not those inside such an element."""
    waiting = [iter(parent)]
    while waiting:
        element = next(waiting[-1], None)
        if element is None:
            waiting.pop()
        elif element.tag == _W + name:
            yield element
        elif element.tag not in _GONE:
            waiting.append(iter(element))


def _lines(paragraphs: Iterable[Any]) -> list[str]:
    """Return the lines of paragraphs that have words."""
    return [line for words in map(_words, paragraphs) for line in words.split("\n") if line]


def _words(paragraph: Any) -> str:
    """Return the accepted words of a paragraph, its own line breaks kept."""
    parts: list[str] = []
    waiting = [iter(paragraph)]
    while waiting:  # a stack, not recursion: files may be nested as deep as they like
        element = next(waiting[-1], None)
        if element is None:
            waiting.pop()
        elif element.tag == _W + "t":
            parts.append(element.text or "")
        elif element.tag == _W + "tab":
            parts.append(" ")
        elif element.tag in (_W + "br", _W + "cr"):
            parts.append("\n")
        elif element.tag == _W + "p":  # in a text box
            parts.append("\n")
            waiting.append(iter(element))
        elif element.tag == _W + "noBreakHyphen":
            parts.append("-")
        elif element.tag not in _GONE:
            waiting.append(iter(element))
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(filter(None, lines))


def _mark(paragraph: Any, styles: dict[str, str]) -> str:
    properties = paragraph.find(_W + "pPr")
    style = properties.find(_W + "pStyle") if properties is not None else None
    name = styles.get(style.get(_W + "val", ""), "") if style is not None else ""
    if found := _HEADING.match(name):
        return "#" * int(found[1]) + " "
    if name.lower() in ("title", "subtitle"):
        return "# " if name.lower() == "title" else "## "
    is_item = name.lower().startswith("list") or (properties is not None and properties.find(_W + "numPr") is not None)
    return "- " if is_item else ""


def _comments(document: "Document", lines: Lines) -> None:
    comments = list(document.comments)
    if comments:
        lines.add("## Comments")
        lines.add("")
    for number, comment in enumerate(comments, start=1):
        if words := " ".join(_lines(p._p for p in comment.paragraphs)):
            lines.add(f"- {comment.author or 'Somebody'}: {words}", f"comment {number}")
