"""PDF files: the text layer, page by page."""

import re
import threading
from typing import Any

from notesense.errors import NoteFormatError
from notesense.formats.extract import Extract, Lines, plain_lines

MOST_PAGES = 1000
FEWEST_LETTERS = 20
"""Letters a page below which a PDF is taken for pictures of words."""
_SPLIT_WORD = re.compile("[\ufffe\u00ad]\r?\n|\ufffe")
"""What PDFium leaves where a word was hyphenated at the end of a line."""
_ONE_AT_A_TIME = threading.Lock()
"""PDFium ends the process where two threads use it at once."""


def extract(data: bytes, name: str) -> Extract:
    """Return the words of a PDF file.

    Args:
        data: The file's content.
        name: The file's name, for messages.

    Raises:
        NoteFormatError: It is no PDF, damaged, protected by a password, too long, or has no text layer (a scan).
    """
    with _ONE_AT_A_TIME:
        return _extract(data, name)


def _extract(data: bytes, name: str) -> Extract:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        raise NoteFormatError(
            f"{name}: {'protected by a password' if locked else f'not a PDF file that can be read ({error})'}",
            "Save it without a password." if locked else "Open it, and print it to a new PDF.",
        ) from None
    try:
        if len(document) > MOST_PAGES:
            raise NoteFormatError(f"{name}: {len(document)} pages, and a note may have {MOST_PAGES}", "Split it.")
        lines = Lines()
        for number in range(len(document)):
            words = _words(document, number)
            if words.strip():
                lines.add(words, f"page {number + 1}")
        pages = len(document)
    finally:
        document.close()
    text = lines.text
    if sum(c.isalpha() for c in text) < FEWEST_LETTERS * min(pages, 3):
        raise NoteFormatError(
            f"{name}: a scanned PDF, with pictures of words and no words", "Run text recognition (OCR) over it first."
        )
    return Extract(text, lines.places)


def _words(document: Any, number: int) -> str:
    import pypdfium2

    try:
        page = document[number]
        found = page.get_textpage()
        words: str = found.get_text_range()
        found.close()
        page.close()
    except pypdfium2.PdfiumError:  # one damaged page does not take the others with it
        return ""
    return plain_lines(_SPLIT_WORD.sub("", words))
