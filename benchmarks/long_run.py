"""Memory, descriptors and threads over many analyses in one process: they may not grow.

    make bench        (python -m benchmarks.long_run [ANALYSES])

Analyses the sample notes again and again with an index. After a warm-up the slope of each figure is fitted by least
squares over the rest; what a thousand analyses would add must stay below the limits.
"""

import gc
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from notesense.analyzer import Analyzer
from notesense.library import build
from notesense.reading import read_note
from notesense.settings import Settings

ROOT = Path(__file__).parents[1]
WARM_UP = 0.25
"""Share of the analyses before which nothing is measured: caches fill."""
MOST_MEGABYTES, MOST_OTHERS = 8.0, 1.0
"""What a thousand analyses may add: megabytes of memory, descriptors or threads."""


class Figures(NamedTuple):
    """What a process holds."""

    megabytes: float
    descriptors: float
    threads: float


def figures() -> Figures:
    """Return what this process holds now (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    descriptors, threads = (len(list(Path(f"/proc/self/{name}").iterdir())) for name in ("fd", "task"))
    return Figures(pages * 4096 / 1e6, descriptors, threads)


def growth(analyses: int, notes: Sequence[Path], every: int = 10) -> tuple[Figures, Figures]:
    """Return what is held at the end, and what a thousand analyses add.

    Args:
        analyses: How many.
        notes: Read in turns.
        every: Analyses between two looks.
    """
    seen: list[Figures] = []
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(index=Path(folder) / "index")
        build(settings, ROOT / "sample_notes/library")
        with Analyzer(settings) as analyzer:
            for number in range(analyses):
                analyzer.pipeline.analyze(read_note(notes[number % len(notes)]))
                if number % every == 0:
                    gc.collect()
                    seen.append(figures())
    rest = np.array(seen[int(len(seen) * WARM_UP) :], float)
    slopes = np.polyfit(np.arange(len(rest)) * every, rest, 1)[0] * 1000
    return seen[-1], Figures(*slopes.tolist())


def main() -> int:
    """Print the figures; return 1 where something grows."""
    analyses = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    held, added = growth(analyses, sorted((ROOT / "sample_notes").glob("*.md")))
    print(f"{analyses} analyses: {held.megabytes:.0f} MB, {held.descriptors} descriptors, {held.threads} threads")
    print(
        f"a thousand more add {added.megabytes:+.2f} MB (limit {MOST_MEGABYTES}), {added.descriptors:+.2f} descriptors, "
        f"{added.threads:+.2f} threads (limit {MOST_OTHERS})"
    )
    return int(added.megabytes > MOST_MEGABYTES or max(added.descriptors, added.threads) > MOST_OTHERS)


if __name__ == "__main__":
    sys.exit(main())
