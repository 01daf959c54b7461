"""Every test runs in a clean environment: no keys, no settings of the developer's, no network beyond loopback."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "sample_notes"
LIBRARY = SAMPLES / "library"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the developer's environment; settings, data and working folder are in ``tmp_path``."""
    for name in list(os.environ):
        if name.startswith(("NOTESENSE_", "OPENAI_", "CHROMA_", "AZURE_", "COLUMNS")):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    for name in ("HOME", "USERPROFILE", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv("NOTESENSE_INDEX", str(tmp_path / "index"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail on a name look-up, and on a connection beyond loopback."""

    def refuse(*where: object, **_: object) -> None:
        raise AssertionError(f"the network was asked for: {where}")

    real_connect, real_look_up = socket.socket.connect, socket.getaddrinfo

    def look_up(host: object, *rest: Any, **options: Any) -> Any:
        if host not in ("127.0.0.1", "::1"):  # an address of this machine needs no look-up
            refuse(host)
        return real_look_up(host, *rest, **options)  # type: ignore[arg-type]

    def connect(self: socket.socket, address: object) -> None:
        if self.family != socket.AF_UNIX and not str(address[0]).startswith(("127.", "::1")):  # type: ignore[index]
            refuse(address)
        real_connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(scope="session")
def sample_index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The index of the sample library, built once. Tests only read it."""
    from notesense.encoding.encoder import shared_retriever
    from notesense.solutions.index import build_index
    from notesense.solutions.library import load_library

    root = tmp_path_factory.mktemp("sample-index")
    build_index(root, load_library(LIBRARY), str(LIBRARY), shared_retriever(), "test")
    yield root
