"""The result that a solution delivered, in the library's own words."""

import re

from notesense.domain.solutions import Solution
from notesense.solutions.passages import paragraphs_of, sentences_of

MAX_RESULT = 300
_RESULT_HEADING = re.compile(r"(?:results?|outcomes?|delivered|impact)\b", re.IGNORECASE)


def delivered(solution: Solution) -> str:
    """Return the summary; else the part under a heading such as "Result"; else the opening of the last paragraph."""
    if solution.summary:
        return solution.summary
    paragraphs = paragraphs_of(solution.text)
    under = [p for p in paragraphs if _RESULT_HEADING.match(p.heading)]
    paragraph = (under[0] if under else paragraphs[-1]).text if paragraphs else ""
    shown = ""
    for sentence in sentences_of(paragraph):
        if shown and len(shown) + len(sentence) > MAX_RESULT:
            break
        shown = f"{shown} {sentence}".strip()
    return shown
