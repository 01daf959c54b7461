import csv
import io
import json
import os
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from notesense.domain.solutions import Solution
from notesense.errors import LibraryError
from notesense.solutions.library import load_library
from tests.conftest import LIBRARY
from tests.strategies import quick

ROW = {"id": "A-1", "title": "New roof", "practice": "Water", "client": "City of Marlow", "summary": "It is dry."}
LINE = "- {id: A-1, title: New roof, practice: Water, client: City of Marlow, summary: It is dry.}\n"
HEADER = "id,title,practice,client,summary"
CASE = "---\nid: A-1\ntitle: New roof\npractice: Water\nclient: City of Marlow\n---\nIt leaked.\n\nIt is dry.\n"


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def library(tmp_path: Path, files: dict[str, str | bytes]) -> Path:
    folder = tmp_path / "library"
    folder.mkdir(exist_ok=True)
    return write(folder, files)


def faults_of(path: Path) -> list[str]:
    with pytest.raises(LibraryError) as caught:
        load_library(path)
    assert caught.value.exit_code == 6
    assert caught.value.hint
    return [fault.replace(f"{path}{os.sep}", "") for fault in caught.value.faults]


def as_csv(rows: list[dict[str, str]], delimiter: str = ",", end: str = "\n") -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


TWO = [
    {**ROW, "client_unit": "Parks", "year": "2020", "services": "survey, lining", "lead": "Ines Halloran"},
    {**ROW, "id": "A-2", "title": 'The "big" pump; and more', "summary": "Line one,\nline two."},
]
TYPED = [{**row, **({"year": int(row["year"])} if "year" in row else {})} for row in TWO]
FILLED = [{**dict.fromkeys(TWO[0], ""), **row} for row in TWO]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("c.yaml", yaml.safe_dump(TYPED), id="yaml list"),
        pytest.param("c.yml", yaml.safe_dump({"firm": "KVA", "solutions": TYPED}), id="yaml under solutions"),
        pytest.param("c.json", json.dumps(TYPED), id="json on one line"),
        pytest.param("c.json", json.dumps({"solutions": TYPED}, indent=2), id="json, indented by blanks"),
        pytest.param("c.json", json.dumps(TYPED, indent="\t"), id="json, indented by tabs"),
        pytest.param("c.json", json.dumps(TYPED, separators=(",", ":")), id="json without blanks"),
        pytest.param("c.csv", as_csv(FILLED), id="csv with commas"),
        pytest.param("c.csv", as_csv(FILLED, ";"), id="csv with semicolons"),
        pytest.param("c.csv", as_csv(FILLED, "\t"), id="csv with tabs"),
        pytest.param("c.csv", as_csv(FILLED, ";", "\r\n"), id="csv with crlf"),
        pytest.param("c.CSV", "\ufeff" + as_csv(FILLED), id="csv with a byte-order mark"),
    ],
)
def test_every_catalogue_format_reads_the_same(tmp_path: Path, name: str, content: str) -> None:
    found = load_library(library(tmp_path, {name: content}) / name)
    first = Solution(
        id="A-1", title="New roof", practice="Water", client="City of Marlow", client_unit="Parks", year=2020,
        lead="Ines Halloran", services=("survey", "lining"), summary="It is dry.",
    )  # fmt: skip
    second = Solution(
        id="A-2",
        title='The "big" pump; and more',
        practice="Water",
        client="City of Marlow",
        summary="Line one, line two.",
    )
    assert [s.model_dump() for s in found] == [first.model_dump(), second.model_dump()]


@pytest.mark.parametrize("title", ["Bus dépôt", "Dam 🏗 repair", "a/b \\ c", "tab\tin it"])
def test_json_may_spell_any_character_by_its_number(tmp_path: Path, title: str) -> None:
    (found,) = load_library(library(tmp_path, {"c.json": json.dumps([{**ROW, "title": title}], ensure_ascii=True)}))
    assert found.title == " ".join(title.split())


