"""Captions of recorded meetings (WebVTT, SRT): the turns of each speaker in one line, with the time they begin."""

import html
import io
import re
from collections.abc import Iterator
from typing import NamedTuple

from notesense.errors import NoteFormatError
from notesense.formats.decode import decode
from notesense.formats.extract import Extract, Lines, plain_lines

_SPOKEN = re.compile(r"(?P<name>[A-ZÀ-Þ][\w'’.() -]{0,40}?):\s+(?P<words>\S.*)", re.DOTALL)
_TAG = re.compile(r"<[^<>]{0,200}>")
_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,40})?[ \t]([^<>]{1,100})>")
MOST_WORDS = 80
"""After so many words of one speaker a new line begins, which shows its time."""


class Turn(NamedTuple):
    """What one speaker says in a row."""

    speaker: str | None
    said: list[tuple[str, str]]
    """Times and words."""


def extract(data: bytes, name: str) -> Extract:
    """Return what was said.

    Args:
        data: The file's content.
        name: The file's name, for messages; its ending tells the format.

    Raises:
        NotTextError: It is no text.
        NoteFormatError: It has no captions.
    """
    import webvtt
    from webvtt.errors import MalformedCaptionError, MalformedFileError

    text = plain_lines(decode(data, name))
    form = "srt" if name.lower().endswith(".srt") else "vtt"
    try:
        captions = webvtt.from_buffer(io.StringIO(text), format=form)
        cues = [
            (c.start.split(".")[0], voice, words) for c in captions.captions for voice, words in _voices(c.raw_text)
        ]
    except (MalformedCaptionError, MalformedFileError, ValueError) as error:
        raise NoteFormatError(
            f"{name}: not captions that can be read ({error})", "Export the transcript again, or as text."
        ) from None
    if not cues:
        raise NoteFormatError(f"{name}: no captions in it", "Export the transcript again, or as text.")
    lines = Lines()
    for speaker, said in _turns(cues):
        lines.begin(f"[{said[0][0]}]{f' {speaker}:' if speaker else ''}", said[0][0])
        for time, words in said:
            lines.begin(f" {words}", time)
        lines.add("")
    return Extract(lines.text, lines.places)


def _voices(raw: str) -> Iterator[tuple[str | None, str]]:
    """Yield the speakers of a cue with their words; None where the cue does not say who speaks."""
    first, *rest = _VOICE.split(raw)
    spoken = [(None, first), *zip(rest[::2], rest[1::2], strict=True)]
    for voice, marked in spoken:
        if words := " ".join(html.unescape(_TAG.sub("", marked)).split()):
            yield html.unescape(voice).strip() if voice else None, words


def _turns(cues: list[tuple[str, str | None, str]]) -> Iterator[Turn]:
    """Yield the turns, cues of one speaker joined."""
    now = Turn(None, [])
    for time, voice, words in cues:
        found = None if voice else _SPOKEN.fullmatch(words)
        speaker = voice or (found["name"].strip() if found else None)
        words = found["words"] if found else words
        is_long = sum(len(said.split()) for _, said in now.said) >= MOST_WORDS
        if now.said and (is_long or speaker not in (None, now.speaker)):
            yield now
            now = Turn(now.speaker, [])
        now = Turn(speaker or now.speaker, [*now.said, (time, words)])
    if now.said:
        yield now
