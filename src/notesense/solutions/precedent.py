"""Precedents: the same client already has it, from us, in another part of the organisation."""

import re

from notesense.domain.notes import Note
from notesense.domain.solutions import Solution

_FORMS = re.compile(
    r"\b(?:the|inc|ltd|llc|plc|gmbh|corp|corporation|company|co|limited|city of|town of|village of)\b(?!-)\.?"
)


def precedent_of(note: Note, solution: Solution) -> str | None:
    """Return a sentence where the solution was done for the note's own client, else None."""
    if not note.client or not same_client(note.client, solution.client):
        return None
    there, here = solution.client_unit, note.client_unit
    if there and here and _bare(there) == _bare(here):
        return f"{solution.client}'s own {there} had this from us: ask how it serves them today."
    if there:
        return f"{solution.client}'s {there} already has this; your contact could bring it over."
    return f"{solution.client} already has this from us; your contact could bring it over."


def same_client(a: str, b: str) -> bool:
    """Tell whether two spellings name one client: case, punctuation, legal forms and "City of" aside."""
    return bool(_bare(a)) and _bare(a) == _bare(b)


def _bare(name: str) -> str:
    return " ".join(re.sub(r"\W+", " ", _FORMS.sub(" ", name.casefold())).split())
