"""Case studies in Word, PDF and PowerPoint files."""

from pathlib import Path

import pytest

from notesense.domain.solutions import Solution
from notesense.errors import LibraryError
from notesense.solutions.library import load_library
from tests.formats.files import pdf, slides, word

STORY = "The town's pumps tripped each winter. We traced it to the float switches, and the alarms stopped."


def only(path: Path) -> Solution:
    (solution,) = load_library(path)
    return solution


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("W-07.docx", word("# Mill Lane pumps", "Practice: Water", "Client: Harlow", "Year: 2024", STORY)),
        (
            "W-07.docx",
            word("# Mill Lane pumps", [["Practice", "Water"], ["Client", "Harlow"], ["Year", "2024"]], STORY),
        ),
        ("W-07.pdf", pdf(f"Mill Lane pumps\nPractice: Water\nClient: Harlow\nYear: 2024\n{STORY}")),
        ("W-07.pptx", slides(("Mill Lane pumps", f"Practice: Water\nClient: Harlow\nYear: 2024\n{STORY}", ""))),
    ],
    ids=["Word", "Word table", "PDF", "PowerPoint"],
)
def test_fields_stand_at_the_head_and_the_name_is_the_id(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    solution = only(tmp_path)
    assert (solution.id, solution.title, solution.practice, solution.client, solution.year) == (
        "W-07", "Mill Lane pumps", "Water", "Harlow", 2024,
    )  # fmt: skip
    assert "float switches" in solution.text
    assert "Practice" not in solution.text
    assert solution.source == str(tmp_path / name)


def test_a_catalogue_gives_what_the_file_leaves_out(tmp_path: Path) -> None:
    (tmp_path / "W-07.docx").write_bytes(word("Some first line", STORY))
    (tmp_path / "all.yaml").write_text(
        "- {id: W-07, title: Mill Lane pumps, practice: Water, client: Harlow, summary: Quiet.}"
    )
    solution = only(tmp_path)
    assert (solution.title, solution.practice, solution.summary) == ("Mill Lane pumps", "Water", "Quiet.")
    assert "float switches" in solution.text


def test_what_is_missing_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "W-07.docx").write_bytes(word("Mill Lane pumps", "Practice: Water", STORY))
    (tmp_path / "W-08.pdf").write_bytes(pdf(""))
    (tmp_path / "W-09.pptx").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(LibraryError) as caught:
        load_library(tmp_path)
    scanned, broken, missing = caught.value.faults
    assert missing.startswith(f'{tmp_path / "W-07.docx"}: client missing (write lines such as "Client: …" at its head')
    assert "scanned PDF" in scanned
    assert "W-09.pptx: not a PowerPoint file" in broken


def test_the_print_of_a_markdown_case_study_is_passed_over(tmp_path: Path) -> None:
    head = "---\nid: W-07\ntitle: Pumps\npractice: Water\nclient: Harlow\n---\n"
    (tmp_path / "W-07.md").write_text(head + STORY)
    (tmp_path / "W-07.pdf").write_bytes(pdf("Pumps, printed"))
    (tmp_path / "~$W-08.docx").write_bytes(b"lock file")
    assert only(tmp_path).source == f"{tmp_path / 'W-07.md'}:1"


def test_of_the_office_files_of_one_name_the_one_with_most_structure_is_read(tmp_path: Path) -> None:
    (tmp_path / "W-07.docx").write_bytes(word("Title: Pumps", "Practice: Water", "Client: Harlow", STORY))
    (tmp_path / "W-07.pptx").write_bytes(slides(("Pumps", "shown to the board", "")))
    (tmp_path / "W-07.pdf").write_bytes(pdf("Pumps, printed"))
    assert only(tmp_path).source.startswith(str(tmp_path / "W-07.docx"))
