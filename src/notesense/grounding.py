"""Stage 4: claims → mentions with evidence, or rejected claims.

For everything that is shown, ``note.text[start:end] == quote``. A quote that differs from the note only in white space
or typographic marks is mapped back to the note's own words; whatever else is not in the note is rejected.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from notesense.domain.findings import MAX_EVIDENCE, Claim, Evidence, Mention, NeedLabel, PitchLabel, RejectedClaim
from notesense.domain.notes import Note, Sentence
from notesense.domain.spans import Span

_BLANK_LINE = re.compile(r"(?:\r\n?+|\n)[ \t]*(?:\r\n?+|\n)")
_ALIKE = ("'’‘ʼ`´", '"“”„«»', "-‐‑‒–—−")
_CLASS = {c: "[" + re.escape(group) + "]" for group in _ALIKE for c in group} | {"…": r"(?:…|\.\.\.)"}


def ground(
    claims: Iterable[Claim], note: Note, sentences: Sequence[Sentence]
) -> tuple[list[Mention], list[RejectedClaim]]:
    """Find the words of each claim in the note.

    Args:
        claims: What an engine asserts.
        note: The note.
        sentences: Its sentences, in order: they say who speaks, on which side.

    Returns:
        The mentions in order of the text, each place and label once, and the claims that could not be grounded.
    """
    mentions: dict[tuple[Span, str], Mention] = {}
    rejected: list[RejectedClaim] = []
    starts = [sentence.start for sentence in sentences]
    for claim in claims:
        span = find_quote(note.text, claim.quote, claim.near, note.body_start)
        fault = "not in the note" if span is None else _fault(note, span)
        if span is None or fault:
            rejected.append(RejectedClaim(quote=claim.quote, label=label_name(claim.label), reason=fault))
            continue
        at = bisect_right(starts, span.start) - 1
        home = sentences[at] if at >= 0 else None
        evidence = Evidence(
            start=span.start,
            end=span.end,
            quote=note.text[span.start : span.end],
            speaker=home.speaker if home else None,
            side=home.side if home else "unknown",
            locator=note.locator(span.start),
        )
        mention = Mention(evidence, claim.label, claim.confidence, claim.finding, claim.draft)
        key = (span, "need" if isinstance(claim.label, NeedLabel) else "pitch")
        if key not in mentions or (mentions[key].confidence or 0) < (claim.confidence or 0):
            mentions[key] = mention
    return sorted(mentions.values(), key=lambda m: m.evidence.span), rejected


def find_quote(text: str, quote: str, near: Span | None = None, start: int = 0) -> Span | None:
    """Return where the quote's words stand in the text, or None.

    They are looked for near the hint, then anywhere, then allowing for other white space, quotation marks and dashes.
    """
    quote = quote.strip()
    alike = quote.replace("...", "…")
    if not quote:
        return None
    places = ([near] if near else []) + [Span(start, len(text)), Span(0, len(text))]
    for place in places:
        at = text.find(quote, place.start, place.end)
        if at >= 0:
            return Span(at, at + len(quote))
    pattern = re.compile(r"\s+".join("".join(_CLASS.get(c, re.escape(c)) for c in word) for word in alike.split()))
    for place in places:
        if found := pattern.search(text, place.start, place.end):
            return Span(*found.span())
    return None


def label_name(label: NeedLabel | PitchLabel) -> str:
    """Return a label as one word: "need:implied:operations", "pitch:pressure:said"."""
    if isinstance(label, NeedLabel):
        return f"need:{label.kind}:{label.category}"
    return f"pitch:{label.tactic}:{label.where}"


def _fault(note: Note, span: Span) -> str:
    if span.start < note.body_start:
        return "in the front matter"
    if span.length > MAX_EVIDENCE:
        return f"longer than {MAX_EVIDENCE} characters"
    if _BLANK_LINE.search(note.text, span.start, span.end):
        return "crosses a blank line"
    return ""
