"""Who speaks: labels such as ``Speaker 2:``, ``[00:12:04] Dana:``, ``RENATA:``, ``Dee 8:52`` at the head of a line.

In: marked lines. Out: for each line that opens a turn, the label and where the words begin. A name with a colon is a
speaker where it bears a time, comes twice, or belongs to somebody of the attendee list: "Budget: 40k" is none.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from typing import NamedTuple

from notesense.chunking.lines import MarkedLine

_NAME = (
    r"(?:[Ss]peaker\s+\w{1,3}|[A-ZÀ-Þ][\w'’.-]*(?:\s+(?:[A-ZÀ-Þ][\w'’.-]*|\d{1,2}(?![\d:])|de|van|von|der|la)){0,3})"
)
_ASIDE = r"(?:\s*[(\[][^)\]\n]{1,40}[)\]])?"
_TIME = r"[\[(]?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[AaPp]\.?[Mm]\.?)?[\])]?"
_TIMED = re.compile(
    rf"\s*(?:{_TIME}\s+From\s+(?P<chat>{_NAME}){_ASIDE}(?:\s+to\s+[^:\n]{{1,60}}?)?\s*:"
    rf"|{_TIME}\s*[-–]?\s*\*{{0,2}}(?P<a>{_NAME}){_ASIDE}\s*(?::|\s-\s|$)\*{{0,2}}"
    rf"|\[(?P<boxed>{_NAME}){_ASIDE}\]\s*{_TIME}\s*:?"
    rf"|\*{{0,2}}(?P<b>{_NAME}){_ASIDE}\*{{0,2}}(?:[\s,]*|\s+[-–|]\s+){_TIME}\s*[:–-]?)\s*"
)
_ALONE = re.compile(rf"\s*(?P<a>{_NAME}){_ASIDE}\s*")
"""A name on a line of its own, which speaks where the times of a caption stand above it."""
_PLAIN = re.compile(rf"\s*\*{{0,2}}(?P<a>{_NAME})\*{{0,2}}{_ASIDE}\s*:\*{{0,2}}(?:\s+|$)")
_WROTE = re.compile(rf"(?:,|\b(?:AM|PM|am|pm)|\d{{4}}|^)\s*(?P<name>{_NAME})\s*(?:<[^>]*>)?\s+wrote:\s*$")
_TIME_WORDS = frozenset(
    """
    about after around at before between by from on since till to until monday tuesday wednesday thursday friday
    saturday sunday mon tue tues wed thu thurs fri sat sun today tomorrow yesterday tonight noon the
    """.split()
)
_NOT_A_SPEAKER = frozenset(
    """
    action actions agenda agreed background budget capacity client comments concern concerns context cost costs date
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
    candidates: list[tuple[MarkedLine, Turn]] = []
    is_stamped = False
    for line in lines:
        if turn := _turn(line, is_stamped=is_stamped):
            candidates.append((line, turn))
        is_stamped = line.kind == "rule" and "-->" in line.line.text
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
    """Return who wrote the quoted mail that follows: "On 3 May 2025, Ana Ruiz <…> wrote:"."""
    found = _WROTE.search(words[-200:]) if words.endswith("wrote:") else None
    return found["name"].strip(' "') if found else None


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
                if name and name.lower() not in _NOT_A_SPEAKER and name.split()[0].lower() not in _TIME_WORDS:
                    return Turn(name, line.line.start + found.end(), timed)
    return None
