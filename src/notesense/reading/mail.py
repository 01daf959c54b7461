"""Mail (EML): header lines, then the words; the newest part is the note, quoted parts keep their authors."""

import email
import email.policy
from email.message import EmailMessage, MIMEPart

from notesense.errors import NoteEmptyError, NoteFormatError
from notesense.reading.extract import Extract
from notesense.reading.metadata import read_metadata
from notesense.reading.web import words_of

_HEADERS = ("From", "To", "Cc", "Date", "Subject")


def extract(data: bytes, name: str) -> Extract:
    """Return the words of an EML file. Attachments are no part of the note.

    Args:
        data: The file's content.
        name: The file's name, for messages.

    Raises:
        NoteFormatError: It is no mail.
        NoteEmptyError: It has no words.
    """
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
    return _extract(headers, words_of(words)[0] if is_html else words, name)


def _extract(headers: dict[str, str], words: str, name: str) -> Extract:
    words = words.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if not words.strip():
        raise NoteEmptyError(f"{name}: a mail without words", "What is in its attachments is not read.")
    head = "".join(f"{key}: {' '.join(value.split())}\n" for key, value in headers.items())
    text = f"{head}\n{words.strip()}\n"
    return Extract(text, 0, read_metadata(text, 0, {}))


def _decoded(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):  # a character set that nobody knows
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
