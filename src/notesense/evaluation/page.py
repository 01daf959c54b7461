"""A run → one self-contained HTML page: every note with gold and predicted spans, worst first, filtered by error."""

from collections.abc import Sequence
from html import escape
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

from notesense.domain.spans import Span
from notesense.evaluation.cases import Case, Passage
from notesense.evaluation.metrics import pair_up
from notesense.evaluation.prediction import Prediction
from notesense.evaluation.runner import Answers
from notesense.evaluation.scorecard import Scorecard
from notesense.evaluation.suite import Items
from notesense.evaluation.summary import written
from notesense.evaluation.tally import predicted_label

ERRORS = {
    "missed-need": "missed need", "false-need": "false need", "kind": "wrong kind", "category": "wrong category",
    "missed-pitch": "missed pitch", "false-pitch": "false pitch", "tactic": "wrong tactic", "match": "wrong match",
    "failed": "failed",
}  # fmt: skip
_WEIGHTS = {"kind": 0.5, "category": 0.3, "tactic": 0.5, "match": 0.5, "failed": 10}


class Line(NamedTuple):
    """One line of the list beside a note."""

    error: str
    """Key of :data:`ERRORS`; empty where all is right."""
    words: str


class Mark(NamedTuple):
    """A stretch of the text and what marks it: ``gold need``, ``seen pitch`` and so on."""

    span: Span
    style: str
    title: str


class Entry(NamedTuple):
    """One case of one engine."""

    name: str
    text: str
    marks: list[Mark]
    lines: list[Line]

    @property
    def badness(self) -> float:
        """How much is wrong: what the page is ordered by."""
        return sum(_WEIGHTS.get(line.error, 1.0) for line in self.lines if line.error)


