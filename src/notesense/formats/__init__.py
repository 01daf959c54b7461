"""The formats of files: bytes → the words, and where they stand. One module a format; no format knows what a note is."""

from collections.abc import Callable, Mapping
from pathlib import PurePath
from types import MappingProxyType

from notesense.formats import captions, mail, pdf, rtf, slides, text, web, word
from notesense.formats.extract import Extract

Extractor = Callable[[bytes, str], Extract]
"""Gets the content of a file and its name, for messages; raises :class:`~notesense.errors.NoteError`."""

EXTRACTORS: Mapping[str, Extractor] = MappingProxyType(
    {
        **dict.fromkeys((".md", ".markdown", ".txt", ".text", ""), text.extract),
        ".docx": word.extract,
        ".pdf": pdf.extract,
        ".pptx": slides.extract,
        ".rtf": rtf.extract,
        **dict.fromkeys((".html", ".htm"), web.extract),
        ".eml": mail.extract,
        **dict.fromkeys((".mht", ".mhtml"), mail.extract_page),
        ".msg": mail.extract_outlook,
        **dict.fromkeys((".vtt", ".srt"), captions.extract),
    }
)
"""What reads a file, by the ending of its name."""


def extractor_of(name: str) -> Extractor:
    """Return what reads a file of this name; a name with an unknown ending is taken for text."""
    return EXTRACTORS.get(PurePath(name).suffix.lower(), text.extract)
