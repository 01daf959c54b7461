"""Held-out predictions → scores, and the model card that states them."""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import numpy as np

from notesense.consolidation import consolidate_needs, consolidate_pitches
from notesense.domain.findings import Category, Evidence, Mention, NeedLabel, PitchLabel, Tactic, Where
from notesense.encoding.encoder import Encoder
from notesense.engines.local.detector import decide
from notesense.engines.local.judge import LocalJudge
from notesense.evaluation.metrics import Score, pair_up, score
from training.dataset import Document

Prediction = dict[str, Any]
RESAMPLES = 1000


class Row(NamedTuple):
    """What one note contributes to the scores."""

    batch: str
    needs: Score
    pitches: Score
    keywords: Score
    implied: Score
    kind_right: int
    category_right: int
    tactic_right: int
    clean: bool
    false_alarm: bool


class Outcome(NamedTuple):
    """The scores over a set of notes."""

    rows: list[Row]

    def summary(self) -> dict[str, Any]:
        """Return the figures by name."""
        needs, pitches, keywords = (
            sum((getattr(r, n) for r in self.rows), Score(0, 0, 0)) for n in ("needs", "pitches", "keywords")
        )
        clean = [r for r in self.rows if r.clean]
        return {
            "notes": len(self.rows),
            "need": _figures(needs) | {"interval": self.interval("needs")},
            "need_keywords": _figures(keywords) | {"interval": self.interval("keywords")},
            "implied_recall": round(sum((r.implied for r in self.rows), Score(0, 0, 0)).recall, 3),
            "kind": round(sum(r.kind_right for r in self.rows) / max(1, needs.found), 3),
            "category": round(sum(r.category_right for r in self.rows) / max(1, needs.found), 3),
            "pitch": _figures(pitches) | {"interval": self.interval("pitches")},
            "tactic": round(sum(r.tactic_right for r in self.rows) / max(1, pitches.found), 3),
            "clean_notes": len(clean),
            "clean_flagged": round(sum(r.false_alarm for r in clean) / max(1, len(clean)), 3),
            "by_batch": {
                b: [round(sum((getattr(r, n) for r in self.rows if r.batch == b), Score(0, 0, 0)).f1, 3) for n in ("needs", "keywords", "pitches")]
                for b in dict.fromkeys(r.batch for r in self.rows)
            },
        }  # fmt: skip

    def interval(self, name: str) -> list[float]:
        """Return the 95 % interval of an F1 by bootstrap over notes."""
        random = np.random.default_rng(7)
        counts = np.array([getattr(row, name) for row in self.rows])
        f1s = []
        for _ in range(RESAMPLES):
            found, predicted, gold = counts[random.integers(0, len(counts), len(counts))].sum(axis=0)
            f1s.append(2 * found / max(1, predicted + gold))
        return [round(float(np.quantile(f1s, q)), 3) for q in (0.025, 0.975)]


def mentions_of(document: Document) -> tuple[list[Mention], list[str]]:
    """Return the labelled need mentions of a document and the need of each."""
    mentions, findings = [], []
    for row, label, finding in zip(document.rows, document.labels, document.findings, strict=True):
        if label.startswith("need") and finding:
            _, kind, category = label.split(":")
            mentions.append(
                _mention(document, row, NeedLabel(kind=cast(Any, kind), category=cast(Category, category)), 1.0)
            )
            findings.append(finding)
    return mentions, findings


