"""Word files as programs write them: transcripts, head tables, hidden words, and files of other kinds by that name."""

import io
import zipfile

import pytest

from notesense.chunking import split_note
from notesense.chunking.lines import header_name, mark_lines
from notesense.domain.notes import Note
from notesense.errors import NoteFormatError
from notesense.formats.word import HEADER_NAMES
from notesense.reading import note_of_bytes
from notesense.reading.metadata import read_metadata
from tests.formats.files import compound, pdf, slides, with_part, word

SAID = (
    ("Ines Halloran", "0:03", "Thanks for making the time."),
    ("Dana Whitfield", "0:14", "The telemetry drops out whenever it rains."),
    ("Raj Patel", "1:15", "Nobody else knows the pumps."),
    ("Dana Whitfield", "2:05", "The council wants a report."),
)
TOLD = [(speaker, words) for speaker, _, words in SAID]


def read(data: bytes, name: str = "a.docx") -> Note:
    return note_of_bytes(data, name)


def titled(data: bytes, title: str) -> bytes:
    import docx

    document = docx.Document(io.BytesIO(data))
    document.core_properties.title = title
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


# ---- transcripts


@pytest.mark.parametrize(
    ("blocks", "place"),
    [
        ([b for who, at, words in SAID for b in (f"0:{at}.120 --> 0:{at}.990", who, words)], "paragraph 6, 0:00:14"),
        ([b for who, at, words in SAID for b in (who, at, words)], "paragraph 6, 0:14"),
        ([b for who, at, words in SAID for b in (f"{who} {at}", words)], "paragraph 4, 0:14"),
        ([f"{who} {at}\n{words}" for who, at, words in SAID], "paragraph 2, 0:14"),
    ],
    ids=["older Teams", "stacked", "Otter", "Teams"],
)
def test_a_transcript_keeps_its_speakers_and_times(blocks: list[str], place: str) -> None:
    note = read(word(*blocks))
    turns = [s for s in split_note(note) if s.form == "turn"]
    assert [(s.speaker, s.text) for s in turns] == TOLD
    assert note.locator(turns[1].start) == place


def test_the_times_of_a_transcript_that_stand_in_headings() -> None:
    blocks = [b for minute in (0, 5, 10) for b in (f"# 00:{minute:02}:00", f"Dana: Pump {minute} fails.", "Raj: Yes.")]
    note = read(word("Attendees: Dana, Raj", *blocks, comments=[("Kofi", "We are short of hours.")]))
    assert note.locator(note.text.index("Pump 5")) == "paragraph 6, 00:05:00"
    assert note.locator(note.text.index("We are short")) == "comment 1"
    assert note.locator(0) == "paragraph 1"


def test_times_of_an_ordinary_day_are_none_of_a_transcript() -> None:
    note = read(word("16:10 Drove home.", "8:10 Called Dana.", "9:30 Walked the site.", "Dana will call by"))
    assert [note.locator(note.text.index(words)) for words in ("Drove", "Walked")] == ["paragraph 1", "paragraph 3"]
    assert note.text == "16:10 Drove home.\n\n8:10 Called Dana.\n\n9:30 Walked the site.\n\nDana will call by\n\n"


# ---- the table at the head of minutes


def test_a_head_table_says_what_the_minutes_are_about() -> None:
    table = [
        ["Client:", "Harlow Water"],
        ["Meeting", "Storm week"],
        ["Date", "12 March 2025"],
        ["Attendees", "Dana Whitfield (Harlow Water),\nInes Halloran (KVA)"],
        ["Apologies", ""],
        ["Notes by", "Ines Halloran"],
    ]
    note = read(word("# Minutes", table, "Dana: We need alarms."))
    assert note.text == (
        "# Minutes\n\nClient: Harlow Water\n| Meeting | Storm week |\nDate: 12 March 2025\n"
        "Attendees: Dana Whitfield (Harlow Water); Ines Halloran (KVA)\n| Apologies |  |\nNotes by: Ines Halloran\n\n"
        "Dana: We need alarms.\n\n"
    )
    assert (note.client, note.author, str(note.date)) == ("Harlow Water", "Ines Halloran", "2025-03-12")
    assert note.locator(note.text.index("12 March")) == "table 1, row 3"
    last = split_note(note)[-1]
    assert (last.speaker, last.side, last.text) == ("Dana", "client", "We need alarms.")


def test_a_head_table_with_two_pairs_beside_each_other() -> None:
    table = [
        ["Client", "Harlow Water", "Date", "12 March 2025"],
        ["Project", "Telemetry", "Minutes by", "Ines Halloran"],
    ]
    note = read(word(table))
    assert note.text == ("Client: Harlow Water\nDate: 12 March 2025\nProject: Telemetry\nMinutes by: Ines Halloran\n\n")
    assert (note.client, str(note.date)) == ("Harlow Water", "2025-03-12")


