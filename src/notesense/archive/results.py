"""The results of a batch: one file for each content, written whole or not at all."""

import json
import os
from pathlib import Path
from typing import Any

from notesense.domain.analysis import Report
from notesense.errors import OutputError
from notesense.reporting import read_json

FOLDER = "results"
_AGAIN = "Remove the file, and run the same batch again: it makes the result anew."


class Results:
    """The result files below an output folder, spread over 256 folders.

    Args:
        folder: The output folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER

    def path(self, digest: str) -> Path:
        """Return where the result of a content stands."""
        return self._folder / digest[:2] / f"{digest}.json"

    def write(self, digest: str, report: str) -> None:
        """Write a result: to a file beside it, flushed to the disk, then renamed.

        Raises:
            OutputError: There is no room or no permission.
        """
        path = self.path(digest)
        part = path.with_suffix(".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(report.encode("utf-8", "surrogatepass"))
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
            _flush(path.parent)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise OutputError(
                f"{path}: cannot be written ({error.strerror or error})",
                "Make room, then run the same command: what is finished is kept.",
            ) from None

    def read(self, digest: str) -> dict[str, Any]:
        """Return a result: a report (``notesense.report/1``) of one analysis.

        Raises:
            OutputError: It is not there or damaged.
        """
        path = self.path(digest)
        try:
            report: dict[str, Any] = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise OutputError(f"{path}: cannot be read ({error})", _AGAIN) from None
        return report

    def report(self, digest: str, text: str = "") -> Report:
        """Return a result as a report.

        Args:
            digest: The content.
            text: The note's text, which is not in the file.

        Raises:
            OutputError: It is not there or damaged.
        """
        path = self.path(digest)
        try:
            return read_json(path.read_bytes(), text)
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise OutputError(f"{path}: cannot be read ({type(error).__name__})", _AGAIN) from None

    def exists(self, digest: str) -> bool:
        """Tell whether there is a result for a content."""
        return self.path(digest).is_file()


def _flush(folder: Path) -> None:
    """Put a new name in a folder onto the disk, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
