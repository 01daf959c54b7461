"""The report for the terminal: readable at 80 columns, without colour, and piped.

Nothing of a note is ever read as markup or passed on as a control sequence.
"""

from rich.console import Console
from rich.text import Text

from notesense.domain.analysis import Analysis, Report
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
    count,
    heading,
    made_with,
    percent,
    summary,
    taken,
)

MOST_SPANS = 4
"""Most pieces of evidence shown for one need; the rest is counted."""
LABEL = 11
"""Width of the labels in front of questions and matches."""


def print_report(report: Report, console: Console) -> None:
    """Print a report.

    Args:
        report: The report, its notes still holding their text.
        console: Where to print.
    """
    for number, analysis in enumerate(report.analyses):
        if number:
            console.print()
        _analysis(analysis, console)
    if report.skipped:
        console.print()
        console.print(_title(f"NOT ANALYSED ({len(report.skipped)})", "yellow"))
        for entry in report.skipped:
            _put(console, Text(one_line(entry.message)), 2)
            if entry.hint:
                _put(console, Text(one_line(entry.hint), style="dim"), 4)
    console.print()
    _put(console, Text(made_with(report.run), style="dim"), 0)


def _analysis(analysis: Analysis, console: Console) -> None:
    title, details = heading(analysis)
    _put(console, Text(one_line(title), style="bold"), 0)
    _put(console, Text(one_line(details), style="dim"), 0)
    _put(console, Text(summary(analysis)), 0)
    text = analysis.note.text
    if analysis.needs:
        console.print()
        console.print(_title("WHAT THE CLIENT NEEDS", "green"))
        for need in analysis.needs:
            _need(need, text, console)
    if analysis.pitches:
        console.print()
        console.print(_title("WHERE WE PITCHED", "magenta"))
        for pitch in analysis.pitches:
            _pitch(pitch, text, console)
    _left_out(analysis, console)
    if words := taken(analysis.usage):
        console.print()
        _put(console, Text(words, style="dim"), 0)
    if any(need.matching == "no_index" for need in analysis.needs):
        console.print()
        _put(console, Text(NO_INDEX, style="yellow"), 0)


def _need(need: Need, text: str, console: Console) -> None:
    line = Text(f"{need.id}  ")
    line.append(need.kind.upper(), style="bold green" if need.kind == "stated" else "bold cyan")
    line.append(f"  {CATEGORY[need.category]}  {percent(need.confidence)}", style="dim")
    console.print()
    _put(console, line, 1)
    _put(console, Text(one_line(need.statement), style="bold"), 5)
    for evidence in need.evidence[:MOST_SPANS]:
        _put(console, _excerpt(text, evidence), 5)
    if len(need.evidence) > MOST_SPANS:
        _put(console, Text(f"and in {count(len(need.evidence) - MOST_SPANS, 'more place')}", style="dim"), 5)
    for number, question in enumerate(need.questions):
        _say(console, "Ask next" if number == 0 else "", question, 5)
    for match in need.matches:
        _match(match, console)
    if need.matching == "nothing_fits":
        _say(console, "Past work", NOTHING_FITS, 5)


def _match(match: Match, console: Console) -> None:
    line = _label("Past work")
    line.append(f"{one_line(match.solution_id)} {one_line(match.title)}", style="bold")
    line.append(f" ({one_line(match.practice)}, for {one_line(match.client)}) {percent(match.score)}")
    _put(console, line, 5, LABEL)
    if match.precedent:
        _say(console, "Precedent", match.precedent, 7)
    _say(console, "Result", match.result, 7)
    _say(console, "Why", match.why, 7)
    _say(console, "Case says", f"“{one_line(match.passage)}”", 7)
    who = f"{match.lead or 'somebody'} of {match.practice}"
    _say(console, "Bring in", who + (" (outside your practice)" if match.outside_practice else ""), 7)


def _pitch(pitch: PitchFlag, text: str, console: Console) -> None:
    line = Text(f"{pitch.id}  ")
    line.append(TACTIC[pitch.tactic].upper(), style="bold magenta")
    line.append(f"  {WHERE[pitch.where]}  {percent(pitch.confidence)}", style="dim")
    console.print()
    _put(console, line, 1)
    for evidence in pitch.evidence:
        _put(console, _excerpt(text, evidence), 5)
    _say(console, "Instead", pitch.rewrite, 5)


def _left_out(analysis: Analysis, console: Console) -> None:
    if not analysis.rejected and not analysis.incidents:
        return
    console.print()
    console.print(_title("LEFT OUT", "yellow"))
    for claim in analysis.rejected:
        _put(console, Text(f"“{one_line(claim.quote)}” ({claim.label}): {claim.reason}"), 2)
    for incident in analysis.incidents:
        start, end = incident.span
        _put(console, Text(f"characters {start} to {end} ({incident.stage}): {one_line(incident.message)}"), 2)


def _excerpt(text: str, evidence: Evidence) -> Text:
    """Return an excerpt with the evidence between » and «, bold where there is colour."""
    found = excerpt(text, evidence)
    line = Text()
    line.append(found.speaker + found.before, style="dim")
    line.append(f"»{found.evidence}«", style="bold")
    line.append(found.after + found.place, style="dim")
    return line


def _say(console: Console, label: str, words: str, indent: int) -> None:
    line = _label(label)
    line.append(one_line(words))
    _put(console, line, indent, LABEL)


def _label(label: str) -> Text:
    line = Text()
    line.append(f"{label + ':' if label else '':<{LABEL}}", style="dim")
    return line


def _title(words: str, colour: str) -> Text:
    return Text(words, style=f"bold {colour}")


def _put(console: Console, words: Text, indent: int, hang: int = 0) -> None:
    """Print words indented, lines after the first by ``hang`` more, without blanks at the ends of lines."""
    for number, line in enumerate(words.wrap(console, max(20, console.width - indent - hang))):
        line.rstrip()
        console.print(Text(" " * (indent + (hang if number else 0))) + line, soft_wrap=True)
