"""Stage 2, second half: the sentences of a note, each with offsets, headings, speaker and side.

In: a :class:`Note`. Out: :class:`Sentence` in order of the text, none overlapping. Lines become blocks (a paragraph,
a bullet, a table cell, a turn, a stretch of quoted mail), blocks become sentences, sentences become clauses where
they hold several.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from notesense.chunking.lines import MarkedLine, header_name, mark_lines
from notesense.chunking.sides import read_sides
from notesense.chunking.speakers import Turn, find_turns, quoted_writer, sender
from notesense.domain.notes import Note, Sentence, SentenceForm
from notesense.domain.profile import FirmProfile
from notesense.domain.prose import split_clauses, split_sentences
from notesense.domain.spans import Span

_WRAP_WIDTH = 50
_CELL = re.compile(r"[^|]+")
_UNBREAKABLE = re.compile(r"\S{40}")


class Block(NamedTuple):
    """A stretch of text that no sentence crosses."""

    start: int
    end: int
    form: SentenceForm
    headings: tuple[str, ...]
    speaker: str | None


def split_note(note: Note, profile: FirmProfile | None = None) -> list[Sentence]:
    """Return the sentences and clauses of a note.

    Args:
        note: The note; its front matter is left out.
        profile: The firm's profile, which sharpens the sides.
    """
    lines = mark_lines(note.text, note.body_start)
    sides = read_sides(lines, profile or FirmProfile(), note.client, note.author)
    turns = find_turns(lines, sides.names)
    return [
        Sentence(span.start, span.end, note.text[span.start : span.end], block.form, block.headings, block.speaker,
                 sides.of(block.speaker))
        for block in _blocks(lines, turns)
        for span in _spans(note.text, block)
    ]  # fmt: skip


def _spans(text: str, block: Block) -> Iterator[Span]:
    if block.form in ("heading", "header"):
        yield Span(block.start, block.end)
        return
    for sentence in split_sentences(text, block.start, block.end):
        yield from split_clauses(text, sentence)


def _blocks(lines: Sequence[MarkedLine], turns: dict[int, Turn]) -> Iterator[Block]:
    headings: list[tuple[int, str]] = []
    speaker: str | None = None
    held = False
    writers: dict[int, str | None] = {}  # by depth of quotation
    spoken = len(turns) >= 4 and len(turns) >= 0.3 * sum(line.kind in ("prose", "item", "quote") for line in lines)
    pending: Block | None = None
    pending_line: MarkedLine | None = None
    widths = _widths(lines)
    for number, line in enumerate(lines):
        path = tuple(title for _, title in headings)
        turn = turns.get(line.line.start)
        is_attribution = bool(pending_line and _is_attribution(pending_line, line))
        if pending and pending_line and not turn and (is_attribution or _continues(pending_line, line, widths[number])):
            if is_attribution and (wrote := quoted_writer(f"{pending_line.words} {line.words}")):
                writers[_depth_below(lines, number)] = wrote
                pending = pending._replace(speaker=wrote)
            pending, pending_line = pending._replace(end=_end(line)), line
            continue
        if pending:
            yield pending
            pending = None
        match line.kind:
            case "blank" | "rule":
                if not spoken and not (held and line.kind == "rule"):  # a time may stand below the name
                    speaker, held = None, False
                continue
            case "heading" if not turn:
                headings = [h for h in headings if h[0] < line.level] + [(line.level, line.words.strip("*_: "))]
                yield Block(line.body, _end(line), "heading", path, None)
                speaker = None
                continue
            case "header":
                if header_name(line) == "from":
                    writers[0] = sender(line)
                end = line.line.start + len(line.line.text.rstrip(" |\t"))  # of a row of a table, without its mark
                if line.body < end:
                    yield Block(line.body, end, "header", path, None)
                continue
            case "row":
                for cell in _CELL.finditer(line.line.text):
                    if cell.group().strip():
                        yield Block(line.line.start + cell.start(), line.line.start + cell.end(), "cell", path, None)
                continue
        if turn:
            speaker, held = turn.speaker, turn.body >= _end(line)
            if held:  # a label alone on its line: the lines below are its words
                continue
        elif not (spoken or held):
            speaker = None
        depth = _depth(line)
        wrote = quoted_writer(line.words)
        if wrote:
            writers[_depth_below(lines, number)] = wrote
        form: SentenceForm = "turn" if speaker else line.kind
        pending, pending_line = (
            Block(turn.body if turn else line.body, _end(line), form, path, speaker or wrote or writers.get(depth)),
            line,
        )
    if pending:
        yield pending


def _depth(line: MarkedLine) -> int:
    return line.level if line.kind == "quote" else 0


def _depth_below(lines: Sequence[MarkedLine], number: int) -> int:
    """Return the depth of what an "Ana wrote:" introduces: one deeper, or, as Apple writes it, the depth of its own line."""
    below = next((lines[i] for i in range(number + 1, len(lines)) if lines[i].words), None)
    own = _depth(lines[number])
    return own + 1 if below is None or own == 0 else max(own, _depth(below))


def _widths(lines: Sequence[MarkedLine]) -> list[int]:
    """Return for each line how wide its paragraph was written: the length of its longest line.

    A line with a long address says nothing of that, as no program breaks it; neither does what somebody else wrote, and is
    quoted.
    """
    lengths = [0 if _UNBREAKABLE.search(line.line.text) else len(line.line.text.rstrip()) for line in lines]
    widths: list[int] = []
    for _, paragraph in groupby(zip(map(_margin, lines), lengths, strict=True), key=itemgetter(0)):
        own = [length for _, length in paragraph]
        widths += [max(own)] * len(own)
    return widths


def _margin(line: MarkedLine) -> str:
    return ">" * _depth(line) if line.kind in ("prose", "item", "quote") else line.kind


def _continues(above: MarkedLine, line: MarkedLine, width: int) -> bool:
    """Tell whether a line goes on with the sentence of the line above: hard-wrapped paragraphs and bullets.

    A program breaks a line where the next word would not fit. Where it would have, somebody began a new thought.

    Args:
        above: The line above.
        line: The line.
        width: The length of the longest line of the paragraph.
    """
    if line.kind not in ("prose", "quote") or (line.kind == "quote") != (above.kind == "quote"):
        return False
    if line.level != above.level or not line.words:
        return False
    ends = above.line.text.rstrip()
    if ends.endswith((".", "!", "?", ":", ";")):
        return False
    fitted = len(ends) + 1 + len(line.words.split(maxsplit=1)[0]) <= width
    return (
        not fitted
        and len(ends) >= _WRAP_WIDTH
        and (line.words[0].islower() or line.words[0].isdigit() or len(ends) >= 60)
    )


def _is_attribution(above: MarkedLine, line: MarkedLine) -> bool:
    """Tell whether two lines are one "On Mon, 12 May 2025 at 10:02, Ana Ruiz <…> wrote:" that a mail program broke."""
    return (
        above.words.startswith(("On ", "Am ", "Le "))
        and line.words.endswith(":")
        and _depth(above) == _depth(line)
        and quoted_writer(line.words) is None
        and quoted_writer(f"{above.words} {line.words}") is not None
    )


def _end(line: MarkedLine) -> int:
    return line.line.start + len(line.line.text.rstrip())
