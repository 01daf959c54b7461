"""The stages in a row: a note in, its analysis out."""

import time
from collections.abc import Callable, Sequence

from notesense.advice import Advisor
from notesense.chunking import split_chunks, split_note
from notesense.consolidation import consolidate_needs, consolidate_pitches
from notesense.domain.analysis import Analysis, Incident, Stage
from notesense.domain.findings import Claim, Mention, Need, RejectedClaim, by_finding
from notesense.domain.notes import Chunk, Note, Sentence
from notesense.domain.profile import FirmProfile
from notesense.engines.factory import Engine
from notesense.engines.meter import metered
from notesense.errors import EngineAnswerError, EngineError, LanguageError
from notesense.grounding import ground
from notesense.solutions.match import Matcher

MOST_FAULTS = 3
"""Most faults of an answer that an incident tells."""


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
        with metered() as meter:
            claims, incidents = self._detect(note, chunks, sentences)
            mentions, rejected = self._ground(note, chunks, sentences, claims, incidents)
            needs = self._consolidate(note, mentions, incidents)
            pitches = consolidate_pitches(note, mentions)
            if needs and (matcher := self._matcher()):
                needs = self._match(matcher, note, sentences, needs, incidents)
        incidents += [_unusable(note, stage, faults) for stage, faults in meter.faults.items()]
        return Analysis(
            note=note,
            needs=tuple(self._advisor.questions(needs)),
            pitches=tuple(self._advisor.rewrites(pitches)),
            rejected=tuple(rejected),
            incidents=tuple(incidents),
            usage=meter.total(time.perf_counter() - started),
        )

    def _detect(
        self, note: Note, chunks: Sequence[Chunk], sentences: Sequence[Sentence]
    ) -> tuple[dict[Chunk, list[Claim]], list[Incident]]:
        claims: dict[Chunk, list[Claim]] = {}
        incidents: list[Incident] = []
        failed = EngineError(f"{note.path}: no part of it could be read")
        for chunk in chunks:
            try:
                claims[chunk] = self.engine.detector.detect(note, chunk, chunk.inside(sentences))
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
                again += self.engine.mender.mend(note, chunk, chunk.inside(sentences), wrong) if wrong else []
            except EngineError as error:
                _beyond(note, error)
                incidents.append(_incident("ground", chunk.start, chunk.end, error))
                again += wrong
        return ground(again, note, sentences)

    def _consolidate(self, note: Note, mentions: Sequence[Mention], incidents: list[Incident]) -> list[Need]:
        """Group by the engine's judgement; where that fails, two needs that might be one are a lesser harm than a lost note."""
        try:
            return consolidate_needs(note, mentions, self.engine.judge.same_need)
        except EngineError as error:
            _beyond(note, error)
            incidents.append(_incident("consolidate", 0, len(note.text), error))
            return consolidate_needs(note, mentions, lambda _, needs: by_finding(needs))

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


def _beyond(note: Note, error: EngineError) -> EngineError:
    """Return an error as one of the whole note; where it is about more than a part of it, raise it."""
    whole = type(error)(f"{note.path}: {error.message}", error.hint)
    if error.ends_run:
        raise whole from None
    return whole


def _incident(stage: Stage, start: int, end: int, error: EngineError) -> Incident:
    return Incident(stage=stage, span=(start, end), error=type(error).__name__, message=error.message)


def _unusable(note: Note, stage: Stage, faults: Sequence[str]) -> Incident:
    """Return the incident of an answer that could be used in part."""
    shown = "; ".join(faults[:MOST_FAULTS]) + ("; …" if len(faults) > MOST_FAULTS else "")
    message = f"parts of the model's answer could not be used: {shown}"
    return Incident(stage=stage, span=(0, len(note.text)), error=EngineAnswerError.__name__, message=message)
