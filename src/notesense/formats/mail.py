"""Mail (EML, Outlook MSG): header lines, then the words; attachments are no part of the note.

The newest part stands first, as mail programs write it; quoted parts follow with the lines that name their authors.
"""

import email
import email.policy
import io
from email.message import EmailMessage, MIMEPart
from typing import TYPE_CHECKING

from notesense.errors import NoteEmptyError, NoteFormatError
from notesense.formats import rtf
from notesense.formats.extract import Extract
from notesense.formats.web import words_of

MOST_PARTS = 200
"""Nested parts; a mail with pictures, forwarded ten times, has forty."""
if TYPE_CHECKING:
    from oxmsg import Message

_RTF_COMPRESSED = 0x1009
_HEADERS = ("From", "To", "Cc", "Date", "Subject")


def extract(data: bytes, name: str) -> Extract:
    """Return the words of an EML file.

    Args:
        data: The file's content.
        name: The file's name, for messages.

    Raises:
        NoteFormatError: It is no mail.
        NoteEmptyError: It has no words.
    """
    if data.lower().count(b"boundary=") > MOST_PARTS:  # parts inside parts: parsing them takes their square
        raise NoteFormatError(f"{name}: a mail of more than {MOST_PARTS} parts", "Save the words of the mail as text.")
    try:
        message = email.message_from_bytes(data, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        headers = {header: str(message[header]) for header in _HEADERS if message[header]}
        body = message.get_body(("plain", "html"))
        words = _decoded(body) if body else ""
        is_html = body is not None and body.get_content_type() == "text/html"
    except (LookupError, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise NoteFormatError(
            f"{name}: not a mail that can be read ({type(error).__name__})", "Save the words of the mail as text."
        ) from None
    if not headers:
        raise NoteFormatError(f"{name}: not a mail: no sender, no date, no subject", "Save the words as text.")
    return _extract(headers, words_of(words, name)[0] if is_html else words, name)


def extract_outlook(data: bytes, name: str) -> Extract:
    """Return the words of an Outlook file (MSG); arguments and errors as :func:`extract`."""
    from oxmsg import Message

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
        words = message.body or words_of(message.html_body or "", name)[0] or _rich(message)
    except NoteFormatError:
        raise
    except Exception as error:  # the library meets damage with whatever its arithmetic raises
        raise NoteFormatError(
            f"{name}: not an Outlook message that can be read ({type(error).__name__})",
            "Open it in Outlook, and save it as text or .eml.",
        ) from None
    return _extract({key: value for key, value in headers.items() if value.strip()}, words, name)


def _rich(message: "Message") -> str:
    """Return the words of a message that has them as compressed rich text alone (MS-OXRTFCP)."""
    from compressed_rtf import decompress

    packed = message.properties.binary_prop_value(_RTF_COMPRESSED)
    return rtf.words_of(decompress(packed)) if packed else ""


def _extract(headers: dict[str, str], words: str, name: str) -> Extract:
    words = words.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if not words.strip():
        raise NoteEmptyError(f"{name}: a mail without words", "What is in its attachments is not read.")
    head = "".join(f"{key}: {' '.join(value.replace(chr(0), '').split())}\n" for key, value in headers.items())
    return Extract(f"{head}\n{words.strip()}\n")


def _decoded(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):  # a character set that nobody knows
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
