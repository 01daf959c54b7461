"""The sentences of a note → the windows of tokens that the fine-tuned network reads.

A window holds whole sentences, as many as fit; a sentence that alone is longer is cut. Each sentence is preceded by
what the layout says of it: who speaks and for which side, that it is a heading, an item, a cell or a quotation.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from notesense.domain.notes import Sentence

MAX_TOKENS = 254
"""Tokens of a window, special tokens included."""
_SIGNS = {"heading": "#", "item": "-", "cell": "|", "quote": ">", "prose": "", "turn": ""}


class Window(NamedTuple):
    """A sequence of tokens, and where in it which sentence stands."""

    tokens: list[int]
    sentences: list[int]
    """Indices of the sentences in it."""
    places: list[tuple[int, int]]
    """First and past-the-last token of each."""


def lead(sentence: Sentence) -> str:
    """Return the words that say how a sentence stands in the note."""
    if sentence.form == "turn":
        side = "" if sentence.side == "unknown" else sentence.side
        return f"{sentence.speaker or 'speaker'} {side}:"
    return _SIGNS.get(sentence.form, "")


def windows_of(sentences: Sequence[Sentence], tokenizer: Any) -> list[Window]:
    """Cut a note into windows.

    Args:
        sentences: Of one note, in order.
        tokenizer: A ``tokenizers.Tokenizer`` without padding and truncation.
    """
    first, last = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    leads = tokenizer.encode_batch([lead(s) for s in sentences], add_special_tokens=False)
    texts = tokenizer.encode_batch([s.text for s in sentences], add_special_tokens=False)
    windows: list[Window] = []
    for i, (before, own) in enumerate(zip(leads, texts, strict=True)):
        ids = [*before.ids, *own.ids][: MAX_TOKENS - 2]
        if not windows or len(windows[-1].tokens) + len(ids) > MAX_TOKENS - 1:
            windows.append(Window([first], [], []))
        window = windows[-1]
        start = len(window.tokens) + min(len(before.ids), len(ids) - 1 if ids else 0)
        window.tokens.extend(ids)
        window.sentences.append(i)
        window.places.append((start, len(window.tokens)))
    for window in windows:
        window.tokens.append(last)
    return windows
