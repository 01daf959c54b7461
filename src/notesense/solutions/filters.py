"""Which solutions may be shown: by practice, client and year."""

from collections.abc import Sequence

from notesense.domain.base import Frozen
from notesense.domain.solutions import Solution
from notesense.errors import UsageError
from notesense.solutions.precedent import same_client


class Filters(Frozen):
    """Every filter that is set must hold."""

    practices: tuple[str, ...] = ()
    client: str | None = None
    since: int | None = None
    """Earliest year; a solution without a year passes."""

    def check(self, solutions: Sequence[Solution]) -> None:
        """Make sure that some solution passes: nothing left to show must not read as "nothing fits".

        Raises:
            UsageError: None passes.
        """
        if solutions and not any(map(self.allow, solutions)):
            practices = ", ".join(sorted({s.practice for s in solutions}))
            raise UsageError("no solution in the index passes the filters", f"Its practices are: {practices}.")

    def allow(self, solution: Solution) -> bool:
        """Tell whether a solution may be shown."""
        return (
            (not self.practices or solution.practice.casefold() in {p.casefold() for p in self.practices})
            and (self.client is None or same_client(self.client, solution.client))
            and (self.since is None or solution.year is None or solution.year >= self.since)
        )