PIECES = [
    "Breaks fell 41%",
    'a "pilot" first',
    "Crew's own plan",
    "'as is'",
    "$2.1M; then more",
    "lead, copper",
    "a\nb",
]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["commas", "semicolons", "tabs"])
def test_what_a_spreadsheet_writes_as_csv_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, delimiter: str
) -> None:
    cell = st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map(", ".join)
    path = tmp_path_factory.mktemp("csv") / "c.csv"

    @quick
    @given(st.lists(st.tuples(cell, cell), min_size=1, max_size=8))
    def check(cells: list[tuple[str, str]]) -> None:
        rows = [{**ROW, "id": f"A-{i}", "title": title, "summary": said} for i, (title, said) in enumerate(cells)]
        path.write_text(as_csv(rows, delimiter), encoding="utf-8", newline="")
        found = [(s.title, s.summary) for s in load_library(path)]
        assert found == [(" ".join(title.split()), " ".join(said.split())) for title, said in cells]

    check()


def test_doubled_quotes_far_down_a_csv_are_read(tmp_path: Path) -> None:
    rows = [{**ROW, "id": f"A-{i:03}", "summary": f"Pipe {i} was laid and tested"} for i in range(100)]
    rows[99]["summary"] = 'They said "no", twice'
    assert load_library(library(tmp_path, {"c.csv": as_csv(rows)}))[99].summary == 'They said "no", twice'


def test_aliases_stand_for_the_same_fields(tmp_path: Path) -> None:
    fields = (
        "unit: Parks, team_lead: Ines, result: Dry., description: Story., Contact-Role: mayor, services: [a, ' b ']"
    )
    line = f"- {{ID: A-1, Title: New roof, practice: Water, client: City of Marlow, {fields}}}"
    (found,) = load_library(library(tmp_path, {"c.yaml": line}))
    assert (found.client_unit, found.lead, found.summary, found.text) == ("Parks", "Ines", "Dry.", "Story.")
    assert found.services == ("a", "b")


def test_catalogue_and_case_study_of_one_id_are_one_solution(tmp_path: Path) -> None:
    line = LINE.replace("}", ", year: 2020, client_unit: Parks}")
    for catalogue in ("a.yaml", "z.yaml"):  # before and after the case study, by name
        folder = tmp_path / catalogue.removesuffix(".yaml")
        folder.mkdir()
        (found,) = load_library(write(folder, {"m/case.md": CASE, catalogue: line}))
        assert found.text == "It leaked.\n\nIt is dry."
        assert (found.summary, found.year, found.client_unit) == ("It is dry.", 2020, "Parks")
        assert found.source == f"{folder / 'm/case.md'}:1"


def test_where_both_speak_the_case_study_wins(tmp_path: Path) -> None:
    case = CASE.replace("---\nIt", "summary: From the case.\n---\nIt")
    (found,) = load_library(library(tmp_path, {"case.md": case, "c.yaml": LINE}))
    assert found.summary == "From the case."


def test_solutions_are_ordered_by_id_and_folders_are_read_through(tmp_path: Path) -> None:
    files = {f"{name}/{name}.md": CASE.replace("A-1", name) for name in ("C", "A", "B")}
    assert [s.id for s in load_library(library(tmp_path, files))] == ["A", "B", "C"]


def test_readme_files_hidden_files_and_other_formats_are_left_alone(tmp_path: Path) -> None:
    files = {
        "a.md": CASE,
        "README.md": "Hello",
        ".hidden.md": "x",
        ".git/b.md": "x",
        "photo.png": b"\x89PNG",
        "n.txt": "x",
    }
    assert len(load_library(library(tmp_path, files))) == 1


def test_only_a_print_is_passed_over_for_a_file_of_the_same_name(tmp_path: Path) -> None:
    files = {"pumps.md": CASE, "pumps.markdown": CASE.replace("A-1", "A-2"), "pumps.pdf": b"%PDF- a print"}
    assert [s.id for s in load_library(library(tmp_path, files))] == ["A-1", "A-2"]


def test_the_sample_library_is_read_whole() -> None:
    found = load_library(LIBRARY)
    assert len(found) == 59
    assert all(s.summary and s.text and s.year and s.client_unit for s in found)
    assert sum(s.lead is not None for s in found) == 54


