import pytest
from hypothesis import given
from hypothesis import strategies as st

from notesense.consolidation import consolidate_needs, consolidate_pitches
from notesense.domain.findings import (
    MAX_EVIDENCE,
    Category,
    Evidence,
    Kind,
    Mention,
    NeedLabel,
    PitchFlag,
    PitchLabel,
    Tactic,
    Where,
)
from notesense.domain.notes import Note
from tests.strategies import quick

TEXT = "The roof leaks; the roof drips. We did ten roofs, we won prizes. The budget is cut and the mayor is angry.\n"
NOTE = Note(text=TEXT, path="n.md")


def need(
    words: str,
    kind: Kind = "implied",
    category: Category = "operations",
    confidence: float | None = 0.5,
    note: Note = NOTE,
) -> Mention:
    start = note.text.index(words)
    evidence = Evidence(start=start, end=start + len(words), quote=words)
    return Mention(evidence, NeedLabel(kind=kind, category=category), confidence)


def pitch(
    words: str, tactic: Tactic = "credentials", where: Where = "said", confidence: float | None = 0.5, note: Note = NOTE
) -> Mention:
    start = note.text.index(words)
    evidence = Evidence(start=start, end=start + len(words), quote=words, speaker="Dana", side="firm")
    return Mention(evidence, PitchLabel(tactic=tactic, where=where), confidence)


def grouping(*groups: list[int]):
    return lambda note, mentions: [list(group) for group in groups]


def alone(note: Note, mentions: list[Mention]) -> list[list[int]]:
    return [[i] for i in range(len(mentions))]


def test_mentions_of_one_need_become_one_need_with_all_its_evidence() -> None:
    mentions = [need("roof leaks"), need("roof drips"), need("budget is cut")]
    first, second = consolidate_needs(NOTE, mentions, grouping([0, 1], [2]))
    assert [e.quote for e in first.evidence] == ["roof leaks", "roof drips"]
    assert [e.quote for e in second.evidence] == ["budget is cut"]


def test_needs_come_in_order_of_their_first_words_and_are_numbered() -> None:
    mentions = [need("roof leaks"), need("roof drips"), need("budget is cut"), need("mayor is angry")]
    found = consolidate_needs(NOTE, mentions, grouping([3], [1, 2], [0]))
    assert [(n.id, n.evidence[0].quote) for n in found] == [
        ("n1", "roof leaks"),
        ("n2", "roof drips"),
        ("n3", "mayor is angry"),
    ]


@given(st.permutations([0, 1, 2, 3]), st.integers(0, 4))
@quick
def test_the_order_in_which_the_judge_names_mentions_changes_nothing(order: list[int], cut: int) -> None:
    mentions = [need("roof leaks"), need("roof drips"), need("budget is cut"), need("mayor is angry")]
    groups = [group for group in (order[:cut], order[cut:]) if group]
    shuffled = consolidate_needs(NOTE, mentions, grouping(*groups))
    sorted_ = consolidate_needs(NOTE, mentions, grouping(*sorted(sorted(group) for group in groups)))
    assert [n.evidence for n in shuffled] == [n.evidence for n in sorted_]
    assert [(n.id, n.key) for n in shuffled] == [(n.id, n.key) for n in sorted_]


def test_the_judge_sees_the_note_and_the_mentions_of_needs_only() -> None:
    seen = []

    def judge(note: Note, mentions: list[Mention]) -> list[list[int]]:
        seen.append((note, list(mentions)))
        return alone(note, mentions)

    mentions = [need("roof leaks"), pitch("ten roofs"), need("budget is cut")]
    found = consolidate_needs(NOTE, mentions, judge)
    assert seen == [(NOTE, [mentions[0], mentions[2]])]
    assert [n.evidence[0].quote for n in found] == ["roof leaks", "budget is cut"]


