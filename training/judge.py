"""How likely must two mentions be of one need to be joined? The table of docs/decisions/0015.

    python -m training.judge

The pair model is fitted on the labelled mentions of seven eighths of the author batches and joins those of the others, at
several thresholds.
"""

import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from notesense.engines.local.judge import link, pair_features
from notesense.evaluation.cases import load_cases
from notesense.learning.held import mentions_of
from notesense.learning.rows import Document, note_document
from training.train import ROOT, fit_pairs

FOLDS = 8
THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)


class Joined(NamedTuple):
    """The labelled mentions of a note: which need each is of, and how likely any two are of one."""

    needs: list[str]
    likely: Any
    """Shape (mentions, mentions), by a model that has not seen the note's author."""


class Counts(NamedTuple):
    """Pairs of mentions and whole groups, as joined and as labelled."""

    right_pairs: int
    joined_pairs: int
    labelled_pairs: int
    right_groups: int
    groups: int
    """Both as joined and as labelled."""


def main() -> None:
    """Print precision and recall of joined pairs, and the F1 of whole groups, by threshold."""
    cases = load_cases(ROOT / "eval/notes") + load_cases(ROOT / "eval/libraries")
    held_out = hold_out([note_document(case) for case in cases if not case.is_test])
    print(f"{len(held_out)} notes with two mentions or more\nthreshold  precision  recall  groups' F1")
    for threshold in THRESHOLDS:
        total = Counts(*map(sum, zip(*(count(note, threshold) for note in held_out), strict=True)))
        print(
            f"{threshold:9}  {total.right_pairs / total.joined_pairs:9.2f}  {total.right_pairs / total.labelled_pairs:6.2f}"
            f"  {2 * total.right_groups / total.groups:10.3f}"
        )


def hold_out(documents: Sequence[Document]) -> list[Joined]:
    """Return what models say of every note with several mentions that were fitted without its author."""
    fold_of = {batch: i % FOLDS for i, batch in enumerate(sorted({d.batch for d in documents}))}
    found = []
    for fold in range(FOLDS):
        model = fit_pairs([d for d in documents if fold_of[d.batch] != fold])
        for document in (d for d in documents if fold_of[d.batch] == fold and d.case):
            mentions, needs = mentions_of(document)
            if len(mentions) > 1:
                assert document.case
                found.append(Joined(needs, model.likely(pair_features(document.case.note, mentions))))
    return found


def count(note: Joined, threshold: float) -> Counts:
    """Join a note's mentions at a threshold, and count what is right."""
    groups = link(note.likely, threshold)
    group_of = {i: number for number, group in enumerate(groups) for i in group}
    pairs = [(i, j) for i in range(len(note.needs)) for j in range(i)]
    joined = {(i, j) for i, j in pairs if group_of[i] == group_of[j]}
    labelled = {(i, j) for i, j in pairs if note.needs[i] == note.needs[j]}
    true = {frozenset(i for i, need in enumerate(note.needs) if need == name) for name in note.needs}
    made = {frozenset(group) for group in groups}
    return Counts(len(joined & labelled), len(joined), len(labelled), len(true & made), len(true) + len(made))


if __name__ == "__main__":
    sys.exit(main())
