"""HTML: what a reader would see, as Markdown-like lines."""

import re
from typing import Any

from notesense.errors import NoteEmptyError, NoteFormatError
from notesense.formats.decode import decode
from notesense.formats.extract import Extract

_UNSEEN = frozenset("script style head title noscript template iframe object svg math select textarea".split())
_HIDDEN = re.compile(
    r"(?i)(?:^|;)\s{0,9}(?:display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}(?:hidden|collapse)|max-height\s{0,9}:\s{0,9}0(?:px|em|pt|%)?)"
    r"\s{0,9}(?:!\s{0,9}important\s{0,9})?(?:;|$)"
)
"""The style of what a reader does not see, such as the line of a newsletter that is shown in lists of mails alone."""
_ENCODING = re.compile(
    rb"<(?:meta\b[^<>]{0,200}?\bcharset|\?xml\b[^<>]{0,100}?\bencoding)\s{0,9}=\s{0,9}[\"']?([\w-]{1,20})",
    re.IGNORECASE,
)
_ENCODING_WITHIN = 4096
"""Bytes at the head of a page in which its encoding is looked for."""
_BREAK = "\x1e"
"""Stands for the end of a line; several of them are one."""
_BLOCKS = frozenset(
    """
    p div section article header footer main aside nav ul ol dl dt dd table thead tbody tfoot tr pre blockquote form
    fieldset figure figcaption address details summary hr body html h1 h2 h3 h4 h5 h6 li
    """.split()
)


def extract(data: bytes, name: str) -> Extract:
    """Return the words of an HTML file.

    Args:
        data: The file's content.
        name: The file's name, for messages.

    Raises:
        NotTextError: It is no text.
        NoteEmptyError: It has no words.
        NoteFormatError: It is nested deeper than any page.
    """
    text, title = words_of(decode(data, name, encoding_of(data)), name)
    if not text.strip():
        raise NoteEmptyError(f"{name}: no words in it", "Check that the note was saved.")
    return Extract(text, title=title)


def encoding_of(data: bytes) -> str | None:
    """Return the encoding that a page says it has; None where it says none."""
    found = _ENCODING.search(data[:_ENCODING_WITHIN])
    return found[1].decode("ascii", "replace") if found else None


def words_of(markup: str, name: str) -> tuple[str, str | None]:
    """Return the words of a page, and its title.

    Raises:
        NoteFormatError: It is nested so deep that the parser would lose words.
    """
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    try:
        root = html.document_fromstring(markup.replace(_BREAK, " ").encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError):  # nothing that a browser would show
        return "", None
    if any("depth" in entry.message for entry in parser.error_log):
        raise NoteFormatError(f"{name}: nested deeper than any page", "Save its words as text.")
    parts: list[str] = []
    hidden = quoted = kept = 0
    opened = False  # whether a bullet stands, and no word after it
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        is_unseen = tag in _UNSEEN or _is_hidden(element, tag)
        if event == "start":
            hidden += is_unseen
            quoted += tag == "blockquote"
            kept += tag == "pre"
            if not hidden:
                words = _flat(element.text, kept)
                parts += ["" if opened and tag in ("p", "div") else _before(tag, quoted), words]
                opened = (opened or tag == "li") and not words.strip()
        else:
            if not hidden:
                parts.append({"td": " | ", "th": " | "}.get(tag, _BREAK if tag in _BLOCKS else ""))
            hidden -= is_unseen
            quoted -= tag == "blockquote"
            kept -= tag == "pre"
            if not hidden and element is not root:
                parts.append(_flat(element.tail, kept))
                opened = opened and tag != "li" and not (element.tail or "").strip()
    joined = re.sub(r"\s+", _line_end, "".join(parts))
    lines = [re.sub(r"[ \t\xa0]+", " ", line).strip() for line in joined.split("\n")]
    lines = [re.sub(r"^(?:> ?)+$|^[-#]+$|^\|$", "", line) for line in lines]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    title = root.findtext(".//title")
    return text + "\n" if text else "", " ".join(title.split()) or None if title else None


def _is_hidden(element: Any, tag: str) -> bool:
    """Tell whether an element says that it is not shown; of the page as a whole that means "not yet"."""
    style = element.get("style")
    return tag not in ("html", "body") and (
        element.get("hidden") is not None or (style is not None and bool(_HIDDEN.search(style)))
    )


def _line_end(blank: re.Match[str]) -> str:
    """Return what stands for a run of blanks and line ends; a line feed among them marks a paragraph."""
    if _BREAK not in blank[0]:
        return blank[0]
    return "\n\n" if "\n" in blank[0] else "\n"


def _before(tag: str, quoted: int) -> str:
    mark = "> " * quoted
    if re.fullmatch("h[1-6]", tag):
        return f"\n{_BREAK}{mark}{'#' * int(tag[1])} "
    match tag:
        case "li":
            return f"{_BREAK}{mark}- "
        case "tr":
            return f"{_BREAK}{mark}| "
        case "br":
            return f"\n{mark}"
        case "p" | "table" | "ul" | "ol":
            return f"\n{_BREAK}{mark}"
    return f"{_BREAK}{mark}" if tag in _BLOCKS else ""


def _flat(words: str | None, kept: int) -> str:
    """Return words with single blanks, unless they stand in lines of their own, in ``pre``."""
    if not words:
        return ""
    return words if kept else re.sub(r"\s+", " ", words)
