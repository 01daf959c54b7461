"""The review app: people look at findings in a browser and correct them; their corrections are labelled notes.

::

    queue (what is to be reviewed) ─► app (pages and requests) ─► corrections (journal, labelled notes)

Loopback only; nothing can be read or written without the token of the address that the terminal shows.
"""

from notesense.review.app import Reviewer
from notesense.review.corrections import ConflictError, Corrections, Saved
from notesense.review.queue import Queue, queue_of
from notesense.review.server import serve
from notesense.review.state import Item, Review

__all__ = ["ConflictError", "Corrections", "Item", "Queue", "Review", "Reviewer", "Saved", "queue_of", "serve"]
