"""Archives in a temporary folder, read by an engine that is answered on loopback: quick, and every call is counted."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from notesense.archive.batch import Options, Summary, run_batch
from notesense.domain.endpoint import ModelSettings
from notesense.settings import Settings
from tests.engines.llm.loopback import LoopbackServer, says
from tests.engines.llm.test_faults import need, reading

RunBatch = Callable[..., Summary]
NOTE = "Visit {n}.\n\nThe pump in house {n} fails every week, said the owner.\n"


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    """An endpoint that finds the pump of each note."""

    def reply(handler: Any, body: dict[str, Any]) -> None:
        found = re.search(r"The pump in house \S+ fails every week", body["messages"][1]["content"])
        says(reading(need(found[0])) if found else reading())(handler, body)

    with LoopbackServer(otherwise=reply) as server:
        yield server


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A folder of twenty notes, half of them in a folder inside."""
    folder = tmp_path / "archive"
    for n in range(20):
        write(folder / ("old" if n % 2 else ".") / f"{n:02}.md", NOTE.format(n=n))
    return folder


@pytest.fixture
def settings(server: LoopbackServer, tmp_path: Path) -> Settings:
    llm = ModelSettings(model="m", base_url=server.base_url, cache=False, concurrency=4, retries=0)
    return Settings(engine="llm", index=tmp_path / "no-index", llm=llm)


@pytest.fixture
def batch(settings: Settings, archive: Path, tmp_path: Path) -> RunBatch:
    def batch(source: Any = archive, changed: Settings | None = None, **options: Any) -> Summary:
        given = {name: options.pop(name) for name in ("report", "stop") if name in options}
        return run_batch(source, tmp_path / "out", changed or settings, Options(**options), **given)

    return batch


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