@pytest.mark.parametrize(
    ("files", "place", "words"),
    [
        pytest.param({"c.yaml": LINE + "\n" + LINE}, "c.yaml:3", ["A-1", "taken", "c.yaml:1"], id="id twice"),
        pytest.param({"a.yaml": LINE, "b.json": json.dumps([ROW])}, "b.json:1", ["A-1", "a.yaml:1"], id="id in 2 files"),
        pytest.param({"a.md": CASE, "b.md": CASE}, "b.md:1", ["A-1", "a.md:1"], id="id in 2 case studies"),
        pytest.param({"a.md": CASE, "c.yaml": LINE * 2}, "c.yaml:2", ["A-1", "c.yaml:1"], id="id twice beside its case"),
        pytest.param({"c.yaml": LINE + "- {id: B, title: T}\n"}, "c.yaml:2", ["practice, client"], id="fields missing"),
        pytest.param({"c.csv": f"{HEADER}\nA-1,T,,C,S\n"}, "c.csv:2", ["practice missing"], id="value missing in csv"),
        pytest.param({"c.csv": f"{HEADER}\n\n\nA-1,T,,C,S\n"}, "c.csv:4", ["practice"], id="after blank lines in csv"),
        pytest.param(
            {"c.csv": f'{HEADER}\nA-0,T,P,C,"a\nb\nc"\nA-1,T,,C,S\n'}, "c.csv:5", ["practice"], id="after a quoted break"
        ),
        pytest.param({"a.md": CASE.replace("title: New roof\n", "")}, "a.md:1", ["title missing"], id="case, no title"),
        pytest.param({"c.yaml": LINE.replace(", summary: It is dry.", "")}, "c.yaml:1", ["summary"], id="nothing to match"),
        pytest.param({"a.md": CASE.split("It leaked")[0]}, "a.md:1", ["text"], id="case study without text"),
        pytest.param({"c.csv": f"{HEADER},colour\nA-1,T,P,C,S,red\n"}, "c.csv:1", ["'colour'"], id="unknown column"),
        pytest.param({"a.md": CASE.replace("id:", "colour: red\nid:")}, "a.md:1", ["'colour'"], id="unknown field"),
        pytest.param({"c.yaml": LINE + "- just words\n"}, "c.yaml:2", ["not a solution"], id="not a mapping"),
        pytest.param({"c.yaml": LINE + "- {id: [}\n"}, "c.yaml:2", [], id="broken yaml"),
        pytest.param({"c.yaml": "colours: [red]\n"}, "c.yaml:1", ["solutions"], id="yaml without solutions"),
        pytest.param({"c.yaml": ""}, "c.yaml:1", ["solutions"], id="empty yaml"),
        pytest.param({"c.json": '[\n {"id": "A"},\n {"id" "B"}\n]'}, "c.json:3", [], id="broken json"),
        pytest.param({"c.json": "[{id: A}]"}, "c.json:1", [], id="yaml that calls itself json"),
        pytest.param({"c.csv": f"{HEADER}\nA,T,P,C,S\nB,T,P,C,S,more\n"}, "c.csv:3", ["more values"], id="csv, a value more"),
        pytest.param({"c.csv": f'{HEADER}\nA,T,P,C,S\nB,T,P,C,"S\n'}, "c.csv:3", [], id="csv, quote left open"),
        pytest.param({"a.md": "# New roof\n\nIt leaked.\n"}, "a.md:1", ["no front matter"], id="no front matter"),
        pytest.param({"a.md": "---\nid: A\ntitle: T\n"}, "a.md:1", ["does not end"], id="front matter left open"),
        pytest.param({"a.md": CASE.replace("New roof", "New: roof")}, "a.md:3", ["quotes"], id="broken front matter"),
        pytest.param({"a.md": "---\njust words\n---\nText.\n"}, "a.md:1", ["no fields"], id="front matter of words"),
        pytest.param({"a.md": CASE, "c.yaml": LINE.replace("New roof", "Old roof")}, "a.md:1",
                     ["title", "'New roof'", "'Old roof'", "c.yaml:1"], id="titles differ"),
        pytest.param({"a.md": CASE, "c.yaml": LINE.replace("Water", "Energy")}, "a.md:1",
                     ["practice", "'Water'", "'Energy'", "c.yaml:1"], id="practices differ"),
        pytest.param({"a.md": CASE.replace("id:", "year: 2020\nid:"), "c.yaml": LINE.replace("}", ", year: 2021}")},
                     "a.md:1", ["year", "2020", "2021", "c.yaml:1"], id="years differ"),
        pytest.param({"c.yaml": LINE.replace("New roof", "[a, b]")}, "c.yaml:1", ["title", "text"], id="list for text"),
        pytest.param({"c.yaml": LINE.replace("New roof", "!secret x")}, "c.yaml:1", ["!secret"], id="unknown yaml tag"),
        pytest.param({"c.yaml": LINE.encode() + b"# T\xe9\n"}, "c.yaml:2", ["UTF-8"], id="not utf-8"),
        pytest.param({"a.md": CASE.replace("roof", "caf\xe9").encode("cp1252")}, "a.md:3", ["UTF-8"], id="case not utf-8"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_file_and_line(
    tmp_path: Path, files: dict[str, str | bytes], place: str, words: list[str]
) -> None:
    faults = faults_of(library(tmp_path, files))
    assert {fault.split(": ")[0] for fault in faults} == {place}
    for word in words:
        assert word in faults[0]


@pytest.mark.parametrize("year", ["soon", "21", "1066", "20211", "3019", "true", "2021-13-45", "[2020]"])
@pytest.mark.parametrize("form", ["catalogue", "case study"])
def test_a_year_that_is_none_is_a_fault(tmp_path: Path, year: str, form: str) -> None:
    catalogue = {"f.yaml": LINE.replace("}", f", year: {year}}}")}
    case = {"f.md": CASE.replace("id:", f"year: {year}\nid:")}
    (fault,) = faults_of(library(tmp_path, catalogue if form == "catalogue" else case))
    assert fault.startswith("f.yaml:1: " if form == "catalogue" else "f.md:")
    assert "year" in fault or "month" in fault


@pytest.mark.parametrize("year", ["2020", "2020-05-17", "'2020'", "2020-05"])
def test_a_year_may_be_the_head_of_a_date(tmp_path: Path, year: str) -> None:
    (found,) = load_library(library(tmp_path, {"c.yaml": LINE.replace("}", f", year: {year}}}")}))
    assert found.year == 2020


def test_a_blank_before_a_year_in_csv_does_no_harm(tmp_path: Path) -> None:
    (found,) = load_library(library(tmp_path, {"c.csv": f"{HEADER},year\nA-1,T,P,C,S, 2021\n"}))
    assert found.year == 2021


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    files = {
        "a.md": "no front matter",
        "b.json": "[",
        "c.yaml": LINE + LINE.replace("}", ", year: soon}").replace("A-1", "A-2") + "- {id: A-3}\n",
        "d.csv": f"{HEADER},colour\nA-4,T,P,C,S,red\nA-1,T,P,C,S,\n",
    }
    faults = faults_of(library(tmp_path, files))
    assert {fault.split(": ")[0] for fault in faults} == {
        "a.md:1", "b.json:1", "c.yaml:2", "c.yaml:3", "d.csv:1", "d.csv:3"
    }  # fmt: skip


def test_a_flood_of_faults_is_kept_whole_and_shown_in_part(tmp_path: Path) -> None:
    with pytest.raises(LibraryError) as caught:
        load_library(library(tmp_path, {"c.yaml": "".join(f"- {{id: A-{i}}}\n" for i in range(30))}))
    assert len(caught.value.faults) == 30
    assert len(caught.value.message.splitlines()) == 21
    assert "and 10 more" in caught.value.message


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        pytest.param("empty", None, "no solutions", id="empty folder"),
        pytest.param("nowhere/at/all", None, "no such file or folder", id="nothing there"),
        pytest.param("library.xlsx", b"PK", "not a format", id="other format"),
        pytest.param("c.yaml", b"solutions: []", "no solutions", id="empty list"),
        pytest.param("c.csv", HEADER.encode(), "no solutions", id="only a header"),
        pytest.param("d.csv", b"", "no solutions", id="empty csv"),
    ],
)
def test_a_library_without_solutions_is_refused(tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    elif name == "empty":
        path.mkdir()
    (fault,) = faults_of(path)
    assert str(path) in fault
    assert words in fault


def test_a_csv_file_with_a_broken_head_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('id,"title"practice\nW-1,Roof\n')  # found by the fuzzer
    with pytest.raises(LibraryError, match=r"a\.csv:1: "):
        load_library(path)


def test_a_csv_file_may_be_in_the_encoding_of_a_spreadsheet(tmp_path: Path) -> None:
    (solution,) = load_library(library(tmp_path, {"c.csv": f"{HEADER}\nA,Caf\u00e9,P,C,S\n".encode("cp1252")}))
    assert solution.title == "Caf\u00e9"
