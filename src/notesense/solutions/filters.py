"""Which solutions may be shown: by practice, client and year."""

from notesense.domain.base import Frozen
from notesense.domain.solutions import Solution
from notesense.solutions.precedent import same_client


class Filters(Frozen):
    """Every filter that is set must hold."""

    practices: tuple[str, ...] = ()
    client: str | None = None
    since: int | None = None
    """Earliest year; a solution without a year passes."""

    def allow(self, solution: Solution) -> bool:
        """Tell whether a solution may be shown."""
        return (
            (not self.practices or solution.practice.casefold() in {p.casefold() for p in self.practices})
            and (self.client is None or same_client(self.client, solution.client))
            and (self.since is None or solution.year is None or solution.year >= self.since)
        )
