"""Stage 8: the report, for the terminal, as Markdown, HTML, JSON and JSON lines."""

from typing import TYPE_CHECKING

from notesense.reporting.html import render_html
from notesense.reporting.jsonformat import json_schema, read_json, render_json, render_jsonl
from notesense.reporting.markdown import render_markdown

if TYPE_CHECKING:
    from rich.console import Console

    from notesense.domain.analysis import Report

__all__ = ["json_schema", "print_report", "read_json", "render_html", "render_json", "render_jsonl", "render_markdown"]


def print_report(report: "Report", console: "Console") -> None:
    """Print a report for the terminal; see :func:`notesense.reporting.terminal.print_report`."""
    from notesense.reporting import terminal  # rich is loaded by whoever prints, not by whoever writes JSON

    terminal.print_report(report, console)
