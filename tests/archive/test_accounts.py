from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from notesense.archive.accounts import _folder_of
from notesense.archive.vectors import KeptVectors
from notesense.encoding.encoder import shared_encoder


@pytest.mark.parametrize(
    ("key", "client"),
    [
        ("marlow/2024/a.md", "marlow"),
        ("2024/marlow/a.md", "marlow"),
        ("older.zip!marlow/2024/a.md", "marlow"),
        ("2024/older.zip!a.md", None),
        ("a.md", None),
        ("2024/a.md", None),
        ("/home/ada/notes/marlow/2024-03/a.md", "marlow"),
        ("..\\marlow\\a.md", "marlow"),
    ],
)
def test_the_folder_that_is_named_by_the_client(key: str, client: str | None) -> None:
    assert _folder_of(key) == client


def test_vectors_are_kept_and_the_same_when_they_come_back(tmp_path: Path) -> None:
    encoder = shared_encoder()
    texts = ["The pump fails every week.", "Lunch was good."]
    kept = KeptVectors(tmp_path, encoder)
    first = kept.encode(texts)
    assert np.allclose(first, encoder.encode(texts), atol=1e-3)
    (file,) = tmp_path.rglob("*.npy")
    silent = KeptVectors(tmp_path, encoder)
    silent._encoder = SimpleNamespace(fingerprint=encoder.fingerprint, dimension=encoder.dimension)  # type: ignore[assignment]
    assert np.array_equal(silent.encode(texts), first)
    file.write_bytes(b"damaged")
    assert np.array_equal(kept.encode(texts), first)
    (tmp_path / "file").write_text("x")
    assert np.array_equal(KeptVectors(tmp_path / "file", encoder).encode(texts), first)
