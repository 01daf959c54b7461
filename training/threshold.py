"""What does the shipped engine find at other thresholds of needs? The table of docs/decisions/0016.

    python -m training.threshold CASES ...        e.g. eval/minutes/notes eval/plain/notes

CASES are folders of labelled notes, which should be unseen; each note is read once and judged at every threshold.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from notesense.encoding.encoder import Encoder, shared_encoder
from notesense.encoding.logistic import Logistic
from notesense.engines.local.detector import LocalDetector
from notesense.evaluation.cases import load_cases
from notesense.evaluation.scorecard import score_tallies
from notesense.learning.held import Held, tally
from notesense.learning.rows import note_document

THRESHOLDS = (0.2, 0.24, 0.28, 0.32, 0.36, 0.4, 0.48)
METRICS = ("need.f1", "need.precision", "need.recall")


def main(folders: Sequence[Path]) -> None:
    """Print F1, precision and recall of needs by folder and threshold."""
    encoder = shared_encoder()
    for folder in folders:
        held = read(folder, encoder)
        print(f"{folder}, {len(held)} notes\nthreshold  " + "  ".join(METRICS))
        for need in THRESHOLDS:
            thresholds = encoder.bundle.manifest.thresholds | {"need": need}
            found = score_tallies([tally(h, thresholds, encoder) for h in held]).metrics
            print(f"{need:9}  " + "  ".join(f"{found[name].value or 0:{len(name)}.2f}" for name in METRICS), flush=True)


def read(folder: Path, encoder: Encoder) -> list[Held]:
    """Return what the shipped heads say of every sentence of the labelled notes of a folder."""
    detector, pairs = LocalDetector(encoder), Logistic.read(encoder.bundle, "same_need")
    found = []
    for document in map(note_document, load_cases(folder)):
        features = detector.features(document.sentences)
        said = {name: head.probabilities(features)[document.rows] for name, head in detector.heads.by_name.items()}
        found.append(Held(document, said, pairs))
    return found


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