def test_no_mentions_are_no_needs_and_no_pitches() -> None:
    assert consolidate_needs(NOTE, [], alone) == []
    assert consolidate_pitches(NOTE, []) == []
    assert consolidate_pitches(NOTE, [need("roof leaks")]) == []
    assert consolidate_needs(NOTE, [pitch("ten roofs")], alone) == []


@pytest.mark.parametrize(
    ("labels", "kind", "category", "confidence", "statement"),
    [
        pytest.param([("implied", "operations", 0.9), ("implied", "compliance", 0.5)], "implied", "operations", 0.9, "Roof leaks.", id="the surest"),
        pytest.param([("implied", "operations", 0.9), ("stated", "operations", 0.4)], "stated", "operations", 0.9, "Roof drips.", id="one stated mention decides"),
        pytest.param([("implied", "operations", 0.5), ("implied", "compliance", 0.6), ("implied", "operations", 0.3)],
                     "implied", "operations", 0.6, "Roof drips.", id="categories are weighed together"),
        pytest.param([("stated", "operations", None), ("stated", "compliance", 0.9)], "stated", "operations", 0.9, "Roof leaks.", id="no confidence counts in full"),
        pytest.param([("stated", "operations", None)], "stated", "operations", None, "Roof leaks.", id="an engine that cannot tell"),
        pytest.param([("implied", "operations", 0.0)], "implied", "operations", 0.0, "Roof leaks.", id="no confidence at all"),
    ],
)  # fmt: skip
def test_a_need_takes_kind_category_and_words_from_its_mentions(
    labels: list[tuple[Kind, Category, float | None]],
    kind: Kind,
    category: Category,
    confidence: float | None,
    statement: str,
) -> None:
    words = ["roof leaks", "roof drips", "budget is cut"]
    mentions = [need(w, *label) for w, label in zip(words, labels, strict=False)]
    (found,) = consolidate_needs(NOTE, mentions, grouping(list(range(len(mentions)))))
    assert (found.kind, found.category, found.confidence, found.statement) == (kind, category, confidence, statement)


def test_keys_are_stable_over_runs_and_tell_findings_and_notes_apart() -> None:
    mentions = [need("roof leaks"), need("budget is cut")]
    first, second = consolidate_needs(NOTE, mentions, alone)
    (later,) = consolidate_needs(NOTE, [need("budget is cut", confidence=0.1, category="compliance")], alone)
    assert later.key == second.key != first.key
    other = Note(text=TEXT + "x", path="n.md")
    (elsewhere,) = consolidate_needs(other, [need("roof leaks", note=other)], alone)
    assert elsewhere.key != first.key
    moved = Note(text=TEXT, path="other.md")
    assert consolidate_needs(moved, mentions, alone)[0].key == first.key
    start = TEXT.index("roof leaks")
    same_place = Mention(
        Evidence(start=start, end=start + 3, quote="roo"), PitchLabel(tactic="pressure", where="said"), 0.5
    )
    assert consolidate_pitches(NOTE, [same_place])[0].key != first.key


def quotes(flags: list[PitchFlag]) -> list[str]:
    return [e.quote for f in flags for e in f.evidence]


