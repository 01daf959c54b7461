"""Word, PDF, HTML, EML and captions: the words, where they stand, and what is refused."""

import contextlib
import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notesense.chunking import split_note
from notesense.domain.notes import Note
from notesense.errors import NoteEmptyError, NoteError, NoteFormatError, NoteTooLargeError
from notesense.formats.extract import MOST_UNPACKED
from notesense.reading import note_of_bytes, read_note
from tests.formats.files import outlook, pdf, slides, with_part, word
from tests.limits import time_limit
from tests.strategies import quick

WORDS = "The pump in house 7 fails every week, said the owner."


def read(name: str, data: bytes | str) -> Note:
    return note_of_bytes(data.encode() if isinstance(data, str) else data, name)


def placed(note: Note, words: str) -> str | None:
    return note.locator(note.text.index(words))


# ---- Word


def test_headings_lists_and_tables_of_a_word_file() -> None:
    note = read(
        "a.docx",
        word(
            "# Site walk",
            "Client: City of Marlow",
            "They met at noon.",
            "- Roof leaks",
            [["What", "Who"], ["Pump", "Ana"]],
        ),
    )
    assert (
        note.text
        == "# Site walk\n\nClient: City of Marlow\n\nThey met at noon.\n\n- Roof leaks\n\n| What | Who |\n| Pump | Ana |\n"
    )
    assert (note.title, note.client) == ("Site walk", "City of Marlow")
    assert placed(note, "Roof") == "paragraph 4"
    assert placed(note, "Ana") == "table 1, row 2"
    assert [s.form for s in split_note(note)] == ["heading", "header", "prose", "item", *["cell"] * 4]


def test_comments_of_a_word_file_are_read_with_their_author() -> None:
    note = read("a.docx", word("The roof leaks.", comments=[("Ana Ruiz", "Since May, in fact."), ("", "Who pays?")]))
    assert "- Ana Ruiz: Since May, in fact." in note.text
    assert "- Somebody: Who pays?" in note.text
    assert placed(note, "Since May") == "comment 1"


def test_of_tracked_changes_the_accepted_text_is_read() -> None:
    run = "<w:r><w:t>The roof leaks.</w:t></w:r>"
    ours = word("The roof leaks.")
    assert run in zipfile.ZipFile(io.BytesIO(ours)).read("word/document.xml").decode()
    attributes = 'w:id="1" w:author="A" w:date="2025-01-01T00:00:00Z"'
    changed = with_part(
        ours, "word/document.xml", run,
        f"<w:del {attributes}><w:r><w:delText>The gate sticks. </w:delText></w:r></w:del>{run}"
        f"<w:ins {attributes}><w:r><w:t xml:space=\"preserve\"> It needs a mason.</w:t></w:r></w:ins>"
        f"<w:moveFrom {attributes}><w:r><w:t>Elsewhere.</w:t></w:r></w:moveFrom>",
    )  # fmt: skip
    assert read("a.docx", changed).text.strip() == "The roof leaks. It needs a mason."


