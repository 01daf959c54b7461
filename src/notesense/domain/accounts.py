"""Clients and their needs over a whole archive: the JSON contract, ``notesense.accounts/1``."""

import datetime
from typing import Literal

from pydantic import ConfigDict, Field, computed_field

from notesense.domain.base import Frozen
from notesense.domain.findings import Category, Kind

AccountsSchemaName = Literal["notesense.accounts/1"]
ACCOUNTS_SCHEMA: AccountsSchemaName = "notesense.accounts/1"
Status = Literal["open", "addressed", "withdrawn"]


class NeedMention(Frozen):
    """A need as one meeting showed it."""

    note: str
    """The note's name in the archive."""
    date: datetime.date | None
    unit: str | None
    """The part of the client's organisation in the room."""
    practice: str | None
    """The note-taker's own practice."""
    key: str
    """The need's key in the note's report."""
    kind: Kind
    category: Category
    statement: str
    quotes: tuple[str, ...]
    likeness: float | None
    """Mean probability that it is the same need as the thread's other mentions; None where it is the only one."""


class Settlement(Frozen):
    """Words of a later note that say that a need is no more."""

    status: Literal["addressed", "withdrawn"]
    note: str
    date: datetime.date | None
    quote: str
    confidence: float


class Told(Frozen):
    """Words of a note that seem to tell the client of a solution."""

    note: str
    quote: str
    confidence: float


class Fit(Frozen):
    """A past solution that fits a need of a thread."""

    solution_id: str
    title: str
    practice: str
    client: str
    client_unit: str | None
    lead: str | None
    score: float | None
    exportable: bool
    """Whether another unit of the same client already has it."""
    told: Told | None
    """None where nobody seems to have mentioned it to the client."""
    looked: bool
    """Whether that could be looked for: it takes the index with the case, and the notes."""


class Thread(Frozen):
    """One need of one client over its meetings."""

    id: str
    """Stable over runs: from the client and the first mention."""
    client: str
    category: Category
    kind: Kind
    statement: str
    first_seen: datetime.date | None
    last_seen: datetime.date | None
    units: tuple[str, ...]
    mentions: tuple[NeedMention, ...]
    """In order of time."""
    settled: Settlement | None
    """What says that it is addressed or withdrawn."""
    fits: tuple[Fit, ...]
    searched: bool
    """Whether solutions were looked for at all."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def status(self) -> Status:
        """Whether it is open: nothing says that it is settled."""
        return self.settled.status if self.settled else "open"


class Account(Frozen):
    """A client: its meetings and its needs."""

    client: str
    spellings: tuple[str, ...]
    """Every way in which notes write its name."""
    notes: int
    units: tuple[str, ...]
    first_seen: datetime.date | None
    last_seen: datetime.date | None
    threads: tuple[Thread, ...]


class Suggestion(Frozen):
    """Two names that may be one client's: for somebody to decide."""

    name: str
    other: str
    reason: str


class AccountReport(Frozen):
    """What ``notesense accounts --format json`` prints. Nothing in it says who wrote a note."""

    schema_: AccountsSchemaName = Field(default=ACCOUNTS_SCHEMA, alias="schema")
    as_of: datetime.date | None
    """The day from which silence is counted: that of the newest note, unless another is given."""
    quiet_days: int
    notes: int
    without_client: int
    """Notes that do not say whose they are: they are in no account."""
    without_date: int
    without_text: int
    """Notes that have changed or are gone: what they say of earlier needs is not known."""
    accounts: tuple[Account, ...]
    suggestions: tuple[Suggestion, ...]

    model_config = ConfigDict(populate_by_name=True)

    @property
    def threads(self) -> list[Thread]:
        """Every thread, by client."""
        return [thread for account in self.accounts for thread in account.threads]
