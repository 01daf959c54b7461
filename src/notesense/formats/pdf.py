"""PDF files: the text layer, page by page; lines that a program broke are joined, cells of a row parted."""

import re
import threading
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from notesense.errors import NoteFormatError
from notesense.formats.extract import Extract, Lines, plain_lines
from notesense.formats.hyphens import Hyphens
from notesense.formats.layout import (
    BROKEN,
    Paragraph,
    Piece,
    gaps_of,
    marker_length,
    paragraphs,
    rows,
    share_line,
    without_running_lines,
)
from notesense.formats.letters import WIDE, Letters

MOST_PAGES = 1000
FEWEST_LETTERS = 20
"""Letters a page below which a PDF is taken for pictures of words."""
_ONE_AT_A_TIME = threading.Lock()
"""PDFium ends the process where two threads use it at once."""
_WORD = re.compile(rf"[^\s{BROKEN}]+")
_SOFT_HYPHEN = re.compile("\u00ad(?=\r?\n)")
_LINE = re.compile(rf"[^\s{BROKEN}](?:[^\r\n{BROKEN}]*[^\s{BROKEN}])?")
_OTHER_KINDS = (
    (b"PK\x03\x04", "a zip or Office file", "Give it its own ending (.docx, .pptx), or print it to a PDF."),
    (b"\xd0\xcf\x11\xe0", "an old Office or Outlook file", "Give it its own ending, or print it to a PDF."),
    (b"{\\rtf", "an RTF file", "Give it the ending .rtf."),
    (b"\x89PNG", "a picture", "Run text recognition (OCR) over it."),
    (b"\xff\xd8\xff", "a picture", "Run text recognition (OCR) over it."),
    (b"<", "a web page", "Give it the ending .html."),
)
"""What stands under the name of a PDF file, by its first bytes."""


class _Page(NamedTuple):
    pieces: list[Piece]
    letters: int
    is_picture: bool
    """Whether a picture stands where the words should."""


def extract(data: bytes, name: str) -> Extract:
    """Return the words of a PDF file.

    Args:
        data: The file's content.
        name: The file's name, for messages.

    Raises:
        NoteFormatError: It is no PDF, damaged, protected by a password, too long, or most of it has no text layer (a scan).
    """
    with _ONE_AT_A_TIME:
        pages = _pages(data, name)
    if sum(page.letters for page in pages) < FEWEST_LETTERS * min(len(pages), 3):
        raise NoteFormatError(
            f"{name}: a scanned PDF, with pictures of words and no words", "Run text recognition (OCR) over it first."
        )
    pictures = [number for number, page in enumerate(pages, start=1) if page.is_picture]
    if 2 * len(pictures) > len(pages):
        raise NoteFormatError(
            f"{name}: a scanned PDF: {len(pictures)} of its {len(pages)} pages are pictures without words "
            f"({_ranges(pictures)})",
            "Run text recognition (OCR) over it first, or save the pages that have words as a PDF of their own.",
        )
    return _written(without_running_lines([page.pieces for page in pages if page.pieces]))


def _pages(data: bytes, name: str) -> list[_Page]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise _refusal(data, name, error) from None
    try:
        if len(document) > MOST_PAGES:
            raise NoteFormatError(f"{name}: {len(document)} pages, and a note may have {MOST_PAGES}", "Split it.")
        return [_page(document, number) for number in range(len(document))]
    finally:
        document.close()


def _refusal(data: bytes, name: str, error: Exception) -> NoteFormatError:
    if "password" in str(error).lower():
        return NoteFormatError(f"{name}: protected by a password", "Save it without a password.")
    if not data.strip():
        return NoteFormatError(f"{name}: not a PDF file: it is empty", "Save or copy it again.")
    for magic, kind, hint in _OTHER_KINDS:
        if data.lstrip().startswith(magic):
            return NoteFormatError(f"{name}: not a PDF file but {kind} under the name of one", hint)
    return NoteFormatError(f"{name}: not a PDF file that can be read ({error})", "Open it, and print it to a new PDF.")


def _ranges(numbers: Sequence[int]) -> str:
    """Return page numbers as a reader writes them: "pages 2–6, 9"."""
    starts = [numbers[0], *(b for a, b in pairwise(numbers) if b > a + 1)]
    ends = [*(a for a, b in pairwise(numbers) if b > a + 1), numbers[-1]]
    stretches = [f"{a}–{b}" if b > a else f"{a}" for a, b in zip(starts, ends, strict=True)]
    return f"page{'s' if len(numbers) > 1 else ''} {', '.join(stretches)}"


def _page(document: Any, number: int) -> _Page:
    import pypdfium2

    try:
        page = document[number]
        found = page.get_textpage()
        text = _text(found)
        pieces = list(_pieces(text, Letters(found, page.get_rotation()), number + 1))
        letters = sum(map(str.isalpha, text))
        is_picture = letters < FEWEST_LETTERS and _is_picture(page)
        found.close()
        page.close()
    except pypdfium2.PdfiumError:  # one damaged page does not take the others with it
        return _Page([], letters=0, is_picture=False)
    return _Page(pieces, letters, is_picture)