def test_content_controls_links_and_fields_of_a_word_file() -> None:
    run = "<w:r><w:t>x</w:t></w:r>"
    made = with_part(
        word("x"), "word/document.xml", f"<w:p>{run}</w:p>",
        "<w:sdt><w:sdtContent><w:p><w:hyperlink><w:r><w:t>The link</w:t></w:r></w:hyperlink><w:r><w:tab/><w:instrText>PAGE</w:instrText>"
        "<w:t>is</w:t><w:noBreakHyphen/><w:t>dead</w:t></w:r></w:p></w:sdtContent></w:sdt>",
    )  # fmt: skip
    assert read("a.docx", made).text.strip() == "The link is-dead"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 damaged", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password"),
        (b"Plain text under a wrong name.", "not a Word file"),
    ],
)
def test_what_is_no_word_file_is_refused(data: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(data)
    with pytest.raises(NoteError, match=words) as caught:
        read_note(path)
    assert "a.docx" in caught.value.message
    assert caught.value.hint


def test_a_zip_that_is_no_word_file_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("hello.txt", "hello")
    with pytest.raises(NoteFormatError, match="that can be read"):
        read("a.docx", out.getvalue())


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("word/document.xml", "w") as member:
        for _ in range(MOST_UNPACKED // 1_000_000 + 1):
            member.write(b"x" * 1_000_000)
    assert len(out.getvalue()) < 1_000_000
    with pytest.raises(NoteTooLargeError, match="unpacks to"):
        read("a.docx", out.getvalue())


def test_entities_of_a_word_file_are_not_expanded() -> None:
    bomb = '<!DOCTYPE w [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    made = with_part(word("x"), "word/document.xml", "<w:document", bomb + "<w:document")
    made = with_part(made, "word/document.xml", "<w:t>x</w:t>", "<w:t>x&c;</w:t>")
    with contextlib.suppress(NoteFormatError):
        assert "lollol" not in read("a.docx", made).text


def test_a_word_file_that_is_nested_very_deep_ends_in_good_time() -> None:
    run = "<w:r><w:t>x</w:t></w:r>"
    deep = "<w:smartTag>" * 200 + run + "</w:smartTag>" * 200
    assert "x" in read("a.docx", with_part(word("x"), "word/document.xml", run, deep)).text
    deeper = "<w:smartTag>" * 50_000 + run + "</w:smartTag>" * 50_000
    with pytest.raises(NoteFormatError):
        read("a.docx", with_part(word("x"), "word/document.xml", run, deeper))


def test_the_words_of_a_table_in_a_table_come_once() -> None:
    import docx

    document = docx.Document()
    cell = document.add_table(rows=1, cols=2).rows[0].cells[0]
    cell.text = "Outer"
    inner = cell.add_table(rows=1, cols=2).rows[0].cells
    inner[0].text, inner[1].text = "The roof leaks", "badly"
    out = io.BytesIO()
    document.save(out)
    assert read("a.docx", out.getvalue()).text.strip() == "| Outer The roof leaks badly |  |"


def test_the_words_of_a_text_box_come_once() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>In a box.</w:t></w:r></w:p></w:txbxContent>"
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    both = (
        f"<mc:AlternateContent {mc}><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    )
    run = "<w:r><w:t>Beside it.</w:t></w:r>"
    data = with_part(word("Beside it."), "word/document.xml", run, run + f"<w:r>{both}</w:r>")
    assert read("a.docx", data).text == "Beside it.\nIn a box.\n\n"


# ---- PDF


def test_a_pdf_is_read_page_by_page() -> None:
    note = read(
        "a.pdf", pdf(f"Minutes of the site walk\nClient: City of Marlow\n{WORDS}", "Second page: the roof leaks again.")
    )
    assert note.text.splitlines() == [
        "Minutes of the site walk",
        "Client: City of Marlow",
        WORDS,
        "Second page: the roof leaks again.",
    ]
    assert note.client == "City of Marlow"
    assert (placed(note, "pump"), placed(note, "roof")) == ("page 1", "page 2")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (pdf("", ""), "scanned"),
        (b"%PDF-1.4 damaged", "not a PDF"),
        (b"no pdf at all", "not a PDF"),
        (pdf(WORDS)[:300], "not a PDF|scanned"),
    ],
    ids=["a scan", "damaged", "another file", "cut off"],
)  # fmt: skip
def test_a_pdf_without_words_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(NoteFormatError, match=words) as caught:
        read("a.pdf", data)
    assert caught.value.message.startswith("a.pdf: ")
    assert caught.value.hint


def test_pdfs_are_read_from_several_threads_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf(*[f"{WORDS}\n" * 30] * 5))
    script = (
        "import sys; from concurrent.futures import ThreadPoolExecutor; from pathlib import Path\n"
        "from notesense.reading import read_note\n"
        "with ThreadPoolExecutor(8) as pool:\n"
        "    texts = set(pool.map(lambda _: read_note(Path(sys.argv[1])).text, range(100)))\n"
        "print(len(texts))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "a.pdf"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "1\n"


# ---- HTML


def test_a_page_is_read_as_somebody_sees_it() -> None:
    markup = """<!doctype html><html><head><title>Weekly  call</title><style>p{}</style><script>alert("no")</script></head>
    <body><h1>Site walk</h1><p>The roof <b>leaks</b>,<br>again.</p><ul><li>Pump &amp; valve<li>Gate</ul>
    <table><tr><th>What</th><th>Who</th></tr><tr><td>Pump</td><td>Ana</td></tr></table>
    <blockquote><p>We were told.</p></blockquote><pre>a
  b</pre><!-- hidden --><template>no</template></body></html>"""
    note = read("a.html", markup)
    assert note.text == (
        "# Site walk\n\nThe roof leaks,\nagain.\n\n- Pump & valve\n- Gate\n\n| What | Who |\n| Pump | Ana |\n\n> We were told.\na\nb\n"
    )
    assert note.title == "Site walk"
    assert read("a.htm", "<title>Weekly  call</title><p>Words.</p>").title == "Weekly call"


@pytest.mark.parametrize("markup", ["<html></html>", "<script>x</script>", "<!-- -->", "<p> </p>"])
def test_a_page_without_words_is_empty(markup: str) -> None:
    with pytest.raises(NoteEmptyError):
        read("a.html", markup)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<pre><code>The roof\n  leaks.</code></pre>", "The roof\nleaks.\n"),
        ("<ul><li><p>The roof</p></li><li> <p><b>The</b> pump</p><p>in house 7</p></li></ul>", "- The roof\n- The pump\n\nin house 7\n"),
        ("<ul><li>The roof</li><li></li><li>pump</li></ul><p>End.</p>", "- The roof\n\n- pump\n\nEnd.\n"),
    ],
    ids=["code", "paragraphs of items", "an empty item"],
)  # fmt: skip
def test_lines_and_bullets_of_a_page_are_kept(markup: str, text: str) -> None:
    assert re.sub(r"\n\n+", "\n\n", read("a.html", markup).text).lstrip() == text


