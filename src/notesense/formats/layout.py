"""The geometry of a page: which lines a program broke, and which somebody ended.

In: :class:`Piece`, words that stand beside each other, in the order in which the file draws them. Out: paragraphs
(pieces that go on with each other), and rows (paragraphs that stand beside each other: the cells of a table). Nothing is
left out but lines that head or foot most pages, which are kept once.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

BROKEN = "\ufffe"
"""What PDFium writes for the hyphen of a word that a line end parts."""

_LOOK_BACK = 24
"""Pieces among which the one above is looked for: rows of columns that are drawn line by line have fewer."""
_EDGE = 4
"""Pieces at the head and at the foot of a page that may be a running line."""
_FEWEST_PAGES = 3
_NARROW = 25
"""Characters below which a line is no evidence that a program broke it: the lines of an address are as short."""
_FULL_LINES = 3
"""Full lines, and no other, that show the margin of the lines around."""
_LEADING = 1.3
"""How much further apart than their neighbours two lines are where a paragraph ends."""
_SAME_EDGE = 3.0
"""Points by which left edges of one column may differ."""
_NUMBER = r"\(?[1-9]\d{0,2}(?:(?:\.\d{1,3}){0,5}[.)]|(?:\.\d{1,3}){1,5})"
_MARKER = re.compile(
    rf"[-*–—+o•·▪◦‣∙●○►»☐☑✓✔\uf0b7\uf0a7](?=\s|$)|(?:{_NUMBER}|\(?[a-zA-Z][.)])(?=\s+[^\W\d_a-zß-ÿ]|$)"
)
"""A bullet or number at the head of an item; a number only before a capital, as "2.5 million" is none."""
_LABEL = re.compile(r"[^\W\d_a-z]\w*(?:[ .'’-]{1,2}\w+){0,3}\s?:(?:\s|$)|[\[(]?\d{1,2}:\d{2}")
"""The head of a line that speaks for itself: "Client: …", "Dana: …", "[0:14] …"."""
_TIME = re.compile(r"[\[(]?\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AaPp]\.?[Mm]\.?)?[\])]?")
_BARE_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,3}){0,5}")
_HANGS = re.compile(r"(?i)\b(?:a|an|and|as|at|because|by|for|from|into|of|or|our|than|that|the|their|to|with|your),?$")
"""No sentence ends so."""
_ENDED = (".", "!", "?", ":", ";")


class Piece(NamedTuple):
    """Words that stand beside each other on one line. Lengths are in points; y grows upwards."""

    text: str
    page: int
    left: float
    bottom: float
    right: float
    top: float
    body: float
    """Left edge of the words after a bullet or number: the lines below go on there."""
    first: float
    """Width of the first word, by which it would have fitted on the line above."""

    @property
    def height(self) -> float:
        """Height of the letters' boxes, from descent to ascent."""
        return self.top - self.bottom

    @property
    def is_broken(self) -> bool:
        """Whether it ends within a word."""
        return self.text[-1] == BROKEN or (self.text[-1] == "-" and self.text[-2:-1].isalnum())


Paragraph = list[Piece]


def marker_length(text: str) -> int:
    """Return the length of the bullet or number at the head of a line; 0 where there is none."""
    found = _MARKER.match(text)
    return found.end() if found else 0


def share_line(one: Piece, other: Piece) -> bool:
    """Tell whether two pieces stand at one height."""
    overlap = min(one.top, other.top) - max(one.bottom, other.bottom)
    return one.page == other.page and overlap >= 0.5 * min(one.height, other.height)


def without_running_lines(pages: Sequence[Sequence[Piece]]) -> list[Piece]:
    """Return the pieces of all pages, of lines that head or foot the pages the first only.

    Such a line stands at one place of at least three pages and a third of all (odd and even pages may differ), the same but
    for its figures. A page that has no other words keeps its own.
    """
    counts: Counter[tuple[str, int]] = Counter()
    for page in pages:
        counts.update({_place(piece) for piece in _edges(page)})
    running = {place for place, count in counts.items() if count >= _FEWEST_PAGES and 3 * count >= len(pages)}
    kept: list[Piece] = []
    seen: set[tuple[str, int]] = set()
    for page in pages:
        heads = {piece for piece in _edges(page) if _place(piece) in running}
        has_more = any(piece not in heads for piece in page)
        kept += [piece for piece in page if not (has_more and piece in heads and _place(piece) in seen)]
        seen.update(map(_place, heads))
    return kept


