"""The stages in a row: a note in, its analysis out."""

import time
from collections.abc import Callable, Sequence

from notesense.advice import Advisor
from notesense.chunking import split_chunks, split_note
from notesense.consolidation import consolidate_needs, consolidate_pitches
from notesense.domain.analysis import Analysis, Incident, Stage
from notesense.domain.findings import Claim, Mention, Need, RejectedClaim
from notesense.domain.notes import Chunk, Note, Sentence
from notesense.domain.profile import FirmProfile
from notesense.engines.factory import Engine, total
from notesense.errors import CostCapError, EndpointError, EngineError, LanguageError
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
        with self.engine.metered() as calls:
            claims, incidents = self._detect(note, chunks, sentences)
            mentions, rejected = self._ground(note, chunks, sentences, claims, incidents)
            needs = consolidate_needs(note, mentions, self.engine.judge.same_need)
            pitches = consolidate_pitches(note, mentions)
            if needs and (matcher := self._matcher()):
                needs = self._match(matcher, note, sentences, needs, incidents)
        return Analysis(
            note=note,
            needs=tuple(self._advisor.questions(needs)),
            pitches=tuple(self._advisor.rewrites(pitches)),
            rejected=tuple(rejected),
            incidents=tuple(incidents),
            usage=total(calls, time.perf_counter() - started),
        )

    def _detect(
        self, note: Note, chunks: Sequence[Chunk], sentences: Sequence[Sentence]
    ) -> tuple[dict[Chunk, list[Claim]], list[Incident]]:
        claims: dict[Chunk, list[Claim]] = {}
        incidents: list[Incident] = []
        failed = EngineError(f"{note.path}: no part of it could be read")
        for chunk in chunks:
            try:
                claims[chunk] = self.engine.detector.detect(note, chunk, _inside(chunk, sentences))
            except EngineError as error:
                failed = _beyond(note, error)
                incidents.append(_incident("detect", chunk.start, chunk.end, error))
        if not claims:
            raise failed
        return claims, incidents

    def _ground(
        self,
        note: Note,
        chunks: Sequence[Chunk],
        sentences: Sequence[Sentence],
        claims: dict[Chunk, list[Claim]],
        incidents: list[Incident],
    ) -> tuple[list[Mention], list[RejectedClaim]]:
        """Ground the claims; those whose quotes are not in the note go back to the engine once."""
        every = [claim for chunk in chunks for claim in claims.get(chunk, [])]
        mentions, rejected = ground(every, note, sentences)
        if not rejected or not self.engine.mender:
            return mentions, rejected
        lost = {claim.quote for claim in rejected}
        again = [claim for claim in every if claim.quote not in lost]
        for chunk, found in claims.items():
            wrong = [claim for claim in found if claim.quote in lost]
            try:
                again += self.engine.mender.mend(note, chunk, _inside(chunk, sentences), wrong) if wrong else []
            except EngineError as error:
                _beyond(note, error)
                incidents.append(_incident("ground", chunk.start, chunk.end, error))
                again += wrong
        return ground(again, note, sentences)

    def _match(
        self, matcher: Matcher, note: Note, sentences: Sequence[Sentence], needs: list[Need], incidents: list[Incident]
    ) -> list[Need]:
        """Match by the engine's choice, where it has one; where that fails, in the embedded way."""
        if self.engine.chooser:
            try:
                return matcher.match_by(self.engine.chooser.choose, note, sentences, needs)
            except EngineError as error:
                _beyond(note, error)
                incidents.append(_incident("match", 0, len(note.text), error))
        return matcher.match(note, sentences, needs)

    def _check_language(self, note: Note) -> None:
        known = self.engine.detector.languages
        if known is not None and note.language is not None and note.language not in known:
            raise LanguageError(
                f"{note.path}: written in another language than English ({note.language}), "
                f"which the {self.engine.detector.info.name} engine cannot read",
                "It was not analysed, which is not the same as having no needs. Give it in English.",
            )


def _inside(chunk: Chunk, sentences: Sequence[Sentence]) -> list[Sentence]:
    return [s for s in sentences if chunk.start <= s.start < chunk.end]


def _beyond(note: Note, error: EngineError) -> EngineError:
    """Return an error as one of the whole note; where it is about more than a part of it, raise it."""
    whole = type(error)(f"{note.path}: {error.message}", error.hint)
    if isinstance(error, (CostCapError, EndpointError)):
        raise whole from None
    return whole


def _incident(stage: Stage, start: int, end: int, error: EngineError) -> Incident:
    return Incident(stage=stage, span=(start, end), error=type(error).__name__, message=error.message)
