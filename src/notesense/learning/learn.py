"""Corrections → a personal model of the local engine: heads and thresholds moved, where that helps.

The head that finds needs and pitches is moved towards the sentences of the corrected notes, as far as the rows that the shipped
one was fitted on let it (:mod:`notesense.learning.adapt`). Network, words and all other models stay as they are, so this takes seconds
and no torch. Two guards:

- on the corrections themselves, a head and thresholds that have not seen a note must find more of what is right in it than
  the shipped ones;
- on the development set, notes that come with the engine and that none of its weights was fitted on, the moved head must not be worse.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from notesense.domain.profile import FirmProfile
from notesense.encoding.encoder import Encoder
from notesense.encoding.logistic import Logistic
from notesense.engines.local.detector import LocalDetector
from notesense.engines.local.heads import Heads
from notesense.engines.local.personal import Figures
from notesense.errors import UsageError
from notesense.evaluation.cases import Case
from notesense.evaluation.scorecard import ratio_sums
from notesense.evaluation.tally import Tally
from notesense.learning.adapt import Array, adapt, precision_of, scores_of, softmax
from notesense.learning.held import Held, predict, tally
from notesense.learning.matrix import prepare
from notesense.learning.rows import Document, Rows, note_document, read_rows, rows_of

FEWEST_NOTES, FEWEST_FINDINGS = 5, 10
WEIGHT = 3.0
"""How much a corrected sentence counts beside a shipped one."""
FITTED = "finding"
"""The head that is moved."""
FOLDS = 5
MOVES = (-0.08, -0.04, 0.0, 0.04, 0.08)
"""By how much a threshold may move."""
MOST_LOST = 0.02
"""F1 that may be lost on the development set."""
SUREST = 0.9
"""Least chance, by bootstrap over the corrected notes, that the corrections help."""
DRAWS = 1000
METRICS = ("need.f1", "pitch.f1")
Step = Callable[[str], None]


class Learnt(NamedTuple):
    """What came of the corrections."""

    heads: Heads
    thresholds: dict[str, float]
    notes: int
    findings: int
    own: Figures
    development: Figures
    chance: float
    """Chance that the corrections help, by bootstrap over the notes."""

    @property
    def refusal(self) -> str | None:
        """Why the model should not be used; None where it should."""
        if self.own.personal <= self.own.shipped:
            return (
                f"it would find no more of what is right in your notes: F1 {self.own.personal:.2f}, and the shipped model's is "
                f"{self.own.shipped:.2f}"
            )
        if self.chance < SUREST:
            return (
                f"that it helps is not sure enough: {self.chance:.0%}, and {SUREST:.0%} is wanted. Correct more notes"
            )
        if self.development.personal < self.development.shipped - MOST_LOST:
            return (
                f"it would be worse on other notes: F1 {self.development.personal:.2f} instead of "
                f"{self.development.shipped:.2f} on the development set"
            )
        return None


def learn(
    cases: Sequence[Case], encoder: Encoder, profile: FirmProfile | None = None, step: Step = lambda _: None
) -> Learnt:
    """Fit a personal model, and measure what it is worth.

    Args:
        cases: The corrected notes.
        encoder: Its bundle holds the shipped heads and the rows they were fitted on.
        profile: The firm's profile, with which notes are analysed too.
        step: Called before each part of the work with what it is.

    Raises:
        UsageError: There are too few corrections.
    """
    findings = sum(len(case.needs) + len(case.pitches) for case in cases)
    notes = len({case.note.text for case in cases})
    if notes < FEWEST_NOTES or findings < FEWEST_FINDINGS:
        raise UsageError(
            f"{notes} corrected notes with {findings} findings are too few to learn from",
            f"At least {FEWEST_NOTES} notes with {FEWEST_FINDINGS} findings are wanted: notesense review.",
        )
    detector = LocalDetector(encoder)
    bundle, heads = encoder.bundle, detector.heads
    pairs, known = Logistic.read(bundle, "same_need"), bundle.manifest.thresholds
    step("reading the notes")
    documents = [read_document(case, detector, profile) for case in cases]
    step("weighing the shipped sentences")
    shipped = prepare(read_rows(bundle.path("training.npz")), heads.lexicon)
    precision = precision_of(FITTED, heads.by_name[FITTED], shipped)
    folds = folds_of(cases)
    of_fold = {}
    for fold in sorted(set(folds)):
        others = [d for d, f in zip(documents, folds, strict=True) if f != fold]
        of_fold[fold] = fit_personal(precision, rows_of(others), heads)
    step("judging what was learnt")
    after = [Held(d, predict(d, of_fold[fold]), pairs) for d, fold in zip(documents, folds, strict=True)]
    old = [tally(Held(d, predict(d, heads), pairs), known, encoder) for d in documents]
    new = tally_across(after, folds, known, encoder)
    thresholds = move_thresholds(after, known, encoder)
    final = fit_personal(precision, rows_of(documents), heads)
    unseen = read_rows(bundle.path("development.npz"))
    development = Figures(
        shipped=f1_by_sentence(unseen, heads, known), personal=f1_by_sentence(unseen, final, thresholds)
    )
    of_own = Figures(shipped=f1(old), personal=f1(new))
    return Learnt(final, thresholds, len(cases), findings, of_own, development, chance_of_gain(old, new))


def folds_of(cases: Sequence[Case]) -> list[int]:
    """Return the part of each note, a number below FOLDS; copies of a note are in one part."""
    order = {text: i for i, text in enumerate(dict.fromkeys(case.note.text for case in cases))}
    return [order[case.note.text] % FOLDS for case in cases]


def tally_across(
    held: Sequence[Held], folds: Sequence[int], shipped: dict[str, float], encoder: Encoder
) -> list[Tally]:
    """Return the tallies of held-out notes, each at thresholds that were chosen on the other parts."""
    chosen = {
        fold: move_thresholds([h for h, f in zip(held, folds, strict=True) if f != fold], shipped, encoder)
        for fold in set(folds)
    }
    return [tally(h, chosen[fold], encoder) for h, fold in zip(held, folds, strict=True)]


def read_document(case: Case, detector: LocalDetector, profile: FirmProfile | None = None) -> Document:
    """Return a labelled note with what the heads see of its rows."""
    document = note_document(case, profile)
    return document._replace(dense=detector.features(document.sentences).dense[document.rows])


def fit_personal(precision: Array, own: Rows, heads: Heads, weight: float = WEIGHT) -> Heads:
    """Return heads of which the one that finds needs and pitches was moved towards one's own rows.

    The others (category, tactic, where) stay: a few notes say little of twelve categories.
    """
    moved = adapt(FITTED, heads.by_name[FITTED], precision, prepare(own, heads.lexicon), weight)
    return heads._replace(by_name={**heads.by_name, FITTED: moved})


def move_thresholds(held: Sequence[Held], shipped: dict[str, float], encoder: Encoder) -> dict[str, float]:
    """Return thresholds near the shipped ones with the best F1 on held-out predictions; ties stay where they were.

    That of pitches only rises: what keeps honest notes from being flagged was chosen on other people's notes.
    """
    thresholds = dict(shipped)
    for name, metric in (("need", "need.f1"), ("pitch", "pitch.f1")):

        def value(move: float, name: str = name, metric: str = metric) -> tuple[float, float]:
            moved = thresholds | {name: shipped[name] + move}
            found, total = ratio_sums([tally(h, moved, encoder) for h in held], metric).sum(axis=0)
            return float(found / total) if total else 0.0, -abs(move)

        moves = MOVES if name == "need" else [move for move in MOVES if move >= 0]
        thresholds[name] = round(shipped[name] + max(moves, key=value), 2)
    return thresholds


def f1(tallies: Sequence[Tally]) -> float:
    """Return F1 by finding over needs and pitches together."""
    found, total = _sums(tallies).sum(axis=0)
    return round(float(found / total), 4) if total else 1.0


def chance_of_gain(before: Sequence[Tally], after: Sequence[Tally]) -> float:
    """Return in which share of bootstrap samples of the notes F1 is higher after than before."""
    drawn = np.random.default_rng(7).integers(0, len(before), (DRAWS, len(before)))
    ratios = [_sums(tallies)[drawn].sum(axis=1) for tallies in (before, after)]
    gains = [r[:, 0] / np.maximum(r[:, 1], 1) for r in ratios]
    return float(np.mean(gains[1] > gains[0]))


def _sums(tallies: Sequence[Tally]) -> npt.NDArray[Any]:
    """Return for each note what counts as found, and of how much, shape (n, 2)."""
    sums: npt.NDArray[Any] = np.sum([ratio_sums(tallies, metric) for metric in METRICS], axis=0)
    return sums


def f1_by_sentence(rows: Rows, heads: Heads, thresholds: dict[str, float]) -> float:
    """Return F1 over needs and pitches together, sentence by sentence."""
    head = heads.by_name[FITTED]
    _, stated, implied, pitch = softmax(scores_of(prepare(rows, heads.lexicon).of_weights(), head) / head.temperature).T
    is_need, is_pitch = (np.array([label.startswith(kind) for label in rows.labels]) for kind in ("need", "pitch"))
    says_need = (stated + implied >= thresholds["need"]) & (stated + implied >= pitch)
    says_pitch = ~says_need & (pitch >= thresholds["pitch"])
    right = (is_need & says_need).sum() + (is_pitch & says_pitch).sum()
    return round(float(2 * right / max(1, is_need.sum() + says_need.sum() + is_pitch.sum() + says_pitch.sum())), 4)
