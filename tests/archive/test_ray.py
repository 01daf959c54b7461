"""A real Ray cluster on this machine: a head that computes nothing and two workers, processes with addresses of their own.

A driver joins the node of its own address: with one address for all, it might join the worker that is killed.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from notesense.archive.batch import Options, run_batch
from notesense.archive.ledger import Ledger
from notesense.archive.results import Results
from notesense.errors import UsageError
from notesense.settings import Settings
from tests.archive.conftest import write

pytest.importorskip("ray", reason="Ray is not installed")
pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(sys.platform != "linux", reason="nodes on 127.0.0.2 and 127.0.0.3 need Linux"),
]
NOTES = 40
PATIENCE = 150
"""Seconds in which a node must be up, also on a machine that has much to do."""
RAY = Path(sys.executable).with_name("ray")


class Cluster(NamedTuple):
    address: str
    workers: list[subprocess.Popen[bytes]]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    environment = os.environ | {
        "RAY_USAGE_STATS_ENABLED": "0", "RAY_health_check_period_ms": "1000", "RAY_health_check_failure_threshold": "3",
        "RAY_raylet_start_wait_time_s": str(PATIENCE),
    }  # fmt: skip
    memory = ["--object-store-memory", "100000000", "--disable-usage-stats", "--block"]

    def start(*options: str) -> subprocess.Popen[bytes]:
        with (tmp_path / f"ray-{len(started)}.log").open("wb") as log:
            return subprocess.Popen(
                [RAY, "start", *options, *memory], stdout=log, stderr=log, env=environment, start_new_session=True
            )

    started: list[subprocess.Popen[bytes]] = []
    try:
        started.append(start("--head", "--port", address.split(":")[1], "--node-ip-address", "127.0.0.1", "--num-cpus", "0",
                             "--include-dashboard", "false"))  # fmt: skip
        _wait_for(address)
        for host in ("127.0.0.2", "127.0.0.3"):  # one after the other: two at once take the same ports
            started.append(start("--address", address, "--node-ip-address", host, "--num-cpus", "1"))
            _wait_until_up(started[-1], tmp_path / f"ray-{len(started) - 1}.log")
        yield Cluster(address, started[1:])
    finally:
        for process in reversed(started):
            _kill(process)


def test_a_cluster_that_loses_a_worker_says_what_one_machine_says(
    cluster: Cluster, sample_index: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    for n in range(NOTES):
        write(
            archive / f"{n:02}.md",
            f"Visit {n}.\n\nThe pump in house {n} fails every week, said the owner. They want {n} new ones.\n",
        )
    write(archive / "empty.md", " ")
    settings = Settings(index=sample_index)
    run_batch(archive, tmp_path / "local", settings, Options(workers=2))

    command = [sys.executable, "-m", "notesense", "batch", archive, "--out", tmp_path / "ray", "--index", sample_index,
               "--runner", "ray", "--ray-address", cluster.address, "--workers", "2", "--json-progress"]  # fmt: skip
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    assert run.stderr
    for line in run.stderr:
        if line.startswith("{") and json.loads(line)["done"] >= 6:
            _kill(cluster.workers[0])
            break
    assert cluster.workers[0].poll() is not None
    said, rest = run.communicate(timeout=240)
    assert run.returncode == 7, said + rest
    assert said.startswith(f"{NOTES + 1} notes: {NOTES} done, 1 failed, 0 to be read.")
    assert _results(tmp_path / "ray") == _results(tmp_path / "local")


def test_what_cannot_run_on_a_cluster_says_so(tmp_path: Path) -> None:
    write(tmp_path / "archive" / "a.md", "The pump fails.")
    settings = Settings(engine="llm", index=tmp_path / "none")
    from notesense.archive.ray_runner import run_on_ray

    with pytest.raises(UsageError, match="would not help"):
        next(run_on_ray(settings, None, None, [], __import__("threading").Event()))
    command = [sys.executable, "-m", "notesense", "batch", tmp_path / "archive", "--out", tmp_path / "out", "--runner", "ray",
               "--ray-address", "127.0.0.1:9"]  # fmt: skip
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 5, run.stderr
    assert "no Ray cluster at 127.0.0.1:9" in run.stderr


def _results(out: Path) -> dict[str, Any]:
    """Return everything that the results say, without times."""
    found: dict[str, Any] = {}
    with Ledger(out, writing=False) as ledger:
        for row in ledger.rows():
            found[row.key] = [row.state, row.error]
            if row.state == "done" and row.hash:
                report = Results(out).read(row.hash)
                for analysis in report["analyses"]:
                    del analysis["usage"]
                found[row.key] += [report]
    return found


def _wait_for(address: str) -> None:
    host, port = address.split(":")
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the head did not start")


def _wait_until_up(node: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while b"Ray runtime started" not in (said := log.read_bytes()):
        assert node.poll() is None, said.decode()
        assert time.monotonic() < until, said.decode()
        time.sleep(0.2)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
