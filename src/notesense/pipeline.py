"""The stages in a row: a note in, its analysis out."""

import time
from collections.abc import Callable, Sequence

from notesense.advice import Advisor
from notesense.chunking import split_chunks, split_note
from notesense.consolidation import consolidate_needs, consolidate_pitches
from notesense.domain.analysis import Analysis, Incident, Usage
from notesense.domain.findings import Claim
from notesense.domain.notes import Chunk, Note, Sentence
from notesense.domain.profile import FirmProfile
from notesense.engines.factory import Engine
from notesense.errors import EngineError, LanguageError
from notesense.grounding import ground
from notesense.solutions.match import Matcher


class Pipeline:
    """Analyses notes, one after another.

    Args:
        engine: Detects and judges.
        advisor: Asks and rewrites.
        matcher: Gives what finds solutions, or None where there is no index; asked when there are needs to match.
        profile: The firm's profile.
    """

    def __init__(
        self, engine: Engine, advisor: Advisor, matcher: Callable[[], Matcher | None], profile: FirmProfile
    ) -> None:
        self.engine = engine
        self._advisor = advisor
        self._matcher = matcher
        self._profile = profile

    def analyze(self, note: Note) -> Analysis:
        """Return what the note says.

        Raises:
            LanguageError: The engine does not know the note's language.
            EngineError: No chunk of the note could be read.
        """
        started = time.perf_counter()
        self._check_language(note)
        chunks = split_chunks(note, self.engine.detector.window)
        sentences = split_note(note, self._profile)
        claims, incidents = self._detect(note, chunks, sentences)
        mentions, rejected = ground(claims, note, sentences)
        needs = consolidate_needs(note, mentions, self.engine.judge.same_need)
        pitches = consolidate_pitches(note, mentions)
        if needs and (matcher := self._matcher()):
            needs = matcher.match(note, sentences, needs)
        return Analysis(
            note=note,
            needs=tuple(self._advisor.questions(needs)),
            pitches=tuple(self._advisor.rewrites(pitches)),
            rejected=tuple(rejected),
            incidents=tuple(incidents),
            usage=Usage(seconds=round(time.perf_counter() - started, 3)),
        )

    def _detect(
        self, note: Note, chunks: Sequence[Chunk], sentences: Sequence[Sentence]
    ) -> tuple[list[Claim], list[Incident]]:
        claims: list[Claim] = []
        incidents: list[Incident] = []
        for chunk in chunks:
            inside = [s for s in sentences if chunk.start <= s.start < chunk.end]
            try:
                claims += self.engine.detector.detect(note, chunk, inside)
            except EngineError as error:
                incidents.append(
                    Incident(
                        stage="detect", span=(chunk.start, chunk.end), error=type(error).__name__, message=error.message
                    )
                )
        if len(incidents) == len(chunks):
            raise EngineError(f"{note.path}: no part of it could be read ({incidents[0].message})")
        return claims, incidents

    def _check_language(self, note: Note) -> None:
        known = self.engine.detector.languages
        if known is not None and note.language is not None and note.language not in known:
            raise LanguageError(
                f"{note.path}: written in another language than English ({note.language}), "
                f"which the {self.engine.detector.info.name} engine cannot read",
                "It was not analysed, which is not the same as having no needs. Give it in English.",
            )
