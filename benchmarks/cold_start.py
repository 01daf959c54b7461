"""Time and memory of a cold process, against floors measured in the same run.

    make bench        (python benchmarks/cold_start.py [--runs N])

Prints the ratios that the project promises: one sample note analysed with an index against
``python -c "import chromadb, onnxruntime"`` (at most 1.7 times its wall time, under 400 MB), and ``notesense --help``
against ``python -c pass`` (at most 3 times its wall time plus 0.15 s). Commands take turns, medians are compared.
Then the time of each stage inside one process, warm.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
NOTE = ROOT / "sample_notes/01-marlow-parks-walk.md"
MOST_ANALYZE, MOST_MEGABYTES, MOST_HELP, HELP_EXTRA = 1.7, 400, 3.0, 0.15


class Run(NamedTuple):
    """Wall seconds and peak memory of one process."""

    seconds: float
    megabytes: float


def measure(command: list[str], environment: dict[str, str]) -> Run:
    """Run a command once; its output is thrown away."""
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed with {process.returncode}")
    unit = 1024 if sys.platform != "darwin" else 1024 * 1024
    return Run(seconds, usage.ru_maxrss / unit)


def main() -> int:
    """Print the figures; return 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    python = sys.executable
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NOTESENSE_INDEX": f"{folder}/index"}
        notesense = [python, "-m", "notesense"]
        measure([*notesense, "index", "build", str(ROOT / "sample_notes/library")], environment)
        commands = {
            "pass": [python, "-c", "pass"],
            "help": [*notesense, "--help"],
            "imports": [python, "-c", "import chromadb, onnxruntime"],
            "analyze": [*notesense, "analyze", str(NOTE), "--format", "json"],
        }
        for command in commands.values():
            measure(command, environment)
        taken: dict[str, list[Run]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                taken[name].append(measure(command, environment))
        ok = report(taken)
        stages(Path(folder) / "index")
    return 0 if ok else 1


def report(taken: dict[str, list[Run]]) -> bool:
    """Print medians and ratios; return whether every promise is kept."""
    wall = {name: statistics.median(run.seconds for run in runs) for name, runs in taken.items()}
    memory = {name: statistics.median(run.megabytes for run in runs) for name, runs in taken.items()}
    for name in taken:
        print(f"{name:<8} {wall[name]:6.3f} s  {memory[name]:6.0f} MB  (median of {len(taken[name])})")
    analyze = wall["analyze"] / wall["imports"]
    most_help = MOST_HELP * wall["pass"] + HELP_EXTRA
    print(f"analyze / imports: {analyze:.2f} (at most {MOST_ANALYZE})")
    print(f"analyze memory: {memory['analyze']:.0f} MB (under {MOST_MEGABYTES})")
    print(f"help: {wall['help']:.3f} s (at most {most_help:.3f} = {MOST_HELP:g} x pass + {HELP_EXTRA} s)")
    return analyze <= MOST_ANALYZE and memory["analyze"] < MOST_MEGABYTES and wall["help"] <= most_help


def stages(index: Path) -> None:
    """Print the time of each stage on the sample note, warm, in milliseconds (median of 7)."""
    from notesense.advice import Advisor
    from notesense.chunking import split_chunks, split_note
    from notesense.consolidation import consolidate_needs, consolidate_pitches
    from notesense.encoding.encoder import shared_encoder, shared_retriever
    from notesense.encoding.logistic import Logistic
    from notesense.engines.factory import make_engine
    from notesense.grounding import ground
    from notesense.reading import read_note
    from notesense.settings import Settings
    from notesense.solutions.index import open_index
    from notesense.solutions.match import Matcher
    from notesense.solutions.search import Searcher

    encoder = shared_encoder()
    engine = make_engine(Settings(), encoder)
    retriever = shared_retriever()
    matcher = Matcher(Searcher(open_index(index, retriever), retriever), Logistic.read(encoder.bundle, "accept"), 3)
    advisor = Advisor(encoder)
    times: dict[str, list[float]] = {}

    def timed(name, call):  # type: ignore[no-untyped-def]
        started = time.perf_counter()
        result = call()
        times.setdefault(name, []).append(time.perf_counter() - started)
        return result

    for _ in range(8):
        note = timed("read", lambda: read_note(NOTE))
        chunks = timed("chunk", lambda: (split_chunks(note, engine.detector.window), split_note(note)))
        claims = timed("detect", lambda: engine.detector.detect(note, chunks[0][0], chunks[1]))
        mentions, _ = timed("ground", lambda: ground(claims, note, chunks[1]))
        needs = timed("consolidate", lambda: consolidate_needs(note, mentions, engine.judge.same_need))
        needs = timed("match", lambda: matcher.match(note, chunks[1], needs))
        timed("advise", lambda: (advisor.questions(needs), advisor.rewrites(consolidate_pitches(note, mentions))))
    print(", ".join(f"{name} {1000 * statistics.median(t[1:]):.0f} ms" for name, t in times.items()), "(warm)")
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    sys.exit(main())