@pytest.mark.parametrize("markup", [f"<pre>a{' ' * 300_000}b</pre>", "<b> </b>" * 60_000 + "b", "<li> " * 20_000 + "b"])
def test_a_page_of_blanks_ends_in_good_time(markup: str) -> None:
    with time_limit(10):
        assert read("a.html", markup).text.rstrip().endswith("b")


def test_a_page_that_is_nested_very_deep_ends_in_good_time() -> None:
    with pytest.raises(NoteFormatError):
        read("a.html", "<div>" * 100_000 + "words")
    with pytest.raises(NoteFormatError):
        read("a.html", "words<br>" + "<b>" * 50_000)


# ---- mail

MAIL = """From: Ana Ruiz <ana@marlow.example>
To: Tom Ito <tom@kva.example>
Date: Tue, 6 May 2025 10:12:00 +0200
Subject: =?utf-8?q?Pumpe_f=C3=A4llt_aus?=
MIME-Version: 1.0
Content-Type: {kind}; charset="utf-8"

{body}
"""


def test_a_mail_is_its_headers_and_words() -> None:
    note = read(
        "a.eml",
        MAIL.format(
            kind="text/plain",
            body=f"Tom,\n{WORDS}\n\nOn 5 May 2025, Tom Ito <tom@kva.example> wrote:\n> We are the best.\n",
        ),
    )
    assert note.text.startswith(
        "From: Ana Ruiz <ana@marlow.example>\nTo: Tom Ito <tom@kva.example>\nDate: Tue, 06 May 2025"
    )
    assert "Subject: Pumpe fällt aus\n\nTom,\n" in note.text
    assert (note.title, str(note.date)) == ("Pumpe fällt aus", "2025-05-06")
    speakers = {s.text: s.speaker for s in split_note(note) if s.form in ("quote", "turn", "prose")}
    assert speakers[WORDS] == "Ana Ruiz"
    assert speakers["We are the best."] == "Tom Ito"


def test_the_writers_of_a_chain_as_apple_mail_quotes_it() -> None:
    body = (
        "Dear all, fine.\n\n> On 2 Mar 2026, at 18:02, Priya Nair <p@port.example> wrote:\n> \n> The fence is cut each week.\n> \n"
        ">> On 27 Feb 2026, at 9:00, Lena Voss <l@kva.example> wrote:\n>> \n>> We have done more work than anybody.\n"
    )
    note = read("a.eml", MAIL.format(kind="text/plain", body=body))
    speakers = {s.text: s.speaker for s in split_note(note)}
    assert speakers["Dear all, fine."] == "Ana Ruiz"
    assert speakers["The fence is cut each week."] == "Priya Nair"
    assert speakers["We have done more work than anybody."] == "Lena Voss"


