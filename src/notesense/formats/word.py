"""Word files (DOCX): headings, lists, tables and comments as Markdown-like lines; of tracked changes, the accepted text."""

import io
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from notesense.formats.extract import Extract, Lines, office_file

if TYPE_CHECKING:
    from docx.document import Document

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_GONE = frozenset(
    [_W + tag for tag in ("del", "moveFrom", "rPr", "pPr")]
    + ["{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"]
)
"""Elements whose words are no part of the accepted text, or say once more what stands beside them."""
_HEADING = re.compile(r"(?i)heading\s?([1-6])")
WHAT = "a Word file (.docx)"


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
        for line, place in _body(document):
            lines.add(line, place)
        _comments(document, lines)
    return Extract(lines.text, lines.places)


def _body(document: "Document") -> Iterator[tuple[str, str]]:
    """Yield each paragraph and table row with its place."""
    styles = {style.style_id: style.name or "" for style in document.styles}
    paragraphs = tables = 0
    for block in _blocks(document.element.body):
        if block.tag == _W + "tbl":
            tables += 1
            for number, row in enumerate(_nearest(block, "tr"), start=1):
                cells = [_flat(_nearest(cell, "p")) for cell in _nearest(row, "tc")]
                if any(cells):
                    yield f"| {' | '.join(cells)} |", f"table {tables}, row {number}"
            continue
        paragraphs += 1
        if words := _words(block):
            yield _mark(block, styles) + words, f"paragraph {paragraphs}"
            yield "", f"paragraph {paragraphs}"


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


def _flat(paragraphs: Iterable[Any]) -> str:
    """Return the words of paragraphs on one line."""
    return " ".join(" ".join(map(_words, paragraphs)).split())


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
        if words := _flat(p._p for p in comment.paragraphs):
            lines.add(f"- {comment.author or 'Somebody'}: {words}", f"comment {number}")
