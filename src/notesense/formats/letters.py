"""Where the letters of a page of a PDF stand."""

import ctypes
import math
from typing import Any, NamedTuple

WIDE = 1.0
"""Heights of the letters that a gap between cells is wide; blanks of justified lines are narrower."""
_LOOSE = 0.65
"""Heights of the letters that a letter of a line is wide at most, on average, where it has no gap."""


class Box(NamedTuple):
    """Where a letter stands on its page, from descent to ascent, in points."""

    left: float
    top: float
    right: float
    bottom: float


_NOWHERE = Box(0.0, 0.0, 0.0, 0.0)


def _by_address(function: Any, pointers: int) -> Any:
    """Return a function of PDFium that takes a page, a number and addresses to which it writes what it found."""
    call = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, *[ctypes.c_void_p] * pointers)
    return call(ctypes.cast(function, ctypes.c_void_p).value or 0)


class Letters:
    """Where the letters of a page stand, which PDFium is asked for one by one: it has no call for many."""

    def __init__(self, found: Any, rotation: int) -> None:
        """Prepare the calls, by address: ctypes takes longer to check the arguments than PDFium to answer.

        Args:
            found: The text page.
            rotation: By how much the page is turned, in degrees.
        """
        import pypdfium2.raw

        self._page = ctypes.cast(found.raw, ctypes.c_void_p).value
        self._rotation = rotation
        self._rect = (ctypes.c_float * 4)()
        self._edges = (ctypes.c_double * 4)()
        address, size = ctypes.addressof(self._edges), ctypes.sizeof(ctypes.c_double)
        self._to_rect = ctypes.addressof(self._rect)
        self._to_edges = [address + size * i for i in range(4)]
        self._ask_box = _by_address(pypdfium2.raw.FPDFText_GetLooseCharBox, 1)
        self._ask_drawn = _by_address(pypdfium2.raw.FPDFText_GetRect, 4)
        self._count_drawn = pypdfium2.raw.FPDFText_CountRects
        self._handle = found.raw
        self._known: dict[int, Box] = {}

    def box(self, place: int) -> Box:
        """Return the box of the letter at this place of the text, upright on the page as it is shown."""
        box = self._known.get(place)
        if box is None:
            is_found = self._ask_box(self._page, place, self._to_rect)
            box = self._upright(*self._rect) if is_found else _NOWHERE
            self._known[place] = box
        return box

    def may_part(self, start: int, end: int) -> bool:
        """Tell whether a wide gap may stand within a line: between the pieces in which it is drawn, or somewhere.

        It saves the time to ask for the boxes of each word.

        Args:
            start: Where the line begins in the text.
            end: Where it ends.
        """
        first, last = self.box(start), self.box(end - 1)
        height = first.top - first.bottom
        if last.right < first.left or last.right - first.left > _LOOSE * height * (end - start):
            return True
        count = self._count_drawn(self._handle, start, end - start)
        if count < 2:
            return False
        one = self._drawn(0)
        for number in range(1, count):
            other = self._drawn(number)
            if other.left < one.left or other.left - one.right > 0.8 * WIDE * height:
                return True
            if max(other.bottom - one.top, one.bottom - other.top) > 0.5 * height:
                return True
            one = other
        return False

    def _drawn(self, number: int) -> Box:
        self._ask_drawn(self._page, number, *self._to_edges)
        return self._upright(*self._edges)

    def _upright(self, left: float, top: float, right: float, bottom: float) -> Box:
        if not math.isfinite(left + top + right + bottom):
            return _NOWHERE
        if not self._rotation:
            return Box(left, top, right, bottom)
        match self._rotation:
            case 90:
                return Box(bottom, -left, top, -right)
            case 180:
                return Box(-right, -bottom, -left, -top)
        return Box(-top, right, -bottom, left)