def test_of_a_mail_in_html_the_words_are_read_and_of_several_parts_the_plain_one() -> None:
    assert (
        "- The roof\n"
        in read("a.eml", MAIL.format(kind="text/html", body="<ul><li>The roof</ul><script>no</script>")).text
    )
    parts = (
        'From: a@b.c\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="B"\n\n--B\nContent-Type: multipart/alternative; '
        'boundary="C"\n\n--C\nContent-Type: text/plain\n\nPlain words.\n--C\nContent-Type: text/html\n\n<p>Other words.</p>\n--C--\n--B\n'
        "Content-Type: text/plain\nContent-Disposition: attachment; filename=x.txt\n\nAttached words.\n--B--\n"
    )
    assert read("a.eml", parts).text == "From: a@b.c\nSubject: x\n\nPlain words.\n"


def of_parts(kind: str, *parts: str) -> str:
    """Return a mail of several parts, each with its headers."""
    inside = "".join(f"--B\n{part}\n" for part in parts)
    return (
        f'From: a@b.c\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary="B"\n\n{inside}--B--\n'
    )


def test_a_mail_with_a_picture_between_its_words_loses_none() -> None:
    picture = "Content-Type: image/png\nContent-Disposition: inline; filename=a.png\nContent-Transfer-Encoding: base64\n\naGk="
    mail = of_parts(
        "mixed", "Content-Type: text/plain\n\nFirst words.", picture, "Content-Type: text/plain\n\nThe roof leaks."
    )
    assert read("a.eml", mail).text == "From: a@b.c\nSubject: x\n\nFirst words.\nThe roof leaks.\n"


def test_of_a_mail_whose_plain_part_is_blank_the_other_one_is_read() -> None:
    mail = of_parts(
        "alternative", "Content-Type: text/plain\n\n \n", "Content-Type: text/html\n\n<p>The roof leaks.</p>"
    )
    assert read("a.eml", mail).text == "From: a@b.c\nSubject: x\n\nThe roof leaks.\n"


@pytest.mark.parametrize("head", ["", "Content-Type: text/plain\n", "Content-Type: text/plain; charset=us-ascii\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_mail_that_does_not_say_its_character_set(head: str, encoding: str) -> None:
    mail = f"From: a@b.c\n{head}Content-Transfer-Encoding: 8bit\n\nDer Ofen für die Bäckerei – alt.\n"
    assert "Der Ofen für die Bäckerei – alt." in read("a.eml", mail.encode(encoding)).text


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ("No mail at all.", NoteFormatError),
        ("From: a@b.c\n\n", NoteEmptyError),
        ("From: a@b.c\nContent-Type: multipart/mixed\n\nWords.", None),
        ('From: a@b.c\nContent-Type: text/plain; charset="klingon"\n\nWords.', None),
        ("From: a@b.c\nContent-Type: multipart/mixed; boundary=B\n\n" + "--B\nContent-Type: multipart/mixed; boundary=B\n\n" * 3000, NoteError),
    ],
)  # fmt: skip
def test_broken_mails(data: str, error: type[NoteError] | None) -> None:
    if error is None:
        assert "Words." in read("a.eml", data).text
        return
    with pytest.raises(error):
        read("a.eml", data)


# ---- captions

VTT = """WEBVTT

NOTE made by hand

1
00:00:01.000 --> 00:00:03.000
<v Ana Ruiz>The roof leaks</v>

00:00:03.000 --> 00:00:06.000
<v Ana Ruiz>again, since <i>May</i>.</v>

00:00:07.500 --> 00:00:09.000
<v Tom Ito>We could look.</v>
"""
SRT = "1\r\n00:00:01,000 --> 00:00:03,000\r\nAna Ruiz: The roof leaks\r\n\r\n2\r\n00:00:03,000 --> 00:00:06,000\r\nagain, since May.\r\n\r\n3\r\n00:01:07,500 --> 00:01:09,000\r\nTom Ito: We could look.\r\n"


