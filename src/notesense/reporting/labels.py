"""Names of kinds, categories and tactics as people say them."""

from notesense.domain.analysis import Analysis, RunInfo, Usage
from notesense.domain.findings import Category, Tactic, Where

CATEGORY: dict[Category, str] = {
    "compliance": "compliance",
    "condition_capacity": "condition and capacity",
    "cost_funding": "cost and funding",
    "schedule_delivery": "schedule and delivery",
    "risk_resilience": "risk and resilience",
    "operations": "operations",
    "stakeholders": "stakeholders",
    "data_technology": "data and technology",
    "sustainability_energy": "sustainability and energy",
    "growth_change": "growth and change",
    "safety_wellbeing": "safety and well-being",
    "service_quality": "service quality",
}
SHORT: dict[Category, str] = {
    "compliance": "comply",
    "condition_capacity": "condit.",
    "cost_funding": "funding",
    "schedule_delivery": "sched.",
    "risk_resilience": "risk",
    "operations": "operat.",
    "stakeholders": "stakeh.",
    "data_technology": "data",
    "sustainability_energy": "energy",
    "growth_change": "growth",
    "safety_wellbeing": "safety",
    "service_quality": "service",
}
"""Names of categories for narrow columns."""
SIGN: dict[Category, str] = {
    "compliance": "a rule, permit or audit that must be met",
    "condition_capacity": "something that is worn out, too small, failing or too slow",
    "cost_funding": "money that is short, or a cost that hurts",
    "schedule_delivery": "work that is late, stuck or up against a date",
    "risk_resilience": "a danger that nobody has taken away",
    "operations": "running things that takes too much, or knowledge that may be lost",
    "stakeholders": "people who must be won or told",
    "data_technology": "records, figures or software that do not do their work",
    "sustainability_energy": "energy, water, carbon or waste that weighs on them",
    "growth_change": "a change of size, place or shape that they face",
    "safety_wellbeing": "people who may come to harm",
    "service_quality": "dissatisfaction with how they are served",
}
"""What words of an implied need point to."""
TACTIC: dict[Tactic, str] = {
    "credentials": "talk of credentials",
    "premature_solution": "premature solution",
    "revenue_motive": "our revenue as the motive",
    "ask_without_value": "asking without giving",
    "dismissal": "dismissal",
    "pressure": "pressure",
}
WHERE: dict[Where, str] = {"said": "said to the client", "noted": "in our own notes"}
BUILD_HINT = "Build one with: notesense index build PATH"
NO_INDEX = f"No past solutions were searched: there is no index yet. {BUILD_HINT}"
NOTHING_FITS = "Nothing we have done fits this need."


def made_with(run: RunInfo) -> str:
    """Return what a report was made with: version, engine, prompts, settings, index."""
    index = f"{run.index.solutions} solutions ({run.index.generation})" if run.index else "none"
    prompts = f" · prompts {run.prompts}" if run.prompts else ""
    return (
        f"notesense {run.notesense} · engine {run.engine.name} ({run.engine.model} {run.engine.version}){prompts} · "
        f"settings {run.settings} · index: {index}"
    )


def percent(value: float | None) -> str:
    """Return a probability as a whole percentage; empty where it is not known."""
    return "" if value is None else f"{value:.0%}"


def taken(usage: Usage) -> str:
    """Return what the calls of a model took, in words; empty where none was made."""
    if not usage.calls:
        return ""
    cost = "" if usage.cost is None else f", cost {usage.cost:.4f}"
    return f"The model: {count(usage.calls, 'call')}, {usage.input_tokens + usage.output_tokens} tokens{cost}"


def count(number: int, singular: str, plural: str = "") -> str:
    """Return "1 need", "3 needs"."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def summary(analysis: Analysis) -> str:
    """Return the analysis in one line."""
    needs = analysis.needs
    stated = sum(need.kind == "stated" for need in needs)
    parts = []
    if needs:
        parts.append(f"{count(len(needs), 'need')} ({stated} stated, {len(needs) - stated} implied)")
    else:
        parts.append("No needs found")
    parts.append(count(len(analysis.pitches), "pitch", "pitches") if analysis.pitches else "no pitching found")
    matched = sum(need.matching == "matched" for need in needs)
    if any(need.matching != "no_index" for need in needs):
        parts.append(f"past work fits {matched} of {count(len(needs), 'need')}")
    return " · ".join(parts)


def heading(analysis: Analysis) -> tuple[str, str]:
    """Return a title for the note, and a line of what else is known of it."""
    note = analysis.note
    place = "standard input" if note.path == "-" else note.path
    details = [
        place if note.title and note.title != place else "",
        " / ".join(filter(None, (note.client, note.client_unit))),
        note.date.isoformat() if note.date else "",
        f"{note.practice} practice" if note.practice else "",
        f"noted by {note.author}" if note.author else "",
        count(note.words, "word") if note.text else "",
    ]
    return note.title or place, " · ".join(part for part in details if part)
