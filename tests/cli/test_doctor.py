import shutil
from pathlib import Path

import pytest

from notesense import __version__, health
from notesense.errors import BundleError
from notesense.solutions.index import current_generation
from tests.cli.conftest import Run
from tests.conftest import SAMPLES


def lines(out: str) -> dict[str, str]:
    return {line.split()[1]: line for line in out.splitlines()}


def test_all_is_well_with_and_without_an_index(
    notesense: Run, sample_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, err = notesense("doctor")
    assert (code, err) == (0, "")
    assert all(line.startswith("ok ") for line in out.splitlines())
    assert f"notesense {__version__}" in lines(out)["version"]
    assert "chromadb" in lines(out)["packages"]
    assert "384 dimensions" in lines(out)["models"]
    assert f"none at {tmp_path / 'index'}" in lines(out)["index"]
    assert "the default" in lines(out)["engine"]
    monkeypatch.setenv("NOTESENSE_INDEX", str(sample_index))
    code, out, _ = notesense("doctor")
    assert code == 0
    assert "59 solutions" in lines(out)["index"]


def test_where_settings_come_from_is_told(notesense: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTESENSE_ENGINE", "local")
    monkeypatch.chdir(SAMPLES)
    out = notesense("doctor").out
    assert "environment variable NOTESENSE_ENGINE" in lines(out)["engine"]
    assert "Kestrel Vane Associates, 14 people" in lines(out)["profile"]
    assert str(SAMPLES / "notesense.toml") in lines(out)["profile"]


def test_wrong_settings_are_a_finding(notesense: Run, tmp_path: Path) -> None:
    (tmp_path / "notesense.toml").write_text("colour = 1")
    code, out, _ = notesense("doctor")
    assert code == 3
    assert lines(out)["settings"].startswith("FAIL")
    assert "unknown setting colour" in out
    assert lines(out)["version"].startswith("ok")


def test_a_damaged_index_is_a_finding(notesense: Run, tmp_path: Path, sample_index: Path) -> None:
    root = Path(shutil.copytree(sample_index, tmp_path / "index"))
    (root / "generations" / str(current_generation(root)) / "manifest.json").write_text("{")
    code, out, _ = notesense("doctor")
    assert code == 6
    assert lines(out)["index"].startswith("FAIL")
    assert lines(out)["models"].startswith("ok")


def test_damaged_models_are_a_finding(notesense: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise BundleError("bundle/heads.npz: not the file that the manifest names", "Install again.")

    monkeypatch.setattr(health, "load_bundle", fail)
    code, out, _ = notesense("doctor")
    assert code == 3
    assert "heads.npz" in lines(out)["models"]
    assert lines(out)["models"].startswith("FAIL")
