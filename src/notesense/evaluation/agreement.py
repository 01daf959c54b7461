"""How far two people who labelled the same notes agree: one's labels scored against the other's."""

from pathlib import Path

from notesense.errors import UsageError
from notesense.evaluation.cases import Case, load_cases
from notesense.evaluation.prediction import Place, PredictedNeed, PredictedPitch, Prediction
from notesense.evaluation.scorecard import Scores, score_tallies
from notesense.evaluation.tally import tally_note

OF_ENGINES = ("failed", "seconds", "cost", "verbatim", "calibration_error", "match", "end_to_end")
"""Metrics that say nothing of people, by the beginning of their names."""


def measure_agreement(one: Path, other: Path) -> tuple[int, Scores]:
    """Return how many notes both have labelled, and the metrics over them; F1 and accuracies are the same either way round.

    Args:
        one: A folder of labelled notes.
        other: Another one; notes are the same where their text is.

    Raises:
        UsageError: No note is in both, or a label breaks the format.
    """
    theirs = {case.note.text: case for case in load_cases(other)}
    both = [(case, theirs[case.note.text]) for case in load_cases(one) if case.note.text in theirs]
    if not both:
        raise UsageError(
            f"{one} and {other} have no note in common", "Both must hold the same notes, word for word, marks aside."
        )
    scores = score_tallies([tally_note(case, _prediction(case, labels)) for case, labels in both])
    shown = {name: value for name, value in scores.metrics.items() if not name.startswith(OF_ENGINES)}
    return len(both), scores.model_copy(update={"metrics": shown})


def _prediction(case: Case, labels: Case) -> Prediction:
    def places(spans: tuple[tuple[int, int], ...]) -> tuple[Place, ...]:
        return tuple(Place(start=start, end=end, quote=labels.note.text[start:end]) for start, end in spans)

    return Prediction(
        case=case.name,
        needs=tuple(
            PredictedNeed(kind=n.kind, category=n.category, statement=n.statement, evidence=places(n.spans))
            for n in labels.needs
        ),
        pitches=tuple(PredictedPitch(tactic=p.tactic, where=p.where, evidence=places(p.spans)) for p in labels.pitches),
    )
