"""Time and memory of a batch, over the time of encoding the same notes with onnxruntime alone in as many processes.

    python -m benchmarks.batch [NOTES] [WORKERS]

The notes are labelled notes of ``eval/notes`` with a number in front of each, so that no two have the same content. The
floor reads the same sentences with the same network and does nothing else.
"""

import resource
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from notesense.archive.batch import Options, Progress, run_batch
from notesense.chunking import split_note
from notesense.domain.notes import Note
from notesense.encoding.encoder import shared_encoder
from notesense.encoding.reader import ContextReader
from notesense.encoding.windows import Part
from notesense.engines.local.features import parts_of
from notesense.evaluation.cases import load_cases
from notesense.settings import Settings

ROOT = Path(__file__).parents[1]
LIMIT, MOST_GROWTH_MB = 1.3, 50


def main(count: int, workers: int) -> None:
    """Measure, and print ratio and growth."""
    texts = [case.note.text for case in load_cases(ROOT / "eval/notes") if not case.note.text.startswith("---")]
    notes = [f"No. {n}\n\n{texts[n % len(texts)]}" for n in range(count)]
    floor = _floor(notes, workers)
    memory: dict[int, float] = {}

    def report(progress: Progress) -> None:
        if progress.done in (count // 10, count):
            memory[progress.done] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    with tempfile.TemporaryDirectory() as folder:
        for n, text in enumerate(notes):
            Path(folder, "archive", str(n // 500)).mkdir(parents=True, exist_ok=True)
            Path(folder, "archive", str(n // 500), f"{n}.md").write_text(text, encoding="utf-8")
        started = time.perf_counter()
        summary = run_batch(
            Path(folder, "archive"),
            Path(folder, "out"),
            Settings(index=Path(folder, "none")),
            Options(workers=workers),
            report,
        )
        seconds = time.perf_counter() - started
        assert summary.done == count, summary
        started = time.perf_counter()
        run_batch(
            Path(folder, "archive"), Path(folder, "out"), Settings(index=Path(folder, "none")), Options(workers=workers)
        )
        skipping = time.perf_counter() - started
    growth = memory[count] - memory[count // 10]
    print(
        f"{count} notes, {workers} processes: {seconds:.1f} s, floor {floor:.1f} s, ratio {seconds / floor:.2f} (limit {LIMIT})"
    )
    print(f"parent: {memory[count]:.0f} MB, {growth:+.0f} MB from a tenth to all (limit {MOST_GROWTH_MB})")
    print(f"a second run over unchanged notes: {skipping:.2f} s, the start included")


def _floor(notes: list[str], workers: int) -> float:
    parts = [parts_of(split_note(Note(text=text, path="x.md", language="en"))) for text in notes]
    started = time.perf_counter()
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        list(pool.map(_encode, parts, chunksize=16))
    return time.perf_counter() - started


def _encode(parts: list[Part]) -> int:
    encoder = shared_encoder(1)
    return len(ContextReader(encoder.bundle, encoder.network).read(parts))


if __name__ == "__main__":
    main(*([int(value) for value in sys.argv[1:]] or (1000, 2)))
