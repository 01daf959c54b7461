"""The result that a solution delivered, in the library's own words."""

import re

from notesense.domain.solutions import Solution
from notesense.solutions.passages import sentences_of

MAX_RESULT = 300
_RESULT_HEADING = re.compile(r"^#{1,6}\s*(?:results?|outcomes?|delivered|impact)\b.*$", re.IGNORECASE | re.MULTILINE)


def delivered(solution: Solution) -> str:
    """Return the summary; else the part under a heading such as "Result"; else the opening of the last paragraph."""
    if solution.summary:
        return solution.summary
    heading = _RESULT_HEADING.search(solution.text)
    rest = solution.text[heading.end() :].strip() if heading else ""
    paragraphs = [p for p in (rest or solution.text).split("\n\n") if p.strip() and not p.lstrip().startswith("#")]
    paragraph = " ".join((paragraphs[0] if rest else paragraphs[-1]).split()) if paragraphs else ""
    shown = ""
    for sentence in sentences_of(paragraph):
        if shown and len(shown) + len(sentence) > MAX_RESULT:
            break
        shown = f"{shown} {sentence}".strip()
    return shown
