"""What one case contributes to every metric: each metric is a ratio of two sums over cases.

That makes totals, splits, bootstrap intervals and paired comparisons one operation: add up, divide. The formulas are
in docs/evaluation.md; the tests compare them with figures worked out by hand.
"""

from collections.abc import Sequence
from typing import NamedTuple

from notesense.domain.spans import Span
from notesense.evaluation.cases import Case, GoldNeed, Passage
from notesense.evaluation.metrics import meet, pair_up
from notesense.evaluation.prediction import PredictedNeed, Prediction

Ratio = tuple[float, float]
"""Numerator and denominator."""
NEAREST = 10


class Judgement(NamedTuple):
    """One confident statement and whether it was right, for calibration."""

    confidence: float
    right: bool


class Tally(NamedTuple):
    """One case, scored."""

    case: str
    batch: str
    ratios: dict[str, Ratio]
    judgements: list[Judgement]
    """Of the needs."""
    groups: dict[str, str]
    """Value of each attribute by which scores are split: batch, style, length, industry, label."""


def tally_note(case: Case, prediction: Prediction) -> Tally:
    """Score the prediction of a labelled note."""
    needs, pitches = prediction.needs, prediction.pitches
    need_spans = [[e.span for e in n.evidence] for n in needs]
    pitch_spans = [[e.span for e in p.evidence] for p in pitches]
    pairs = pair_up(need_spans, [g.spans for g in case.needs])
    flags = pair_up(pitch_spans, [g.spans for g in case.pitches])
    found = {g: p for p, g in pairs}
    ratios: dict[str, Ratio] = {
        **_by_finding("need", len(pairs), len(needs), len(case.needs)),
        **_by_finding("pitch", len(flags), len(pitches), len(case.pitches)),
        "need.span_f1": _spans_f1(need_spans, [g.spans for g in case.needs]),
        "pitch.span_f1": _spans_f1(pitch_spans, [g.spans for g in case.pitches]),
        "need.over_merged": (sum(_touches(s, case.needs) > 1 for s in need_spans), len(needs)),
        "kind.accuracy": (sum(needs[p].kind == case.needs[g].kind for p, g in pairs), len(pairs)),
        "category.accuracy": (sum(needs[p].category == case.needs[g].category for p, g in pairs), len(pairs)),
        "tactic.accuracy": (sum(pitches[p].tactic == case.pitches[g].tactic for p, g in flags), len(flags)),
        "where.accuracy": (sum(pitches[p].where == case.pitches[g].where for p, g in flags), len(flags)),
        "verbatim": _verbatim(case, prediction),
        "failed": (prediction.failure is not None, 1),
        "seconds": (prediction.seconds, 1),
        "cost": (prediction.cost or 0.0, 1),
    }
    for kind in ("stated", "implied"):
        of_kind = [g for g, need in enumerate(case.needs) if need.kind == kind]
        ratios[f"{kind}.recall"] = (sum(g in found for g in of_kind), len(of_kind))
    if not case.pitches:
        ratios["no_pitch.flagged"] = (bool(pitches), 1)
        ratios["no_pitch.flags"] = (len(pitches), 1)
    if not case.needs:
        ratios["no_need.flagged"] = (bool(needs), 1)
        ratios["no_need.needs"] = (len(needs), 1)
    if case.has_solutions and (prediction.matched or prediction.failure is not None or not needs):
        ratios |= _matching(case.needs, needs, found)
    judgements = [
        Judgement(need.confidence, p in {q for q, _ in pairs})
        for p, need in enumerate(needs)
        if need.confidence is not None
    ]
    words = case.note.words
    length = "under 100 words" if words < 100 else "100 to 400 words" if words <= 400 else "over 400 words"
    return Tally(
        case.name, case.batch, ratios, judgements,
        {"batch": case.batch, "style": case.style, "length": length, "industry": case.industry or "not said"},
    )  # fmt: skip


