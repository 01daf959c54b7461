"""Stage 5: mentions → needs and pitch flags.

Mentions of one need become one need with several spans, wherever in the note they stand; two needs stay two. A pitch
that runs over neighbouring clauses or sentences becomes one flag: of 617 labelled ones 50 do, and no two neighbours have one tactic.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Sequence

from notesense.domain.findings import (
    MAX_EVIDENCE,
    Category,
    Kind,
    Mention,
    Need,
    NeedLabel,
    PitchFlag,
    PitchLabel,
)
from notesense.domain.notes import Note
from notesense.domain.wording import tidy

Grouping = Callable[[Note, Sequence[Mention]], list[list[int]]]


def consolidate_needs(note: Note, mentions: Sequence[Mention], same_need: Grouping) -> list[Need]:
    """Return the needs that the mentions are of, in order of their first words.

    Args:
        note: The note.
        mentions: Grounded claims; those of pitches are left out.
        same_need: An engine's judgement: groups of indices into mentions, each group one need.
    """
    needs = [m for m in mentions if isinstance(m.label, NeedLabel)]
    groups = [[needs[i] for i in sorted(group)] for group in same_need(note, needs)]
    groups.sort(key=lambda group: group[0].evidence.span)
    return [_need(note, f"n{number}", group) for number, group in enumerate(groups, start=1)]


def consolidate_pitches(note: Note, mentions: Sequence[Mention]) -> list[PitchFlag]:
    """Return the pitch flags that the mentions are of, in order of the text."""
    flags: list[list[Mention]] = []
    for mention in mentions:
        if not isinstance(mention.label, PitchLabel):
            continue
        if flags and _same_pitch(note, flags[-1], mention):
            flags[-1].append(mention)
        else:
            flags.append([mention])
    return [_pitch(note, f"p{number}", group) for number, group in enumerate(flags, start=1)]


def key(note: Note, kind: str, start: int) -> str:
    """Return an identifier of a finding that is stable over runs: from the note's id and the first span."""
    return hashlib.sha256(f"{note.id}:{kind}:{start}".encode()).hexdigest()[:12]


def _need(note: Note, identity: str, group: list[Mention]) -> Need:
    labels = [(m, m.label) for m in group if isinstance(m.label, NeedLabel)]
    weight: dict[Category, float] = defaultdict(float)
    for mention, label in labels:
        weight[label.category] += _weight(mention)
    kind: Kind = "stated" if any(label.kind == "stated" for _, label in labels) else "implied"
    # the words that say it best: of the deciding kind, then the surest
    spokesman = max(labels, key=lambda pair: (pair[1].kind == kind, _weight(pair[0])))[0]
    confidences = [m.confidence for m in group if m.confidence is not None]
    draft = spokesman.draft
    return Need(
        id=identity,
        key=key(note, "need", group[0].evidence.start),
        kind=kind,
        category=max(weight, key=lambda category: weight[category]),
        statement=draft.statement or tidy(spokesman.evidence.quote),
        confidence=max(confidences) if confidences else None,
        evidence=tuple(m.evidence for m in group),
        questions=draft.questions if kind == "implied" else (),
    )


def _pitch(note: Note, identity: str, group: list[Mention]) -> PitchFlag:
    surest = max(group, key=_weight)
    assert isinstance(surest.label, PitchLabel)
    start, end = group[0].evidence.start, max(m.evidence.end for m in group)
    evidence = group[0].evidence.model_copy(update={"end": end, "quote": note.text[start:end]})
    return PitchFlag(
        id=identity,
        key=key(note, "pitch", start),
        tactic=surest.label.tactic,
        where=surest.label.where,
        confidence=surest.confidence,
        evidence=(evidence,),
        rewrite=surest.draft.rewrite,
    )


def _same_pitch(note: Note, flag: list[Mention], mention: Mention) -> bool:
    """Tell whether a mention goes on with a flag: same tactic, nothing but a joint between them."""
    last = flag[-1]
    between = note.text[max(m.evidence.end for m in flag) : mention.evidence.start]
    assert isinstance(last.label, PitchLabel)
    assert isinstance(mention.label, PitchLabel)
    return (
        last.label.tactic == mention.label.tactic
        and re.fullmatch(r"[ \t,;—–-]*", between) is not None
        and mention.evidence.end - flag[0].evidence.start <= MAX_EVIDENCE
    )


def _weight(mention: Mention) -> float:
    return 1.0 if mention.confidence is None else mention.confidence
