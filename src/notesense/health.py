"""What ``notesense doctor`` and ``notesense purge`` know: versions, models, index, settings, places."""

import platform
import shutil
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from notesense import __version__
from notesense.encoding.bundle import load_bundle
from notesense.encoding.encoder import shared_encoder, shared_retriever
from notesense.engines.llm.cache import AnswerCache
from notesense.engines.llm.make import make_llm
from notesense.engines.llm.ping import ping
from notesense.engines.local.personal import load_personal
from notesense.errors import ConfigError, EngineError, IndexMissingError, NotesenseError
from notesense.settings import SHIPPED, Resolved, Settings, data_folder, resolve
from notesense.solutions.index import open_index

_PACKAGES = (
    "chromadb",
    "onnxruntime",
    "openai",
    "tokenizers",
    "pydantic",
    "typer",
    "langchain-text-splitters",
    "bm25s",
)


class Finding(NamedTuple):
    """One line of the examination."""

    topic: str
    ok: bool
    words: str
    exit_code: int = 0


def examine(with_endpoint: bool = False) -> list[Finding]:
    """Look at everything that an analysis needs; a fault is a finding, never an exception.

    Args:
        with_endpoint: Whether the model's endpoint is called too.
    """
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    findings = [
        Finding("version", True, f"notesense {__version__}, Python {platform.python_version()}, {platform.platform()}"),
        Finding("packages", True, versions),
    ]
    try:
        resolved = resolve()
    except NotesenseError as error:
        return [*findings, Finding("settings", False, f"{error.message} {error.hint}", error.exit_code)]
    findings += [_models(resolved.settings.personal), _index(resolved.settings), *_settings(resolved)]
    return [*findings, *_endpoint(resolved.settings)] if with_endpoint else findings


def kept(settings: Settings) -> list[Path]:
    """Return the folders in which notesense keeps something: the index, and the user's data."""
    places = (
        [settings.index] if (settings.index / "CURRENT").exists() or (settings.index / "generations").exists() else []
    )
    data = data_folder()
    if data.exists() and any(data.iterdir()):
        places = [p for p in places if not p.is_relative_to(data)] + [data]
    return places


def remove(places: list[Path]) -> None:
    """Delete folders with all that is in them; of an index folder, only what an index puts there."""
    for place in places:
        if place == data_folder():
            shutil.rmtree(place)
            continue
        shutil.rmtree(place / "generations", ignore_errors=True)
        for name in ("CURRENT", "CURRENT.new", "build.lock"):
            (place / name).unlink(missing_ok=True)
        if not any(place.iterdir()):
            place.rmdir()


def _models(personal: str) -> Finding:
    try:
        manifest = load_bundle().manifest
        load_personal(personal, load_bundle())
        vector = shared_encoder().encode(["a test"])
    except NotesenseError as error:
        return Finding("models", False, f"{error.message} {error.hint}", error.exit_code)
    own = "" if personal == SHIPPED else f"; personal model in use: {personal}"
    return Finding(
        "models", True, f"{manifest.name} {manifest.version}, checked; encoder runs ({vector.shape[1]} dimensions){own}"
    )


def _index(settings: Settings) -> Finding:
    try:
        index = open_index(settings.index, shared_retriever())
    except IndexMissingError as error:
        return Finding("index", True, f"none at {settings.index}; needs and pitches work without. {error.hint}")
    except NotesenseError as error:
        return Finding("index", False, f"{error.message} {error.hint}", error.exit_code)
    return Finding("index", True, f"{len(index.solutions)} solutions, {len(index.passages)} passages at {index.path}")


def _engine(resolved: Resolved) -> Finding:
    settings, origins = resolved
    words = f"{settings.engine}, from {origins.get('engine', 'the default')}"
    if settings.engine == "local":
        return Finding("engine", True, f"{words}; makes no connection")
    try:
        make_llm(settings.llm, settings.firm, settings.engine).close()
    except NotesenseError as error:
        return Finding("engine", False, f"{words}: {error.message}. {error.hint}", error.exit_code)
    where = f"answers in {settings.llm.answers}" if settings.llm.answers else (settings.llm.base_url or "OpenAI")
    hidden = "names are hidden" if settings.llm.redact else "notes are sent as they are"
    return Finding("engine", True, f"{words}; model {settings.llm.model} at {where}; {hidden}")


def _endpoint(settings: Settings) -> list[Finding]:
    if settings.engine == "local":
        hint = "Choose another: NOTESENSE_ENGINE=llm notesense doctor --ping"
        return [Finding("endpoint", False, f"the local engine calls no endpoint. {hint}", ConfigError.exit_code)]
    try:
        with closing(AnswerCache()) as cache:
            pongs = ping(settings.llm, cache)
    except NotesenseError as error:
        return [Finding("endpoint", False, f"{error.message}. {error.hint}", error.exit_code)]
    return [Finding("endpoint", pong.ok, pong.words, 0 if pong.ok else EngineError.exit_code) for pong in pongs]


def _settings(resolved: Resolved) -> list[Finding]:
    settings, origins = resolved
    firm = settings.firm
    profile = f"{firm.name}, {len(firm.people)} people" if firm.name else "none (sides are told less sharply)"
    return [
        _engine(resolved),
        Finding("profile", True, profile + (f", from {origins['firm']}" if "firm" in origins else "")),
        Finding("data", True, f"{data_folder()}; delete with: notesense purge"),
    ]
