"""Held-out predictions → scores, by the metrics of the eval suite."""

from collections.abc import Sequence
from typing import NamedTuple

from notesense.encoding.encoder import Encoder
from notesense.evaluation.scorecard import Scores, score_tallies, split_scores
from notesense.learning.held import Held, tally


class Outcome(NamedTuple):
    """Scores over held-out notes."""

    total: Scores
    by_batch: dict[str, Scores]


def evaluate(held_out: Sequence[Held], thresholds: dict[str, float], encoder: Encoder) -> Outcome:
    """Score held-out notes."""
    tallies = [tally(held, thresholds, encoder) for held in held_out]
    return Outcome(score_tallies(tallies), split_scores(tallies).get("batch", {}))
