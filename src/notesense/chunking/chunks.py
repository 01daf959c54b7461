"""Stage 2, first half: a note → chunks that an engine can read at once.

Chunks concatenate to the text exactly. Offsets are a running sum over the pieces of langchain's splitter, with no
overlap and nothing stripped: its own start index is wrong with length functions.
"""

import re
from collections.abc import Iterator

from notesense.domain.notes import Chunk, Note

SEPARATORS = ["\n# ", "\n## ", "\n### ", "\n\n", "\r\n\r\n", "\n", "\r", ". ", " ", ""]


def split_chunks(note: Note, window: int) -> list[Chunk]:
    """Return the chunks of a note, none longer than ``window`` characters.

    Args:
        note: The note.
        window: Most characters that the engine reads at once; at least 1.
    """
    text = note.text
    if len(text) <= window:
        return [Chunk(0, 0, len(text))]
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        separators=SEPARATORS, chunk_size=window, chunk_overlap=0, strip_whitespace=False, keep_separator=True
    )
    chunks: list[Chunk] = []
    at = 0
    for stretch in _stretches(text, window):
        for piece in stretch if isinstance(stretch, list) else splitter.split_text(stretch):
            chunks.append(Chunk(len(chunks), at, at + len(piece)))
            at += len(piece)
    if at != len(text) or any(text[c.start : c.end] == "" for c in chunks):
        raise AssertionError(f"chunks cover {at} of {len(text)} characters")
    return chunks


def _stretches(text: str, window: int) -> Iterator[str | list[str]]:
    """Yield the text in order: as it is, or cut already where it is one endless word or blank.

    The splitter takes the square of its window over those.
    """
    at = 0
    for run in re.finditer(rf"(?<!\s)\s{{{window},}}|(?<!\S)\S{{{window},}}", text):
        if run.start() > at:
            yield text[at : run.start()]
        yield [run[0][i : i + window] for i in range(0, len(run[0]), window)]
        at = run.end()
    if at < len(text):
        yield text[at:]
