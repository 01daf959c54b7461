"""What heads say of a labelled note, and how good that is by the metrics of the eval suite."""

from typing import Any, NamedTuple, cast

import numpy as np

from notesense.consolidation import consolidate_needs, consolidate_pitches
from notesense.domain.analysis import Analysis
from notesense.domain.findings import Category, Evidence, Mention, NeedLabel, PitchLabel, Tactic, Where
from notesense.encoding.encoder import Encoder
from notesense.encoding.logistic import Logistic
from notesense.engines.local.detector import decide
from notesense.engines.local.features import Features, weigh
from notesense.engines.local.heads import Heads
from notesense.engines.local.judge import LocalJudge
from notesense.evaluation.prediction import prediction_of
from notesense.evaluation.tally import Tally, tally_note
from notesense.learning.labels import LABELS
from notesense.learning.rows import Document


class Held(NamedTuple):
    """A document and what models say of it that did not see its author."""

    document: Document
    probabilities: dict[str, Any]
    """By head, shape (rows, labels)."""
    pairs: Logistic


def mentions_of(document: Document) -> tuple[list[Mention], list[str]]:
    """Return the labelled need mentions of a document and the need of each."""
    mentions, findings = [], []
    for row, label, finding in zip(document.rows, document.labels, document.findings, strict=True):
        if label.startswith("need") and finding:
            _, kind, category = label.split(":")
            named = NeedLabel(kind=cast(Any, kind), category=cast(Category, category))
            mentions.append(_mention(document, row, named, 1.0))
            findings.append(finding)
    return mentions, findings


def predict(document: Document, heads: Heads) -> dict[str, Any]:
    """Return the probabilities of every head for the rows of a document."""
    terms = [weigh(document.sentences[row].text, heads.lexicon) for row in document.rows]
    return {name: head.probabilities(Features(document.dense, terms)) for name, head in heads.by_name.items()}


def tally(held: Held, thresholds: dict[str, float], encoder: Encoder) -> Tally:
    """Score one note as the pipeline would analyse it."""
    case = held.document.case
    assert case
    mentions = _predicted(held, thresholds)
    judge = LocalJudge(encoder.bundle, held.pairs._replace(threshold=thresholds["same_need"]))
    needs = consolidate_needs(case.note, mentions, judge.same_need)
    analysis = Analysis(note=case.note, needs=tuple(needs), pitches=tuple(consolidate_pitches(case.note, mentions)))
    return tally_note(case, prediction_of(case.name, analysis))


def _predicted(held: Held, thresholds: dict[str, float]) -> list[Mention]:
    """Return the mentions that the detector would ground, given the probabilities of the heads."""
    document, probabilities = held.document, held.probabilities
    mentions = []
    for i, row in enumerate(document.rows):
        decision = decide(document.sentences[row], probabilities["finding"][i].tolist(), thresholds)
        if decision is None:
            continue
        label: NeedLabel | PitchLabel
        if decision.finding == "pitch":
            tactic, where = _best("tactic", probabilities, i), _best("where", probabilities, i)
            label = PitchLabel(tactic=cast(Tactic, tactic), where=cast(Where, where))
        else:
            category = cast(Category, _best("category", probabilities, i))
            label = NeedLabel(kind=decision.finding, category=category)
        mentions.append(_mention(document, row, label, decision.confidence))
    return mentions


def _best(head: str, probabilities: dict[str, Any], row: int) -> str:
    return LABELS[head][int(np.argmax(probabilities[head][row]))]


def _mention(document: Document, row: int, label: Any, confidence: float) -> Mention:
    sentence = document.sentences[row]
    evidence = Evidence(
        start=sentence.start, end=sentence.end, quote=sentence.text, speaker=sentence.speaker, side=sentence.side
    )
    return Mention(evidence, label, confidence)
