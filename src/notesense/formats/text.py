"""The format of plain text and Markdown: the words are the file, front matter and header lines say the rest."""

from notesense.formats.decode import decode
from notesense.formats.extract import Extract
from notesense.formats.frontmatter import split_front_matter
from notesense.formats.times import turn_times


def extract(data: bytes, name: str) -> Extract:
    """Return the text of a Markdown or plain-text note and what its head says about it.

    Args:
        data: The file's content.
        name: The file's name, for messages.

    Raises:
        NotTextError: Binary, or of no known encoding.
        NoteFormatError: A known format that is no text.
    """
    return extract_text(decode(data, name))


def extract_text(text: str) -> Extract:
    """Return a text that is in memory as :func:`extract` would."""
    front = split_front_matter(text)
    return Extract(text, turn_times(text), front.end, front.fields)
