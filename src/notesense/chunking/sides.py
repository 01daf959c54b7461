"""Which side somebody is on: the client's, the firm's own, or unknown.

In: the lines of a note, its metadata and the firm's profile. Out: :class:`Sides`, which tells the side of a speaker
label. Sources, strongest first: the profile's people and mail domains, attendee lists with a group label ("KVA: …",
"From us: …", "Client: …") or a party in brackets ("Wes (us)"), mail headers, labels that say it themselves ("Consultant", "Me").
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from notesense.chunking.lines import MarkedLine, header_name
from notesense.chunking.speakers import CAPITAL
from notesense.domain.names import ORDINARY, TITLES
from notesense.domain.notes import Side
from notesense.domain.profile import FirmProfile

_FIRM_LABELS = frozenset(
    {"us", "we", "me", "i", "our firm", "our company", "our office", "our side", "our team", "on our side", "consultant", "consultants", "the consultant",
     "consultant team", "design team", "delivery team", "project team", "engineer", "architect", "adviser", "advisor",
     "agency", "supplier", "vendor"}
)  # fmt: skip
_CLIENT_LABELS = frozenset(
    {"client", "the client", "client side", "client team", "owner", "the owner", "owner side", "customer", "them",
     "they", "their side", "sponsor", "user", "users"}
)  # fmt: skip
_GROUP = re.compile(
    r"\s*(?:[-*•]\s*)?\**(?P<label>[A-Za-z][\w&.'’ /-]{0,45}?)\**\s*+(?:\([^)]{0,40}\)\s*+)?:\**\s+(?P<rest>\S.*)"
)
_PERSON = re.compile(rf"{CAPITAL}[\w'’-]+\.?(?:\s+(?:{CAPITAL}[\w'’.-]*|de|van|von|der))*")
_BRACKETED = re.compile(
    r"(?P<people>[A-ZÀ-Þ][\w'’-]+(?:\s[A-ZÀ-Þ][\w'’.-]+){0,2}(?:\s*[+&]\s*[A-ZÀ-Þ][\w'’-]+){0,3})\s\((?P<label>[^()]{2,40})\)"
)
_WITH_PARTY = re.compile(rf"(?P<name>{_PERSON.pattern})\s*(?:[,(]|\s[–-]\s)\s*(?P<label>[^()]{{2,60}}?)\)?")
_PARTIES = re.compile(r"(?<=[^.])(?<!\b[DM]r)(?<!\bMs)(?<!\bMrs)(?<!\bRev)(?<!\bProf)(?<!\bCllr)\.\s+|;\s+|\s/\s")
_ADDRESS = re.compile(r"[\w.+-]+@(?P<domain>[\w-]+(?:\.[\w-]+)+)")
_ATTENDEE_HEADERS = {"present", "attendees", "attending", "attendance", "in attendance", "participants"}
_STOPWORDS = frozenset(
    """
    city county town of the university state school district company and inc
    """.split()
)


class Sides:
    """Answers "whose side is this speaker on?" for one note."""

    def __init__(self, by_name: Mapping[str, Side]) -> None:
        self._by_name = dict(by_name)

    @property
    def names(self) -> list[str]:
        """Names that attendee lists and the profile gave."""
        return list(self._by_name)

    def of(self, speaker: str | None) -> Side:
        """Return the side of a speaker label, by full name, first name or surname, or what the label itself says."""
        if not speaker:
            return "unknown"
        label = speaker.lower().strip(" .*")
        if label in self._by_name:
            return self._by_name[label]
        if label in _FIRM_LABELS:
            return "firm"
        if label in _CLIENT_LABELS:
            return "client"
        words = set(re.findall(r"[\w'’-]{2,}", label)) - TITLES - ORDINARY
        matches = {side for name, side in self._by_name.items() if words & set(re.findall(r"[\w'’-]{2,}", name))}
        return matches.pop() if len(matches) == 1 else "unknown"


def read_sides(
    lines: Sequence[MarkedLine], profile: FirmProfile, client: str | None = None, author: str | None = None
) -> Sides:
    """Collect who is on which side from the profile, attendee lists and mail headers.

    Args:
        lines: The lines of the note.
        profile: The firm's profile; may be empty.
        client: Name of the client, whose words are recognised in group labels.
        author: The note-taker, who is on the firm's side.
    """
    groups = list(_groups(lines))
    sides = [label_side(label, profile, client) for label, _ in groups]
    if len(groups) == 2 and sorted(sides)[1] == "unknown":  # of two parties, one is known: the other is the other
        known = next((side for side in sides if side != "unknown"), None)
        other: Side = "client" if known == "firm" else "firm"
        sides = [other if side == "unknown" and known else side for side in sides]
    by_name: dict[str, Side] = {}
    for (_, people), side in zip(groups, sides, strict=True):
        if side != "unknown":
            by_name |= {person.lower(): side for person in people}
    for label, people in (*_bracketed(lines), *_listed(lines)):
        side = label_side(label, profile, client)
        if side != "unknown":
            by_name |= {person.lower(): side for person in people}
    by_name |= {person: side for line in lines for person, side in _mail_people(line, profile)}
    if author:
        by_name[author.lower()] = "firm"
    by_name.update({person.name.lower(): "firm" for person in profile.people})
    return Sides(by_name)


def label_side(label: str, profile: FirmProfile, client: str | None) -> Side:
    """Tell the side of a group label such as "KVA", "From us", "Marlow"."""
    name = label.lower().strip(" .*")
    name = re.sub(r"^(?:for|from)(?: the)? ", "", name)
    if name in _FIRM_LABELS or profile.is_firm_name(name):
        return "firm"
    if name in _CLIENT_LABELS:
        return "client"
    words = set(re.findall(r"\w+", name)) - _STOPWORDS
    if client and words & (set(re.findall(r"\w+", client.lower())) - _STOPWORDS):
        return "client"
    return "unknown"


def _groups(lines: Sequence[MarkedLine]) -> Iterable[tuple[str, list[str]]]:
    """Yield (label, people) of attendee lists: lines of the note's head in which a label is followed by names."""
    for line in lines[:40]:
        text = line.line.text
        header = header_name(line)
        if header in _ATTENDEE_HEADERS:
            text = text[line.body - line.line.start :]
        elif header and header != "client":  # "Location: Town Hall" lists nobody
            continue
        for part in _PARTIES.split(text):
            found = _GROUP.match(part)
            if not found:
                continue
            people = [p for p in _PERSON.findall(re.sub(r"\([^()]{0,80}\)", " ", found["rest"])) if len(p) > 1]
            names = re.split(r",|\band\b|&", re.sub(r"\([^()]{0,80}\)", " ", found["rest"]))
            if people and sum(len(name.split()) <= 4 for name in names) >= 0.75 * len(names):
                yield found["label"], people


