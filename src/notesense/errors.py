"""Every error that notesense raises on purpose, and the exit code of each.

::

    NotesenseError
    ├── UsageError               2  the command line asks for something impossible
    │   └── OutputError             the result cannot be written there
    ├── ConfigError              3  settings, profile, environment
    │   └── BundleError             the model bundle is missing, damaged or of another version
    ├── NoteError                4  an input is not a note that can be read
    │   ├── NoteNotFoundError
    │   ├── NoteUnreadableError     no permission, a device, a fault while reading
    │   ├── NoteEmptyError
    │   ├── NoteTooLargeError
    │   ├── NotTextError            binary, or bytes of no known encoding
    │   ├── NoteFormatError         a format that no reader knows
    │   │   └── NoNotesInTableError     a table of something else than notes
    │   └── NoNotesError            a folder without notes
    ├── EngineError              5  the engine cannot do its work
    │   ├── LanguageError           the note's language is not one that the engine knows
    │   ├── EndpointError           the model's endpoint takes no call at all: address, key, model, request
    │   ├── EngineUnavailableError  no connection, server error or too busy, after every retry
    │   │   └── EngineTimeoutError
    │   ├── EngineAnswerError       no usable answer, also when asked again
    │   │   ├── EngineTruncatedError
    │   │   └── EngineRefusedError  the model or its filter declines
    │   └── CostCapError            the next call could cost more than allowed
    └── SolutionsError           6  the solution library or its index
        ├── LibraryError            a catalogue or case study with faults, each by file and line
        ├── IndexMissingError
        ├── IndexMismatchError      built by another encoder or another version
        ├── IndexDamagedError
        ├── IndexUnwritableError    the index cannot be written there
        └── IndexBusyError          another process holds it for too long

Exit codes beside these: 0 done, 1 a bug, 7 done in part, 8 a gate of an evaluation does not hold.
"""

import shlex
import sys

EXIT_DONE = 0
EXIT_BUG = 1
EXIT_PARTIAL = 7
EXIT_GATE = 8


def how_to_install(extra: str) -> str:
    """Return the command that installs an extra beside the notesense that runs."""
    return f"Install it: {shlex.quote(sys.executable)} -m pip install 'notesense[{extra}]'"


class NotesenseError(Exception):
    """Base of the tree.

    Args:
        message: What is wrong; names the file, the line or the setting.
        hint: What to do about it.
    """

    exit_code = EXIT_BUG

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(NotesenseError):
    """The command line asks for something impossible."""

    exit_code = 2


class OutputError(UsageError):
    """The result cannot be written where it should go."""


class ConfigError(NotesenseError):
    """A setting, the profile or the environment is wrong."""

    exit_code = 3


class BundleError(ConfigError):
    """The model bundle is missing, damaged or of another version."""


class NoteError(NotesenseError):
    """An input is not a note that can be read."""

    exit_code = 4


class NoteNotFoundError(NoteError):
    """No such file or folder."""


class NoteUnreadableError(NoteError):
    """No permission, a device, or a fault while reading."""


class NoteEmptyError(NoteError):
    """The file has no words."""


class NoteTooLargeError(NoteError):
    """The file is larger than any note."""


class NotTextError(NoteError):
    """The file is binary, or its bytes are of no known encoding."""


class NoteFormatError(NoteError):
    """No reader knows this format."""


class NoNotesInTableError(NoteFormatError):
    """A table whose columns hold no notes, such as a budget."""


class NoNotesError(NoteError):
    """A folder without notes."""


class EngineError(NotesenseError):
    """The engine cannot do its work."""

    exit_code = 5
    ends_run = False
    """Whether the next note would fare no better: the run ends, and its notes stay to be read."""


class LanguageError(EngineError):
    """The note is in a language that the engine does not know."""


class EndpointError(EngineError):
    """The model's endpoint takes no call at all: nobody there, wrong key, unknown model, a request it cannot read."""

    ends_run = True


class EngineUnavailableError(EngineError):
    """The endpoint cannot be reached, fails or is too busy, after every retry."""


class EngineTimeoutError(EngineUnavailableError):
    """The endpoint took too long."""


class EngineAnswerError(EngineError):
    """The model gave no usable answer, also when asked again."""


class EngineTruncatedError(EngineAnswerError):
    """The answer was cut off at the model's limit."""


class EngineRefusedError(EngineAnswerError):
    """The model, or a content filter before it, declines to answer."""


class CostCapError(EngineError):
    """The next call could cost more than the run may still spend."""

    ends_run = True


class SolutionsError(NotesenseError):
    """The solution library or its index."""

    exit_code = 6


class LibraryError(SolutionsError):
    """A catalogue or case study has faults.

    Args:
        faults: One line a fault, each naming the file and the line.
    """

    def __init__(self, faults: list[str], hint: str = "") -> None:
        shown = faults[:20] + ([f"… and {len(faults) - 20} more"] if len(faults) > 20 else [])
        super().__init__("\n".join(shown), hint)
        self.faults = faults


class IndexMissingError(SolutionsError):
    """There is no index at this place."""


class IndexMismatchError(SolutionsError):
    """The index was built by another encoder or another version."""


class IndexDamagedError(SolutionsError):
    """The index cannot be opened."""


class IndexUnwritableError(SolutionsError):
    """The index cannot be written there: no permission, no folder, no room."""


class IndexBusyError(SolutionsError):
    """Another process holds the index for too long."""
