"""Metadata of a note: what the caller says, then front matter, then headings and header lines.

In: the text, its front matter. Out: :class:`Metadata`. A wrong guess is worse than a missing field, so dates in
numbers are read only where day and month cannot be confused.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from notesense.domain.notes import LINE_ENDS, Metadata

HEAD = 1500
"""Characters at the head of the words in which headings and header lines are looked for."""

_ALIASES = {
    "title": ("title", "subject"),
    "client": ("client", "customer", "client_name"),
    "client_unit": ("client_unit", "unit", "department", "client_department"),
    "author": ("author", "notes_by", "minutes_by", "written_by", "note_taker", "taken_by", "recorded_by"),
    "practice": ("practice", "author_practice"),
    "date": ("date", "meeting_date"),
}
_HEADER = re.compile(
    rf"(?:\A|(?<=[{LINE_ENDS}]))[ \t>|*_-]*(?P<key>title|subject|client|customer|client unit|unit|author|notes by|note[- ]taker|taken by|recorded by|"
    rf"written by|minutes by|practice|date)[*_]*[ \t]*[:|][*_ \t]*(?P<value>[^\s|][^{LINE_ENDS}]*)(?=[{LINE_ENDS}]|\Z)",
    re.IGNORECASE,
)
_HEADING = re.compile(
    rf"(?:\A|(?<=[{LINE_ENDS}]))#{{1,2}}[ \t]+(?P<title>\S[^{LINE_ENDS}]*?)[ \t#]*(?=[{LINE_ENDS}]|\Z)"
)
_MONTHS = {
    m: i + 1 for i, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
}
_MONTH = r"(?i:(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?))"
_ISO = re.compile(r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\.?[ -](?:of )?{_MONTH}\.?,?[ -](\d{{4}})\b")
_MONTH_DAY = re.compile(rf"\b{_MONTH}\.?[ -](\d{{1,2}})(?:st|nd|rd|th)?,?[ -](\d{{4}})\b")
_NUMBERS = re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4})\b")


def read_metadata(text: str, body_start: int, fields: Mapping[str, Any]) -> Metadata:
    """Return the metadata of a note.

    Args:
        text: The note's text.
        body_start: Where its words begin, after the front matter.
        fields: The front matter.
    """
    head = text[body_start : body_start + HEAD]
    headers = {
        m["key"].lower().replace(" ", "_").replace("-", "_"): m["value"].strip(" *_|")
        for m in reversed(list(_HEADER.finditer(head)))
    }
    values: dict[str, Any] = {}
    for name, aliases in _ALIASES.items():
        for source in (fields, headers):
            found = next((source[a] for a in aliases if source.get(a) not in (None, "", [])), None)
            if found is not None and name not in values:
                values[name] = parse_date(found) if name == "date" else _one_line(found)
    if not values.get("title") and (heading := _HEADING.search(head)):
        values["title"] = _one_line(heading["title"])
    if not values.get("date"):
        values["date"] = parse_date(head[:400])
    return Metadata(**values)


MOST_PARTS = 20
"""Most entries of a list that are shown."""


def parse_date(value: Any) -> date | None:
    """Return the first date in a value, or None: ISO, "12 March 2026", "Mar 12, 2026", 25/3/2026 but not 4/3/2026."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value)
    for pattern, order in ((_ISO, "ymd"), (_DAY_MONTH, "dmy"), (_MONTH_DAY, "mdy"), (_NUMBERS, "??y")):
        for found in pattern.finditer(text):
            parts = found.groups()
            if order == "??y":
                first, second = int(parts[0]), int(parts[1])
                if first <= 12 and second <= 12 and first != second:
                    continue
                order_here = "dmy" if first > 12 else "mdy"
            else:
                order_here = order
            by = dict(zip(order_here, parts, strict=True))
            month = by["m"] if by["m"].isdigit() else str(_MONTHS.get(by["m"].lower()[:3], 0))
            try:
                return date(int(by["y"]), int(month), int(by["d"]))
            except ValueError:
                continue
    return None


def _one_line(value: Any) -> str | None:
    if isinstance(value, list):
        value = ", ".join(part for part in value[:MOST_PARTS] if isinstance(part, str))
    if not isinstance(value, str) or value in (
        "null",
        "~",
    ):  # a structure, which may be one of many aliases, says nothing
        return None
    bare = re.sub(r"\[\[(?:[^\]|]*\|)?([^\]|]*)\]\]", r"\1", value)  # [[a page|its name]] of Obsidian
    bare = re.sub(r"\s*\(https?://[^\s()]*\)", "", bare)  # the page behind a name, in Notion
    return " ".join(bare.split())[:200] or None
