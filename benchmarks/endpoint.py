"""Time of many notes against an endpoint that takes 300 ms, over the time that the endpoint alone takes.

    python -m benchmarks.endpoint [NOTES] [AT_ONCE]

The floor is notes × latency / calls at once. The endpoint is a scripted server on loopback in a process of its own.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from notesense.analyzer import Analyzer
from notesense.domain.endpoint import ModelSettings
from notesense.settings import Settings
from tests.engines.llm.loopback import LoopbackServer, says
from tests.engines.llm.test_faults import GOOD, TEXT

LATENCY = 0.3
LIMIT = 1.15


def main(notes: int, at_once: int) -> None:
    """Measure, and print the ratio."""
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.endpoint", "--serve"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout
    try:
        with tempfile.TemporaryDirectory() as folder:
            for number in range(notes):
                Path(folder, f"{number}.md").write_text(f"{TEXT}\nNote {number}.\n", encoding="utf-8")
            llm = ModelSettings(model="m", base_url=server.stdout.readline().strip(), concurrency=at_once, cache=False)
            analyzer = Analyzer(Settings(engine="llm", index=Path(folder, "none"), llm=llm))
            analyzer.analyze([Path(folder, "0.md")])
            started = time.perf_counter()
            report = analyzer.analyze([Path(folder)])
            seconds = time.perf_counter() - started
            assert len(report.analyses) == notes
    finally:
        server.kill()
    floor = notes * LATENCY / at_once
    print(
        f"{notes} notes, {at_once} at once: {seconds:.2f} s, floor {floor:.2f} s, ratio {seconds / floor:.2f} (limit {LIMIT})"
    )


def serve() -> None:
    """Answer until killed."""
    with LoopbackServer(otherwise=says(GOOD, delay=LATENCY)) as server:
        print(server.base_url, flush=True)
        time.sleep(600)


if __name__ == "__main__":
    if "--serve" in sys.argv:
        serve()
    else:
        main(*([int(value) for value in sys.argv[1:]] or (200, 16)))
