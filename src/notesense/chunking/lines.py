"""Lines of a note and what each of them is: the lowest layer of the chunk stage.

In: the text of a note. Out: :class:`MarkedLine`, a line with its kind and where its words begin.
Recognised are Markdown and the habits of plain notes: bullets of every fashion, numbered minutes,
table rows, quoted mail, mail and minute headers, shouted or bold headings, rules.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from notesense.domain.notes import LINE_ENDS, Line

LineKind = Literal["blank", "rule", "heading", "header", "row", "item", "quote", "prose"]

_LINE = re.compile(rf"([^{LINE_ENDS}]*)(\r\n|[{LINE_ENDS}]|\Z)")
_RULE_MARKS = frozenset("-=_*~·.")
_TABLE_MARKS = frozenset("|:-")
_HASHES = re.compile(r"\s{0,3}(#{1,6})\s+(?=\S)")
_BOLD_ALONE = re.compile(r"\s*(\*\*|__)(?=\S)([^*_]{1,80}?)\1\s*:?\s*")
_QUOTE = re.compile(r"\s*(?:>\s?)+")
_CALLOUT = re.compile(r"\[!(?!quote|cite)\w+\]", re.IGNORECASE)
"""Opens a box of the author's own words in Obsidian and GitHub, written as a quotation."""
_CODE = re.compile(r"\s{0,3}```[A-Za-z]")
"""The head of a block of code in some language, such as a query or a diagram; its lines are no words of the note."""
_MACHINE = re.compile(
    r"""\s*+(?:
        \[?\d{1,2}:\d{2}(?::\d{2})?(?:[ ]?[ap]\.?m\.?)?\]?        # the time of a transcript, alone
      | [\d:.]+\s*-->\s*[\d:.]+                                # the times of a caption
      | -{3,}\s*(?:original|forwarded|ursprüngliche|weitergeleitete)[ ](?:message|nachricht)\s*-{3,} | -{3,}\s*message[ ](?:d'origine|transféré)\s*-{3,}
      | transcribed[ ]by[ ]https?://\S+ | this[ ](?:editable[ ])?transcript[ ]was[ ]computer[ ]generated[^\n]{0,80}
      | [^\n]{1,60}[ ](?:started|stopped)[ ](?:the[ ])?(?:transcription|recording)\.?
      | (?:[^\n:]{1,60}(?::[^\n:]{1,60}){0,3}:[ ]+)?(?:reacted[ ]to[ ]["“][^\n]{1,500}["”][ ]with\s[^\w\s]\S{0,20} | removed[ ]an?[ ][^\w\s]\S{0,20}[ ]reaction[ ]from[ ]["“][^\n]{1,500}["”])
      | replying[ ]to[ ]["“][^\n"“”]{1,500}["”]               # in a chat
      | </?[a-z][a-z0-9]*>                                      # <aside>: a box of Notion
      | !\[\[[^\]\n]*\]\] | !\[[^\]\n]*\]\([^)\n]*\)          # a picture
    )\s*""",
    re.VERBOSE | re.IGNORECASE,
)
"""Lines that a program put between the words."""
_ITEM = re.compile(
    r"""\s*(?:
        [-+•⁃·▪◦‣∙●○–—→►»☐☑✓✔]+(?:\s+|(?=[A-Za-z(\[]))  # bullets, also without a space after them
      | \*+\s+                                           # an asterisk needs one: **bold** is none
      | \(?\d{1,3}(?:\.\d{1,3})*[.)]\s+                  # 1.  2)  (3)  3.1.
      | \d{1,3}(?:\.\d{1,3})+\s+(?!(?:million|billion|thousand|percent|miles?|feet|ft|acres?|hours?|days?|weeks?|years?|km|mm?|kg|tons?|x)\b|%)  # 3.1
      | \(?(?:[a-z]|[ivx]{1,4})[.)]\s+                    # a)  iv.
    )(?:\[[ xX✓]?\]\s*)?
    | \s*\[[ xX✓]?\]\s+
    """,
    re.VERBOSE,
)
_HEADER = re.compile(
    r"\s*\**(?P<name>from|to|cc|bcc|sent|date|when|time|subject|reply-to|attachments?|client|project|location|place|"
    r"where|venue|present|attendees|attending|attendance|in attendance|participants|apologies|regrets|absent|"
    r"distribution|author|by|minutes by|notes by|note[- ]?taker|taken by|recorded by|title|practice|unit|re"
    r"|von|gesendet|betreff|envoyé|objet|(?:an|de|à)(?=\s?:[^@\n]{0,200}@))\**"
    r"\s*:\**\s*",
    re.IGNORECASE,
)
_HEADER_ROW = re.compile(
    r"\s*\|\s*\**(?P<name>date|subject|client|project|present|attendees|in attendance|participants|apologies|author|minutes by|"
    r"notes by|taken by|title)\**\s*\|\s*(?P<value>[^|\s][^|]*)\|?\s*",
    re.IGNORECASE,
)
"""A header line as a row of two cells."""
_ENGLISH = {
    "von": "from",
    "de": "from",
    "an": "to",
    "à": "to",
    "gesendet": "sent",
    "envoyé": "sent",
    "betreff": "subject",
    "objet": "subject",
}
"""Header lines of mail as German and French programs write them."""


