"""The layout of a model bundle on disk, and the one place that reads and writes it.

::

    bundle/
        manifest.json     names, sizes, digests, thresholds, what it was trained on
        network.onnx      the encoder (texts), the detector (a note's sentences in context), the retriever (needs and solutions)
        tokenizer.json    its tokenizer
        heads.npz         weights of the heads, vocabulary, calibration
        training.npz      what the heads were fitted on: how far corrections may move them
        development.npz   labelled sentences that no weight was fitted on: whether corrections make things worse
        decisions.json    the small models that decide: one need or two, show a solution or not, one thread or two, told, settled
        sounds.npz        how a sentence sounds that tells of the end of a need
        banks.npz         vectors of the advice banks
        MODEL_CARD.md
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from notesense.domain.base import Frozen
from notesense.errors import BundleError

LAYOUT = "notesense.bundle/1"
SHIPPED = Path(__file__).parent / "bundle"
_REINSTALL = "Install notesense again; the installation is damaged."


class Manifest(Frozen):
    """What a bundle says of itself."""

    layout: str
    name: str
    version: str
    dimension: int
    """Length of a sentence vector."""
    max_tokens: int
    """Longest sequence that the encoder reads at once, special tokens included."""
    encoder: str
    """What the encoder's vectors come from: changes only when they do, whatever else is trained again."""
    retriever: str
    """What the retriever's vectors come from: an index that was built with another must be built again."""
    thresholds: dict[str, float]
    trained: dict[str, Any]
    """What the heads were trained on: data hash, counts, seed, command."""
    files: dict[str, str]
    """SHA-256 of each file by name."""


class Bundle(NamedTuple):
    """A bundle whose files are as the manifest says."""

    folder: Path
    manifest: Manifest

    @property
    def digest(self) -> str:
        """First 16 hex digits of a hash over the manifest, and so over every file."""
        return hashlib.sha256(self.manifest.model_dump_json().encode()).hexdigest()[:16]

    def path(self, name: str) -> Path:
        """Return the path of one of the bundle's files."""
        return self.folder / name


@cache
def load_bundle(folder: Path = SHIPPED) -> Bundle:
    """Read the manifest of a bundle and check every file against it.

    Raises:
        BundleError: The manifest or a file is missing, damaged or of another layout.
    """
    path = folder / "manifest.json"
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BundleError(f"{path}: no model bundle there", _REINSTALL) from None
    except (OSError, ValidationError) as error:
        raise BundleError(f"{path}: cannot be read ({error})", _REINSTALL) from None
    if manifest.layout != LAYOUT:
        raise BundleError(f"{path}: layout {manifest.layout}, and this version reads {LAYOUT}", _REINSTALL)
    for name, digest in manifest.files.items():
        try:
            actual = file_digest(folder / name)
        except OSError as error:
            raise BundleError(f"{folder / name}: cannot be read ({error.strerror})", _REINSTALL) from None
        if actual != digest:
            raise BundleError(f"{folder / name}: not the file that the manifest names (digest differs)", _REINSTALL)
    return Bundle(folder, manifest)


def write_manifest(folder: Path, manifest: dict[str, Any], names: list[str]) -> None:
    """Write ``manifest.json`` with the digests of the named files.

    Args:
        folder: The bundle's folder, with the files in it.
        manifest: Fields of :class:`Manifest` but ``layout`` and ``files``.
        names: Files to put under digest.
    """
    files = {name: file_digest(folder / name) for name in names}
    checked = Manifest(layout=LAYOUT, files=files, **manifest)
    (folder / "manifest.json").write_text(json.dumps(checked.model_dump(), indent=1) + "\n", encoding="utf-8")


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
