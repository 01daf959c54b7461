"""``python -m notesense``."""

from notesense.cli import main

if __name__ == "__main__":
    main()