@pytest.mark.parametrize(
    "table",
    [
        [["Date", "Discussion", "Client", "Action"], ["1 May", "The pump fails", "Harlow", "Call"]],
        [["Client", "We need alarms"], ["Us", "We could look"], ["Client", "Soon"]],
        [["Client", "Date"], ["Harlow Water", "12 March 2025"]],
        [["Client", "The pumps fail every week."], ["Location", "The site floods when it rains."]],
        [["Time", "Item"], ["Date", "of the next visit"], ["10:00", "Walk"], ["11:00", "Talk"]],
    ],
    ids=["columns", "who said what", "names beside names", "sentences", "an agenda"],
)
def test_other_tables_stay_tables(table: list[list[str]]) -> None:
    text = read(word(table)).text
    assert text == "".join(f"| {' | '.join(row)} |\n" for row in table)


@pytest.mark.parametrize("name", sorted(HEADER_NAMES))
def test_each_name_of_a_head_table_is_understood(name: str) -> None:
    line = f"{name.capitalize()}: 12 March 2025, Harlow"
    assert header_name(mark_lines(line)[0]) == name or any(
        read_metadata(line, 0, {}).model_dump(exclude={"date"}).values()
    )


def test_the_title_among_the_properties_is_the_title_of_a_file_without_heading() -> None:
    assert read(titled(word("The pump fails."), " Storm\n week ")).title == "Storm week"
    assert read(titled(word("# Minutes", "The pump fails."), "Template")).title == "Minutes"
    relation = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
    assert read(with_part(word("The pump fails."), "_rels/.rels", relation, "http://x.example/other")).title is None


# ---- hidden words


@pytest.mark.parametrize(
    ("properties", "shown"),
    [
        ("<w:vanish/>", False),
        ('<w:vanish w:val="1"/>', False),
        ('<w:vanish w:val="0"/>', True),
        ("<w:webHidden/>", True),
        ('<w:rStyle w:val="Guidance"/>', False),
        ('<w:rStyle w:val="Guidance"/><w:vanish w:val="false"/>', True),
        ('<w:rStyle w:val="Strong"/>', True),
    ],
)
def test_hidden_words_are_not_read(properties: str, shown: bool) -> None:
    run = "<w:r><w:t>The pump fails.</w:t></w:r>"
    hidden = f"<w:r><w:rPr>{properties}</w:rPr><w:t>Say what they need.</w:t></w:r>"
    data = with_part(word("The pump fails."), "word/document.xml", run, run + hidden)
    style = '<w:style w:type="character" w:styleId="Guidance"><w:name w:val="Guidance"/><w:rPr><w:vanish/></w:rPr></w:style>'
    data = with_part(data, "word/styles.xml", "</w:styles>", style + "</w:styles>")
    assert read(data).text == "The pump fails." + "Say what they need." * shown + "\n\n"


# ---- files of other kinds


def packed(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name in names:
            target.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "message", "hint"),
    [
        (packed("mimetype", "content.xml"), "an OpenDocument file, not a Word file", "LibreOffice"),
        (packed("Index/Document.iwa"), "a Pages, Numbers or Keynote file, not a Word file", "export it as a Word file"),
        (packed("[Content_Types].xml", "xl/workbook.xml"), "an Excel file, not a Word file", "CSV"),
        (slides(("Head", "Words", "")), "a PowerPoint file, not a Word file", ".pptx"),
        (compound({"WordDocument": b"x" * 50}), r"an old Word file \(\.doc\), not", "save it as a Word file"),
        (compound({"EncryptedPackage": b"x"}), "protected by a password$", "without a password"),
        (compound({"Something": b"x"}), "protected by a password, or of an old format", "without a password"),
        (pdf("The pump fails."), "a PDF file, not a Word file", "ending"),
        (b"{\\rtf1 The pump fails.}", "an RTF file, not a Word file", "ending"),
    ],
    ids=["odt", "pages", "xlsx", "pptx", "doc", "protected", "unknown", "pdf", "rtf"],
)  # fmt: skip
def test_a_file_of_another_kind_is_called_what_it_is(data: bytes, message: str, hint: str) -> None:
    with pytest.raises(NoteFormatError, match=rf"^a\.docx: {message}") as caught:
        read(data)
    assert hint in (caught.value.hint or "")


def test_a_word_file_under_the_name_of_slides() -> None:
    with pytest.raises(NoteFormatError, match=r"a\.pptx: a Word file, not a PowerPoint file") as caught:
        read(word("The pump fails."), "a.pptx")
    assert caught.value.hint == "Give it the ending .docx."
