import json
import re
import shutil
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from notesense import __version__
from notesense.advice import Advisor
from notesense.analyzer import Analyzer, exit_code
from notesense.domain.analysis import Analysis, EngineInfo, Incident, Report, RunInfo, Skipped
from notesense.domain.findings import MAX_EVIDENCE, Evidence
from notesense.domain.notes import Metadata, Note
from notesense.domain.profile import FirmProfile
from notesense.encoding.bundle import load_bundle
from notesense.encoding.encoder import Encoder
from notesense.engines.factory import make_engine
from notesense.errors import IndexDamagedError
from notesense.evaluation.cases import strip_marks
from notesense.formats.frontmatter import split_front_matter
from notesense.pipeline import Pipeline
from notesense.reading import read_note
from notesense.reporting import json_schema, render_json
from notesense.settings import Settings, resolve
from notesense.solutions.index import current_generation
from tests.conftest import ROOT, SAMPLES

SAMPLE_NOTES = sorted(p for p in SAMPLES.glob("*.*") if p.suffix in (".md", ".txt") and p.stem != "README")
LABELLED = sorted(p for p in (ROOT / "eval/notes").rglob("*.md") if p.with_suffix(".yaml").exists())
EVERY = [*SAMPLE_NOTES, *LABELLED[:: len(LABELLED) // 30][:30]]
SOME = [*SAMPLE_NOTES, *LABELLED[5 :: len(LABELLED) // 8][:8]]
WALK = SAMPLES / "01-marlow-parks-walk.md"
CHAT = SAMPLES / "10-fenner-lane-chat.md"
PAVING = SAMPLES / "11-dunmore-paving-progress.md"
GERMAN = (
    "Das Treffen mit der Stadt verlief gut. Die Brücke am Hafen ist seit Jahren undicht und niemand weiß, woher das Geld "
    "für die Sanierung kommen soll. Frau Maier sagte, dass die Bürger sich jede Woche beschweren. Wir haben versprochen, "
    "dass wir bis zum Sommer einen Vorschlag machen werden.\n"
)
BLANK_LINE = re.compile(r"(?:\r\n?+|\n)[ \t]*(?:\r\n?+|\n)")


@pytest.fixture
def analyzer(sample_index: Path) -> Analyzer:
    return make_analyzer(sample_index)


@cache
def make_analyzer(index: Path) -> Analyzer:
    """One analyzer for all tests of this file."""
    return Analyzer(resolve({"index": index}, {}, SAMPLES).settings)


@cache
def validator() -> Any:
    schema = json.loads(json_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def plain(path: Path) -> str:
    """Return the text of a sample or labelled note, without marks."""
    data = path.read_bytes()
    try:
        return strip_marks(data.decode("utf-8"))[0]
    except UnicodeDecodeError:
        return data.decode("cp1252")


def evidence_of(analysis: Analysis) -> list[Evidence]:
    return [e for finding in (*analysis.needs, *analysis.pitches) for e in finding.evidence]


def check(report: Report, text: str) -> Analysis:
    """Check what must hold for every report on one note, and return its analysis."""
    data = json.loads(render_json(report))
    validator().validate(data)
    assert data["skipped"] == []
    (analysis,) = data["analyses"]
    assert analysis["text"] == text
    head = split_front_matter(text).end
    findings = analysis["needs"] + analysis["pitches"]
    for finding in findings:
        assert finding["evidence"]
        for e in finding["evidence"]:
            assert text[e["start"] : e["end"]] == e["quote"]
            assert e["quote"].strip()
            assert head <= e["start"] < e["end"] <= e["start"] + MAX_EVIDENCE
            assert not BLANK_LINE.search(e["quote"])
    keys = [finding["key"] for finding in findings]
    assert len(set(keys)) == len(keys)
    assert [need["id"] for need in analysis["needs"]] == [f"n{i}" for i in range(1, len(analysis["needs"]) + 1)]
    assert [pitch["id"] for pitch in analysis["pitches"]] == [f"p{i}" for i in range(1, len(analysis["pitches"]) + 1)]
    for need in analysis["needs"]:
        assert need["statement"].strip()
        assert need["matching"] == ("matched" if need["matches"] else "nothing_fits")
    return report.analyses[0]


def findings(analysis: Analysis) -> list[Any]:
    """Return what was found, without offsets and with every line end as a line feed."""
    found: list[Any] = []
    for need in analysis.needs:
        quotes = [re.sub(r"\r\n?", "\n", e.quote) for e in need.evidence]
        found.append((need.kind, need.category, need.statement, quotes, need.questions, need.matches))
    for pitch in analysis.pitches:
        found.append(
            (pitch.tactic, pitch.where, pitch.rewrite, [re.sub(r"\r\n?", "\n", e.quote) for e in pitch.evidence])
        )
    return found


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_every_quote_stands_where_the_report_says(analyzer: Analyzer, tmp_path: Path, path: Path) -> None:
    copy = tmp_path / path.name
    text = plain(path)
    copy.write_bytes(path.read_bytes() if path in SAMPLE_NOTES else text.encode())
    check(analyzer.analyze([copy], with_text=True), text)


@pytest.mark.parametrize("path", SOME, ids=lambda path: path.stem)
def test_line_ends_and_encodings_change_offsets_and_nothing_else(
    analyzer: Analyzer, tmp_path: Path, path: Path
) -> None:
    unix = plain(path).replace("\r\n", "\n")
    variants = [(unix, "utf-8"), (unix, "utf-16"), (unix, "utf-16-be"), (unix, "utf-8-sig")]
    variants += [(unix.replace("\n", "\r\n"), "utf-8"), (unix.replace("\n", "\r\n"), "utf-16-le")]
    found = []
    for number, (text, encoding) in enumerate(variants):
        copy = tmp_path / f"{number}.md"
        copy.write_bytes(text.encode(encoding))
        found.append(findings(check(analyzer.analyze([copy], with_text=True), text)))
    for other in found[1:]:
        assert other == found[0]


def test_the_samples_have_needs_and_pitches(analyzer: Analyzer) -> None:
    """So that the checks of quotes above have something to check."""
    report = analyzer.analyze([SAMPLES])
    assert len(report.analyses) == 13
    assert sum(len(evidence_of(analysis)) for analysis in report.analyses) > 40
    assert any(analysis.pitches for analysis in report.analyses)
    assert exit_code(report) == 0


def test_a_note_without_needs_and_pitches_has_none(analyzer: Analyzer) -> None:
    (analysis,) = analyzer.analyze([PAVING]).analyses
    assert analysis.needs == ()
    assert analysis.pitches == ()


def test_what_else_is_read_does_not_change_an_analysis() -> None:
    def run(*paths: Path) -> Analysis:
        encoder = Encoder(load_bundle(), remember=3000)
        pipeline = Pipeline(make_engine(Settings(), encoder), Advisor(encoder), lambda: None, FirmProfile())
        return [pipeline.analyze(read_note(path)) for path in paths][-1].model_copy(update={"usage": None})

    assert run(WALK) == run(CHAT, PAVING, CHAT, WALK)


def test_the_run_says_with_what_it_was_made(analyzer: Analyzer, sample_index: Path) -> None:
    run = analyzer.analyze([CHAT]).run
    manifest = load_bundle().manifest
    assert run.engine == EngineInfo(name="local", model=manifest.name, version=manifest.version)
    assert run.notesense == __version__
    assert run.settings == analyzer.settings.digest
    assert run.index is not None
    assert (run.index.path, run.index.solutions) == (str(sample_index), 59)
    assert run.index.generation == current_generation(sample_index)


def test_without_an_index_there_are_needs_and_no_matches(tmp_path: Path) -> None:
    report = Analyzer(Settings(index=tmp_path / "none")).analyze([WALK])
    assert report.run.index is None
    (analysis,) = report.analyses
    assert analysis.needs
    assert {need.matching for need in analysis.needs} == {"no_index"}
    assert [need.matches for need in analysis.needs] == [()] * len(analysis.needs)
    assert exit_code(report) == 0
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("note", [WALK, PAVING], ids=["with needs", "without needs"])
def test_an_index_that_cannot_be_used_is_an_error_and_not_silence(
    tmp_path: Path, sample_index: Path, note: Path
) -> None:
    root = Path(shutil.copytree(sample_index, tmp_path / "index"))
    (root / "generations" / str(current_generation(root)) / "solutions.json").write_text("[")
    with pytest.raises(IndexDamagedError):
        Analyzer(Settings(index=root)).analyze([note])


def test_bad_files_between_good_ones_are_listed_and_stop_nothing(analyzer: Analyzer, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    odd = ["-dash.md", "[bold]red[-bold].md", "UPPER.MD", "no suffix", " blank .md", "bus 🚌 dépôt.txt", "a\nb.md"]
    for name in odd:
        shutil.copy(CHAT, folder / name)
    bad = {
        "b.md": (b"", "NoteEmptyError"),
        "c.bin": (b"\0\1\2" * 99, "NotTextError"),
        "d.pdf": (b"%PDF-1.7", "NoteFormatError"),
        "e.docx": (b"PK\x03\x04", "NoteFormatError"),
        "f.md": (GERMAN.encode(), "LanguageError"),
        "g.txt": (b"caf\xe9 \x81\x8d", "NotTextError"),
    }
    for name, (content, _) in bad.items():
        (folder / name).write_bytes(content)
    (folder / "gone.md").symlink_to(tmp_path / "nowhere")
    report = analyzer.analyze([folder, tmp_path / "missing.md"])
    assert [Path(analysis.note.path).name for analysis in report.analyses] == sorted(odd)
    assert all(analysis.needs for analysis in report.analyses)
    wanted = {str(folder / name): error for name, (_, error) in bad.items()}
    wanted |= {str(folder / "gone.md"): "NoteNotFoundError", str(tmp_path / "missing.md"): "NoteNotFoundError"}
    assert {entry.path: entry.error for entry in report.skipped} == wanted
    for entry in report.skipped:
        assert entry.path in entry.message
        assert entry.hint
    assert exit_code(report) == 7


def test_files_come_in_the_order_named_each_once(analyzer: Analyzer, tmp_path: Path) -> None:
    for name in ("b.md", "a.md"):
        shutil.copy(CHAT, tmp_path / name)
    paths = [tmp_path / "b.md", tmp_path / "a.md", tmp_path / "b.md", tmp_path]
    report = analyzer.analyze(paths)
    assert [Path(analysis.note.path).name for analysis in report.analyses] == ["b.md", "a.md"]
    assert report.skipped == ()


def test_folders_inside_folders_are_read_where_asked(analyzer: Analyzer, tmp_path: Path) -> None:
    (tmp_path / "notes/2025").mkdir(parents=True)
    shutil.copy(CHAT, tmp_path / "notes/2025/a.md")
    shutil.copy(CHAT, tmp_path / "notes/b.md")
    assert len(analyzer.analyze([tmp_path / "notes"]).analyses) == 1
    assert len(analyzer.analyze([tmp_path / "notes"], recursive=True).analyses) == 2


def test_progress_is_told_before_each_note(analyzer: Analyzer, tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []
    analyzer.analyze([CHAT, PAVING], progress=lambda path, number: told.append((path, number)))
    assert told == [(str(CHAT), 1), (str(PAVING), 2)]


def test_what_the_caller_states_wins_over_the_note(analyzer: Analyzer) -> None:
    stated = Metadata(client="Town of Brackley", practice="Water", date=date(2020, 2, 2))
    note = analyzer.analyze([WALK], stated).analyses[0].note
    assert (note.client, note.practice, note.date) == ("Town of Brackley", "Water", date(2020, 2, 2))
    assert (note.client_unit, note.author) == ("Parks and Recreation", "Aoife Brandt")


def test_the_practice_comes_from_the_firms_profile(analyzer: Analyzer) -> None:
    note = analyzer.analyze([SAMPLES / "09-metro-bus-garage.md"]).analyses[0].note
    assert note.author
    assert note.practice == analyzer.settings.firm.practice_of(note.author)
    assert note.practice


def test_the_text_is_carried_only_where_asked(analyzer: Analyzer) -> None:
    assert analyzer.analyze([CHAT]).analyses[0].text is None
    assert analyzer.analyze([CHAT], with_text=True).analyses[0].text == plain(CHAT)


def report_of(analyses: int, *errors: str, incident: bool = False) -> Report:
    incidents = (Incident(stage="detect", span=(0, 9), error="EngineError", message="m"),) if incident else ()
    analysis = Analysis(note=Note(text="x", path="n.md"), incidents=incidents)
    return Report(
        run=RunInfo(engine=EngineInfo(name="local", model="m", version="1"), settings="s", notesense="0"),
        skipped=tuple(Skipped(path="p", error=error, message="m", hint="h") for error in errors),
        analyses=(analysis,) * analyses,
    )


@pytest.mark.parametrize(
    ("report", "code"),
    [
        pytest.param(report_of(2), 0, id="all read"),
        pytest.param(report_of(1, "NoteEmptyError"), 7, id="some skipped"),
        pytest.param(report_of(1, "LanguageError"), 7, id="some in another language"),
        pytest.param(report_of(1, incident=True), 7, id="a part failed"),
        pytest.param(report_of(0, "NoteEmptyError", "NotTextError"), 4, id="none is a note"),
        pytest.param(report_of(0, "LanguageError", "EngineError"), 5, id="the engine reads none"),
        pytest.param(report_of(0, "LanguageError", "NoteEmptyError"), 4, id="both"),
        pytest.param(report_of(0), 4, id="no input at all"),
    ],
)
def test_the_exit_code_says_how_far_the_run_came(report: Report, code: int) -> None:
    assert exit_code(report) == code
