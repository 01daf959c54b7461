"""A solution → the passages that are embedded: its headline, and its text in pieces of a few sentences."""

from typing import NamedTuple

from notesense.domain.prose import split_sentences
from notesense.domain.solutions import Solution

PASSAGE_WORDS = 70


class Passage(NamedTuple):
    """A piece of a solution that is searched by itself."""

    solution_id: str
    text: str


def split_solution(solution: Solution) -> list[Passage]:
    """Return the passages of a solution: title with summary first, then its paragraphs, long ones in pieces."""
    pieces = [headline(solution)]
    for paragraph in paragraphs_of(solution.text):
        piece: list[str] = []
        for sentence in sentences_of(paragraph.text):
            if piece and len(" ".join([*piece, sentence]).split()) > PASSAGE_WORDS:
                pieces.append(" ".join(piece))
                piece = []
            piece.append(sentence)
        pieces.append(" ".join(piece))
    return [Passage(solution.id, piece) for piece in pieces if piece.strip()]


def headline(solution: Solution) -> str:
    """Return title, summary and services as one text."""
    parts = [solution.title, solution.summary, ", ".join(solution.services)]
    return ". ".join(part.rstrip(".") for part in parts if part)


def sentences_of(paragraph: str) -> list[str]:
    """Return the sentences of a paragraph of well-written text, each verbatim."""
    return [paragraph[s.start : s.end] for s in split_sentences(paragraph, 0, len(paragraph))]


class Paragraph(NamedTuple):
    """A paragraph of a case study on one line, and the heading that it stands under."""

    heading: str
    text: str


def paragraphs_of(text: str) -> list[Paragraph]:
    """Return the paragraphs of a Markdown text, headings apart, whatever its line ends."""
    found: list[Paragraph] = []
    heading = ""
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.strip() and not line.startswith("#"):
            lines.append(line)
            continue
        if lines:
            found.append(Paragraph(heading, " ".join(" ".join(lines).split())))
            lines = []
        heading = line.strip("# \t") if line.startswith("#") else heading
    return found
