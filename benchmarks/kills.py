"""Kill a batch again and again, and compare what it leaves with a run that nobody disturbed.

    python -m benchmarks.kills [NOTES] [KILLS]

SIGKILL goes to the whole process group after a random while; then the same command runs again. In the end the results must
be the same as those of one undisturbed run, apart from times.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.archive import make_archive
from notesense.archive.ledger import Ledger
from notesense.archive.results import Results

LONGEST = 24.0
"""Most seconds before a kill."""


def main(notes: int, kills: int) -> None:
    """Measure, and say whether the results are the same."""
    drawn = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, "archive")
        make_archive(archive, notes)
        done_before = 0
        for number in range(kills):
            run = _begin(archive, Path(folder, "killed"))
            time.sleep(drawn.uniform(0.2, LONGEST))
            finished = run.poll()
            if finished is None:
                os.killpg(run.pid, signal.SIGKILL)
                run.wait()
            if (Path(folder, "killed") / "ledger.sqlite3").exists():
                with Ledger(Path(folder, "killed"), writing=False) as ledger:
                    counts = ledger.counts()
                assert counts.done >= done_before, "a finished note was lost"
                done_before = counts.done
                print(f"kill {number + 1}: {counts.done} done, {counts.pending} to be read", flush=True)
        codes = [_begin(archive, Path(folder, name)).wait() for name in ("killed", "quiet")]
        killed, quiet = _results(Path(folder, "killed")), _results(Path(folder, "quiet"))
        print(f"exit codes {codes}; {len(quiet)} notes; the same results: {killed == quiet}")
        sys.exit(0 if killed == quiet else 1)


def _begin(archive: Path, out: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "notesense", "batch", archive, "--out", out, "--index", _index()],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def _index() -> Path:
    """Return an index of the sample library, built once."""
    place = Path(tempfile.gettempdir(), f"notesense-kills-index-{os.getpid()}")
    if not place.exists():
        library = Path(__file__).parents[1] / "sample_notes/library"
        command = [sys.executable, "-m", "notesense", "index", "build", library, "--index", place]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return place


def _results(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with Ledger(out, writing=False) as ledger:
        for row in ledger.rows():
            found[row.key] = [row.state, row.hash, row.error]
            if row.state == "done" and row.hash:
                analyses = json.loads(json.dumps(Results(out).read(row.hash)["analyses"]))
                for analysis in analyses:
                    del analysis["usage"]
                    analysis["note"].pop("path")  # of copies, whichever came first
                found[row.key] += analyses
    return found


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:3]) if len(sys.argv) > 2 else (1000, 30))