def _is_picture(page: Any) -> bool:
    """Tell whether pictures cover more than half of a page."""
    import pypdfium2.raw

    width, height = page.get_size()
    covered = 0.0
    for picture in page.get_objects(filter=(pypdfium2.raw.FPDF_PAGEOBJ_IMAGE,)):
        left, bottom, right, top = picture.get_bounds()
        covered += (right - left) * (top - bottom)
    return bool(covered > 0.5 * width * height)


def _text(found: Any) -> str:
    """Return the text of a page in the units by which PDFium counts: a letter beyond U+FFFF is two."""
    import pypdfium2.raw

    text: str = found.get_text_range(errors="surrogatepass")
    count = found.count_chars()
    if len(text) != count:
        text = "".join(map(chr, memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H")))
    if len(text) != count:  # letters were left out or put in: one by one
        units = [pypdfium2.raw.FPDFText_GetUnicode(found.raw, i) for i in range(count)]
        text = "".join(BROKEN if unit == 2 else chr(unit) for unit in units)
    return _SOFT_HYPHEN.sub(BROKEN, text.replace("\0", " "))


def _pieces(text: str, letters: Letters, page: int) -> Iterator[Piece]:
    """Yield the stretches of a page that no line end and no wide gap parts, a bullet or label with its words."""
    head: Piece | None = None
    for start, end in _stretches(text, letters):
        piece = _piece(text, letters, page, start, end)
        if not piece.text:  # a soft hyphen alone
            continue
        if head and share_line(head, piece) and piece.left >= head.right:
            piece = piece._replace(text=f"{head.text} {piece.text}", left=head.left)
        elif head:
            yield head
        is_head = piece.text.endswith(":") or (end - start < 12 and marker_length(piece.text) == len(piece.text))
        head = piece if is_head else None
        if not is_head:
            yield piece
    if head:
        yield head


def _piece(text: str, letters: Letters, page: int, start: int, end: int) -> Piece:
    first, last = letters.box(start), letters.box(end - 1)
    words = _clean(text[start : end + 1])
    if (marker := marker_length(words)) and (second := _WORD.search(text, start + marker, end)):
        body = letters.box(second.start()).left
    else:
        body = first.left
    word = _WORD.match(text, start, end)
    width = letters.box(word.end() - 1).right - first.left if word else 0.0
    bottom, top = min(first.bottom, last.bottom), max(first.top, last.top)
    return Piece(words, page, first.left, bottom, last.right, top, body, width)


def _stretches(text: str, letters: Letters) -> Iterator[tuple[int, int]]:
    for line in _LINE.finditer(text):
        start, end = line.span()
        if letters.may_part(start, end):
            words = [word.span() for word in _WORD.finditer(text, start, end)]
            for word, following in pairwise(words):
                if _is_parted(word, following, letters):
                    yield start, word[1]
                    start = following[0]
        yield start, end


def _is_parted(word: tuple[int, int], following: tuple[int, int], letters: Letters) -> bool:
    """Tell whether two words stand apart: a wide gap lies between them, or one stands on another line.

    Words that stand below each other are written downwards.
    """
    start, end, other = letters.box(word[0]), letters.box(word[1] - 1), letters.box(following[0])
    if abs(other.left - start.left) < 1:
        return False
    is_level = min(end.top, other.top) > max(end.bottom, other.bottom)
    return not is_level or other.left < start.left or other.left - end.right > WIDE * (end.top - end.bottom)


def _clean(text: str) -> str:
    """Return the words of a piece and, where a word goes on in the next one, the mark of that."""
    mark = BROKEN if text.endswith(BROKEN) and text[-2].isalnum() else ""
    words = text.removesuffix(mark).replace(BROKEN, "-").rstrip()
    if not words.isascii():
        words = words.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\u00ad", "")
    return plain_lines(words) + mark


def _written(pieces: Sequence[Piece]) -> Extract:
    lines, hyphens = Lines(), Hyphens(pieces)
    for row in rows(paragraphs(pieces)):
        gaps = gaps_of(row)
        bars = ("| ", " |") if " | " in gaps else ("", "")
        for gap, paragraph in zip([bars[0], *gaps], row, strict=True):
            _write(lines, gap, paragraph, hyphens)
        lines.begin(f"{bars[1]}\n")
    return Extract(lines.text, lines.places)


def _write(lines: Lines, gap: str, paragraph: Paragraph, hyphens: Hyphens) -> None:
    """Add a paragraph after a gap; the words that a line end parts are put together."""
    for piece, following in zip(paragraph, [*paragraph[1:], None], strict=True):
        words = piece.text.removesuffix(BROKEN)
        lines.begin(gap)
        gap = " "
        if following and piece.is_broken:
            words, gap = words.removesuffix("-"), ""
            if hyphens.stays(words, following.text):
                words += "-"
        elif words != piece.text:
            words += "-"
        lines.begin(words, f"page {piece.page}")
