"""Where notes are analysed on a Ray cluster: actors that hold the models, fed by the driver, which alone keeps the ledger.

The solution index travels to the actors as a read-only copy. An actor that dies, or the node under it, takes nobody's note
with it: its jobs are done by another one, and only a job of which several died is given up.
"""

import io
import itertools
import logging
import os
import socket
import tempfile
import time
import zipfile
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

from notesense.analyzer import Analyzer
from notesense.archive.runners import LOOK_UP, Job, Outcome, died, work
from notesense.errors import EngineUnavailableError, UsageError, how_to_install
from notesense.settings import Settings
from notesense.solutions.index import current_generation

IN_HAND = 2
"""Jobs under way for each actor: one in work, one at hand."""
MOST_DEATHS = 3
"""Actors that may die of one job before it is given up."""
MOST_WAIT = 600.0
"""Seconds without a single actor after which a run is given up."""
KNOCK = 5.0
"""Seconds in which a cluster must take a connection."""
MOST_LOST = 20
"""Actors that may be lost in a row, without a finished note in between."""


class Packed(NamedTuple):
    """What an actor is made from."""

    settings: Settings
    library: bytes | None
    """The current generation of the index, as a zip file."""


class Reader:
    """An actor: an analyzer with a copy of the index of its own.

    Args:
        packed: Settings and index.
    """

    def __init__(self, packed: Packed) -> None:
        settings = packed.settings
        self._shown = settings.index
        if packed.library is not None:
            self._copy = tempfile.TemporaryDirectory(prefix="notesense-index-")
            with zipfile.ZipFile(io.BytesIO(packed.library)) as file:
                file.extractall(self._copy.name)
            settings = settings.model_copy(update={"index": Path(self._copy.name)})
        self._analyzer = Analyzer(settings, threads=1)
        self._analyzer.matcher()

    def is_ready(self) -> bool:
        """Tell that the models are loaded."""
        return True

    def analyze(self, job: Job) -> Outcome:
        """Analyse a job; the report names the index of the driver, not the copy."""
        return work(self._analyzer, job, index=self._shown)


def run_on_ray(
    settings: Settings, workers: int | None, address: str | None, jobs: Iterable[Job], stop: Event
) -> Iterator[Outcome]:
    """Yield an outcome for each job, as they are finished.

    Args:
        settings: The settings of the run; the engine must be the local one.
        workers: How many actors; by default as many as the cluster has cores.
        address: Of the cluster, like ``10.0.0.7:6379``; by default the one that the environment names.
        jobs: What is to be analysed.
        stop: Once set, no other job is begun.

    Raises:
        UsageError: Ray is not installed, or the engine is not the local one.
        EngineUnavailableError: There is no cluster there, or one actor after the other is lost.
    """
    if settings.engine != "local":
        raise UsageError(
            f"the {settings.engine} engine waits for an endpoint: a cluster would not help", "Leave out --runner ray."
        )
    ray = _connect(address)
    try:
        size = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        yield from _Fleet(ray, Packed(settings, pack(settings.index)), size).run(iter(jobs), stop)
    finally:
        ray.shutdown()


def pack(index: Path) -> bytes | None:
    """Return the current generation of an index as a zip file; None where there is no index."""
    name = current_generation(index)
    if name is None:
        return None
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("CURRENT", name)
        for path in sorted((index / "generations" / name).rglob("*")):
            if path.is_file():
                file.write(path, path.relative_to(index).as_posix())
    return data.getvalue()


