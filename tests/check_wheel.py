"""Builds the wheel and tries it in a clean environment: ``python tests/check_wheel.py``.

A fresh virtual environment gets the locked requirements (by hash) and the wheel, nothing else. From another working
folder, with copies of the sample library and of one sample note, the four commands of a first day are run; the wheel's
own data (models, advice) is looked at. Prints what it does; the exit code is 1 on any failure.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "sample_notes/library"
NOTE = ROOT / "sample_notes/01-marlow-parks-walk.md"
IN_WHEEL = (
    "notesense/encoding/bundle/manifest.json",
    "notesense/encoding/bundle/network.onnx",
    "notesense/encoding/bundle/tokenizer.json",
    "notesense/encoding/bundle/heads.npz",
    "notesense/encoding/bundle/training.npz",
    "notesense/encoding/bundle/development.npz",
    *(f"notesense/review/app.{ending}" for ending in ("html", "css", "js")),
    "notesense/encoding/bundle/decisions.json",
    "notesense/encoding/bundle/banks.npz",
    "notesense/encoding/bundle/MODEL_CARD.md",
    "notesense/advice/data/questions.yaml",
    "notesense/advice/data/rewrites.yaml",
    *(f"notesense/prompts/{name}.md" for name in ("detect", "match", "group", "quote")),
    "notesense/engines/llm/prices.toml",
)
HIDDEN = ("NOTESENSE_", "OPENAI_", "CHROMA_", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")


class FailedError(Exception):
    """Something is not as it should be."""


def main() -> int:
    """Run the check and return the exit code."""
    with tempfile.TemporaryDirectory(prefix="notesense-wheel-") as name:
        try:
            check(Path(name))
        except FailedError as error:
            print(f"FAILED: {error}", file=sys.stderr)
            return 1
    print("The wheel works.")
    return 0


def check(folder: Path) -> None:
    """Build, install and try the wheel below a folder."""
    wheel = build(folder / "dist")
    look_into(wheel)
    bin_folder = install(wheel, folder / "venv")
    work = folder / "somewhere else"
    work.mkdir()
    try_out(bin_folder, work)


def build(out: Path) -> Path:
    """Build the wheel."""
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT], cwd=ROOT)
    wheels = list(out.glob("*.whl"))
    require(len(wheels) == 1, f"one wheel expected, found {wheels}")
    return wheels[0]


def look_into(wheel: Path) -> None:
    """Check what the wheel holds, and that it holds nothing else than the package."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    print(f"{wheel.name}: {len(names)} files, {wheel.stat().st_size / 1e6:.1f} MB")
    missing = [name for name in IN_WHEEL if name not in names]
    require(not missing, f"not in the wheel: {', '.join(missing)}")
    tops = {name.split("/")[0] for name in names}
    require(all(top == "notesense" or top.endswith(".dist-info") for top in tops), f"foreign folders in it: {tops}")


def install(wheel: Path, folder: Path) -> Path:
    """Make a virtual environment with the locked requirements and the wheel; return its folder of programs."""
    print(f"Making {folder}")
    venv.create(folder, with_pip=True)
    bin_folder = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = [bin_folder / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--no-deps", "--require-hashes", "-r", ROOT / "requirements/run.txt"], cwd=folder)
    run([*pip, "--no-deps", wheel], cwd=folder)
    run([bin_folder / "python", "-m", "pip", "--disable-pip-version-check", "check"], cwd=folder)
    return bin_folder


def try_out(bin_folder: Path, work: Path) -> None:
    """Run the commands of a first day in a working folder of its own."""
    shutil.copytree(LIBRARY, work / "library")
    shutil.copy(NOTE, work / "note.md")
    (work / "home").mkdir()
    notesense = bin_folder / "notesense"

    where = run([bin_folder / "python", "-c", "import notesense; print(notesense.__file__)"], cwd=work)
    require(Path(where.strip()).is_relative_to(bin_folder.parent), f"another notesense was imported: {where}")

    version = run([notesense, "--version"], cwd=work)
    require(version.startswith("notesense ") and "0.0.0" not in version, f"version: {version}")

    doctor = run([notesense, "doctor"], cwd=work)
    require("FAIL" not in doctor, f"doctor found a fault:\n{doctor}")

    run([notesense, "index", "build", "library"], cwd=work)
    listed = run([notesense, "index", "list"], cwd=work).splitlines()
    require(len(listed) == 59, f"59 solutions expected in the index, found {len(listed)}")

    report = json.loads(run([notesense, "analyze", "note.md", "--format", "json"], cwd=work))
    (analysis,) = report["analyses"]
    needs = analysis["needs"]
    matches = [match for need in needs for match in need["matches"]]
    require(bool(needs), "no needs found in the sample note")
    require(bool(matches), "no matches found for the sample note")
    require(any(need["questions"] for need in needs), "no questions: the advice banks were not read")
    require(all(pitch["rewrite"] for pitch in analysis["pitches"]), "a pitch without a rewrite")
    text = NOTE.read_bytes().decode("utf-8")
    for evidence in (evidence for need in needs for evidence in need["evidence"]):
        require(text[evidence["start"] : evidence["end"]] == evidence["quote"], f"not in the note: {evidence}")
    prompt = run([notesense, "prompts", "show", "detect", "--note", "note.md"], cwd=work)
    require(text.strip().splitlines()[-1] in prompt, "the prompt does not hold the note")
    print(f"{len(needs)} needs, {len(analysis['pitches'])} pitches, {len(matches)} matches")


def run(command: list[str | Path], cwd: Path) -> str:
    """Run a command in a clean environment, say so, and return what it printed."""
    print("$ " + " ".join(str(part) for part in command), flush=True)
    env = {name: value for name, value in os.environ.items() if not name.startswith(HIDDEN)}
    if (cwd / "home").is_dir():
        env |= dict.fromkeys(("HOME", "USERPROFILE", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(cwd / "home"))
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        raise FailedError(f"exit code {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done.stdout


def require(holds: bool, otherwise: str) -> None:
    """Fail with a message where something does not hold."""
    if not holds:
        raise FailedError(otherwise)


if __name__ == "__main__":
    sys.exit(main())
