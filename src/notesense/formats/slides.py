"""Slides (PPTX): titles as headings, then the words of each slide and of its notes."""

import io
from collections.abc import Iterator
from typing import Any

from notesense.formats.extract import Extract, Lines, office_file

WHAT = "a PowerPoint file (.pptx)"


def extract(data: bytes, name: str) -> Extract:
    """Return the words of a PowerPoint file.

    Args:
        data: The file's content.
        name: The file's name, for messages.

    Raises:
        NoteFormatError: It is no PowerPoint file, damaged, or protected by a password.
        NoteTooLargeError: It unpacks to more than any note.
    """
    lines = Lines()
    with office_file(data, name, WHAT, "PowerPoint"):
        import pptx
        from pptx.exc import PythonPptxError

        try:
            for number, slide in enumerate(pptx.Presentation(io.BytesIO(data)).slides, start=1):
                for line in _slide(slide):
                    lines.add(line, f"slide {number}")
        except PythonPptxError as error:
            raise ValueError(error) from None
    return Extract(lines.text, lines.places)


def _slide(slide: Any) -> Iterator[str]:
    title = slide.shapes.title
    if title is not None and title.text_frame.text.strip():
        yield from (f"# {_flat(title.text_frame.text)}", "")
    for shape in _shapes(slide.shapes):
        if title is not None and shape.shape_id == title.shape_id:
            continue
        if shape.has_text_frame:
            yield from (f"- {words}" for p in shape.text_frame.paragraphs if (words := _flat(p.text)))
            yield ""
        elif getattr(shape, "has_table", False):
            for row in shape.table.rows:
                yield f"| {' | '.join(_flat(cell.text) for cell in row.cells)} |"
            yield ""
    if slide.has_notes_slide and (frame := slide.notes_slide.notes_text_frame) is not None and frame.text.strip():
        yield from (words for p in frame.paragraphs if (words := _flat(p.text)))
        yield ""


def _shapes(shapes: Any) -> Iterator[Any]:
    """Yield the shapes of a slide; groups are looked into, however deep."""
    waiting = list(shapes)[::-1]
    while waiting:
        shape = waiting.pop()
        if hasattr(shape, "shapes"):
            waiting += list(shape.shapes)[::-1]
        else:
            yield shape


def _flat(words: str) -> str:
    return " ".join(words.split())
