"""What an engine says of one case, as far as it is scored; read from an analysis or from another tool's answer file."""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from notesense.domain.analysis import Analysis
from notesense.domain.base import Frozen
from notesense.domain.findings import Category, Kind, Tactic, Where
from notesense.domain.spans import Span


class Place(Frozen):
    """A range of the note's text, with the words that are claimed to stand there."""

    start: int
    end: int
    quote: str | None = None

    @property
    def span(self) -> Span:
        """The range as a span."""
        return Span(self.start, self.end)


class PredictedNeed(Frozen):
    """A need as predicted."""

    kind: Kind | None = None
    category: Category | None = None
    statement: str = ""
    confidence: float | None = None
    evidence: tuple[Place, ...] = Field(min_length=1)
    matches: tuple[str, ...] = ()
    """Ids of the solutions that are shown, best first."""
    candidates: tuple[str, ...] | None = None
    """Ids of the ten nearest solutions before the gate; None where the engine does not tell."""


class PredictedPitch(Frozen):
    """A pitch as predicted."""

    tactic: Tactic | None = None
    where: Where | None = None
    confidence: float | None = None
    evidence: tuple[Place, ...] = Field(min_length=1)


class Failure(Frozen):
    """Why a case has no result. It counts as if nothing had been found, and is counted itself."""

    error: str
    message: str


class Prediction(Frozen):
    """Everything that is scored of one case."""

    case: str
    """``BATCH/NAME`` of the case."""
    needs: tuple[PredictedNeed, ...] = ()
    pitches: tuple[PredictedPitch, ...] = ()
    matched: bool = False
    """Whether solutions were looked for."""
    seconds: float = 0.0
    cost: float | None = None
    incidents: int = 0
    """Parts of the note that failed while the rest stands."""
    failure: Failure | None = None


def prediction_of(case: str, analysis: Analysis, candidates: Sequence[Sequence[str]] | None = None) -> Prediction:
    """Return what is scored of an analysis.

    Args:
        case: Name of the case.
        analysis: The analysis of its note.
        candidates: The ten nearest solutions of each need, before the gate.
    """
    needs = tuple(
        PredictedNeed(
            kind=need.kind, category=need.category, statement=need.statement, confidence=need.confidence,
            evidence=tuple(Place(start=e.start, end=e.end, quote=e.quote) for e in need.evidence),
            matches=tuple(m.solution_id for m in need.matches),
            candidates=tuple(candidates[i]) if candidates is not None else None,
        )
        for i, need in enumerate(analysis.needs)
    )  # fmt: skip
    pitches = tuple(
        PredictedPitch(
            tactic=p.tactic, where=p.where, confidence=p.confidence,
            evidence=tuple(Place(start=e.start, end=e.end, quote=e.quote) for e in p.evidence),
        )
        for p in analysis.pitches
    )  # fmt: skip
    return Prediction(
        case=case, needs=needs, pitches=pitches, matched=any(n.matching != "no_index" for n in analysis.needs),
        seconds=analysis.usage.seconds, cost=analysis.usage.cost, incidents=len(analysis.incidents),
    )  # fmt: skip


def prediction_from_answer(case: str, answer: dict[str, Any]) -> Prediction:
    """Return what is scored of an answer file: a notesense report of one note, an analysis, or needs and pitches alone.

    Fields that are not scored are passed over; ``matches`` may be ids or objects with ``solution_id``.

    Raises:
        ValidationError: A need or pitch has no evidence, or a label that the guidelines do not know.
    """
    if "analyses" in answer:
        analyses = answer["analyses"]
        if len(analyses) != 1:
            reason = (answer.get("skipped") or [{}])[0].get("message", f"{len(analyses)} analyses in the file")
            return Prediction(case=case, failure=Failure(error="NoAnalysis", message=str(reason)))
        answer = analyses[0]
    needs = [_only(PredictedNeed, need) | _ids(need) for need in answer.get("needs") or ()]
    pitches = [_only(PredictedPitch, pitch) for pitch in answer.get("pitches") or ()]
    usage = answer.get("usage") or {}
    return Prediction.model_validate({
        "case": case, "needs": needs, "pitches": pitches, "matched": any(n.get("matches") is not None for n in needs),
        "seconds": usage.get("seconds") or 0.0, "cost": usage.get("cost"), "incidents": len(answer.get("incidents") or ()),
    })  # fmt: skip


def _only(model: type[Frozen], fields: dict[str, Any]) -> dict[str, Any]:
    kept = {name: fields[name] for name in model.model_fields if name in fields}
    kept["evidence"] = [
        {name: e[name] for name in Place.model_fields if name in e} for e in fields.get("evidence") or ()
    ]
    return kept


def _ids(need: dict[str, Any]) -> dict[str, Any]:
    if need.get("matches") is None or need.get("matching") == "no_index":
        return {"matches": ()}
    return {"matches": [m["solution_id"] if isinstance(m, dict) else m for m in need["matches"]]}
