"""Mails whose words bear a name, saved pages, and a mail under another name."""

from pathlib import Path

import pytest

from notesense.errors import NoteEmptyError, NoteFormatError
from notesense.reading import note_of_bytes, read_note

HEAD = "From: Dana <dana@harlow.example>\nSubject: Pumps\nMIME-Version: 1.0\n"
READ = "From: Dana <dana@harlow.example>\nSubject: Pumps\n\n"
WORDS = "The pump trips every time it rains."


def of_parts(kind: str, *parts: str, head: str = HEAD) -> bytes:
    inside = "".join(f"--B\n{part}\n" for part in parts)
    return f'{head}Content-Type: multipart/{kind}; boundary="B"\n\n{inside}--B--\n'.encode()


@pytest.mark.parametrize(
    "head",
    [
        'Content-Type: text/plain; name="message.txt"',
        'Content-Type: text/plain\nContent-Disposition: inline; filename="message.txt"',
        'Content-Type: text/plain\nContent-Disposition: attachment; filename="message.txt"',
        'Content-Type: text/html; name="message.html"',
    ],
)
def test_the_words_of_a_mail_may_bear_a_name(head: str) -> None:
    assert note_of_bytes(f"{HEAD}{head}\n\n{WORDS}\n".encode(), "a.eml").text == f"{READ}{WORDS}\n"


def test_a_part_with_a_name_is_read_and_an_attachment_is_not() -> None:
    mail = of_parts(
        "mixed",
        f'Content-Type: text/plain; name="body.txt"\n\n{WORDS}',
        'Content-Type: text/plain; name="Minutes.txt"\nContent-Disposition: attachment; filename="Minutes.txt"\n\nAttached.',
        'Content-Type: text/plain\nContent-Disposition: inline; filename="more.txt"\n\nWe need help.',
        'Content-Type: image/png; name="logo.png"\nContent-Disposition: inline; filename="logo.png"\n\naGk=',
        "Content-Type: message/rfc822\n\nSubject: Old\n\nAn old mail.",
    )
    assert note_of_bytes(mail, "a.eml").text == f"{READ}{WORDS}\nWe need help.\n"


def test_of_alternatives_an_attached_one_is_not_taken() -> None:
    mail = of_parts(
        "alternative",
        "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nAttached.",
        f"Content-Type: text/html; name=b.html\n\n<p>{WORDS}</p>",
    )
    assert note_of_bytes(mail, "a.eml").text == f"{READ}{WORDS}\n"


def test_a_mail_in_html_that_states_its_encoding_in_the_page() -> None:
    page = '<html><head><meta charset="iso-8859-2"></head><body>Łódź floods.</body></html>'
    mail = f"{HEAD}Content-Type: text/html\nContent-Transfer-Encoding: 8bit\n\n{page}\n".encode("iso-8859-2")
    assert note_of_bytes(mail, "a.eml").text == f"{READ}Łódź floods.\n"


# ---- saved pages

SAVED = "From: <Saved by Blink>\nSubject: Storm week\nDate: Wed, 12 Mar 2025 10:03:11 -0000\nMIME-Version: 1.0\n"
PAGE = (
    "Content-Type: text/html\nContent-Location: https://wiki.example/storm\nContent-Transfer-Encoding: quoted-printable\n\n"
    "<html><head><title>Storm =C5=81=C3=B3d=C5=BA</title></head><body><h1>Minutes</h1><p>The pump trips every ti=\n"
    "me it rains=2E</p></body></html>"
)
PICTURE = "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\naGk="
STYLE = "Content-Type: text/css\nContent-Location: cid:css@x\n\np { color: red }"
FRAME = "Content-Type: text/html\nContent-Location: https://ads.example\n\n<p>Buy now.</p>"


@pytest.mark.parametrize("ending", [".mht", ".mhtml", ".MHT"])
def test_of_a_saved_page_the_words_are_read(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"storm{ending}"
    path.write_bytes(of_parts("related", STYLE, PAGE, PICTURE, FRAME, head=SAVED))
    note = read_note(path)
    assert note.text == "# Minutes\n\nThe pump trips every time it rains.\n"
    assert (note.title, note.date) == ("Minutes", None)  # when it was saved says nothing of the meeting
    path.write_bytes(f"{SAVED}{PAGE.replace('<h1>Minutes</h1>', '')}".encode())
    assert read_note(path).title == "Storm Łódź"


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (of_parts("related", PICTURE, head=SAVED), NoteFormatError, "not a saved page: no HTML in it"),
        (b"The roof leaks.", NoteFormatError, "not a saved page"),
        (of_parts("related", "Content-Type: text/html\n\n<p> </p>", head=SAVED), NoteEmptyError, "no words in it"),
        (
            b"Content-Type: multipart/mixed; boundary=B\n\n" * 300,
            NoteFormatError,
            "a saved page of more than 200 parts",
        ),
    ],
    ids=["no page", "a text", "blank", "a bomb"],
)
def test_what_is_no_saved_page_is_refused(data: bytes, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=rf"^a\.mht: {message}"):
        note_of_bytes(data, "a.mht")


# ---- a mail under the name of an Outlook message


@pytest.mark.parametrize(
    "first", [HEAD, "Received: by mx.example\n" + HEAD, "return-path: <d@harlow.example>\n" + HEAD]
)
def test_a_mail_under_the_name_of_an_outlook_message_is_told(first: str) -> None:
    with pytest.raises(NoteFormatError, match=r"a\.msg: not an Outlook message, but a mail in text form") as caught:
        note_of_bytes(f"{first}\n{WORDS}\n".encode(), "a.msg")
    assert caught.value.hint == "Give it the ending .eml."
