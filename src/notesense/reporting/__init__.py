"""Stage 8: the report, for the terminal, as Markdown, as JSON and as JSON lines."""

from notesense.reporting.jsonformat import json_schema, render_json, render_jsonl
from notesense.reporting.markdown import render_markdown
from notesense.reporting.terminal import print_report

__all__ = ["json_schema", "print_report", "render_json", "render_jsonl", "render_markdown"]