def predicted_mentions(document: Document, prediction: Prediction, thresholds: dict[str, float]) -> list[Mention]:
    """Return the mentions that the detector would ground, given the probabilities of the heads."""
    from training.train import LABELS

    mentions = []
    for i, row in enumerate(document.rows):
        decision = decide(document.sentences[row], prediction["finding"][i].tolist(), thresholds)
        if decision is None:
            continue
        label: NeedLabel | PitchLabel
        if decision.finding == "pitch":
            tactic = LABELS["tactic"][int(np.argmax(prediction["tactic"][i]))]
            where = LABELS["where"][int(np.argmax(prediction["where"][i]))]
            label = PitchLabel(tactic=cast(Tactic, tactic), where=cast(Where, where))
        else:
            category = LABELS["category"][int(np.argmax(prediction["category"][i]))]
            label = NeedLabel(kind=decision.finding, category=cast(Category, category))
        mentions.append(_mention(document, row, label, decision.confidence))
    return mentions


def needs_score(document: Document, prediction: Prediction, thresholds: dict[str, float], encoder: Encoder) -> Score:
    """Return the counts of a note's needs."""
    assert document.case
    needs = _needs(document, prediction, thresholds, encoder)
    return score([[e.span for e in n.evidence] for n in needs], [g.spans for g in document.case.needs])


def pitches_score(document: Document, prediction: Prediction, thresholds: dict[str, float]) -> Score:
    """Return the counts of a note's pitches."""
    assert document.case
    flags = consolidate_pitches(document.case.note, predicted_mentions(document, prediction, thresholds))
    return score([[e.span for e in f.evidence] for f in flags], [g.spans for g in document.case.pitches])


def evaluate(
    predictions: Sequence[tuple[Document, Prediction]], thresholds: dict[str, float], encoder: Encoder
) -> Outcome:
    """Score predictions, with the keyword engine on the same notes as the floor."""
    rows = []
    for document, prediction in predictions:
        case = document.case
        assert case
        needs = _needs(document, prediction, thresholds, encoder)
        flags = consolidate_pitches(case.note, predicted_mentions(document, prediction, thresholds))
        need_pairs = pair_up([[e.span for e in n.evidence] for n in needs], [g.spans for g in case.needs])
        flag_pairs = pair_up([[e.span for e in f.evidence] for f in flags], [g.spans for g in case.pitches])
        implied = sum(g.kind == "implied" for g in case.needs)
        rows.append(
            Row(
                batch=document.batch,
                needs=Score(len(need_pairs), len(needs), len(case.needs)),
                pitches=Score(len(flag_pairs), len(flags), len(case.pitches)),
                keywords=prediction["keywords"].score(document),
                implied=Score(sum(case.needs[g].kind == "implied" for _, g in need_pairs), 0, implied),
                kind_right=sum(needs[p].kind == case.needs[g].kind for p, g in need_pairs),
                category_right=sum(needs[p].category == case.needs[g].category for p, g in need_pairs),
                tactic_right=sum(flags[p].tactic == case.pitches[g].tactic for p, g in flag_pairs),
                clean=not case.pitches,
                false_alarm=bool(flags),
            )
        )
    return Outcome(rows)


def model_card(
    outcomes: dict[str, Outcome],
    matching: dict[str, dict[str, float]],
    trained: dict[str, Any],
    thresholds: dict[str, float],
) -> str:
    """Return the model card as Markdown."""
    from training.card import render

    return render({name: outcome.summary() for name, outcome in outcomes.items()}, matching, trained, thresholds)


def _needs(document: Document, prediction: Prediction, thresholds: dict[str, float], encoder: Encoder) -> list[Any]:
    assert document.case
    judge = LocalJudge(encoder, prediction["pairs"]._replace(threshold=thresholds["same_need"]))
    return consolidate_needs(document.case.note, predicted_mentions(document, prediction, thresholds), judge.same_need)


def _mention(document: Document, row: int, label: Any, confidence: float) -> Mention:
    sentence = document.sentences[row]
    evidence = Evidence(
        start=sentence.start, end=sentence.end, quote=sentence.text, speaker=sentence.speaker, side=sentence.side
    )
    return Mention(evidence, label, confidence)


def _figures(found: Score) -> dict[str, float]:
    return {"f1": round(found.f1, 3), "precision": round(found.precision, 3), "recall": round(found.recall, 3)}
