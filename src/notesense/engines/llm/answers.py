"""Answers brought by hand: a prompt pasted into any chat, its answer saved as a file. No call is made.

For NOTE.md the answers are ``NOTE.detect.json`` (``NOTE.detect-2.json`` for the second part of a long note),
``NOTE.match.json``, and so on; ``.txt`` and ``.md`` do too.
"""

from pathlib import Path

from notesense.engines.llm.request import Answer, Request
from notesense.errors import ConfigError, EngineAnswerError

ENDINGS = (".json", ".txt", ".md")


class AnswerFolder:
    """A folder of answers in place of an endpoint.

    Args:
        folder: The folder.

    Raises:
        ConfigError: There is no such folder.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise ConfigError(f"{folder}: no folder of answers", "Make it, and save the model's answers there.")
        self._folder = folder

    def send(self, request: Request) -> Answer:
        """Return the answer that was saved; see :class:`notesense.engines.llm.request.Transport`."""
        stem = answer_stem(request)
        for path in (self._folder / f"{stem}{ending}" for ending in ENDINGS):
            if path.is_file():
                try:
                    return Answer(path.read_text(encoding="utf-8-sig"), None)
                except (OSError, UnicodeDecodeError) as error:
                    raise EngineAnswerError(f"{path}: cannot be read ({error})") from None
        raise EngineAnswerError(
            f"{self._folder / (stem + ENDINGS[0])}: no such answer",
            f"Print the prompt (notesense prompts show {request.prompt} --note {request.source}) and save its answer there.",
        )


def answer_stem(request: Request) -> str:
    """Return the name, without ending, of the file with the answer to a request."""
    part = f"-{request.part}" if request.part > 1 else ""
    return f"{Path(request.source).stem}.{request.prompt}{part}"
