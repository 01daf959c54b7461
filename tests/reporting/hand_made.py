"""A report made by hand, with a case of everything that a report can hold."""

import datetime

from notesense.domain.analysis import Analysis, EngineInfo, Incident, IndexInfo, Report, RunInfo, Skipped, Usage
from notesense.domain.findings import Evidence, Need, PitchFlag, RejectedClaim
from notesense.domain.notes import Note, Side
from notesense.domain.solutions import Match

ESCAPE = "\x1b[31m"
TURN = "\u202e"

TEXT = f"""# Harbour walk [draft]

Dana (City): the lift station failed three times since May, and each time we hired a tanker for nine days.
Wants a plan before the storms.
- Alarms go to a phone that nobody carries at night.
- *Nobody* knows which pumps are under warranty | the binder is gone.
- Third pump <b>rattles</b> at 40 %.
- The typed numbers are wrong {ESCAPE}every{TURN} month.
- The night shift writes readings on paper.
- Readings are typed in again on Fridays.
- And the paper is thrown away.
Me: We are the largest pump practice in the state, you know.
Follow up: push the digital twin package before quarter end.
"""
SECOND = "The meeting was short. We agreed on the minutes. The roof over the archive leaks again.\n"


def at(text: str, quote: str, side: Side = "unknown", speaker: str | None = None) -> Evidence:
    """Return the evidence of a quote at its place in a text."""
    start = text.index(quote)
    return Evidence(start=start, end=start + len(quote), quote=quote, side=side, speaker=speaker)


def match(identity: str, **fields: object) -> Match:
    """Return a match with a little of everything."""
    values: dict[str, object] = {
        "title": "Remote telemetry for lift stations", "practice": "Water", "client": "City of Marlow",
        "lead": "Ines Halloran", "result": "Night call-outs fell by two thirds in the first year.", "score": 0.71,
        "why": "The need and the case both speak of “alarms” and “phone”.",
        "passage": "Alarms had gone to a phone in a drawer.", "outside_practice": False,
    }  # fmt: skip
    return Match(**{"solution_id": identity, **values, **fields})  # type: ignore[arg-type]


NEEDS = (
    Need(
        id="n1", key="000000000001", kind="stated", category="condition_capacity",
        statement="The lift station failed three times since May.", confidence=None,
        evidence=(
            at(TEXT, "the lift station failed three times since May", "client", "Dana"),
            at(TEXT, "Wants a plan before the storms."),
        ),
        matching="nothing_fits",
    ),
    Need(
        id="n2", key="000000000002", kind="implied", category="operations",
        statement="Alarms go to a phone that nobody carries at night.", confidence=0.83,
        evidence=(at(TEXT, "Alarms go to a phone that nobody carries at night."),),
        questions=("Who hears of it first today?", "What did the last night cost you?"),
        matching="matched",
        matches=(
            match("W-11", precedent="City of Marlow's Utilities already has this; your contact could bring it over.",
                  outside_practice=True),
            match("M-02", title="Pumps [bold]with[/bold] *stars*", practice="Energy", client="Pell County", lead=None,
                  score=0.4),
        ),
    ),
    Need(
        id="n3", key="000000000003", kind="implied", category="data_technology",
        statement="The typed numbers are wrong every month.", confidence=0.5,
        evidence=(
            at(TEXT, "*Nobody* knows which pumps are under warranty"),
            at(TEXT, "Third pump <b>rattles</b> at 40 %."),
            at(TEXT, f"The typed numbers are wrong {ESCAPE}every{TURN} month."),
            at(TEXT, "The night shift writes readings on paper."),
            at(TEXT, "Readings are typed in again on Fridays."),
            at(TEXT, "And the paper is thrown away."),
        ),
        questions=("Who reads them?",),
        matching="nothing_fits",
    ),
)  # fmt: skip
PITCHES = (
    PitchFlag(
        id="p1", key="000000000004", tactic="credentials", where="said", confidence=0.9,
        evidence=(at(TEXT, "We are the largest pump practice in the state", "firm", "Me"),),
        rewrite="For example: What worries your own people most about the next storm?",
    ),
    PitchFlag(
        id="p2", key="000000000005", tactic="revenue_motive", where="noted", confidence=None,
        evidence=(at(TEXT, "push the digital twin package before quarter end"),),
        rewrite="For example: Ask what they would do with the readings.",
    ),
)  # fmt: skip

