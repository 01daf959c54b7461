"""Captions of recorded meetings (WebVTT, SRT): the turns of each speaker in one line, with the time they begin.

Who speaks is said in one of four ways: by a voice (``<v Ana Ruiz>``), by the name of the cue (``7 "Ana Ruiz" (2912)``,
as Webex writes it), by a name with a colon before the words, or by ``>>``, which tells only that somebody else goes on.
"""

import html
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from notesense.errors import NoteFormatError
from notesense.formats.decode import decode
from notesense.formats.extract import Extract, Lines, plain_lines

if TYPE_CHECKING:
    from webvtt.models import Caption

_CLASSES = r"(?:\.[^\s<>]{0,100})?"
_VOICE = re.compile(rf"<v{_CLASSES}(?:\s([^<>]{{0,200}}))?>", re.IGNORECASE)
_TAG = re.compile(
    rf"""</?(?:[cibu]|ruby|rt){_CLASSES}\s?> | </?(?:v|lang){_CLASSES}(?:\s[^<>]{{0,200}})?>
      | </?font(?:\s[^<>]{{0,200}})?> | <\d{{1,10}}:\d\d(?::\d\d)?\.\d{{3}}> | \{{\\[^{{}}\s]{{0,100}}\}}""",
    re.VERBOSE | re.IGNORECASE,
)
"""What WebVTT and SRT know as marks. Other angle brackets are words: "flow < 5 litres and head > 3 metres"."""
_CUE_NAME = re.compile(r'\d{1,10}\s+"(?P<name>.{0,200})"\s*(?:\(\d{1,20}\))?\s*')
_HEAD = re.compile(r"(?:[-–—]\s+)?(?P<name>[^\s:–—-].{0,63}?)\s?:\s+(?P<words>\S.*)", re.DOTALL)
_CHANGE = re.compile(r"(?m)(?:^|(?<=[.?!…-]\s))>>+")
_PARTICLES = frozenset("al bin da de del den der des di dos du el la le of ten ter van von zu".split())
MOST_NAME_WORDS = 8
"""Words of a name, with a firm or a role in brackets."""
MOST_WORDS = 80
"""After so many words of one speaker a new line begins with the next sentence, and shows its time."""
PATIENCE = 20
"""Words more after which it begins within a sentence."""
UNNAMED = "Somebody"
"""Who speaks where captions tell that the speaker changes, and not to whom."""


class Cue(NamedTuple):
    """A caption, or what one speaker says of it."""

    time: str
    speaker: str | None
    """None where the cue does not say who speaks."""
    words: str
    opens: bool
    """It begins a caption, or follows a mark of a change: where a name with a colon is to be expected."""


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
        cues = [cue for caption in captions.captions for cue in _cues(caption)]
    except (MalformedCaptionError, MalformedFileError, ValueError) as error:
        raise NoteFormatError(
            f"{name}: not captions that can be read ({error})", "Export the transcript again, or as text."
        ) from None
    if not cues:
        raise NoteFormatError(f"{name}: no captions in it", "Export the transcript again, or as text.")
    lines = Lines()
    for speaker, said in _turns(_with_names(cues)):
        lead = f"[{said[0][0]}] {speaker}: " if speaker else ""
        for time, words in said:
            lines.begin(lead + words, time)
            lead = " "
        lines.add("")
    return Extract(lines.text, lines.places)


def _cues(caption: "Caption") -> Iterator[Cue]:
    """Yield what each speaker says in a caption; where it names none, each of its lines."""
    time = caption.start.split(".")[0]
    first, *rest = _VOICE.split(caption.raw_text)
    cue_name = _CUE_NAME.fullmatch(caption.identifier or "")
    whole = _name(cue_name["name"]) if cue_name else None
    voices = [
        (whole, first),
        *((_name(voice or ""), marked) for voice, marked in zip(rest[::2], rest[1::2], strict=True)),
    ]
    for speaker, marked in voices:
        text = html.unescape(_TAG.sub("", marked))
        if not speaker:
            yield from _lines(time, text)
        elif words := " ".join(text.split()):
            yield Cue(time, speaker, words, opens=False)


def _name(stated: str) -> str:
    """Return a name without what a reader of the line would take for its end."""
    return " ".join(html.unescape(stated).replace(":", " ").split()) or UNNAMED


def _lines(time: str, text: str) -> Iterator[Cue]:
    """Yield the lines of a cue that names no speaker by a mark; a name that stands alone goes with the line below."""
    lines = "\n".join(" ".join(line.split()) for line in text.split("\n") if line.strip())
    for number, line in enumerate(re.split(r"(?<!:)\n|\n(?=>>)", _CHANGE.sub("\n>>", lines).removeprefix("\n"))):
        is_change = line.startswith(">>")
        if words := " ".join(line.removeprefix(">>").split()):
            yield Cue(time, UNNAMED if is_change else None, words, opens=is_change or number == 0)


def _with_names(cues: Sequence[Cue]) -> Iterator[Cue]:
    """Yield the cues; a name with a colon before the words of one that names nobody is its speaker.

    Where most captions begin so, whatever stands there is a name ("dana whitfield", "4th floor"): words that go to an
    odd name are lost to nobody, those that stay with the speaker before may change sides. Else it is one if it looks
    like one, as "My question: who pays?" is no turn.
    """
    heads = [_head(cue) for cue in cues]
    counts = Counter(found["name"] for cue, found in zip(cues, heads, strict=True) if found and cue.opens)
    names = {found["name"] for found in heads if found and _is_name(found["name"], counts[found["name"]])}
    does_one_recur = len(counts) < counts.total()
    if 2 * counts.total() > sum(cue.opens for cue in cues) and (names or does_one_recur):
        names.update(counts)
    for cue, found in zip(cues, heads, strict=True):
        yield cue._replace(speaker=found["name"], words=found["words"]) if found and found["name"] in names else cue


def _head(cue: Cue) -> re.Match[str] | None:
    found = _HEAD.fullmatch(cue.words) if cue.speaker in (None, UNNAMED) else None
    return found if found and len(found["name"].split()) <= MOST_NAME_WORDS else None


def _is_name(head: str, times: int) -> bool:
    """Tell whether this is a name: its words all with a capital or all without, and it comes twice or is a full name."""
    words = [word for word in head.split() if word not in _PARTICLES]
    is_lower = {word[0].islower() for word in words if word[0].isalpha()}
    is_full = len(words) > 1 and is_lower == {False} and not any(character.isdigit() for character in head)
    return len(is_lower) < 2 and (times > 1 or is_full)


def _turns(cues: Iterable[Cue]) -> Iterator[Turn]:
    """Yield the turns, cues of one speaker joined."""
    now = Turn(None, [])
    for time, speaker, words, _ in cues:
        is_new = speaker not in (None, now.speaker) or speaker == UNNAMED
        if now.said and (is_new or _is_long(now)):
            yield now
            now = Turn(now.speaker, [])
        now = Turn(speaker or now.speaker, [*now.said, (time, words)])
    if now.said:
        yield now


def _is_long(turn: Turn) -> bool:
    """Tell whether a new line should begin, if possible not within a sentence."""
    length = sum(len(words.split()) for _, words in turn.said)
    ends = turn.said[-1][1].rstrip("\"'’”)").endswith((".", "?", "!", "…"))
    return length >= MOST_WORDS + PATIENCE or (ends and length >= MOST_WORDS)
