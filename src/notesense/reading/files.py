"""A file → its bytes; what is no ordinary file, or too large for a note, is refused."""

import os
import stat
from pathlib import Path

from notesense.errors import NoteNotFoundError, NoteTooLargeError, NoteUnreadableError

MAX_BYTES = 20_000_000
"""A 90-minute transcript has about 100 kB; this leaves room for two hundred of them."""
SPLIT_IT = "Split it into the single meetings, or check that it is a note at all."


def read_bytes(path: Path) -> bytes:
    """Return the content of an ordinary file; errors as :func:`read_note`."""
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise NoteUnreadableError(f"{path}: not an ordinary file", "Name a file that holds the note.")
            if status.st_size > MAX_BYTES:
                raise too_large(str(path), status.st_size)
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise NoteNotFoundError(
            f"{path}: no such file", "Check the name; put quotes around names with spaces."
        ) from None
    except IsADirectoryError:
        raise NoteUnreadableError(f"{path}: a folder, not a file", "Name a file that holds the note.") from None
    except PermissionError:
        raise NoteUnreadableError(
            f"{path}: no permission to read it", "Ask its owner, or copy it to your own folder."
        ) from None
    except OSError as error:
        raise NoteUnreadableError(
            f"{path}: cannot be read ({error.strerror or error})", "Check the file and its disk."
        ) from None
    if len(data) > MAX_BYTES:
        raise too_large(str(path), len(data))
    return data


def _open_without_waiting(path: str, flags: int) -> int:
    """Open a file; a pipe without a writer is opened too, and refused afterwards, instead of being waited for."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def too_large(name: str, size: int) -> NoteTooLargeError:
    """Return the error for a note of so many bytes."""
    return NoteTooLargeError(
        f"{name}: {size / 1e6:,.1f} MB, and a note may have {MAX_BYTES / 1e6:,.0f} MB",
        SPLIT_IT,
    )