class _Fleet:
    """The actors of a run and what each of them has in hand. One that is not placed yet, for want of a core, has nothing."""

    def __init__(self, ray: Any, packed: Packed, size: int) -> None:
        self._ray = ray
        self._packed = ray.put(packed)
        self._remote = ray.remote(num_cpus=1, max_restarts=0)(Reader)
        self._in_hand: dict[Any, tuple[Job, Any]] = {}
        self._load: dict[Any, int] = {}
        self._coming: dict[Any, Any] = {}
        self._again: deque[Job] = deque()
        self._deaths: dict[str, int] = {}
        self._given: dict[str, int] = {}
        self._count = itertools.count()
        self._lost = 0
        for _ in range(size):
            self._call_another()

    def run(self, jobs: Iterator[Job], stop: Event) -> Iterator[Outcome]:
        waited_since = time.monotonic()
        while True:
            if not stop.is_set():
                self._feed(jobs)
            if not self._in_hand and (stop.is_set() or (self._load and not self._again)):
                return  # whoever is there was given all that there was
            done, _ = self._ray.wait([*self._in_hand, *self._coming], timeout=LOOK_UP)
            for reference in done:
                if reference in self._coming:
                    self._welcome(reference)
                elif outcome := self._take(reference):
                    yield outcome
            if self._load:
                waited_since = time.monotonic()
            elif time.monotonic() - waited_since > MOST_WAIT:
                raise EngineUnavailableError(
                    f"the cluster has had no core to spare for {MOST_WAIT:.0f} s",
                    "Look at it with: ray status. What is finished is kept; run the same command again.",
                )

    def _call_another(self) -> None:
        actor = self._remote.remote(self._packed)
        self._coming[actor.is_ready.remote()] = actor

    def _welcome(self, reference: Any) -> None:
        actor = self._coming.pop(reference)
        try:
            self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            self._replace(error)
        else:
            self._load[actor] = 0

    def _feed(self, jobs: Iterator[Job]) -> None:
        """Give every actor what it can have in hand, first what another one died of."""
        for actor in sorted(self._load, key=lambda actor: self._load[actor]):
            while self._load[actor] < IN_HAND:
                job = self._again.popleft() if self._again else next(jobs, None)
                if job is None:
                    return
                self._in_hand[actor.analyze.remote(job)] = (job, actor)
                self._given[job.digest] = next(self._count)
                self._load[actor] += 1

    def _take(self, reference: Any) -> Outcome | None:
        job, actor = self._in_hand.pop(reference)
        try:
            outcome: Outcome = self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            return self._bury(job, actor, error)
        if actor in self._load:  # one may have died after it gave this
            self._load[actor] -= 1
        self._lost = 0
        return outcome

    def _bury(self, job: Job, actor: Any, error: Exception) -> Outcome | None:
        """Put another actor in the place of one that died. Its jobs come again; the one that it had in work is charged."""
        if self._load.pop(actor, None) is None:  # the death is known; this one was waiting
            if self._deaths.get(job.digest, 0) >= MOST_DEATHS:
                return died(job)
            self._again.appendleft(job)
            return None
        self._replace(error)
        waiting = [other for other, owner in self._in_hand.values() if owner is actor]
        guilty = min([job, *waiting], key=lambda j: self._given[j.digest])
        self._deaths[guilty.digest] = self._deaths.get(guilty.digest, 0) + 1
        if guilty is job and self._deaths[job.digest] >= MOST_DEATHS:
            return died(job)
        self._again.append(job) if guilty is job else self._again.appendleft(job)
        return None

    def _replace(self, error: Exception) -> None:
        self._lost += 1
        if self._lost > MOST_LOST:
            raise EngineUnavailableError(
                f"{self._lost} workers were lost one after the other ({type(error).__name__})",
                "Is notesense installed on every node of the cluster, in the same version? See the logs of Ray.",
            )
        self._call_another()


def _connect(address: str | None) -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anybody
    try:
        import ray
    except ImportError:
        raise UsageError("the ray runner needs a package that is not there", how_to_install("ray")) from None
    where = address or os.environ.get("RAY_ADDRESS") or "auto"
    try:
        _knock(where)
        ray.init(address=where, log_to_driver=False, logging_level=logging.ERROR, ignore_reinit_error=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise EngineUnavailableError(
            f"no Ray cluster at {where} ({type(error).__name__})",
            "Start one (ray start --head), and name it: --ray-address HOST:PORT",
        ) from None
    return ray


def _knock(address: str) -> None:
    """Refuse an address at which nobody listens: Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    if port.isdigit() and "/" not in host:
        with socket.create_connection((host, int(port)), KNOCK):
            pass
