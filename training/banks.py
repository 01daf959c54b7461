"""Make the vectors of the advice banks: ``banks.npz`` of the bundle. Part of ``make train``."""

from pathlib import Path

import numpy as np

from notesense.advice.banks import banks_digest, read_questions, read_rewrites
from notesense.encoding.encoder import Encoder


def write_banks(path: Path, encoder: Encoder) -> None:
    """Encode both banks and write their vectors with the digest of their text."""
    questions, rewrites = read_questions(), read_rewrites()
    np.savez_compressed(
        path,
        digest=np.array(banks_digest(questions, rewrites)),
        questions=encoder.encode([q.about for q in questions]).astype(np.float16),
        rewrites=encoder.encode([r.pitch for r in rewrites]).astype(np.float16),
    )
