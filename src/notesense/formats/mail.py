"""Mail (EML, Outlook MSG): header lines, then the words; attachments are no part of the note. Also pages saved as mail.

The newest part stands first, as mail programs write it; quoted parts follow with the lines that name their authors.
"""

import email
import email.policy
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage, MIMEPart
from typing import TYPE_CHECKING

from notesense.errors import NoteEmptyError, NoteError, NoteFormatError
from notesense.formats import rtf
from notesense.formats.decode import decode
from notesense.formats.extract import COMPOUND, Extract, plain_lines
from notesense.formats.web import encoding_of, words_of

MOST_PARTS = 200
"""Nested parts; a mail with pictures, forwarded ten times, has forty."""
if TYPE_CHECKING:
    from oxmsg import Message

_RTF_COMPRESSED = 0x1009
_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_MAIL = re.compile(
    rb"(?:From |(?:From|To|Date|Subject|Received|Return-Path|Delivered-To|Message-ID|MIME-Version):)", re.I
)


def extract(data: bytes, name: str) -> Extract:
    """Return the words of an EML file.

    Args:
        data: The file's content.
        name: The file's name, for messages.

    Raises:
        NoteFormatError: It is no mail.
        NoteEmptyError: It has no words.
    """
    with _readable(data, name, "mail"):
        message = _parsed(data)
        headers = {header: str(message[header]) for header in _HEADERS if message[header]}
        words = _words(message, name)
    if not headers:
        raise NoteFormatError(f"{name}: not a mail: no sender, no date, no subject", "Save the words as text.")
    return _extract(headers, words, name)


def extract_page(data: bytes, name: str) -> Extract:
    """Return the words of a page that a browser saved with its pictures (MHT): those of its first part in HTML.

    Args:
        data: The file's content.
        name: The file's name, for messages.

    Raises:
        NoteFormatError: It is no such page.
        NoteEmptyError: It has no words.
    """
    with _readable(data, name, "saved page"):
        pages = (part for part in _parsed(data).walk() if part.get_content_type() == "text/html")
        page = next(pages, None)
        text, title = words_of(_decoded(page, name), name) if page else ("", None)
    if page is None:
        raise NoteFormatError(f"{name}: not a saved page: no HTML in it", "Save the page as HTML or PDF.")
    if not text.strip():
        raise NoteEmptyError(f"{name}: no words in it", "Check that the page was saved.")
    return Extract(plain_lines(text), title=title)


def extract_outlook(data: bytes, name: str) -> Extract:
    """Return the words of an Outlook file (MSG); arguments and errors as :func:`extract`."""
    from oxmsg import Message

    if not data.startswith(COMPOUND) and _MAIL.match(data):
        raise NoteFormatError(f"{name}: not an Outlook message, but a mail in text form", "Give it the ending .eml.")
    try:
        message = Message.load(io.BytesIO(data))
        sent = message.sent_date
        to = ", ".join(f"{r.name} <{r.email_address}>" for r in message.recipients)
        headers = {
            "From": message.sender or "",
            "To": message.message_headers.get("To") or to,
            "Cc": message.message_headers.get("Cc", ""),
            "Date": f"{sent:%Y-%m-%d %H:%M}" if sent else "",
            "Subject": message.subject,
        }
        words = message.body or ""
        if not words.strip():
            words = words_of(message.html_body or "", name)[0] or _rich(message, name)
    except NoteFormatError:
        raise
    except Exception as error:  # the library meets damage with whatever its arithmetic raises
        raise NoteFormatError(
            f"{name}: not an Outlook message that can be read ({type(error).__name__})",
            "Open it in Outlook, and save it as text or .eml.",
        ) from None
    return _extract({key: value for key, value in headers.items() if value.strip()}, words, name)


@contextmanager
def _readable(data: bytes, name: str, what: str) -> Iterator[None]:
    """Refuse what has too many parts, and tell of damage that turns up while it is read."""
    if data.lower().count(b"boundary=") > MOST_PARTS:  # parts inside parts: parsing them takes their square
        raise NoteFormatError(
            f"{name}: a {what} of more than {MOST_PARTS} parts", f"Save the words of the {what} as text."
        )
    try:
        yield
    except (LookupError, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise NoteFormatError(
            f"{name}: not a {what} that can be read ({type(error).__name__})", f"Save the words of the {what} as text."
        ) from None


def _parsed(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def _words(part: MIMEPart, name: str) -> str:
    """Return the words of a part and of those inside it, in order; of alternatives, the plain one that has words."""
    kind = part.get_content_type()
    inside = [other for other in part.iter_parts() if not _is_enclosed(other)]
    if kind == "multipart/alternative":
        inside.sort(key=lambda other: other.get_content_type() != "text/plain")
        return next((words for other in inside if (words := _words(other, name)).strip()), "")
    if part.is_multipart():
        return "\n".join(filter(str.strip, (_words(other, name) for other in inside)))
    if kind == "text/html":
        return words_of(_decoded(part, name), name)[0]
    return (
        _decoded(part, name) if kind == "text/plain" or kind.startswith("multipart/") else ""
    )  # one without its parts


def _is_enclosed(part: MIMEPart) -> bool:
    """Tell whether a part is an attachment or another mail; a name alone makes none, some programs give one to the words."""
    return part.is_attachment() or part.get_content_type() == "message/rfc822"


def _rich(message: "Message", name: str) -> str:
    """Return the words of a message that has them as compressed rich text alone (MS-OXRTFCP)."""
    from compressed_rtf import decompress

    packed = message.properties.binary_prop_value(_RTF_COMPRESSED)
    return rtf.words_of(decompress(packed), name) if packed else ""


def _extract(headers: dict[str, str], words: str, name: str) -> Extract:
    words = plain_lines(words)
    if not words.strip():
        raise NoteEmptyError(f"{name}: a mail without words", "What is in its attachments is not read.")
    head = "".join(f"{key}: {' '.join(value.replace(chr(0), '').split())}\n" for key, value in headers.items())
    return Extract(f"{head}\n{words.strip()}\n")


def _decoded(part: MIMEPart, name: str) -> str:
    if (part.get_content_charset() or "us-ascii") != "us-ascii":
        try:
            return str(part.get_content())
        except (LookupError, UnicodeError):  # a character set that nobody knows
            pass
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    try:  # a part without a character set, or with ASCII as one, may be anything
        return decode(payload, name, encoding_of(payload) if part.get_content_type() == "text/html" else None)
    except NoteError:
        return payload.decode("utf-8", "replace")