def render_page(card: Scorecard, items: Items, answers: dict[str, Answers]) -> str:
    """Return the page.

    Args:
        card: The scorecard.
        items: The cases.
        answers: Predictions by engine, then by case.
    """
    assets = files("notesense.evaluation")
    style, script = (assets.joinpath(name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    body = []
    for number, (engine, predictions) in enumerate(answers.items()):
        entries = [_note_entry(case, predictions.get(case.name)) for case in items.notes]
        for group, passages in items.groups.items():
            entries += [
                _passage_entry(f"{group}#{i}", p, predictions.get(f"{group}#{i}")) for i, p in enumerate(passages, 1)
            ]
        entries.sort(key=lambda entry: (-entry.badness, entry.name))
        hidden = " hidden" if number else ""
        body.append(f'<section class="engine" data-engine="{escape(engine)}"{hidden}>')
        body += [_figures(card, number), *map(_entry, entries), "</section>"]
    options = "".join(f"<option>{escape(engine)}</option>" for engine in answers)
    boxes = "".join(f'<label><input type="checkbox" value="{key}"> {title}</label>' for key, title in ERRORS.items())
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(card.suite)}</title><style>{style}</style></head><body>
<header><h1>{escape(card.suite)}: {card.cases} cases</h1>
<label>Engine <select id="engine">{options}</select></label>
<fieldset><legend>Only cases with</legend>{boxes}</fieldset>
<p class="key"><span class="gold need">labelled need</span> <span class="gold pitch">labelled pitch</span>
<span class="seen need">found need</span> <span class="seen pitch">found pitch</span>
<span class="gold need seen">both</span></p><p id="shown" role="status"></p></header>
<main>{"".join(body)}</main><script>{script}</script></body></html>"""


def _figures(card: Scorecard, number: int) -> str:
    metrics = card.engines[number].total.metrics
    rows = "".join(f"<tr><th>{escape(n)}</th><td>{escape(written(e))}</td></tr>" for n, e in metrics.items())
    return f"<details><summary>Figures</summary><table>{rows}</table></details>"


def _entry(entry: Entry) -> str:
    errors = " ".join(dict.fromkeys(line.error for line in entry.lines if line.error))
    listed = "".join(
        f'<li class="{"error" if line.error else "right"}">{f"<b>{ERRORS[line.error]}</b> " if line.error else ""}{escape(line.words)}</li>'
        for line in entry.lines
    )
    return (
        f'<article data-errors="{errors}"><h2>{escape(entry.name)}</h2><div class="two">'
        f"<pre>{_marked(entry.text, entry.marks)}</pre><ul>{listed or '<li>nothing labelled, nothing found</li>'}</ul></div></article>"
    )


def _marked(text: str, marks: Sequence[Mark]) -> str:
    """Return the text with every stretch in an element that bears all marks on it."""
    cuts = sorted({0, len(text), *(min(max(0, at), len(text)) for m in marks for at in m.span)})
    parts = []
    for start, end in pairwise(cuts):
        here = [m for m in marks if m.span.start <= start and end <= m.span.end]
        words = escape(text[start:end])
        if here:
            styles = " ".join(dict.fromkeys(style for m in here for style in m.style.split()))
            title = escape("; ".join(dict.fromkeys(m.title for m in here)), quote=True)
            words = f'<mark class="{styles}" title="{title}">{words}</mark>'
        parts.append(words)
    return "".join(parts)


def _note_entry(case: Case, prediction: Prediction | None) -> Entry:
    marks = [Mark(s, "gold need", f"labelled {n.kind} {n.category}") for n in case.needs for s in n.spans]
    marks += [Mark(s, "gold pitch", f"labelled {p.tactic}") for p in case.pitches for s in p.spans]
    if prediction is None or prediction.failure:
        reason = prediction.failure.message if prediction and prediction.failure else "there is no result for this case"
        return Entry(case.name, case.note.text, marks, [Line("failed", reason)])
    marks += [Mark(e.span, "seen need", f"found {n.kind} {n.category}") for n in prediction.needs for e in n.evidence]
    marks += [Mark(e.span, "seen pitch", f"found {p.tactic}") for p in prediction.pitches for e in p.evidence]
    lines = _need_lines(case, prediction) + _pitch_lines(case, prediction)
    return Entry(case.name, case.note.text, marks, lines)


def _need_lines(case: Case, prediction: Prediction) -> list[Line]:
    needs = prediction.needs
    pairs = pair_up([[e.span for e in n.evidence] for n in needs], [g.spans for g in case.needs])
    lines = []
    for p, g in pairs:
        need, gold = needs[p], case.needs[g]
        lines.append(Line("", f"{gold.kind} {gold.category}: {gold.statement}"))
        if need.kind != gold.kind:
            lines.append(Line("kind", f"found as {need.kind}, labelled {gold.kind}"))
        if need.category != gold.category:
            lines.append(Line("category", f"found as {need.category}, labelled {gold.category}"))
        if case.has_solutions and prediction.matched:
            right = (
                need.matches[0] in gold.solutions if need.matches and gold.solutions else need.matches == gold.solutions
            )
            if not right:
                lines.append(
                    Line("match", f"shown {list(need.matches) or 'none'}, labelled {list(gold.solutions) or 'none'}")
                )
    found, wanted = {p for p, _ in pairs}, {g for _, g in pairs}
    lines += [
        Line("missed-need", f"{g.kind} {g.category}: {g.statement}")
        for i, g in enumerate(case.needs)
        if i not in wanted
    ]
    lines += [
        Line("false-need", f"{n.kind} {n.category}: {n.statement}") for i, n in enumerate(needs) if i not in found
    ]
    return lines


def _pitch_lines(case: Case, prediction: Prediction) -> list[Line]:
    pitches = prediction.pitches
    pairs = pair_up([[e.span for e in p.evidence] for p in pitches], [g.spans for g in case.pitches])
    lines = []
    for p, g in pairs:
        lines.append(Line("", f"{case.pitches[g].tactic}"))
        if pitches[p].tactic != case.pitches[g].tactic:
            lines.append(Line("tactic", f"found as {pitches[p].tactic}, labelled {case.pitches[g].tactic}"))
    found, wanted = {p for p, _ in pairs}, {g for _, g in pairs}
    text = case.note.text
    lines += [
        Line("missed-pitch", f"{g.tactic}: {_words(text, g.spans)}")
        for i, g in enumerate(case.pitches)
        if i not in wanted
    ]
    lines += [
        Line("false-pitch", f"{p.tactic}: {_words(text, [e.span for e in p.evidence])}")
        for i, p in enumerate(pitches) if i not in found
    ]  # fmt: skip
    return lines


def _words(text: str, spans: Sequence[Span]) -> str:
    return " … ".join(text[s.start : s.end] for s in spans)


def _passage_entry(name: str, passage: Passage, prediction: Prediction | None) -> Entry:
    wanted = passage.label.split(":")[0]
    marks = [] if wanted == "none" else [Mark(passage.span, f"gold {wanted}", f"labelled {passage.label}")]
    if prediction is None or prediction.failure:
        return Entry(name, passage.note_text, marks, [Line("failed", "there is no result for this passage")])
    marks += [Mark(e.span, "seen need", f"found {n.kind}") for n in prediction.needs for e in n.evidence]
    marks += [Mark(e.span, "seen pitch", f"found {p.tactic}") for p in prediction.pitches for e in p.evidence]
    found = predicted_label(passage, prediction)
    if found == wanted:
        return Entry(name, passage.note_text, marks, [Line("", f"{passage.label}")])
    error = f"missed-{wanted}" if wanted != "none" else f"false-{'need' if found == 'both' else found}"
    return Entry(name, passage.note_text, marks, [Line(error, f"found {found}, labelled {passage.label}")])
