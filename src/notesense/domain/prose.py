"""Sentences and clauses inside a stretch of prose, as offsets.

In: a text and a range in it. Out: ranges that cover every word of it once, in order. Full stops in abbreviations,
initials, numbers and web addresses do not end a sentence; a stop before a small letter does, since notes are typed
in a hurry. What has no stops at all (dictation) falls back to windows at the words that join clauses.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator

from notesense.domain.spans import Span

_STOP = re.compile(r"""(?<![.!?…])[.!?…]++["'”’)\]]*+(?=\s)""")
_ABBREVIATIONS = frozenset(
    """
    mr mrs ms dr prof st sr jr rev hon gen col capt lt sgt gov pres dept dir asst assoc inc ltd co corp llc bros no
    nos vs etc e.g i.e eg ie cf al approx est max min avg ca circa incl excl ave blvd rd hwy ln pl sq ft fl rm apt
    bldg ste jan feb mar apr jun jul aug sept sep oct nov dec mon tue tues wed thu thur thurs fri sat sun fig figs
    vol pp ed sec art para ref
    """.split()
)
_ALSO_WORDS = frozenset("no nos sat sun mon wed mar dec art min max ed al etc".split())
"""Abbreviations that are words as well, or end a list: before a capital they end a sentence ("She said no. Then …")."""
_CAPITALISED = re.compile(r"[A-ZÀ-Þ][^\W\d]*(?!\w)")
_CLAUSE_BREAK = re.compile(r"(?:;|\s[—–-]{1,2}\s|—|\s(?:->|=>|→|⇒)\s?)\s*+")
_JOINT = re.compile(
    r"(?<!\s)\s++(?=(?:and then|and so|so|but|and|then|oh|anyway|also|because|which|though|well|okay|ok|um|uh)\b)"
    r"|(?<=[,;:])\s++",
    re.IGNORECASE,
)
_SUBJECT_AFTER = re.compile(
    r"(?:and|so|but|then|because|though|oh|also|well|anyway|um|uh|which)[\s,]+"
    r"(?:\w+[\s,]+)?(?:i|he|she|they|we|it|its|it's|you|there|theres|there's|the|that|thats|their|his|her|our|this|"
    r"what|who|nobody|somebody|apparently|then|um|uh)\b",
    re.IGNORECASE,
)
LONG_SENTENCE = 36
"""Words after which a sentence is cut at its joints: dictation, or a run-on."""
_FAR = 100
"""Characters that are looked at on either side of a stop: a bound on time, far beyond any word."""
MIN_CLAUSE = 5
"""Words that a piece must have to stand alone."""


def split_sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the sentences of ``text[start:end]``, outer blanks trimmed.

    Args:
        text: The whole text.
        start: Offset of the first character of the range.
        end: Offset after the last.
    """
    begin = start
    for stop in _STOP.finditer(text, start, end):
        if _ends_sentence(text, begin, stop.start(), stop.end(), end):
            yield from _trimmed(text, begin, stop.end())
            begin = stop.end()
    yield from _trimmed(text, begin, end)


def split_clauses(text: str, sentence: Span) -> Iterator[Span]:
    """Yield the clauses of a sentence: at semicolons, dashes and arrows, and a run-on at its joints."""
    for piece in _cut(text, sentence, _CLAUSE_BREAK, MIN_CLAUSE):
        if len(text[piece.start : piece.end].split()) <= LONG_SENTENCE:
            yield piece
        else:
            yield from _cut_run_on(text, piece)


def _ends_sentence(text: str, begin: int, stop: int, after: int, end: int) -> bool:
    if text[stop] != "." or text[stop:after].rstrip("\"'”’)]") not in (".",):
        return True
    word = re.split(r"[\s(\[/]", text[max(begin, stop - _FAR) : stop])[-1]
    following = text[after : min(end, after + _FAR)].lstrip()
    if word.lower() in _ALSO_WORDS and _CAPITALISED.match(following):
        return True
    if word.lower() in _ABBREVIATIONS:
        return False
    if len(word) == 1 and word.isalpha():  # an initial: "J. Peterson"; but "vitamin C." may end a line
        return not following
    return not (len(word) <= 3 and word.islower() and following[:1].islower())  # "w. the", "mtg. in"


def _cut(text: str, span: Span, breaks: re.Pattern[str], least: int) -> Iterator[Span]:
    words = _Words(text, span)
    begin = span.start
    for found in breaks.finditer(text, span.start, span.end):
        if found.end() >= span.end or found.start() <= begin:
            continue
        if words.between(begin, found.start()) >= least and words.between(found.end(), span.end) >= least:
            yield from _trimmed(text, begin, found.start())
            begin = found.end()
    yield from _trimmed(text, begin, span.end)


def _cut_run_on(text: str, span: Span) -> Iterator[Span]:
    """Cut where a new subject follows a joining word; where none does for too long, at any joint, or anywhere."""
    words = _Words(text, span)
    begin = span.start
    for joint in [*_JOINT.finditer(text, span.start, span.end), None]:
        until = joint.start() if joint else span.end
        while words.between(begin, until) > 2 * LONG_SENTENCE:  # nothing to hold on to: windows of equal length
            cut = words.start_after(begin, LONG_SENTENCE)
            yield from _trimmed(text, begin, cut)
            begin = cut
        if joint is None:
            break
        length = words.between(begin, joint.start())
        if length < MIN_CLAUSE + 1 or words.between(joint.end(), span.end) < MIN_CLAUSE:
            continue
        if _SUBJECT_AFTER.match(text, joint.end()) or length >= LONG_SENTENCE // 2:
            yield from _trimmed(text, begin, joint.start())
            begin = joint.end()
    yield from _trimmed(text, begin, span.end)


class _Words:
    """Where the words of a span begin, so that counting them takes no walk."""

    def __init__(self, text: str, span: Span) -> None:
        self._starts = [found.start() for found in re.finditer(r"\S+", text[span.start : span.end])]
        self._offset = span.start

    def between(self, start: int, end: int) -> int:
        """Return the number of words that begin in the range."""
        return bisect_left(self._starts, end - self._offset) - bisect_left(self._starts, start - self._offset)

    def start_after(self, start: int, count: int) -> int:
        """Return where the word begins that comes ``count`` words after ``start``."""
        return self._offset + self._starts[bisect_left(self._starts, start - self._offset) + count]


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        yield Span(start, end)