@pytest.mark.parametrize(
    ("text", "parts", "expected"),
    [
        pytest.param("We did ten roofs, we won prizes.", ["We did ten roofs", "we won prizes"], ["We did ten roofs, we won prizes"], id="comma"),
        pytest.param("We did ten; we won it — we rule.", ["We did ten", "we won it", "we rule"], ["We did ten; we won it — we rule"], id="three clauses"),
        pytest.param("We did ten roofs. We won prizes.", ["We did ten roofs.", "We won prizes."], ["We did ten roofs. We won prizes."], id="stop inside the words"),
        pytest.param("We did ten roofs. We won prizes.", ["We did ten roofs", "We won prizes"], ["We did ten roofs", "We won prizes"], id="stop between"),
        pytest.param("We did ten and also we won.", ["We did ten", "we won"], ["We did ten", "we won"], id="words between"),
        pytest.param("We did ten\nwe won", ["We did ten", "we won"], ["We did ten", "we won"], id="another line"),
        pytest.param("We did ten roofs here, we won.", ["We did ten roofs here", "ten roofs", "we won"], ["We did ten roofs here, we won"], id="one inside another"),
        pytest.param("We did ten roofs here.", ["We did ten roofs here", "ten roofs"], ["We did ten roofs here"], id="only one inside another"),
        pytest.param("We did ten roofs here.", ["We did ten", "ten roofs here"], ["We did ten roofs here"], id="overlapping"),
    ],
)  # fmt: skip
def test_a_pitch_that_runs_over_neighbouring_clauses_is_one_flag(
    text: str, parts: list[str], expected: list[str]
) -> None:
    note = Note(text=text, path="n.md")
    assert quotes(consolidate_pitches(note, [pitch(p, note=note) for p in parts])) == expected


def test_pitches_of_two_tactics_stay_two() -> None:
    found = consolidate_pitches(NOTE, [pitch("We did ten roofs"), pitch("we won prizes", "pressure")])
    assert [(f.id, f.tactic) for f in found] == [("p1", "credentials"), ("p2", "pressure")]


def test_a_need_between_two_clauses_does_not_part_them() -> None:
    found = consolidate_pitches(NOTE, [pitch("We did ten roofs"), need("ten roofs"), pitch("we won prizes")])
    assert quotes(found) == ["We did ten roofs, we won prizes"]


def test_a_flag_takes_tactic_place_and_confidence_from_its_surest_mention() -> None:
    mentions = [pitch("We did ten roofs", where="noted", confidence=0.3), pitch("we won prizes", confidence=0.8)]
    (found,) = consolidate_pitches(NOTE, mentions)
    assert (found.where, found.confidence) == ("said", 0.8)
    (evidence,) = found.evidence
    assert (evidence.speaker, evidence.side) == ("Dana", "firm")
    assert TEXT[evidence.start : evidence.end] == evidence.quote


def test_a_flag_is_never_longer_than_evidence_may_be() -> None:
    clause = "we " + "x" * 246 + ","
    note = Note(text=clause * 5, path="n.md")
    mentions = [
        Mention(
            Evidence(start=i * 250, end=i * 250 + 249, quote=clause[:-1]),
            PitchLabel(tactic="pressure", where="said"),
            0.5,
        )
        for i in range(5)
    ]
    found = consolidate_pitches(note, mentions)
    assert [f.evidence[0].span.length for f in found] == [499, 499, 249]
    assert max(f.evidence[0].span.length for f in found) <= MAX_EVIDENCE


SPANS = st.lists(st.tuples(st.integers(0, 100), st.integers(1, 40)), max_size=6)


@given(SPANS, st.lists(st.sampled_from(["credentials", "pressure"]), min_size=6, max_size=6))
@quick
def test_flags_are_words_of_the_note_and_lose_none_of_the_mentions(
    drawn: list[tuple[int, int]], tactics: list[Tactic]
) -> None:
    mentions = [
        Mention(Evidence(start=a, end=a + n, quote=TEXT[a : a + n]), PitchLabel(tactic=tactic, where="said"), 0.5)
        for (a, n), tactic in zip(sorted({(a, min(n, len(TEXT) - a)) for a, n in drawn}), tactics, strict=False)
    ]
    mentions.sort(key=lambda m: m.evidence.span)
    flags = consolidate_pitches(NOTE, mentions)
    assert [f.id for f in flags] == [f"p{i}" for i in range(1, len(flags) + 1)]
    for flag in flags:
        (evidence,) = flag.evidence
        assert TEXT[evidence.start : evidence.end] == evidence.quote
    for mention in mentions:
        assert any(
            f.tactic == mention.label.tactic
            and f.evidence[0].span.overlap(mention.evidence.span) == mention.evidence.span.length
            for f in flags
        )