def _bracketed(lines: Sequence[MarkedLine]) -> Iterable[tuple[str, list[str]]]:
    """Yield (label, people) of names with their party in brackets: "Dot (hosp CEO), Wes + Mina (us)", "RUTH (clinic):"."""
    for line in lines:
        for found in _BRACKETED.finditer(line.line.text[:400]):
            yield found["label"], _PERSON.findall(found["people"])


def _listed(lines: Sequence[MarkedLine]) -> Iterable[tuple[str, list[str]]]:
    """Yield (label, people) where the party stands behind its people: "Dana, Raj (Marlow); Ines (KVA)"; below "Present:", "Raj, Marlow"."""
    is_open = False
    for line in lines[:60]:
        words = line.line.text[line.body - line.line.start :][:400]
        if header_name(line) in _ATTENDEE_HEADERS:
            is_open = not words.strip()
            parts = words.split(";")
            for part in parts if len(parts) > 1 else []:
                if found := re.search(r"\(([^()]{2,40})\)\s*\|?\s*$", part):
                    yield found[1], _PERSON.findall(part[: found.start()])
        elif is_open and line.kind in ("prose", "item") and (found := _WITH_PARTY.fullmatch(words.strip())):
            for label in (found["label"], *re.split(r"\s*[,–-]\s+", found["label"])):
                yield label, [found["name"]]
        elif line.kind not in ("blank", "prose", "item"):
            is_open = False


def _mail_people(line: MarkedLine, profile: FirmProfile) -> Iterable[tuple[str, Side]]:
    if header_name(line) not in ("from", "to", "cc"):
        return
    for part in re.split(r"[;,]", line.line.text[line.body - line.line.start :]):
        name = re.sub(r"[<(\[].*", "", part).strip(' "')
        address = _ADDRESS.search(part[:300])
        if address and name and profile.mail_domains:
            yield name.lower(), "firm" if profile.is_firm_domain(address["domain"]) else "client"
