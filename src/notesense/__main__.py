"""``python -m notesense``."""

from notesense.cli import run

if __name__ == "__main__":
    run()
