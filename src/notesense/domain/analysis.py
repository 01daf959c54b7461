"""The analysis of a note and the report over several: the JSON contract, ``notesense.report/1``."""

from typing import Literal

from pydantic import ConfigDict, Field

from notesense.domain.base import Frozen
from notesense.domain.findings import Need, PitchFlag, RejectedClaim
from notesense.domain.notes import Note

SchemaName = Literal["notesense.report/1"]
SCHEMA_NAME: SchemaName = "notesense.report/1"
REPORT_MARK = "<!-- a report of notesense -->"
"""First line of every report in Markdown, by which it is told from a note."""
_SIGNS = (
    REPORT_MARK.encode(),
    b'name="generator" content="notesense"',
    b'"schema":"notesense.',
    b'"schema": "notesense.',
    b"note,note_id,title,client,client_unit,",  # the tables of notesense batch export and accounts
    b"view,client,units,category,kind,",
)
Stage = Literal["detect", "ground", "consolidate", "match", "advise"]


class Incident(Frozen):
    """A part of a note that failed while the rest stands."""

    stage: Stage
    span: tuple[int, int]
    error: str
    message: str


class Usage(Frozen):
    """What an analysis took."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None
    seconds: float = 0.0

    def plus(self, other: "Usage") -> "Usage":
        """Return two usages as one; the cost of what has no price is left out."""
        costs = [usage.cost for usage in (self, other) if usage.cost is not None]
        return Usage(
            calls=self.calls + other.calls, input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens, cost=sum(costs) if costs else None,
            seconds=self.seconds + other.seconds,
        )  # fmt: skip


class Analysis(Frozen):
    """Everything that was found in one note."""

    note: Note
    needs: tuple[Need, ...] = ()
    pitches: tuple[PitchFlag, ...] = ()
    rejected: tuple[RejectedClaim, ...] = ()
    incidents: tuple[Incident, ...] = ()
    usage: Usage = Usage()
    text: str | None = None
    """The note's text, where the report was asked to carry it."""


class Skipped(Frozen):
    """An input that was not analysed, and why."""

    path: str
    error: str
    message: str
    hint: str


class EngineInfo(Frozen):
    """Which engine, model and version made the findings."""

    name: str
    model: str
    version: str


class IndexInfo(Frozen):
    """Which solution index the matches come from."""

    path: str
    generation: str
    solutions: int


class RunInfo(Frozen):
    """The manifest of a run."""

    engine: EngineInfo
    prompts: str | None = None
    settings: str
    """Hash of every setting that can change a result."""
    index: IndexInfo | None = None
    notesense: str


class Report(Frozen):
    """What ``notesense analyze --format json`` prints."""

    schema_: SchemaName = Field(default=SCHEMA_NAME, alias="schema")
    run: RunInfo
    skipped: tuple[Skipped, ...] = ()
    analyses: tuple[Analysis, ...] = ()

    model_config = ConfigDict(populate_by_name=True)


def is_report(data: bytes) -> bool:
    """Tell whether a file's content is a report of notesense, of whatever format."""
    head, tail = data[:1000], data[-1000:]
    return any(sign in head for sign in _SIGNS) or (b"notesense " in tail and " · engine ".encode() in tail)
