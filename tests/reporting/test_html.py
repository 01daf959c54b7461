import re
from html.parser import HTMLParser

import pytest

from notesense.domain.analysis import Analysis, Report
from notesense.domain.findings import Evidence
from notesense.domain.printable import printable
from notesense.reporting import render_html
from notesense.reporting.html import segments
from tests.reporting.hand_made import REPORT

NASTY = "<script>alert(1)</script> \"quoted\" 'x' & </pre><img src=x onerror=alert(2)> \x1b[31m\u202e words ⟦n1|x⟧ "


class Page(HTMLParser):
    """Collects what a page refers to, and its note's text."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.text: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.ids += [found["id"]] if found.get("id") else []
        self.links += [found["href"]] if found.get("href") else []
        assert not [n for n, _ in attrs if n.startswith("on") or n == "src"]
        if tag == "pre":
            self._inside = "pre"
        elif tag == "a" and self._inside == "pre":
            self._inside = "tag"

    def handle_endtag(self, tag: str) -> None:
        if tag == "pre":
            self._inside = ""
        elif tag == "a" and self._inside == "tag":
            self._inside = "pre"

    def handle_data(self, data: str) -> None:
        if self._inside == "pre":
            self.text.append(data)


def page_of(report: Report) -> tuple[str, Page]:
    text = render_html(report)
    page = Page()
    page.feed(text)
    return text, page


def with_text(report: Report, before: str) -> Report:
    """Return the report with words before its first note, and everything moved."""
    first = report.analyses[0]
    note = first.note.model_copy(update={"text": before + first.note.text})

    def moved(evidence: Evidence) -> Evidence:
        n = len(before)
        return evidence.model_copy(update={"start": evidence.start + n, "end": evidence.end + n})

    changed: Analysis = first.model_copy(update={
        "note": note,
        "needs": tuple(n.model_copy(update={"evidence": tuple(map(moved, n.evidence))}) for n in first.needs),
        "pitches": tuple(p.model_copy(update={"evidence": tuple(map(moved, p.evidence))}) for p in first.pitches),
    })  # fmt: skip
    return report.model_copy(update={"analyses": (changed, *report.analyses[1:])})


def test_marks_and_findings_are_linked_both_ways() -> None:
    report = REPORT
    _, page = page_of(report)
    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    for number, analysis in enumerate(report.analyses, 1):
        for finding in (*analysis.needs, *analysis.pitches):
            assert f"a{number}-{finding.id}" in page.ids
            for piece in range(1, len(finding.evidence) + 1):
                assert f"a{number}-{finding.id}-{piece}" in page.ids
                assert f"#a{number}-{finding.id}-{piece}" in page.links


def test_the_note_stands_there_word_for_word() -> None:
    report = REPORT
    _, page = page_of(report)
    assert "".join(page.text) == printable("".join(a.note.text for a in report.analyses))
    for analysis in report.analyses:
        assert "".join(s.text for s in segments(analysis)) == analysis.note.text


def test_nothing_in_a_note_can_run() -> None:
    text, page = page_of(with_text(REPORT, NASTY))
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert re.search(r"default-src 'none'; style-src 'sha256-[\w+/=]+'\"", text)
    assert "style=" not in text


def test_kinds_are_told_apart_without_colour() -> None:
    text, _ = page_of(REPORT)
    for line in ("underline solid", "underline dashed", "underline wavy"):
        assert line in text
    assert 'aria-label="implied need n' in text


def test_everything_of_the_report_is_there() -> None:
    report = REPORT
    text, page = page_of(report)
    for title in ("What do they need?", "Where did we sell?", "What can we bring?", "What to ask next?"):
        assert text.count(title) == sum(bool(a.needs or a.pitches) for a in report.analyses)
    for analysis in report.analyses:
        for rejected in analysis.rejected:
            assert rejected.reason in text
        for incident in analysis.incidents:
            assert incident.stage in text
        for need in analysis.needs:
            assert ("Nobody asks for it here" in text) or need.kind == "stated"
    assert ("Not analysed" in text) == bool(report.skipped)
    assert {"show-stated", "show-implied", "show-pitch", "sure-from-1", "sure-from-2"} <= set(page.ids)


def test_overlapping_evidence_is_cut_into_pieces() -> None:
    report = REPORT
    analysis = next(a for a in report.analyses if a.needs and a.pitches)
    need = analysis.needs[0]
    whole = need.evidence[0]
    half = whole.model_copy(update={"end": whole.start + 4, "quote": whole.quote[:4]})
    pitch = analysis.pitches[0].model_copy(update={"evidence": (half,)})
    cut = segments(analysis.model_copy(update={"needs": (need,), "pitches": (pitch,)}))
    both = [s for s in cut if set(s.kinds) == {need.kind, "pitch"}]
    assert [s.text for s in both] == [whole.quote[:4]]
    assert [t.finding for s in cut for t in s.tags].count(need.id) == len(need.evidence)


@pytest.mark.parametrize("line", ["x" * 20_000, "word " * 8000])
def test_a_long_line_is_no_trouble(line: str) -> None:
    _, page = page_of(with_text(REPORT, line + "\n"))
    assert line in "".join(page.text)
