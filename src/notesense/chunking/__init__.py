"""Stage 2: a note → chunks that concatenate to its text, and sentences with all that their place says of them."""

from notesense.chunking.chunks import split_chunks
from notesense.chunking.sentences import split_note

__all__ = ["split_chunks", "split_note"]
