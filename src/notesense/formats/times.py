"""Time stamps of transcripts that are plain text: where in the recording each turn begins.

Known are the text exports of Teams, Zoom, Otter, Fireflies, Google Meet and their like: a time at the head of a line
("[00:12:04] Dana: …", "00:12:04"), or after a name that stands alone ("Dana Whitfield  12:04").
"""

import re
from itertools import pairwise

from notesense.domain.notes import Place

FEWEST = 3
"""Time stamps below which a text is no transcript: "10:30 walked the site" is a line of a diary."""
LATEST_START = 120
"""Seconds after which no transcript has its first words."""
_TIME = r"\d{1,2}:\d{1,2}(?::\d{2})?(?:[.,]\d{1,3})?(?:\s?[AaPp]\.?[Mm]\b\.?)?"
_DAY = r"(?:\d{1,4}[/.-]\d{1,2}(?:[/.-]\d{2,4})?,?[ \t]{1,2})?"
"""Before the times of a chat."""
_RANGE = r"\d{1,2}:\d{1,2}:\d{1,2}\.\d{1,3}"
_HEAD = re.compile(
    rf"(?m)^[ \t]*+(?:\*\*)?(?:(?P<range>{_RANGE})[ \t]*+-->[ \t]*+{_RANGE}[ \t]*+\r?$"
    rf"|(?P<bare>(?![\[(])(?=(?>{_TIME})[ \t]*+[^\s]))?[\[(]?{_DAY}(?P<first>{_TIME})[\])]?(?=[ \t]*+(?:\r?$|[-–—]?[ \t]*+(?:\*\*)?[^\W\d_]))"
    rf"|(?![^\n\r]{{0,90}}\d{{3}})\[?[^\W\d_][^\n\r:\[\]]{{0,60}}?\]?(?:\*\*)?(?:[ \t]{{1,4}}|:[ \t]{{1,4}}|[ \t]{{0,4}}[-–—,|][ \t]{{0,4}}|[ \t]{{0,4}}[\[(])(?P<last>{_TIME})[\])]?(?:\*\*)?:?[ \t]*+\r?$)"
)


def turn_times(text: str) -> tuple[Place, ...]:
    """Return the time at which each stretch of a transcript was said; none where the text is no transcript.

    A clock goes forward: where more than a tenth of the stamps do not, they are times of the day in an ordinary note.
    So are bare times before words ("8:10 Called Dana"), unless they have seconds or begin near zero.
    """
    stamps = list(_HEAD.finditer(text))
    found = [Place(m.start(), _label(m["range"] or m["first"] or m["last"])) for m in stamps]
    if len(found) < FEWEST:
        return ()
    bare = [
        place for m, place in zip(stamps, found, strict=True) if m["bare"] is not None and place.label.count(":") == 1
    ]
    if len(bare) > len(found) / 2 and _seconds(bare[0].label) > LATEST_START:
        return ()
    seconds = [_seconds(place.label) for place in found]
    backwards = sum(later < earlier for earlier, later in pairwise(seconds))
    return tuple(found) if backwards <= 0.1 * len(found) else ()


def _label(stamp: str) -> str:
    """Return a stamp without fractions of seconds, seconds and minutes in two digits."""
    first, *rest = re.split(r"[.,](?=\d)", stamp)[0].split(":")
    return ":".join([first, *(part.zfill(2) for part in rest)])


def _seconds(stamp: str) -> int:
    """Return a stamp as seconds; "12:04" has no hours."""
    total = 0
    for part in re.findall(r"\d+", stamp):
        total = 60 * total + int(part)
    return total + (12 * 3600 if re.search(r"(?i)p\.?m", stamp) and not stamp.startswith("12") else 0)