def tally_group(name: str, passages: Sequence[Passage], predictions: Sequence[Prediction]) -> Tally:
    """Score a group of look-alikes: each passage by its top-level label, and the group as a whole."""
    right = [
        predicted_label(passage, prediction) == passage.label.split(":")[0]
        for passage, prediction in zip(passages, predictions, strict=True)
    ]
    ratios: dict[str, Ratio] = {
        "pairs.passage": (sum(right), len(right)),
        "pairs.group": (all(right), 1),
        "failed": (sum(p.failure is not None for p in predictions), len(predictions)),
        "seconds": (sum(p.seconds for p in predictions), len(predictions)),
        "cost": (sum(p.cost or 0.0 for p in predictions), len(predictions)),
    }
    for label in ("none", "need", "pitch"):
        of_label = [r for r, p in zip(right, passages, strict=True) if p.label.split(":")[0] == label]
        ratios[f"pairs.{label}"] = (sum(of_label), len(of_label))
    kinds: dict[str, list[bool]] = {"kind": [], "tactic": []}
    for passage, prediction, is_right in zip(passages, predictions, right, strict=True):
        if is_right and passage.label != "none":
            label, wanted = passage.label.split(":")[:2]
            here = passage.span
            if label == "need":
                kinds["kind"].append(
                    any(n.kind == wanted for n in prediction.needs if _meets(here, [e.span for e in n.evidence]))
                )
            else:
                kinds["tactic"].append(
                    any(p.tactic == wanted for p in prediction.pitches if _meets(here, [e.span for e in p.evidence]))
                )
    ratios |= {f"pairs.{name}": (sum(found), len(found)) for name, found in kinds.items()}
    return Tally(name, "pairs", ratios, [], {"batch": passages[0].source})


def predicted_label(passage: Passage, prediction: Prediction) -> str:
    """Return what was predicted of the passage itself: ``need``, ``pitch``, ``both`` or ``none``."""
    if prediction.failure:
        return "failed"
    here = passage.span
    need = any(_meets(here, [e.span for e in n.evidence]) for n in prediction.needs)
    pitch = any(_meets(here, [e.span for e in p.evidence]) for p in prediction.pitches)
    return "both" if need and pitch else "need" if need else "pitch" if pitch else "none"


def _by_finding(name: str, found: int, predicted: int, gold: int) -> dict[str, Ratio]:
    return {
        f"{name}.f1": (2 * found, predicted + gold),
        f"{name}.precision": (found, predicted),
        f"{name}.recall": (found, gold),
    }


def _spans_f1(predicted: Sequence[Sequence[Span]], gold: Sequence[Sequence[Span]]) -> Ratio:
    ours = [[span] for spans in predicted for span in spans]
    theirs = [[span] for spans in gold for span in spans]
    return 2 * len(pair_up(ours, theirs)), len(ours) + len(theirs)


def _touches(spans: Sequence[Span], needs: Sequence[GoldNeed]) -> int:
    """Count the gold needs that one predicted need reaches into."""
    return sum(any(meet(span, gold) for span in spans for gold in need.spans) for need in needs)


def _meets(passage: Span, spans: Sequence[Span]) -> bool:
    """Tell whether a finding is about the passage: it covers half of either."""
    return any(2 * passage.overlap(span) >= min(passage.length, span.length) > 0 for span in spans)


def _verbatim(case: Case, prediction: Prediction) -> Ratio:
    places = [e for n in prediction.needs for e in n.evidence] + [e for p in prediction.pitches for e in p.evidence]
    text = case.note.text
    right = sum(
        0 <= e.start < e.end <= len(text) and (e.quote is None or text[e.start : e.end] == e.quote) for e in places
    )
    return right, len(places)


def _matching(gold: Sequence[GoldNeed], needs: Sequence[PredictedNeed], found: dict[int, int]) -> dict[str, Ratio]:
    """Score the solutions shown for the needs that were found, and the way from note to match as a whole."""
    met = [(needs[p], gold[g]) for g, p in found.items()]
    with_solution = [(n, g) for n, g in met if g.solutions]
    without = [n for n, g in met if not g.solutions]
    shown = sum(len(n.matches) for n in needs)
    shown_on_found = sum(len(n.matches) for n, _ in met)
    fitting = sum(len(set(n.matches) & set(g.solutions)) for n, g in met)
    joint = sum(_joint(n, g) for n, g in met)
    ratios: dict[str, Ratio] = {
        "match.hit@1": (sum(bool(set(n.matches[:1]) & set(g.solutions)) for n, g in with_solution), len(with_solution)),
        "match.hit@3": (sum(bool(set(n.matches[:3]) & set(g.solutions)) for n, g in with_solution), len(with_solution)),
        "match.precision": (fitting, shown_on_found),
        "match.precision_all": (fitting, shown),
        "match.abstention": (sum(not n.matches for n in without), len(without)),
        "match.joint": (joint, len(met)),
        "end_to_end": (joint, len(gold)),
    }
    told = [(n, g) for n, g in with_solution if n.candidates is not None]
    if told:
        reached = sum(
            len(set((n.candidates or ())[:NEAREST]) & set(g.solutions)) / len(set(g.solutions)) for n, g in told
        )
        ratios["match.recall@10"] = (reached, len(told))
    return ratios


def _joint(need: PredictedNeed, gold: GoldNeed) -> bool:
    return (
        need.matches[0] in gold.solutions
        if need.matches and gold.solutions
        else not need.matches and not gold.solutions
    )
