"""The llm engine's detector: a chunk of a note → claims with quotes, and words of the model's own.

The model also says which quotes are of one need, and writes statement, questions and rewrite in the same call: one call
reads an ordinary note.
"""

from collections.abc import Callable, Iterable, Sequence

from notesense.domain.analysis import EngineInfo
from notesense.domain.findings import Claim, Draft, NeedLabel, PitchLabel
from notesense.domain.notes import Chunk, Note, Sentence
from notesense.domain.profile import FirmProfile
from notesense.domain.spans import Span
from notesense.engines.llm.client import Client
from notesense.engines.llm.prompts import Prompt, Prompts, mark_of
from notesense.engines.llm.redaction import Hiding
from notesense.engines.llm.request import Request
from notesense.engines.llm.schemas import Quotes, Reading
from notesense.errors import EngineTruncatedError

LEAST_PART = 600
"""Characters below which a part whose answer is cut off is not split again."""
MOST_QUESTIONS = 2
GAP = "\n[…]\n"
"""Stands between two stretches of a note of which the middle is not sent."""


class LlmDetector:
    """Finds needs and pitches with a model.

    Args:
        client: Asks the model.
        prompts: The prompts of the run.
        info: What the engine is.
        window: Most characters of a note in one call.
        profile: The firm's profile, which tells the model who we are.
        hiding: What hides names.
    """

    languages: frozenset[str] | None = None

    def __init__(
        self, client: Client, prompts: Prompts, info: EngineInfo, window: int, profile: FirmProfile, hiding: Hiding
    ) -> None:
        self._client = client
        self._prompts = prompts
        self.info = info
        self.window = window
        self._profile = profile
        self._hiding = hiding

    def detect(self, note: Note, chunk: Chunk, sentences: Sequence[Sentence]) -> list[Claim]:
        """Return the claims of a chunk; see :class:`notesense.engines.base.Detector`."""
        if not sentences:
            return []
        return self.read(note, [chunk.body(note)], chunk.number + 1, sentences)

    def read(
        self, note: Note, spans: Sequence[Span], part: int, sentences: Sequence[Sentence], hints: Sequence[str] = ()
    ) -> list[Claim]:
        """Return the claims of some stretches of a note; where the answer is cut off, of each half.

        Args:
            note: The note.
            spans: The stretches, in order; what lies between them is not sent.
            part: Number of the chunk that they are of, from 1.
            sentences: The sentences that begin in them.
            hints: Words of the note that another engine suspects.
        """
        request = self.request(note, spans, part, sentences, hints)
        try:
            reading: Reading = self._client.ask(request).value
        except EngineTruncatedError:
            halves = _halves(spans, sentences)
            if not halves:
                raise
            return [claim for half in halves for claim in self.read(note, half, part, _within(half, sentences), hints)]
        near = Span(spans[0].start, spans[-1].end)
        return list(_claims(reading, near, note, self._prompts["detect"], self._hiding.of(note, sentences).show))

    def whole(self, note: Note, chunk: Chunk, sentences: Sequence[Sentence]) -> Request:
        """Return what is asked about a chunk, of which nothing is left out."""
        return self.request(note, [chunk.body(note)], chunk.number + 1, sentences)

    def request(
        self, note: Note, spans: Sequence[Span], part: int, sentences: Sequence[Sentence], hints: Sequence[str] = ()
    ) -> Request:
        """Return what is asked about some stretches of a note."""
        hide = self._hiding.of(note, sentences).hide
        text = hide(GAP.join(note.text[span.start : span.end] for span in spans))
        values = {
            "context": hide(_context(note, sentences, self._profile)), "text": text, "mark": mark_of(text),
            "hints": hide(_hints(hints)),
        }  # fmt: skip
        return _request(self._prompts["detect"], note, part, values)

    def mend(self, note: Note, chunk: Chunk, sentences: Sequence[Sentence], claims: Sequence[Claim]) -> list[Claim]:
        """Return the claims with other quotes; see :class:`notesense.engines.base.Mender`."""
        redactor = self._hiding.of(note, sentences)
        hide, show = redactor.hide, redactor.show
        body = chunk.body(note)
        text = hide(note.text[body.start : body.end])
        quotes = hide("\n".join(f"{number}. {' '.join(c.quote.split())}" for number, c in enumerate(claims, start=1)))
        values = {"text": text, "mark": mark_of(text + quotes), "quotes": quotes}
        answer: Quotes = self._client.ask(_request(self._prompts["quote"], note, chunk.number + 1, values)).value
        found = {entry.number: show(entry.quote) for entry in answer.quotes if entry.quote.strip()}
        return [
            claim.model_copy(update={"quote": found.get(number, claim.quote)})
            for number, claim in enumerate(claims, start=1)
        ]