@pytest.mark.parametrize(("name", "data", "last"), [("a.vtt", VTT, "00:00:07"), ("a.SRT", SRT, "00:01:07")])
def test_captions_become_turns_with_their_times(name: str, data: str, last: str) -> None:
    note = read(name, data)
    assert note.text == f"[00:00:01] Ana Ruiz: The roof leaks again, since May.\n[{last}] Tom Ito: We could look.\n"
    assert [(s.speaker, s.text) for s in split_note(note)] == [
        ("Ana Ruiz", "The roof leaks again, since May."), ("Tom Ito", "We could look."),
    ]  # fmt: skip
    assert placed(note, "look") == last
    assert placed(note, "again") == "00:00:03"  # a turn has the times of all its captions


def test_two_voices_of_one_caption_and_entities() -> None:
    cue = "<v Ana Ruiz>R&amp;D wants &lt;5 days.</v> <v.loud Tom Ito>We need help.</v>"
    assert read("a.vtt", f"WEBVTT\n\n00:00:01.000 --> 00:00:03.000\n{cue}\n").text == (
        "[00:00:01] Ana Ruiz: R&D wants <5 days.\n[00:00:01] Tom Ito: We need help.\n"
    )


def test_a_long_turn_is_cut_so_that_its_times_are_shown() -> None:
    cues = "".join(f"00:{n:02}:00.000 --> 00:{n:02}:30.000\n<v Ana>{'word ' * 50}</v>\n\n" for n in range(10))
    assert read("a.vtt", "WEBVTT\n\n" + cues).text.count("\n") == 5


@pytest.mark.parametrize("data", ["WEBVTT\n", "no captions\n", "WEBVTT\n\n00:00:01 --> x\nwords\n"])
def test_captions_without_captions_are_refused(data: str) -> None:
    with pytest.raises(NoteError) as caught:
        read("a.vtt", data)
    assert "a.vtt" in caught.value.message


# ---- all of them

GOOD = {"a.docx": word("# Head", WORDS), "a.pdf": pdf(WORDS), "a.html": f"<h1>Head</h1><p>{WORDS}".encode(),
        "a.eml": MAIL.format(kind="text/plain", body=WORDS).encode(), "a.vtt": VTT.encode(), "a.srt": SRT.encode(), "a.pptx": slides(("Head", WORDS, "")),
        "a.rtf": rb"{\rtf1\ansi " + WORDS.encode() + rb"\par}",
        "a.msg": outlook("Pumps", WORDS, "Tom Bauer <tom@harlow.gov>")}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
@given(cut=st.integers(0, 40_000), flips=st.lists(st.tuples(st.integers(0, 40_000), st.integers(0, 255)), max_size=8))
@quick
def test_damage_is_an_error_of_the_note_or_no_error(name: str, cut: int, flips: list[tuple[int, int]]) -> None:
    data = bytearray(GOOD[name])
    for at, value in flips:
        data[at % len(data)] = value
    damaged = bytes(data[: max(1, cut % (2 * len(data)))])
    try:
        note = read(name, damaged)
    except NoteError as error:
        assert name in error.message or "empty" in error.message
        return
    assert [place.start for place in note.places] == sorted(place.start for place in note.places)
    for sentence in split_note(note):
        assert note.text[sentence.start : sentence.end] == sentence.text


@pytest.mark.parametrize("name", GOOD)
def test_every_format_is_read_from_a_file_with_an_odd_name(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"ein Gespräch mit Leerzeichen{Path(name).suffix.upper()}"
    path.write_bytes(GOOD[name])
    assert "pump" in read_note(path).text or "roof" in read_note(path).text


@pytest.mark.parametrize("depth", [300, 1500])
def test_a_deep_page_loses_no_word(depth: int) -> None:
    assert read("a.html", "<div>" * depth + WORDS).text == WORDS + "\n"


def test_a_page_too_deep_to_be_read_whole_is_refused() -> None:
    with pytest.raises(NoteFormatError, match=r"a\.html: nested deeper than any page"):
        read("a.html", f"<p>{WORDS}</p>" + "<div>" * 5000 + WORDS)
