"""The account view: meetings of an archive → clients, the needs of each over time, and what came of them.

::

    meetings ─► clients (names) ─► threads (same need) ─► settle (open?) ─► fits (told? exportable?) ─► report ─► views
"""

from notesense.accounts.build import AccountBuilder, BuildOptions
from notesense.accounts.clients import Names
from notesense.accounts.meetings import Meeting

__all__ = ["AccountBuilder", "BuildOptions", "Meeting", "Names"]