def _request(prompt: Prompt, note: Note, part: int, values: dict[str, str]) -> Request:
    return Request(prompt.name, prompt.digest, note.path, part, prompt.render(**values), prompt.schema)


def _claims(reading: Reading, span: Span, note: Note, prompt: Prompt, show: Callable[[str], str]) -> Iterable[Claim]:
    def own(words: str) -> str:
        """Return the model's own words, unless they are those of the prompt's examples."""
        words = " ".join(show(words).split())
        return "" if any(name in words and name not in note.text for name in prompt.invented) else words

    for number, need in enumerate(reading.needs, start=1):
        questions = [own(q) for q in need.questions if own(q)]
        draft = Draft(statement=own(need.statement), questions=tuple(questions[:MOST_QUESTIONS]))
        label = NeedLabel(kind=need.kind, category=need.category)
        for quote in need.quotes:
            yield Claim(quote=show(quote), label=label, near=span, finding=f"{span.start}:{number}", draft=draft)
    for pitch in reading.pitches:
        yield Claim(
            quote=show(pitch.quote), label=PitchLabel(tactic=pitch.tactic, where=pitch.where), near=span,
            draft=Draft(rewrite=own(pitch.rewrite)),
        )  # fmt: skip


def _context(note: Note, sentences: Sequence[Sentence], profile: FirmProfile) -> str:
    """Return what is known of the note beside its words."""
    firm = ", ".join(filter(None, (profile.name, *profile.short_names)))
    speakers: dict[str, str] = {s.speaker: s.side for s in sentences if s.speaker and s.side != "unknown"}
    sides = "; ".join(f"{speaker} is of the {side}'s side" for speaker, side in speakers.items())
    known = {
        "Our firm": firm or None, "Client": note.client, "Part of the client": note.client_unit, "Author": note.author,
        "Author's practice": note.practice, "Date": note.date and note.date.isoformat(), "Speakers": sides or None,
    }  # fmt: skip
    lines = [f"{name}: {' '.join(value.split())}" for name, value in known.items() if value]
    return "\n".join(["What is known:", *lines, ""]) if lines else ""


def _hints(hints: Sequence[str]) -> str:
    if not hints:
        return ""
    listed = "\n".join(f"- {' '.join(hint.split())}" for hint in hints)
    return f"A simpler reader suspects these places; it is often wrong, and misses some:\n{listed}\n"


def _halves(spans: Sequence[Span], sentences: Sequence[Sentence]) -> list[list[Span]]:
    """Return stretches cut in two at the sentence nearest to their middle, or nothing where they are too short."""
    starts = [s.start for s in sentences][1:]
    if sum(span.length for span in spans) < LEAST_PART or not starts:
        return []
    middle = (spans[0].start + spans[-1].end) // 2
    cut = min(starts, key=lambda start: abs(start - middle))
    before = [Span(s.start, min(s.end, cut)) for s in spans if s.start < cut]
    after = [Span(max(s.start, cut), s.end) for s in spans if s.end > cut]
    return [before, after]


def _within(spans: Sequence[Span], sentences: Sequence[Sentence]) -> list[Sentence]:
    return [s for s in sentences if any(span.start <= s.start < span.end for span in spans)]
