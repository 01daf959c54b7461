"""Labelled notes and minimal pairs → rows for the heads: one row a sentence."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from notesense.chunking import split_note
from notesense.domain.notes import Sentence
from notesense.domain.spans import Span
from notesense.encoding.encoder import Encoder
from notesense.engines.local.features import CONTENT_FORMS, VECTOR_SCALE, dense_features, dense_width
from notesense.engines.local.lexical import Floats
from notesense.evaluation.cases import Case, Passage
from notesense.evaluation.metrics import meet

PAIRS = "pairs"


class Document(NamedTuple):
    """A note, or one passage with its context, split and labelled."""

    batch: str
    case: Case | None
    sentences: list[Sentence]
    rows: list[int]
    """Indices of the sentences that are examples."""
    labels: list[str]
    """Of each row: "none", "need:KIND:CATEGORY" or "pitch:TACTIC[:WHERE]"."""
    findings: list[str | None]
    """Of each row: id of the labelled finding it belongs to."""
    dense: Floats
    """Dense features of the rows."""


def note_document(case: Case, encoder: Encoder) -> Document:
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
    dense = dense_features(sentences, encoder.encode([s.text for s in sentences]))[rows]
    return Document(case.batch, case, sentences, rows, labels, findings, dense)


def passage_document(passage: Passage, encoder: Encoder) -> Document:
    """Return a passage with its context as a document of which only the passage is an example."""
    texts = [*passage.context, passage.text]
    sentences = [Sentence(0, len(text), text, "item") for text in texts]
    dense = dense_features(sentences, encoder.encode(texts))[-1:]
    return Document(PAIRS, None, sentences, [len(texts) - 1], [passage.label], [None], dense)


def stack(documents: Sequence[Document]) -> tuple[Floats, list[str], list[str]]:
    """Return the dense features, texts and labels of all rows, in order."""
    dense = np.concatenate([d.dense for d in documents])
    texts = [d.sentences[row].text for d in documents for row in d.rows]
    labels = [label for d in documents for label in d.labels]
    return dense, texts, labels


def statement_rows(documents: Sequence[Document]) -> tuple[list[str], list[str]]:
    """Return the written statements of all labelled needs, and their categories."""
    needs = [need for d in documents if d.case for need in d.case.needs]
    return [need.statement for need in needs], [need.category for need in needs]


def statement_features(statements: Sequence[str], encoder: Encoder) -> Floats:
    """Return dense features of statements: their own vectors, without neighbours or shape."""
    vectors = encoder.encode(statements)
    features = np.zeros((len(statements), dense_width(encoder.dimension)), np.float32)
    features[:, : encoder.dimension] = vectors * VECTOR_SCALE
    return features
