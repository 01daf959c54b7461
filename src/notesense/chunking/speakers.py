"""Who speaks: labels such as ``Speaker 2:``, ``[00:12:04] Dana:``, ``RENATA:``, ``Dee 8:52`` at the head of a line.

In: marked lines. Out: for each line that opens a turn, the label and where the words begin. A name with a colon is a
speaker where it bears a time, comes twice, or belongs to somebody of the attendee list: "Budget: 40k" is none.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from notesense.chunking.lines import MarkedLine

CAPITAL = r"[^\W\d_a-zß-öø-ÿ]"
"""What a name begins with: a capital, or a letter of an alphabet that has none."""
_NAME = rf"(?:[Ss]peaker\s+\w{{1,3}}|{CAPITAL}[\w'’.-]*(?:\s+(?:{CAPITAL}[\w'’.-]*|\d{{1,2}}(?![\d:])|de|van|von|der|la)){{0,3}})"
_FULL = rf"{_NAME}(?:,[ \t]{{1,2}}{_NAME})?"
"""A name, also as companies sort them: "Halloran, Ines"."""
_ASIDE = r"(?:\s*[(\[][^)\]\n]{1,40}[)\]]|\s\|\s[^\n|:]{1,40}?)?"
_LEAD = r"[\s\u200b-\u200f\u2060\ufeff]*+"
"""Blanks at the head of a line, also those without width that chats put there."""
_DAY = r"(?:\d{1,4}[/.-]\d{1,2}(?:[/.-]\d{2,4})?,?\s{1,2})?"
_TIME = rf"[\[(]?{_DAY}\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:\.\d+)?)?(?:\s?[AaPp]\.?[Mm]\b\.?)?+[\])]?"
_TIMED = re.compile(
    rf"{_LEAD}(?:{_TIME}\s+From\s+(?P<chat>{_NAME}){_ASIDE}(?:\s+to\s+[^:\n]{{1,60}}?)?\s*:"
    rf"|{_TIME}\s*[-–]?\s*\*{{0,2}}(?P<a>{_FULL}){_ASIDE}\s*(?::|\s-\s|$)\*{{0,2}}"
    rf"|\[(?P<boxed>{_FULL}){_ASIDE}\]\s*{_TIME}\s*:?"
    rf"|\*{{0,2}}(?P<b>{_NAME}){_ASIDE}\*{{0,2}}(?:[\s,]*|\s+[-–|]\s+){_TIME}\s*[:–-]?)\s*"
)
_HEAD = re.compile(rf"{_LEAD}(?P<a>{_FULL}){_ASIDE}:?[ \t]{{1,4}}{_TIME}[ \t]*$")
"""A name and a time that fill their line: of a transcript where names recur, else perhaps "Lunch: 12:30"."""
_ALONE = re.compile(rf"{_LEAD}(?P<a>{_FULL}){_ASIDE}\s*")
"""A name on a line of its own, which speaks where a time stands alone above it, or, where names recur, below it."""
_PLAIN = re.compile(rf"{_LEAD}\*{{0,2}}(?P<a>{_NAME})\*{{0,2}}{_ASIDE}\s*:\*{{0,2}}(?:\s+|$)")
_ANYBODY = re.compile(
    rf"{_LEAD}(?:{_TIME}[ \t]{{1,4}}(?P<a>[^\n:]{{1,60}}?)[ \t]?:(?=\s)\s*|(?P<b>[^\n:,.;!?]{{1,60}}?):?[ \t]{{1,4}}{_TIME}[ \t]*$)"
)
"""A turn of somebody whose name looks like none (a telephone number, "dana w", a room); only where others have times too."""
_MOST_WORDS = 5
_FEWEST_TIMED = 3
"""Timed turns from which a text is a transcript."""
_WROTE = re.compile(
    rf"(?:,|\b(?:AM|PM|am|pm)|\d{{4}}|\d:\d\d|^|\bUhr)\s*(?:schrieb\s+)?(?!(?:AM|PM|Uhr)\b)(?P<name>{_NAME})\s*(?:<[^>]*>)?\s*(?:wrote|writes|a écrit\s?|)\s*:\s*$"
)
_WRITES = ("wrote:", "writes:", "a écrit :", "a écrit:")
_TIME_WORDS = frozenset(
    """
    about after around at before between by from on since till to until monday tuesday wednesday thursday friday
    saturday sunday mon tue tues wed thu thurs fri sat sun today tomorrow yesterday tonight noon the
    """.split()
)
_NOT_A_SPEAKER = frozenset(
    """
    action actions agenda am pm time when where place agreed background budget capacity client comments concern concerns context cost costs date
    decision decisions design discussion done due fee fees follow-up followup goal goals info intro issue issues
    item items me/us meeting misc needs next next steps note notes numbers open other outcome owner's p.s. parking
    plan plans present problem problems progress project ps purpose question questions re result results risk risks
    schedule scope site source sources staff status step steps subject summary task tasks team timeline timing title
    to todo to do topic topics tbd update updates warning weather
    """.split()
) | {"next steps", "to do", "parking lot", "action items", "other business"}


class Turn(NamedTuple):
    """The head of a turn: who speaks, and the offset of the first spoken word."""

    speaker: str
    body: int
    timed: bool


def find_turns(lines: Iterable[MarkedLine], known: Collection[str] = ()) -> dict[int, Turn]:
    """Return the turns by the offset of their line.

    Args:
        lines: The lines of the note.
        known: Names from attendee lists, which count as speakers at their first colon.
    """
    lines = list(lines)
    candidates: list[tuple[MarkedLine, Turn]] = []
    heads: list[tuple[MarkedLine, Turn]] = []
    anybody: list[tuple[MarkedLine, Turn]] = []
    is_stamped = False
    for number, line in enumerate(lines):
        turn = _turn(line, is_stamped=is_stamped)
        head = None if turn and turn.timed else _head_of_turn(lines, number)
        somebody = None if turn or head else _turn_of_anybody(line)
        for found, kept in ((turn, candidates), (head, heads), (somebody, anybody)):
            if found:
                kept.append((line, found))
        is_stamped = line.kind == "rule" and "-->" in line.line.text
    if len({turn.speaker for _, turn in heads}) < len(heads):
        candidates += heads
    if sum(turn.timed for _, turn in candidates) >= _FEWEST_TIMED:
        candidates += anybody
    counts = Counter(turn.speaker.lower() for _, turn in candidates)
    names = {name.lower() for name in known} | {name.split()[0].lower() for name in known if name.split()}
    return {
        line.line.start: turn
        for line, turn in candidates
        if turn.timed or counts[turn.speaker.lower()] > 1 or turn.speaker.lower() in names
    }


def sender(line: MarkedLine) -> str | None:
    """Return the name in a ``From:`` header line, without the address."""
    name = re.sub(r"[<(\[].*", "", line.words).strip(" \"'")
    return name or None


def quoted_writer(words: str) -> str | None:
    """Return who wrote the quoted mail that follows: "On 3 May 2025, Ana Ruiz <…> wrote:", or so in German and French."""
    says_so = words.endswith(_WRITES) or (words.startswith("Am ") and " schrieb " in words and words.endswith(":"))
    found = _WROTE.search(words[-200:]) if says_so else None
    return found["name"].strip(' "') if found else None


def _head_of_turn(lines: Sequence[MarkedLine], number: int) -> Turn | None:
    """Return the turn that a name and a time open which fill their line, or a line each."""
    line, below = lines[number], lines[number + 1 : number + 3]
    if line.kind not in ("prose", "heading"):
        return None
    is_above = len(below) == 2 and below[0].kind == "rule" and ":" in below[0].line.text and below[1].kind == "prose"
    found = _HEAD.match(line.line.text) or (_ALONE.fullmatch(line.line.text) if is_above else None)
    return Turn(found["a"], line.line.end, timed=True) if found and _may_speak(found["a"]) else None


def _may_speak(name: str) -> bool:
    words = name.lower().split()
    return bool(words) and name.lower() not in _NOT_A_SPEAKER and words[0] not in _TIME_WORDS


def _turn_of_anybody(line: MarkedLine) -> Turn | None:
    found = _ANYBODY.match(line.line.text) if line.kind in ("prose", "heading") else None
    name = (found["a"] or found["b"]).strip(" *.") if found else ""
    words = name.lower().split()
    if not found or len(words) > _MOST_WORDS or not _may_speak(name) or words[-1] in _TIME_WORDS:
        return None
    return Turn(name, line.line.start + found.end(), timed=True)


def _turn(line: MarkedLine, *, is_stamped: bool) -> Turn | None:
    if is_stamped and (found := _ALONE.fullmatch(line.line.text)):
        return Turn(found["a"], line.line.end, timed=True)
    if line.kind not in ("prose", "item", "quote", "heading"):
        return None
    text = line.line.text
    offset = 0 if line.kind == "heading" else line.body - line.line.start
    for pattern, timed in ((_TIMED, True), (_PLAIN, False)):
        for at in dict.fromkeys((0, offset)) if timed else (offset,):
            found = pattern.match(text, at)
            if found:
                name = next(filter(None, found.groupdict().values()), "").strip(" *.")
                if _may_speak(name):
                    return Turn(name, line.line.start + found.end(), timed)
    return None
