"""Labelled notes and minimal pairs → rows for the heads: one row a sentence."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from notesense.chunking import split_note
from notesense.domain.notes import Note, Sentence
from notesense.domain.spans import Span
from notesense.engines.local.features import CONTENT_FORMS
from notesense.engines.local.lexical import Floats
from notesense.evaluation.cases import Case, Passage
from notesense.evaluation.metrics import meet

PAIRS = "pairs"
_NOTHING: Floats = np.zeros((0, 0), np.float32)


class Document(NamedTuple):
    """A note, or one passage with its context, split and labelled."""

    name: str
    """Of the case, or of the passage's group."""
    batch: str
    case: Case | None
    sentences: list[Sentence]
    rows: list[int]
    """Indices of the sentences that are examples."""
    labels: list[str]
    """Of each row: "none", "need:KIND:CATEGORY" or "pitch:TACTIC[:WHERE]"."""
    findings: list[str | None]
    """Of each row: id of the labelled finding it belongs to."""
    dense: Floats = _NOTHING
    """Dense features of the rows."""


def note_document(case: Case) -> Document:
    """Return a labelled note as a document."""
    sentences = split_note(case.note)
    rows = [i for i, s in enumerate(sentences) if s.form in CONTENT_FORMS]
    marks: list[tuple[str, str, Span]] = [
        (need.id, f"need:{need.kind}:{need.category}", span) for need in case.needs for span in need.spans
    ] + [(pitch.id, f"pitch:{pitch.tactic}:{pitch.where}", span) for pitch in case.pitches for span in pitch.spans]
    labels, findings = [], []
    for row in rows:
        here = Span(sentences[row].start, sentences[row].end)
        touching = [m for m in marks if meet(here, m[2]) or here.overlap(m[2]) >= 0.5 * here.length]
        best = max(touching, key=lambda m: here.overlap(m[2]), default=None)
        labels.append(best[1] if best else "none")
        findings.append(best[0] if best else None)
    return Document(case.name, case.batch, case, sentences, rows, labels, findings)


def passage_document(passage: Passage) -> Document:
    """Return a passage with its context as a document of which only the passage is an example.

    A passage of several sentences stays whole: its label is not that of each of them.
    """
    note = Note(text=passage.note_text, path=passage.group, language="en")
    split = split_note(note)
    before = [s for s in split if s.end <= passage.span.start]
    own = [s for s in split if s.end > passage.span.start]
    if len(own) != 1 or own[0].form not in CONTENT_FORMS:
        own = [Sentence(passage.span.start, passage.span.end, passage.text, "prose")]
    return Document(passage.group, PAIRS, None, before + own, [len(before)], [passage.label], [None])


def stack(documents: Sequence[Document]) -> tuple[Floats, list[str], list[str]]:
    """Return the dense features, texts and labels of all rows, in order."""
    dense = np.concatenate([d.dense for d in documents])
    texts = [d.sentences[row].text for d in documents for row in d.rows]
    labels = [label for d in documents for label in d.labels]
    return dense, texts, labels


def statements_of(documents: Sequence[Document]) -> tuple[list[str], list[str]]:
    """Return the written statements of all labelled needs, and their categories."""
    needs = [need for d in documents if d.case for need in d.case.needs]
    return [need.statement for need in needs], [need.category for need in needs]