class MarkedLine(NamedTuple):
    """A line, its kind, and the offset where its own words begin (after bullet, quote mark or hashes)."""

    line: Line
    kind: LineKind
    body: int
    level: int
    """Heading level (1 to 6), quotation depth, or 0."""

    @property
    def words(self) -> str:
        """The line's own words, without marks and outer blanks."""
        words = self.line.text[self.body - self.line.start :].strip()
        return words.strip("*_ ") if self.kind == "heading" else words


def split_lines(text: str, start: int = 0) -> Iterator[Line]:
    """Yield the lines of ``text`` from offset ``start`` on, without their line ends."""
    for found in _LINE.finditer(text, start):
        if found.end() == found.start():
            break
        yield Line(found.start(1), found.end(1), found.group(1))


def mark_lines(text: str, start: int = 0) -> list[MarkedLine]:
    """Return the lines of ``text`` from offset ``start`` on, each with its kind."""
    marked: list[MarkedLine] = []
    in_callout = in_code = False
    for line in split_lines(text, start):
        now = _mark(line)
        if in_code or _CODE.match(line.text):
            in_code = not in_code or not line.text.strip().startswith("```")
            marked.append(MarkedLine(line, "rule", line.end, 0))
            continue
        if marked and now.kind == "rule" and "|" in line.text:  # what stands above was the head of a table
            marked[-1] = _mark(marked[-1].line)
        elif now.kind == "row" and (found := _HEADER_ROW.fullmatch(line.text)):
            now = MarkedLine(line, "header", line.start + found.start("value"), 0)
        opens = now.kind == "quote" and bool(_CALLOUT.match(line.text, now.body - line.start))
        in_callout = opens or (in_callout and now.kind == "quote")
        marked.append(now._replace(kind="prose", level=0) if in_callout else now)
    return marked


def header_name(line: MarkedLine) -> str | None:
    """Return the lower-case name of a header line ("subject"), or None."""
    text = line.line.text
    found = (_HEADER_ROW.fullmatch(text) or _HEADER.match(text)) if line.kind == "header" else None
    name = found["name"].lower() if found else None
    return _ENGLISH.get(name, name) if name else None


def _mark(line: Line) -> MarkedLine:
    text = line.text
    if not text.strip():
        return MarkedLine(line, "blank", line.end, 0)
    if _is_rule(text):
        return MarkedLine(line, "rule", line.end, 0)
    if found := _HASHES.match(text):
        return MarkedLine(line, "heading", line.start + found.end(), len(found[1]))
    if found := _BOLD_ALONE.fullmatch(text):
        return MarkedLine(line, "heading", line.start + found.start(2), 6)
    if text.lstrip().startswith("|") or text.count("|") >= 2:
        return MarkedLine(line, "row", line.start, 0)
    if found := _QUOTE.match(text):
        return MarkedLine(line, "quote", line.start + found.end(), text[: found.end()].count(">"))
    if found := _HEADER.match(text):
        return MarkedLine(line, "header", line.start + found.end(), 0)
    if (found := _ITEM.match(text)) and found.end() < len(text):
        return MarkedLine(line, "item", line.start + found.end(), 0)
    indent = len(text) - len(text.lstrip())
    if _is_shouted(text):
        return MarkedLine(line, "heading", line.start + indent, 6)
    return MarkedLine(line, "prose", line.start + indent, 0)


def _is_rule(text: str) -> bool:
    """Tell whether a line is a rule, the fence of a code block, the line under a table's head, or a program's mark."""
    if _MACHINE.fullmatch(text):
        return True
    marks = "".join(text.split())
    return (
        (len(marks) >= 3 and _RULE_MARKS.issuperset(marks))
        or marks.startswith("```")
        or ("--" in marks and _TABLE_MARKS.issuperset(marks))
    )


def _is_shouted(text: str) -> bool:
    """Tell whether a line is a heading in capitals, such as ``MUNI BLDG (1974, 22,400 sf)``."""
    outside = re.sub(r"\([^()]{0,80}\)", "", text).strip()
    letters = [c for c in outside if c.isalpha()]
    return (
        len(letters) >= 4
        and all(c.isupper() for c in letters)
        and len(outside.split()) <= 8
        and not outside.endswith((".", "!", "?", ","))
    )
