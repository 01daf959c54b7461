"""The report as JSON (one object) and as JSON lines (one analysis a line): the contract ``notesense.report/1``."""

import json
import re
from typing import Any

from notesense.domain.analysis import Analysis, Report
from notesense.domain.notes import Note
from notesense.domain.printable import is_safe
from notesense.formats.frontmatter import split_front_matter

_NOT_ASCII = re.compile(r"[^\x00-\x7e]")


def render_json(report: Report) -> str:
    """Return the report as one JSON object."""
    data = report.model_dump(mode="json", by_alias=True, exclude={"analyses"})
    data["analyses"] = [_analysis(analysis) for analysis in report.analyses]
    return dump_json(data, indent=1) + "\n"


def render_jsonl(report: Report) -> str:
    """Return one line an analysis, then one line for each skipped input (an object with the key "skipped")."""
    run = report.run.model_dump(mode="json")
    lines = [dump_json({"schema": report.schema_, "run": run, **_analysis(a)}) for a in report.analyses]
    lines += [
        dump_json({"schema": report.schema_, "run": run, "skipped": s.model_dump(mode="json")}) for s in report.skipped
    ]
    return "".join(line + "\n" for line in lines)


def read_json(content: str | bytes, text: str = "") -> Report:
    """Return the report that was written as JSON.

    Args:
        content: What :func:`render_json` gave, of one analysis.
        text: The note's text, which is not in it; without it findings are shown without the words around them.

    Raises:
        ValueError: It is no such report.
    """
    data = json.loads(content)
    for analysis in data["analyses"]:
        note = analysis["note"]
        analysis["note"] = {name: note[name] for name in note if name not in Note.model_computed_fields} | {
            "text": text,
            "body_start": split_front_matter(text).end,
        }
    return Report.model_validate(data)


def json_schema() -> str:
    """Return the JSON Schema of the report."""
    return dump_json(Report.model_json_schema(by_alias=True, mode="serialization"), indent=1) + "\n"


def _analysis(analysis: Analysis) -> dict[str, Any]:
    data = analysis.model_dump(mode="json")
    if analysis.text is None:
        del data["text"]
    return data


def dump_json(data: Any, indent: int | None = None) -> str:
    """Return the JSON; what would steer a terminal, turn words around on it or hide there is escaped."""
    return _NOT_ASCII.sub(_shown, json.dumps(data, ensure_ascii=False, indent=indent))


def _shown(found: re.Match[str]) -> str:
    return found[0] if is_safe(found[0]) else json.dumps(found[0])[1:-1]
