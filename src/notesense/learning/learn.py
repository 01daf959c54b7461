"""Corrections → a personal model of the local engine: heads and thresholds fitted again, where that helps.

The heads are fitted on the rows that the shipped ones were fitted on and on the sentences of the corrected notes, which count
more. Network, words and the model of "one need or two" stay as they are, so this takes seconds and no torch. Two guards:

- on the corrections themselves, heads that have not seen a note must find more of what is right in it than the shipped ones;
- on shipped sentences that are set aside, heads with the corrections must not be worse than heads without.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from notesense.encoding.encoder import Encoder
from notesense.encoding.logistic import Logistic
from notesense.engines.local.detector import LocalDetector
from notesense.engines.local.features import Features, weigh
from notesense.engines.local.heads import Head, Heads
from notesense.engines.local.lexical import Lexicon
from notesense.engines.local.personal import Figures
from notesense.errors import UsageError
from notesense.evaluation.cases import Case
from notesense.evaluation.scorecard import ratio_sums
from notesense.evaluation.tally import Tally
from notesense.learning.fit import Prepared, fit_heads, prepare
from notesense.learning.held import Held, tally
from notesense.learning.labels import LABELS
from notesense.learning.rows import PAIRS, Document, Rows, note_document, read_rows, rows_of

FEWEST_NOTES, FEWEST_FINDINGS = 5, 10
WEIGHT = 3.0
"""How much a corrected sentence counts beside a shipped one."""
FOLDS = 5
MOVES = (-0.08, -0.04, 0.0, 0.04, 0.08)
"""By how much a threshold may move."""
SET_ASIDE = 5
"""Every fifth shipped batch is the development set."""
MOST_LOST = 0.02
"""F1 that may be lost on the development set."""
SUREST = 0.8
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


def learn(cases: Sequence[Case], encoder: Encoder, step: Step = lambda _: None) -> Learnt:
    """Fit a personal model, and measure what it is worth.

    Args:
        cases: The corrected notes.
        encoder: Its bundle holds the shipped heads and the rows they were fitted on.
        step: Called before each part of the work with what it is.

    Raises:
        UsageError: There are too few corrections.
    """
    findings = sum(len(case.needs) + len(case.pitches) for case in cases)
    if len(cases) < FEWEST_NOTES or findings < FEWEST_FINDINGS:
        raise UsageError(
            f"{len(cases)} corrected notes with {findings} findings are too few to learn from",
            f"At least {FEWEST_NOTES} notes with {FEWEST_FINDINGS} findings are wanted: notesense review.",
        )
    detector = LocalDetector(encoder)
    bundle, heads = encoder.bundle, detector.heads
    pairs = Logistic.read(bundle, "same_need")
    rows = read_rows(bundle.path("training.npz"))
    shipped = prepare(rows, heads.lexicon)
    step("reading the notes")
    documents = [read_document(case, detector) for case in cases]
    before = [Held(d, predict(d, heads.by_name, heads.lexicon), pairs) for d in documents]
    after = []
    for fold in range(min(FOLDS, len(documents))):
        step(f"part {fold + 1} of {min(FOLDS, len(documents))}")
        known = [d for i, d in enumerate(documents) if i % FOLDS != fold]
        fitted = {**heads.by_name, **fit_personal(shipped, rows_of(known), heads, only=("finding",))}
        after += [
            Held(d, predict(d, fitted, heads.lexicon), pairs) for i, d in enumerate(documents) if i % FOLDS == fold
        ]
    by_name = {held.document.name: held for held in after}
    after = [by_name[d.name] for d in documents]
    thresholds = move_thresholds(after, bundle.manifest.thresholds, encoder)
    old = [tally(held, bundle.manifest.thresholds, encoder) for held in before]
    new = [tally(held, thresholds, encoder) for held in after]
    step("the development set")
    development = on_development(rows, shipped, rows_of(documents), heads, bundle.manifest.thresholds, thresholds)
    step("the model itself")
    final = Heads(heads.lexicon, heads.reading, fit_personal(shipped, rows_of(documents), heads))
    own = Figures(shipped=f1(old), personal=f1(new))
    return Learnt(final, thresholds, len(cases), findings, own, development, chance_of_gain(old, new))


def read_document(case: Case, detector: LocalDetector) -> Document:
    """Return a labelled note with what the heads see of its rows."""
    document = note_document(case)
    return document._replace(dense=detector.features(document.sentences).dense[document.rows])


def predict(document: Document, heads: Mapping[str, Head], lexicon: Lexicon) -> dict[str, np.ndarray]:
    """Return the probabilities of every head for the rows of a document."""
    terms = [weigh(document.sentences[row].text, lexicon) for row in document.rows]
    return {name: head.probabilities(Features(document.dense, terms)) for name, head in heads.items()}


def fit_personal(
    shipped: Prepared, own: Rows, heads: Heads, weight: float = WEIGHT, only: Sequence[str] = tuple(LABELS)
) -> dict[str, Head]:
    """Fit heads on shipped rows and one's own, with the words and temperatures of the shipped heads.

    The solver starts from the shipped heads, which are near.
    """
    weights = np.array([1.0] * len(shipped.labels) + [weight] * len(own.texts), np.float32)
    fitted = fit_heads(shipped.plus(prepare(own, heads.lexicon)), weights, heads.by_name, only)
    return {name: head._replace(temperature=heads.by_name[name].temperature) for name, head in fitted.items()}


def move_thresholds(held: Sequence[Held], shipped: dict[str, float], encoder: Encoder) -> dict[str, float]:
    """Return thresholds near the shipped ones with the best F1 on held-out predictions; ties stay where they were."""
    thresholds = dict(shipped)
    for name, metric in (("need", "need.f1"), ("pitch", "pitch.f1")):

        def value(move: float, name: str = name, metric: str = metric) -> tuple[float, float]:
            moved = thresholds | {name: shipped[name] + move}
            found, total = ratio_sums([tally(h, moved, encoder) for h in held], metric).sum(axis=0)
            return float(found / total) if total else 0.0, -abs(move)

        thresholds[name] = round(shipped[name] + max(MOVES, key=value), 2)
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


def on_development(
    rows: Rows, shipped: Prepared, own: Rows, heads: Heads, before: dict[str, float], after: dict[str, float]
) -> Figures:
    """Return F1 by sentence on batches that are set aside, of heads without and with the corrections."""
    batches = sorted({batch for batch in rows.batches if batch != PAIRS})
    is_aside = np.isin(rows.batches, batches[::SET_ASIDE])
    is_spoken = np.array([not label.startswith("statement:") for label in rows.labels])
    aside, rest = rows.where(is_aside & is_spoken), shipped.where(~is_aside)
    nothing = own.where(np.zeros(len(own.texts), bool))
    without, with_own = (fit_personal(rest, some, heads, only=("finding",)) for some in (nothing, own))
    return Figures(
        shipped=_f1_by_sentence(aside, without, heads.lexicon, before),
        personal=_f1_by_sentence(aside, with_own, heads.lexicon, after),
    )


def _f1_by_sentence(rows: Rows, heads: dict[str, Head], lexicon: Lexicon, thresholds: dict[str, float]) -> float:
    terms = [weigh(text, lexicon) for text in rows.texts]
    _, stated, implied, pitch = heads["finding"].probabilities(Features(rows.dense, terms)).T
    is_need, is_pitch = (np.array([label.startswith(kind) for label in rows.labels]) for kind in ("need", "pitch"))
    says_need = (stated + implied >= thresholds["need"]) & (stated + implied >= pitch)
    says_pitch = ~says_need & (pitch >= thresholds["pitch"])
    right = (is_need & says_need).sum() + (is_pitch & says_pitch).sum()
    return round(float(2 * right / max(1, is_need.sum() + says_need.sum() + is_pitch.sum() + says_pitch.sum())), 4)