def _edges(page: Sequence[Piece]) -> list[Piece]:
    by_height = sorted(page, key=lambda piece: piece.bottom)
    return by_height if len(page) <= 2 * _EDGE else by_height[:_EDGE] + by_height[-_EDGE:]


def _place(piece: Piece) -> tuple[str, int]:
    return re.sub(r"\d+", "#", piece.text).casefold(), round(piece.bottom / _SAME_EDGE)


def paragraphs(pieces: Sequence[Piece]) -> list[Paragraph]:
    """Return the pieces by paragraph, in the order in which each paragraph begins.

    A piece goes on with the one above where its first word would not have fitted there. What the margin is, and whether
    lines of this column are broken by a program at all, the other lines of the column tell.
    """
    above = _above(pieces)
    below = {upper: lower for lower, upper in above.items()}
    columns = _columns(pieces)
    tight = {lower: upper for lower, upper in above.items() if _is_tight(pieces, lower, above, below)}
    reach = _reach(pieces, columns, tight)
    full = {upper for upper in range(len(pieces)) if _is_full(pieces, upper, below, reach)}
    flowing = _flowing(pieces, columns, tight, full)
    found: list[Paragraph] = []
    owner: dict[int, Paragraph] = {}
    for number, piece in enumerate(pieces):
        upper = tight.get(number)
        if upper is None and number and number - 1 not in below and _turns_over(pieces[number - 1], piece):
            upper = number - 1
        if upper is not None and _goes_on(
            pieces[upper], piece, is_full=upper in full, is_flowing=columns[upper] in flowing
        ):
            owner[number] = owner[upper]
            owner[upper].append(piece)
        else:
            owner[number] = [piece]
            found.append(owner[number])
    return found


def _above(pieces: Sequence[Piece]) -> dict[int, int]:
    """Return for each piece that has one the last piece drawn just above it in its column, by their numbers."""
    above: dict[int, int] = {}
    taken: set[int] = set()
    for number, piece in enumerate(pieces):
        for upper in range(number - 1, max(-1, number - 1 - _LOOK_BACK), -1):
            if pieces[upper].page != piece.page:
                break
            if upper not in taken and _is_above(pieces[upper], piece):
                above[number] = upper
                taken.add(upper)
                break
    return above


def _is_above(upper: Piece, lower: Piece) -> bool:
    step = upper.bottom - lower.bottom
    tall = lower.top - lower.bottom
    if not 0.5 * tall <= step <= 3 * tall or lower.left >= upper.right:
        return False
    tall, small = max(upper.height, tall), min(upper.height, tall)
    if not 0.7 * tall <= step <= 2.2 * tall or small < 0.7 * tall:
        return False
    return abs(lower.left - upper.left) <= 3 * tall or abs(lower.left - upper.body) <= _SAME_EDGE


def _is_tight(pieces: Sequence[Piece], lower: int, above: dict[int, int], below: dict[int, int]) -> bool:
    """Tell whether a line is no further below its upper neighbour than the lines around are from each other."""
    own = _step(pieces, above[lower], lower)
    pairs = [(above.get(above[lower]), above[lower]), (lower, below.get(lower))]
    return all(own <= _LEADING * _step(pieces, a, b) for a, b in pairs if a is not None and b is not None)


def _step(pieces: Sequence[Piece], upper: int, lower: int) -> float:
    return pieces[upper].bottom - pieces[lower].bottom


def _columns(pieces: Sequence[Piece]) -> list[int]:
    """Return for each piece the number of its left edge, of all pages together."""
    columns = [0] * len(pieces)
    order = sorted(range(len(pieces)), key=lambda i: pieces[i].body)
    column = 0
    for number, following in pairwise(order):
        column += pieces[following].body - pieces[number].body > _SAME_EDGE
        columns[following] = column
    return columns


