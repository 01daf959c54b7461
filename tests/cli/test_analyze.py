import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from notesense.solutions.index import current_generation
from tests.cli.conftest import Run
from tests.conftest import SAMPLES
from tests.processes import run_notesense

WALK = SAMPLES / "01-marlow-parks-walk.md"
CHAT = SAMPLES / "10-fenner-lane-chat.md"
PAVING = SAMPLES / "11-dunmore-paving-progress.md"
GERMAN = (
    "Das Treffen mit der Stadt verlief gut. Die Brücke am Hafen ist seit Jahren undicht und niemand weiß, woher das Geld "
    "für die Sanierung kommen soll. Frau Maier sagte, dass die Bürger sich jede Woche beschweren. Wir haben versprochen, "
    "dass wir bis zum Sommer einen Vorschlag machen werden.\n"
)
FRENCH = (
    "La réunion avec la mairie s'est bien passée. Le toit de l'école fuit depuis des années et personne ne sait d'où "
    "viendra l'argent pour les travaux. Madame Dupont a dit que les parents se plaignent chaque semaine. Nous avons "
    "promis de faire une proposition avant l'été.\n"
)


@pytest.fixture(autouse=True)
def index(sample_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample index is the one in the environment."""
    monkeypatch.setenv("NOTESENSE_INDEX", str(sample_index))


def timeless(report: str) -> Any:
    """Return a JSON report without the seconds that it took."""
    data = json.loads(report)
    for analysis in data["analyses"]:
        assert analysis["usage"].pop("seconds") >= 0
    return data


# Inputs


def test_several_files_make_one_object(notesense: Run) -> None:
    code, out, err = notesense("analyze", WALK, CHAT, PAVING, "-f", "json")
    assert (code, err) == (0, "")
    report = json.loads(out)
    assert [Path(a["note"]["path"]) for a in report["analyses"]] == [WALK, CHAT, PAVING]
    assert report["skipped"] == []


def test_one_file_makes_an_object_of_the_same_shape(notesense: Run) -> None:
    one = json.loads(notesense("analyze", CHAT, "-f", "json").out)
    assert list(one) == ["schema", "run", "skipped", "analyses"]
    assert len(one["analyses"]) == 1


def test_bad_files_between_good_ones_end_with_seven_and_are_in_every_format(notesense: Run, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    shutil.copy(CHAT, folder / "-a [bold]note[-bold].md")
    (folder / "empty.md").touch()
    (folder / "scan.pdf").write_bytes(b"%PDF-1.7")
    (folder / "deutsch.md").write_text(GERMAN, encoding="utf-8")
    code, out, err = notesense("analyze", folder, "-f", "json")
    assert (code, err) == (7, "")
    report = json.loads(out)
    assert len(report["analyses"]) == 1
    assert {Path(entry["path"]).name: entry["error"] for entry in report["skipped"]} == {
        "empty.md": "NoteEmptyError", "scan.pdf": "NoteFormatError", "deutsch.md": "LanguageError",
    }  # fmt: skip
    assert all(entry["message"] and entry["hint"] for entry in report["skipped"])
    for style in ("terminal", "markdown", "jsonl"):
        code, out, err = notesense("analyze", folder, "-f", style)
        assert (code, err) == (7, "")
        for words in ("empty.md: empty", "scan.pdf", "deutsch.md: written in another language"):
            assert words in " ".join(out.split()).replace("\\", "")


@pytest.mark.parametrize("style", ["json", "terminal", "markdown", "jsonl"])
def test_only_bad_inputs_end_with_four(notesense: Run, tmp_path: Path, style: str) -> None:
    (tmp_path / "empty.md").touch()
    code, out, _ = notesense("analyze", "empty.md", "missing.md", "-f", style)
    assert code == 4
    assert "empty.md" in out
    assert "missing.md" in out
    if style == "json":
        assert [entry["error"] for entry in json.loads(out)["skipped"]] == ["NoteEmptyError", "NoteNotFoundError"]


@pytest.mark.parametrize("style", ["json", "terminal", "markdown", "jsonl"])
def test_only_notes_in_other_languages_end_with_five_and_are_not_called_needless(
    notesense: Run, tmp_path: Path, style: str
) -> None:
    (tmp_path / "a.md").write_text(GERMAN, encoding="utf-8")
    (tmp_path / "b.md").write_text(FRENCH, encoding="utf-8")
    code, out, _ = notesense("analyze", "a.md", "b.md", "-f", style)
    assert code == 5
    words = " ".join(out.split())
    assert "No needs found" not in words
    assert words.count("another language") == 2
    assert "not the same as having no needs" in words


def test_a_folder_without_notes_and_a_missing_file_are_told_apart(notesense: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    _, out, _ = notesense("analyze", "empty", "missing", "-f", "json")
    assert [entry["error"] for entry in json.loads(out)["skipped"]] == ["NoNotesError", "NoteNotFoundError"]


def test_folders_inside_folders_need_an_option(notesense: Run, tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    shutil.copy(CHAT, tmp_path / "a/b/n.md")
    assert notesense("analyze", "a", "-f", "json").code == 4
    assert notesense("analyze", "a", "-r", "-f", "json").code == 0


def test_standard_input_is_a_note(notesense: Run) -> None:
    from_file = timeless(notesense("analyze", WALK, "-f", "json").out)
    code, out, err = notesense("analyze", "-", "-f", "json", stdin=WALK.read_bytes())
    assert (code, err) == (0, "")
    piped = timeless(out)
    assert piped["analyses"][0]["note"].pop("path") == "-"
    assert from_file["analyses"][0]["note"].pop("path") == str(WALK)
    assert piped == from_file


def test_empty_standard_input_is_no_note(notesense: Run) -> None:
    code, out, _ = notesense("analyze", "-", "-f", "json", stdin=b" \n")
    assert code == 4
    (entry,) = json.loads(out)["skipped"]
    assert (entry["path"], entry["error"]) == ("-", "NoteEmptyError")


# Options


def test_flags_say_what_the_note_does_not(notesense: Run) -> None:
    flags = ["--client", "Town of Brackley", "--unit", "Select Board", "--practice", "Water", "--author", "Ines Halloran",
             "--date", "2020-02-02"]  # fmt: skip
    note = json.loads(notesense("analyze", CHAT, *flags, "-f", "json").out)["analyses"][0]["note"]
    assert (note["client"], note["client_unit"], note["practice"]) == ("Town of Brackley", "Select Board", "Water")
    assert (note["author"], note["date"]) == ("Ines Halloran", "2020-02-02")


def shown(report: str) -> list[dict[str, Any]]:
    return [match for a in json.loads(report)["analyses"] for need in a["needs"] for match in need["matches"]]


def test_filters_and_the_limit_hold_for_what_is_shown(notesense: Run) -> None:
    command = ["analyze", WALK, SAMPLES / "02-pell-health-minutes.md", "-f", "json"]
    every = shown(notesense(*command).out)
    practice, client = every[0]["practice"], every[0]["client"]
    assert {match["practice"] for match in every} > {practice}
    some = shown(notesense(*command, "--from-practice", practice.upper()).out)
    assert some == [match for match in every if match["practice"] == practice]
    some = shown(notesense(*command, "--from-client", client).out)
    assert some == [match for match in every if match["client"] == client]
    code, _, err = notesense(*command, "--since", "2100")
    assert code == 2
    assert "no solution" in err
    one = json.loads(notesense(*command, "--max-matches", "1").out)
    assert max(len(need["matches"]) for a in one["analyses"] for need in a["needs"]) == 1


def test_the_text_is_carried_only_where_asked(notesense: Run) -> None:
    assert "text" not in json.loads(notesense("analyze", CHAT, "-f", "json").out)["analyses"][0]
    analysis = json.loads(notesense("analyze", CHAT, "-f", "json", "--with-text").out)["analyses"][0]
    assert analysis["text"] == CHAT.read_bytes().decode()
    for need in analysis["needs"]:
        for e in need["evidence"]:
            assert analysis["text"][e["start"] : e["end"]] == e["quote"]


@pytest.mark.parametrize("place", ["flag", "environment", "file"])
def test_an_unknown_engine_is_a_configuration_error(
    notesense: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    if place == "environment":
        monkeypatch.setenv("NOTESENSE_ENGINE", "gpt")
    if place == "file":
        (tmp_path / "notesense.toml").write_text('engine = "gpt"')
    code, out, err = notesense("analyze", CHAT, *(["--engine", "gpt"] if place == "flag" else []))
    assert (code, out) == (3, "")
    named = {"flag": "--engine", "environment": "NOTESENSE_ENGINE", "file": "notesense.toml"}[place]
    assert named in err
    assert "'gpt'" in err


# The index


def test_without_an_index_there_are_needs_and_one_line_that_says_how_to_build_it(
    notesense: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = tmp_path / "none"
    monkeypatch.setenv("NOTESENSE_INDEX", str(none))
    for style in ("terminal", "markdown"):
        code, out, err = notesense("analyze", WALK, "-f", style)
        assert (code, err) == (0, "")
        assert sum("notesense index build" in line for line in out.splitlines()) == 1
        assert "Nothing we have done fits" not in out
    report = json.loads(notesense("analyze", WALK, "-f", "json").out)
    assert report["run"]["index"] is None
    needs = report["analyses"][0]["needs"]
    assert needs
    assert {need["matching"] for need in needs} == {"no_index"}
    assert not none.exists()
    refused = notesense("analyze", WALK, "--index", none)  # somebody who names a place expects something there
    assert refused.code == 6
    assert f"{none}: no solution index there" in refused.err


def test_a_damaged_index_ends_with_six_and_says_how_to_mend_it(
    notesense: Run, tmp_path: Path, sample_index: Path
) -> None:
    root = Path(shutil.copytree(sample_index, tmp_path / "copy"))
    (root / "generations" / str(current_generation(root)) / "manifest.json").write_text("{")
    code, out, err = notesense("analyze", WALK, "--index", root, "-f", "json")
    assert (code, out) == (6, "")
    assert "manifest.json" in err or str(root) in err
    assert "notesense index build" in err


# Output


FORMATS = {"terminal": "r.txt", "markdown": "r.md", "json": "r.json", "jsonl": "r.jsonl"}


@pytest.mark.parametrize("style", FORMATS)
def test_a_file_holds_what_standard_output_would(notesense: Run, tmp_path: Path, style: str) -> None:
    path = tmp_path / FORMATS[style]
    printed = notesense("analyze", WALK, CHAT, "-f", style).out
    for arguments in (["-o", path], ["-o", tmp_path / "r.out", "-f", style], ["-o", tmp_path / path.name.upper()]):
        code, out, err = notesense("analyze", WALK, CHAT, *arguments)
        assert (code, out) == (0, "")
        assert str(arguments[1]) in err
        written = arguments[1].read_text(encoding="utf-8")
        if style == "json":
            assert timeless(written) == timeless(printed)
        elif style == "jsonl":
            assert [json.loads(line)["needs"] for line in written.splitlines()] == [
                json.loads(line)["needs"] for line in printed.splitlines()
            ]
        else:
            assert written == printed
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([path.name, "r.out", path.name.upper(), "home"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-o", "nowhere/r.json"], "nowhere/r.json"),
        (["-o", "file/r.json"], "file/r.json"),
        (["-o", "folder.json"], "folder.json"),
        (["-o", "r.pdf"], "r.pdf"),
        (["-o", "r"], "--format"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_an_output_that_cannot_be_written_is_a_usage_error(
    notesense: Run, tmp_path: Path, arguments: list[str], words: str
) -> None:
    (tmp_path / "file").write_text("kept")
    (tmp_path / "folder.json").mkdir()
    code, out, err = notesense("analyze", CHAT, *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder.json", "home"]


def test_an_earlier_report_is_replaced_whole(notesense: Run, tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text('{"schema": "notesense.report/1", "old": "' + "x" * 10**6)
    assert notesense("analyze", CHAT, "-o", "r.json").code == 0
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["analyses"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_a_pipe_or_device_is_never_replaced_by_a_file(notesense: Run, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        notesense("analyze", PAVING, "-o", pipe)
        assert stat.S_ISFIFO(pipe.stat().st_mode)
    finally:
        os.close(reader)


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    command = [sys.executable, "-m", "notesense", "analyze", str(CHAT), "-f", "json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 0, errors
    assert errors == b""


# The contract


def test_the_report_is_what_the_schema_says(notesense: Run, tmp_path: Path) -> None:
    schema = json.loads(notesense("schema").out)
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    (tmp_path / "empty.md").touch()
    for arguments in ([SAMPLES, "empty.md"], [SAMPLES, "--with-text"], ["empty.md"]):
        report = json.loads(notesense("analyze", *arguments, "-f", "json").out)
        validator.validate(report)
        report["analyses"] += [{"note": {}}]
        assert not validator.is_valid(report)


def test_the_names_of_the_contract_are_fixed(notesense: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.md").touch()
    report = json.loads(notesense("analyze", SAMPLES, "empty.md", "-f", "json").out)
    assert report["schema"] == "notesense.report/1"
    assert set(report) == {"schema", "run", "skipped", "analyses"}
    assert set(report["run"]) == {"engine", "prompts", "settings", "index", "notesense"}
    assert set(report["run"]["engine"]) == {"name", "model", "version"}
    assert set(report["run"]["index"]) == {"path", "generation", "solutions"}
    assert set(report["skipped"][0]) == {"path", "error", "message", "hint"}
    assert all(set(a) == {"note", "needs", "pitches", "rejected", "incidents", "usage"} for a in report["analyses"])
    analysis = next(a for a in report["analyses"] if shown_in(a) and a["pitches"])
    assert set(analysis["note"]) == {
        "id", "path", "title", "client", "client_unit", "author", "practice", "date", "language", "words"
    }  # fmt: skip
    assert set(analysis["usage"]) == {"calls", "input_tokens", "output_tokens", "cost", "seconds"}
    need = next(need for need in analysis["needs"] if need["matches"])
    assert set(need) == {
        "id", "key", "kind", "category", "statement", "confidence", "evidence", "questions", "matching", "matches"
    }  # fmt: skip
    evidence = {"start", "end", "quote", "speaker", "side", "locator"}
    assert set(need["evidence"][0]) == evidence
    assert set(need["matches"][0]) == {
        "solution_id", "title", "practice", "client", "lead", "result", "score", "why", "passage", "outside_practice",
        "precedent",
    }  # fmt: skip
    pitch = analysis["pitches"][0]
    assert set(pitch) == {"id", "key", "tactic", "where", "confidence", "evidence", "rewrite"}
    assert set(pitch["evidence"][0]) == evidence


def shown_in(analysis: dict[str, Any]) -> bool:
    return any(need["matches"] for need in analysis["needs"])


def test_json_lines_hold_one_analysis_each_and_then_what_was_skipped(notesense: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.md").touch()
    lines = [json.loads(line) for line in notesense("analyze", WALK, "empty.md", CHAT, "-f", "jsonl").out.splitlines()]
    assert [line["schema"] for line in lines] == ["notesense.report/1"] * 3
    assert [Path(line["note"]["path"]) for line in lines[:2]] == [WALK, CHAT]
    assert lines[2]["skipped"]["path"] == "empty.md"
    assert all(line["run"]["notesense"] for line in lines)


def test_two_runs_of_two_processes_give_the_same_json_and_nothing_else_on_standard_output() -> None:
    done = [run_notesense("analyze", WALK, CHAT, "-f", "json") for _ in range(2)]
    assert [(d.returncode, d.stderr) for d in done] == [(0, b"")] * 2
    first, second = (timeless(d.stdout.decode("utf-8")) for d in done)
    assert first == second
    assert len(first["analyses"]) == 2


def test_the_report_never_replaces_a_note(notesense: Run, tmp_path: Path) -> None:
    note = tmp_path / "own.md"
    note.write_text("The roof leaks again, the third time this year.", encoding="utf-8")
    code, _, err = notesense("analyze", note, "-o", note)
    assert code == 2
    assert str(note) in err
    assert note.read_text(encoding="utf-8").startswith("The roof")


def test_the_report_of_a_folder_is_no_note_of_it(notesense: Run, tmp_path: Path) -> None:
    folder = tmp_path / "meetings"
    folder.mkdir()
    (folder / "a.md").write_text("The roof leaks again, the third time this year.", encoding="utf-8")
    report = folder / "report.json"
    for _ in range(2):
        assert notesense("analyze", folder, "-o", report)[0] == 0
    assert len(json.loads(report.read_text(encoding="utf-8"))["analyses"]) == 1
