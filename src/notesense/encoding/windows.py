"""The parts of a note → the windows of tokens that the detector's network reads.

A part is a sentence with the words that say how it stands in the note (its speaker, that it is a heading or an item).
A window holds as many whole parts as fit; a part that alone is longer goes on in the next window. A window that
begins below a heading says the heading first, so that an item far down a list is still one of "Wishes".
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

MAX_TOKENS = 254
"""Tokens of a window, special tokens included."""
MAX_HEADING = 24
"""Tokens of the heading that a window begins with."""


class Part(NamedTuple):
    """A stretch of text and what is said before it."""

    lead: str
    """Read, and no part of what the text is judged by."""
    text: str
    under: str = ""
    """The heading above it, read where a window begins with this part."""


class Window(NamedTuple):
    """A sequence of tokens, and which tokens are of which part."""

    tokens: list[int]
    parts: list[int]
    """Index of each part in it."""
    places: list[tuple[int, int]]
    """First and past-the-last token of each, without its lead."""


def windows_of(parts: Sequence[Part], tokenizer: Any) -> list[Window]:
    """Cut a note into windows.

    Args:
        parts: Of one note, in order.
        tokenizer: A ``tokenizers.Tokenizer`` without padding and truncation.
    """

    @cache
    def heading_of(words: str) -> list[int]:
        ids: list[int] = tokenizer.encode(words, add_special_tokens=False).ids if words else []
        return ids[:MAX_HEADING]

    first, last = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    leads = tokenizer.encode_batch([part.lead for part in parts], add_special_tokens=False)
    texts = tokenizer.encode_batch([part.text for part in parts], add_special_tokens=False)
    windows: list[Window] = []
    for i, (lead, text) in enumerate(zip(leads, texts, strict=True)):
        before = lead.ids[: MAX_TOKENS // 4]
        room = MAX_TOKENS - 2 - MAX_HEADING - len(before)
        for at in range(0, len(text.ids), room):
            ids = text.ids[at : at + room]
            if not windows or len(windows[-1].tokens) + len(before) + len(ids) > MAX_TOKENS - 1:
                windows.append(Window([first, *heading_of(parts[i].under)], [], []))
            window = windows[-1]
            start = len(window.tokens) + len(before)
            window.tokens.extend([*before, *ids])
            window.parts.append(i)
            window.places.append((start, len(window.tokens)))
    for window in windows:
        window.tokens.append(last)
    return windows
