"""Words of a note → one readable sentence, without inventing any."""

import re

_MARKUP = re.compile(r"\*\*|__|~~|`|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)|\[[ xX✓]?\]\s*")
_FILLERS = re.compile(r"(?:^|(?<=\s))(?:um|uh|erm|hmm)\b,?\s*", re.IGNORECASE)
_LEAD = re.compile(
    r"^(?:(?:and|but|so|then|also|oh|okay|ok|anyway|plus|because|well(?=,))\b[\s,:]+)+(?=\S+\s+\S+\s+\S)", re.IGNORECASE
)
_OUTER_QUOTES = re.compile(r"""^["“'‘](?P<inner>[^"“”]*)["”'’]([.!?]?)$""")


def tidy(quote: str) -> str:
    """Return a quote as one sentence: markup, filler sounds, leading joints and line breaks gone, a capital, a stop."""
    text = " ".join(_MARKUP.sub("", quote).split())
    text = _FILLERS.sub("", text)
    text = _LEAD.sub("", text).strip(" –—•|,;:")
    text = re.sub(r"^-+(?!\d)\s*|\s*-+$", "", text)
    if outer := _OUTER_QUOTES.match(text):
        text = outer["inner"].strip() + outer[2]
    if not text:
        return " ".join(quote.split())
    if text[-1] not in ".!?…\"”'’)":
        text += "."
    return text[0].upper() + text[1:]
