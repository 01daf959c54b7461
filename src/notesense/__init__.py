"""notesense: what clients need, where we pitched, and what we have done that would help; from meeting notes."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("notesense")
except PackageNotFoundError:  # running from a checkout that is not installed
    __version__ = "0.0.0"
