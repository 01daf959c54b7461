"""Scorecard and comparison → Markdown."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from notesense.evaluation.scorecard import EngineScores, Estimate, Scorecard, Scores
from notesense.evaluation.suite import Suite

if TYPE_CHECKING:
    from notesense.evaluation.compare import Comparison
    from notesense.evaluation.run import GateResult

SPLIT_METRICS = ("need.f1", "implied.recall", "pitch.f1", "no_pitch.flagged", "pairs.passage", "match.joint")


def render_summary(suite: Suite, card: Scorecard, gates: Sequence["GateResult"]) -> str:
    """Return the summary of a run."""
    names = list(dict.fromkeys(name for e in card.engines for name in e.total.metrics))
    shown = [name for name in suite.show if name in names] + [name for name in names if name not in suite.show]
    lines = [f"# {suite.name}", "", *([suite.about, ""] if suite.about else [])]
    lines += [
        f"{card.cases} cases. Each figure with its 95 % interval by bootstrap over cases; – where nothing counts.",
        "",
    ]
    lines += _table(["metric", *(e.engine for e in card.engines)],
                    [[name, *(written(e.total.metrics.get(name)) for e in card.engines)] for name in shown])  # fmt: skip
    if gates:
        lines += ["", "## Gates", ""]
        lines += [f"- {_gate(result)}" for result in gates]
    for engine in card.engines:
        lines += _details(engine)
    return "\n".join(lines)


def render_headline(suite: Suite, card: Scorecard, gates: Sequence["GateResult"]) -> str:
    """Return the figures that the suite is about, for the screen."""
    names = list(suite.show) or list(dict.fromkeys(name for e in card.engines for name in e.total.metrics))
    wide = max(map(len, names))
    engines = [e.engine for e in card.engines]
    cells = [[written(e.total.metrics.get(name)) for e in card.engines] for name in names]
    widths = [max(len(engine), *(len(row[i]) for row in cells)) for i, engine in enumerate(engines)]
    lines = [
        f"{suite.name}: {card.cases} cases",
        " " * wide + "".join(f"  {e:<{w}}" for e, w in zip(engines, widths, strict=True)),
    ]
    for name, row in zip(names, cells, strict=True):
        lines.append(f"{name:<{wide}}" + "".join(f"  {c:<{w}}" for c, w in zip(row, widths, strict=True)))
    lines += [f"{e.engine}: {len(e.failures)} cases failed" for e in card.engines if e.failures]
    lines += [_gate(result).replace("**", "") for result in gates]
    return "\n".join(line.rstrip() for line in lines)


def render_scores(scores: Scores, about: str) -> str:
    """Return the metrics of one measurement, for the screen."""
    wide = max(map(len, scores.metrics))
    lines = [f"{name:<{wide}}  {written(estimate)}" for name, estimate in scores.metrics.items()]
    return "\n".join([about, *lines])


def written(estimate: Estimate | None) -> str:
    """Return a figure with its interval: ``0.71 [0.65, 0.76]``."""
    if estimate is None or estimate.value is None:
        return "–"
    value = f"{estimate.value:.3g}" if estimate.value >= 10 else f"{estimate.value:.2f}"
    return (
        value if estimate.low is None or estimate.high is None else f"{value} [{estimate.low:.2f}, {estimate.high:.2f}]"
    )


def render_comparison(comparison: "Comparison") -> str:
    """Return a comparison of two runs as Markdown."""
    c = comparison
    lines = [
        f"# {c.before} → {c.after}",
        "",
        f"{c.cases} cases that both have; changes with their 95 % interval by paired bootstrap.",
    ]
    if c.notices:
        lines += ["", *(f"- {notice}" for notice in c.notices)]
    rows = [
        [d.metric, _number(d.before), _number(d.after), f"{d.change:+.3f} [{d.low:+.3f}, {d.high:+.3f}]", d.verdict]
        for d in c.changes
    ]
    lines += ["", *_table(["metric", "before", "after", "change", "verdict"], rows)]
    for title, names in (("Better", c.better), ("Worse", c.worse)):
        lines += ["", f"## {title}: {len(names)}", ""]
        lines += [f"- {name}: {what}" for name, what in names] or ["none"]
    if c.broken:
        lines += ["", "## Gates that do not hold", "", *(f"- {line}" for line in c.broken)]
    return "\n".join(lines)


def _details(engine: EngineScores) -> list[str]:
    lines = ["", f"## {engine.engine} ({engine.model}, version {engine.version})"]
    for attribute, values in engine.splits.items():
        present = [m for m in SPLIT_METRICS if any(m in s.metrics for s in values.values())]
        lines += ["", f"By {attribute}:", ""]
        lines += _table([attribute, "cases", *present],
                        [[v, str(s.cases), *(written(s.metrics.get(m)) for m in present)] for v, s in values.items()])  # fmt: skip
    if engine.reliability:
        lines += ["", "Confidence of needs against what was right:", ""]
        lines += _table(["claimed", "needs", "mean claimed", "right"],
                        [[f"{b.low:.1f}–{b.high:.1f}", str(b.count), f"{b.confidence:.2f}", f"{b.right:.2f}"]
                         for b in engine.reliability])  # fmt: skip
    lines += ["", f"95 % of the cases took less than {engine.seconds_p95:.2f} s."]
    if engine.failures:
        lines += ["", f"{len(engine.failures)} cases failed:", ""]
        lines += [f"- {name}: {reason}" for name, reason in engine.failures.items()]
    return lines


def _gate(result: "GateResult") -> str:
    gate = result.gate
    wanted = f"at least {gate.at_least}" if gate.at_least is not None else f"at most {gate.at_most}"
    found = "not measured" if result.bound is None else f"{result.bound:.3f} at the near end of the interval"
    return f"{'holds' if result.holds else '**does not hold**'}: {gate.metric} of {result.engine} {wanted} ({found})"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return ["| " + " | ".join(row) + " |" for row in (header, ["---"] * len(header), *escaped)]