def _reach(pieces: Sequence[Piece], columns: Sequence[int], above: dict[int, int]) -> list[float]:
    """Return for each piece how far to the right its column goes.

    That is the right edge which nine in ten lines of this left edge keep (a title goes across columns), or that of the
    lines which it stands among where they go further, or are all as long as their words allow: a narrower column.

    Args:
        pieces: The pieces.
        columns: The number of the left edge of each.
        above: The upper neighbours within a paragraph's leading.
    """
    rights: defaultdict[int, list[float]] = defaultdict(list)
    for piece, column in zip(pieces, columns, strict=True):
        rights[column].append(piece.right)
    margins = {column: sorted(edges)[9 * (len(edges) - 1) // 10] for column, edges in rights.items()}
    runs: list[int] = []
    widest: dict[int, float] = {}
    for number, piece in enumerate(pieces):
        runs.append(runs[above[number]] if number in above else number)
        widest[runs[number]] = max(widest.get(runs[number], piece.right), piece.right)
    full: Counter[int] = Counter()
    short: set[int] = set()
    for lower, upper in above.items():
        run = runs[upper]
        if _fits(pieces[lower], pieces[upper], widest[run]):
            short |= set() if pieces[upper].text.endswith(_ENDED) else {run}
        else:
            full[run] += 1
    narrow = {run for run, count in full.items() if count >= _FULL_LINES and run not in short}
    return [
        widest[run] if run in narrow else max(margins[column], widest[run])
        for column, run in zip(columns, runs, strict=True)
    ]


def _fits(word: Piece, line: Piece, reach: float) -> bool:
    """Tell whether the first word of a piece would have fitted on a line."""
    return line.right + 0.2 * line.height + word.first <= reach


def _is_full(pieces: Sequence[Piece], upper: int, below: dict[int, int], reach: Sequence[float]) -> bool:
    """Tell whether the first word of what follows would not have fitted on a line."""
    lower = below.get(upper, upper + 1)
    return lower < len(pieces) and not _fits(pieces[lower], pieces[upper], reach[upper])


def _flowing(pieces: Sequence[Piece], columns: Sequence[int], above: dict[int, int], full: set[int]) -> frozenset[int]:
    """Return the columns whose lines a program breaks: more lines without a full stop are full than are not."""
    balance: Counter[int] = Counter()
    for lower, upper in above.items():
        if not pieces[upper].text.endswith(_ENDED) and not _begins(pieces[lower]):
            balance[columns[upper]] += 1 if upper in full else -1
    return frozenset(column for column, count in balance.items() if count > 0)


def _begins(piece: Piece) -> bool:
    """Tell whether a piece begins an item, a turn or a field."""
    return bool(marker_length(piece.text) or _LABEL.match(piece.text))


def _turns_over(upper: Piece, lower: Piece) -> bool:
    """Tell whether a piece is the head of the next page or column."""
    is_next = lower.page == upper.page + 1 or (lower.page == upper.page and lower.bottom > upper.top)
    is_alike = min(upper.height, lower.height) >= 0.8 * max(upper.height, lower.height)
    return is_next and is_alike and not upper.text.endswith(_ENDED)


def _goes_on(upper: Piece, lower: Piece, *, is_full: bool, is_flowing: bool) -> bool:
    if upper.text.endswith(BROKEN):
        return True
    if _begins(lower) or not (is_full or _HANGS.search(upper.text[-12:])):
        return False
    if not is_full or lower.text[0].islower() or upper.is_broken:
        return True
    return is_flowing and len(upper.text) >= _NARROW


def rows(found: Sequence[Paragraph]) -> Iterator[list[Paragraph]]:
    """Yield paragraphs, those of one row of a table together.

    Two long paragraphs beside each other are columns of prose.
    """
    row: list[Paragraph] = []
    for paragraph in found:
        if row and not _is_beside(row, paragraph):
            yield row
            row = []
        row.append(paragraph)
    if row:
        yield row


def _is_beside(row: Sequence[Paragraph], other: Paragraph) -> bool:
    if min(max(map(len, row)), len(other)) > 2 or max(piece.right for piece in row[-1]) >= other[0].left:
        return False
    return share_line(_hull([piece for paragraph in row for piece in paragraph]), _hull(other))


def _hull(pieces: Sequence[Piece]) -> Piece:
    """Return the first piece, as high as all on its page."""
    own = [piece for piece in pieces if piece.page == pieces[0].page]
    return own[0]._replace(bottom=min(piece.bottom for piece in own), top=max(piece.top for piece in own))


def gaps_of(row: Sequence[Paragraph]) -> list[str]:
    """Return what stands between the cells of a row: a blank after the number of a heading and before a time, else a bar."""
    return [_gap(one[-1].text, other[0].text, is_heading=len(row) == 2) for one, other in pairwise(row)]


def _gap(ends: str, begins: str, *, is_heading: bool) -> str:
    if is_heading and _BARE_NUMBER.fullmatch(ends):
        return " "
    return "  " if _TIME.fullmatch(begins) else " | "
