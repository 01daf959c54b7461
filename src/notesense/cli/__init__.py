"""The command line: options → one library call → output. One file a command; nothing heavy is imported for help."""

from notesense.cli.app import main, run

__all__ = ["main", "run"]
