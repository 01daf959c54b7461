"""The report as Markdown: for a mail, a wiki or a file. Every word of a note is escaped."""

import re
from collections.abc import Iterator

from notesense.domain.analysis import REPORT_MARK, Analysis, Report
from notesense.domain.findings import Evidence, Need, PitchFlag
from notesense.domain.printable import one_line
from notesense.domain.solutions import Match
from notesense.reporting.excerpts import excerpt
from notesense.reporting.labels import (
    CATEGORY,
    NO_INDEX,
    NOTHING_FITS,
    TACTIC,
    WHERE,
    heading,
    made_with,
    percent,
    summary,
    taken,
)

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>~$&]|^[-=])")
_NUMBERED = re.compile(r"^(\d{1,9})([.)])")


def render_markdown(report: Report) -> str:
    """Return a report as Markdown."""
    return f"{REPORT_MARK}\n" + "\n".join(_lines(report)).strip() + "\n"


def escape(text: str) -> str:
    """Return a text on one line that Markdown shows as it is."""
    return _NUMBERED.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", one_line(text)))


def _lines(report: Report) -> Iterator[str]:
    for analysis in report.analyses:
        yield from _analysis(analysis)
    if report.skipped:
        yield "## Not analysed"
        yield ""
        for entry in report.skipped:
            yield f"- {escape(entry.message)}. {escape(entry.hint)}".rstrip()
        yield ""
    yield "---"
    yield ""
    yield made_with(report.run)


def _analysis(analysis: Analysis) -> Iterator[str]:
    title, details = heading(analysis)
    yield f"# {escape(title)}"
    yield ""
    yield escape(details)
    yield ""
    yield f"**{summary(analysis)}**"
    yield ""
    if analysis.needs:
        yield "## What the client needs"
        yield ""
        for need in analysis.needs:
            yield from _need(need, analysis.note.text)
    if any(need.matching == "no_index" for need in analysis.needs):
        yield f"_{NO_INDEX}_"
        yield ""
    if analysis.pitches:
        yield "## Where we pitched"
        yield ""
        for pitch in analysis.pitches:
            yield from _pitch(pitch, analysis.note.text)
    if analysis.rejected or analysis.incidents:
        yield "## Left out"
        yield ""
        for claim in analysis.rejected:
            yield f"- “{escape(claim.quote)}” ({escape(claim.label)}): {claim.reason}"
        for incident in analysis.incidents:
            yield f"- characters {incident.span[0]} to {incident.span[1]} ({incident.stage}): {escape(incident.message)}"
        yield ""
    if words := taken(analysis.usage):
        yield f"_{words}_"
        yield ""


def _need(need: Need, text: str) -> Iterator[str]:
    yield f"### {need.id}. {escape(need.statement)}"
    yield ""
    yield " · ".join(filter(None, (f"**{need.kind}**", CATEGORY[need.category], percent(need.confidence))))
    yield ""
    for evidence in need.evidence:
        yield f"> {_excerpt(text, evidence)}"
        yield ">"
    yield ""
    if need.questions:
        yield "Ask next:"
        yield ""
        for question in need.questions:
            yield f"- {escape(question)}"
        yield ""
    for match in need.matches:
        yield from _match(match)
    if need.matching == "nothing_fits":
        yield f"Past work: {NOTHING_FITS}"
        yield ""


def _match(match: Match) -> Iterator[str]:
    yield (
        f"Past work: **{escape(match.solution_id)} {escape(match.title)}** "
        f"({escape(match.practice)}, for {escape(match.client)}) {percent(match.score)}"
    )
    yield ""
    if match.precedent:
        yield f"- Precedent: {escape(match.precedent)}"
    yield f"- Result: {escape(match.result)}"
    yield f"- Why: {escape(match.why)}"
    yield f"- Case says: “{escape(match.passage)}”"
    outside = " (outside your practice)" if match.outside_practice else ""
    yield f"- Bring in: {escape(match.lead or 'somebody')} of {escape(match.practice)}{outside}"
    yield ""


def _pitch(pitch: PitchFlag, text: str) -> Iterator[str]:
    details = " · ".join(filter(None, (WHERE[pitch.where], percent(pitch.confidence))))
    yield f"### {pitch.id}. {TACTIC[pitch.tactic].capitalize()}"
    yield ""
    yield details
    yield ""
    for evidence in pitch.evidence:
        yield f"> {_excerpt(text, evidence)}"
    yield ""
    yield f"Instead: {escape(pitch.rewrite)}"
    yield ""


def _excerpt(text: str, evidence: Evidence) -> str:
    found = excerpt(text, evidence)
    start = escape(found.speaker + found.before)
    joint = " " if start and found.before[-1:].isspace() else ""
    return f"{start}{joint}**{escape(found.evidence)}**{' ' if found.after[:1].isspace() else ''}{escape(found.after + found.place)}"