REPORT = Report(
    run=RunInfo(
        engine=EngineInfo(name="local", model="hand-made", version="7"), settings="0123456789ab",
        index=IndexInfo(path="/data/index", generation="20250102T030405000000-00000000", solutions=59),
        notesense="0.1.0",
    ),
    skipped=(
        Skipped(path="scan.pdf", error="NoteFormatError", message="scan.pdf: a PDF file, not a text note",
                hint="Save it as text or Markdown, then try again."),
        Skipped(path="[red]x.md", error="NoteEmptyError", message="[red]x.md: empty", hint=""),
    ),
    analyses=(
        Analysis(
            note=Note(text=TEXT, path="notes/harbour.md", title="Harbour walk [draft]", client="City of Marlow",
                      client_unit="Parks", author="Aoife Brandt", practice="Energy",
                      date=datetime.date(2025, 3, 6), language="en"),
            needs=NEEDS, pitches=PITCHES,
            rejected=(RejectedClaim(quote="the pumps are old", label="need:implied:operations",
                                    reason="not in the note"),),
            incidents=(Incident(stage="detect", span=(120, 240), error="EngineTimeout",
                                message="no answer in 30 s [retry]"),),
            usage=Usage(calls=2, input_tokens=345, output_tokens=67, cost=0.01, seconds=1.5),
        ),
        Analysis(
            note=Note(text=SECOND, path="second.txt"),
            needs=(
                Need(id="n1", key="000000000006", kind="implied", category="condition_capacity",
                     statement="The roof over the archive leaks again.", confidence=0.6,
                     evidence=(at(SECOND, "The roof over the archive leaks again."),), questions=("Since when?",)),
            ),
        ),
        Analysis(note=Note(text="All is well.", path="third.txt"), text="All is well."),
    ),
)  # fmt: skip


FIELDS = ("title", "client", "unit", "author", "practice", "path", "statement", "quote", "speaker", "question", "case",
          "for", "by", "lead", "result", "why", "passage", "precedent", "rewrite", "rejected", "incident", "skipped",
          "hint")  # fmt: skip
"""The names that :func:`filled_with` puts behind the text of each field."""


def filled_with(words: str) -> Report:
    """Return a report in which every field of free text holds these words, then the field's name."""
    said = {name: f"{words} {name}" for name in FIELDS}
    text = f"- {said['quote']}\n"
    evidence = Evidence(start=2, end=len(text) - 1, quote=said["quote"], speaker=said["speaker"])
    found = match(
        "W-01", title=said["case"], practice=said["by"], client=said["for"], lead=said["lead"], result=said["result"],
        why=said["why"], passage=said["passage"], precedent=said["precedent"],
    )  # fmt: skip
    need = NEEDS[1].model_copy(
        update={"statement": said["statement"], "evidence": (evidence,), "questions": (said["question"],),
                "matches": (found,)}
    )  # fmt: skip
    pitch = PITCHES[0].model_copy(update={"evidence": (evidence,), "rewrite": said["rewrite"]})
    analysis = Analysis(
        note=Note(text=text, path=said["path"], title=said["title"], client=said["client"], client_unit=said["unit"],
                  author=said["author"], practice=said["practice"]),
        needs=(need,), pitches=(pitch,),
        rejected=(RejectedClaim(quote=said["rejected"], label="need:implied:operations", reason="not in the note"),),
        incidents=(Incident(stage="detect", span=(0, 9), error="EngineError", message=said["incident"]),),
    )  # fmt: skip
    skipped = Skipped(path="x", error="NoteError", message=said["skipped"], hint=said["hint"])
    return REPORT.model_copy(update={"analyses": (analysis,), "skipped": (skipped,)})
