"""Labelled notes and minimal pairs → rows for the heads: one row a sentence.

The rows that the shipped heads were fitted on come with the bundle (``training.npz``), and so do rows that they have not seen
(``development.npz``): whoever learns from corrections needs both.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from notesense.chunking import split_note
from notesense.domain.notes import Note, Sentence
from notesense.domain.profile import FirmProfile
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


def note_document(case: Case, profile: FirmProfile | None = None) -> Document:
    """Return a labelled note as a document.

    Args:
        case: The labelled note.
        profile: The firm's profile, which sharpens the sides.
    """
    sentences = split_note(case.note, profile)
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


class Rows(NamedTuple):
    """Examples for the heads."""

    dense: Floats
    """Dense features, shape (n, columns)."""
    texts: list[str]
    labels: list[str]
    """See :func:`notesense.learning.labels.answer`."""
    batches: list[str]

    def where(self, chosen: npt.NDArray[np.bool_]) -> "Rows":
        """Return the rows for which a mask, shape (n,), is true."""
        rows = np.flatnonzero(chosen).tolist()
        return Rows(
            self.dense[rows],
            *([values[i] for i in rows] for values in (self.texts, self.labels, self.batches)),
        )


def rows_of(documents: Sequence[Document]) -> Rows:
    """Return the rows of documents, then the statements of their needs, which say plainly what evidence hints at."""
    needs = [(d.batch, need) for d in documents if d.case for need in d.case.needs]
    dense = np.concatenate([d.dense for d in documents])
    return Rows(
        np.concatenate([dense, np.zeros((len(needs), dense.shape[1]), np.float32)]),
        [d.sentences[row].text for d in documents for row in d.rows] + [need.statement for _, need in needs],
        [label for d in documents for label in d.labels] + [f"statement:{need.category}" for _, need in needs],
        [d.batch for d in documents for _ in d.rows] + [batch for batch, _ in needs],
    )


def write_rows(path: Path, rows: Rows) -> None:
    """Write rows as one ``.npz``."""
    texts, labels, batches = (np.array(json.dumps(values)) for values in rows[1:])
    np.savez_compressed(path, dense=rows.dense.astype(np.float16), texts=texts, labels=labels, batches=batches)


def read_rows(path: Path) -> Rows:
    """Read what :func:`write_rows` wrote."""
    with np.load(path, allow_pickle=False) as file:
        texts, labels, batches = (json.loads(str(file[name])) for name in ("texts", "labels", "batches"))
        return Rows(file["dense"].astype(np.float32), texts, labels, batches)
