"""Spans → the marks of a labelled note: the other way round from :func:`notesense.evaluation.cases.strip_marks`."""

import re
from collections.abc import Iterable, Iterator

from notesense.domain.spans import Span
from notesense.errors import UsageError

_BREAK = re.compile(r"[\r\n]+")


def mark(text: str, spans: Iterable[tuple[str, Span]]) -> str:
    """Return a text with marks around the spans; a span over several lines gets a mark on each.

    Args:
        text: The note's text.
        spans: Id and place of each mark; marks that touch the same words cannot be written.

    Raises:
        UsageError: The text holds the signs of marks, or two spans overlap.
    """
    if "⟦" in text or "⟧" in text:
        raise UsageError("the note holds the signs ⟦ and ⟧ itself", "It cannot be kept as a labelled note.")
    pieces = sorted((piece, name) for name, span in spans for piece in on_lines(text, span))
    parts, at = [], 0
    for (start, end), name in pieces:
        if start < at:
            raise UsageError(f"{name} shares words with another mark", "Marks stand side by side: choose other words.")
        parts += [text[at:start], f"⟦{name}|{text[start:end]}⟧"]
        at = end
    return "".join(parts) + text[at:]


def on_lines(text: str, span: Span) -> Iterator[Span]:
    """Yield the pieces of a span on each of its lines, outer blanks trimmed."""
    start = span.start
    for found in [*_BREAK.finditer(text, span.start, span.end), None]:
        end = found.start() if found else span.end
        words = text[start:end]
        if words.strip():
            yield Span(start + len(words) - len(words.lstrip()), start + len(words.rstrip()))
        start = found.end() if found else end
