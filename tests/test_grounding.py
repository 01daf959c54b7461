import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from notesense.chunking import split_note
from notesense.domain.findings import MAX_EVIDENCE, Claim, NeedLabel, PitchLabel
from notesense.domain.notes import Note, Sentence
from notesense.domain.spans import Span
from notesense.grounding import find_quote, ground, label_name
from tests.strategies import note_texts, quick, texts

NEED = NeedLabel(kind="implied", category="condition_capacity")
PITCH = PitchLabel(tactic="credentials", where="said")


def note(text: str, body_start: int = 0) -> Note:
    return Note(text=text, path="n.md", body_start=body_start)


def reason(where: Note, quote: str) -> str:
    mentions, (rejected,) = ground([Claim(quote=quote, label=NEED)], where, [])
    assert mentions == []
    assert rejected.quote == quote
    assert rejected.label == "need:implied:condition_capacity"
    return rejected.reason


def grounded(where: Note, quote: str) -> str:
    (mention,), rejected = ground([Claim(quote=quote, label=NEED)], where, [])
    assert rejected == []
    return mention.evidence.quote


ALIKE = {"'": "'’‘ʼ`´", '"': '"“”„«»', "-": "-‐‑‒–—−"}


def canonical(text: str) -> str:
    """Return a text without the differences that grounding may overlook."""
    for plain, group in ALIKE.items():
        text = re.sub(f"[{re.escape(group)}]", plain, text)
    return " ".join(text.replace("…", "...").split())


@st.composite
def texts_and_retyped_quotes(draw: st.DrawFn) -> tuple[str, str]:
    """A text and a stretch of it with other white space and other typographic marks."""
    text = draw(note_texts)
    start = draw(st.integers(0, len(text)))
    quote = text[start : start + draw(st.integers(0, 60))]
    out = []
    for char in quote:
        group = next((g for g in ALIKE.values() if char in g), char)
        out.append(draw(st.sampled_from(group)))
    return text, re.sub(r"\s+", lambda _: draw(st.sampled_from([" ", "\n", "  ", "\t", "\u00a0"])), "".join(out))


@given(texts_and_retyped_quotes())
@quick
def test_a_retyped_quote_is_mapped_to_the_words_of_the_note(drawn: tuple[str, str]) -> None:
    text, quote = drawn
    assume(quote.strip())
    span = find_quote(text, quote)
    assert span is not None
    assert canonical(text[span.start : span.end]) == canonical(quote)


@given(texts, st.integers(0, 80), st.integers(1, 80), st.booleans())
@quick
def test_a_verbatim_quote_is_found_where_it_was_read(text: str, start: int, length: int, hint: bool) -> None:
    quote = text[start : start + length]
    assume(quote.strip())
    span = find_quote(text, quote, Span(start, start + len(quote)) if hint else None)
    assert span is not None
    assert text[span.start : span.end] == quote.strip()
    assert not hint or start <= span.start < span.end <= start + length


@given(note_texts, st.lists(st.tuples(st.integers(0, 150), st.integers(0, 150), st.sampled_from([NEED, PITCH]),
                                      st.none() | st.floats(0, 1)), max_size=8), st.integers(0, 20), texts)  # fmt: skip
@quick
def test_whatever_is_shown_is_the_note_and_whatever_is_not_is_listed(
    text: str, drawn: list[tuple[int, int, NeedLabel | PitchLabel, float | None]], body: int, other: str
) -> None:
    where = note(text, min(body, len(text)))
    claims = [Claim(quote=text[a:b], label=label, confidence=c, near=Span(a, b)) for a, b, label, c in drawn]
    claims.append(Claim(quote=other, label=NEED))
    sentences = split_note(where)
    mentions, rejected = ground(claims, where, sentences)
    for mention in mentions:
        evidence = mention.evidence
        assert text[evidence.start : evidence.end] == evidence.quote
        assert where.body_start <= evidence.start < evidence.end
        assert evidence.span.length <= MAX_EVIDENCE
        assert not re.search(r"\n[ \t]*\r?\n|\r[ \t]*\r", evidence.quote)
    places = [(m.evidence.span, type(m.label)) for m in mentions]
    assert len(set(places)) == len(places)
    assert [m.evidence.start for m in mentions] == sorted(m.evidence.start for m in mentions)
    assert all(r.reason for r in rejected)
    shown = [canonical(m.evidence.quote) for m in mentions]
    for claim in claims:
        assert canonical(claim.quote) in shown or claim.quote in [r.quote for r in rejected]


@pytest.mark.parametrize(
    ("text", "quote", "words"),
    [
        pytest.param("The roof leaks.", "roof leaks", "roof leaks", id="verbatim"),
        pytest.param("The roof leaks.", "  roof leaks\n", "roof leaks", id="outer blanks"),
        pytest.param("The roof  really\tleaks.", "roof really leaks", "roof  really\tleaks", id="inner blanks"),
        pytest.param("The roof\nleaks.", "roof leaks", "roof\nleaks", id="a line break"),
        pytest.param("The roof\r\nleaks.", "roof leaks", "roof\r\nleaks", id="a Windows line break"),
        pytest.param("The roof\r\nleaks.", "roof\r\nleaks", "roof\r\nleaks", id="a Windows line break, verbatim"),
        pytest.param("The roof\r\nleaks.", "roof\nleaks", "roof\r\nleaks", id="another line break"),
        pytest.param("The roof\rleaks.", "roof leaks", "roof\rleaks", id="an old Mac line break"),
        pytest.param("The roof leaks.", "roof\nleaks", "roof leaks", id="a line break in the quote"),
        pytest.param("The roof\u00a0leaks.", "roof leaks", "roof\u00a0leaks", id="a hard blank"),
        pytest.param("the client’s roof", "client's roof", "client’s roof", id="apostrophe"),
        pytest.param("the client's roof", "client’s roof", "client's roof", id="apostrophe, the other way"),
        pytest.param("said “it leaks” twice", 'said "it leaks"', "said “it leaks”", id="quotation marks"),
        pytest.param(
            'said "it leaks" twice', "said “it leaks”", 'said "it leaks"', id="quotation marks, the other way"
        ),
        pytest.param("2019–2024 — roof", "2019-2024 - roof", "2019–2024 — roof", id="dashes"),
        pytest.param("leaks... badly", "leaks… badly", "leaks... badly", id="ellipsis"),
        pytest.param("leaks… badly", "leaks... badly", "leaks… badly", id="ellipsis, the other way"),
        pytest.param("cost (a+b)* [x] $3.5", "(a+b)* [x]  $3.5", "(a+b)* [x] $3.5", id="signs of a pattern"),
        pytest.param("x" * MAX_EVIDENCE, "x" * MAX_EVIDENCE, "x" * MAX_EVIDENCE, id="the longest"),
    ],
)
def test_a_quote_is_mapped_to_the_exact_span(text: str, quote: str, words: str) -> None:
    assert grounded(note(text), quote) == words


@pytest.mark.parametrize(
    ("text", "quote", "why"),
    [
        pytest.param("The roof leaks.", "the roof leaks", "not in the note", id="another case"),
        pytest.param("The roof leaks.", "roof is leaking", "not in the note", id="other words"),
        pytest.param("The roof leaks.", "roof badly leaks", "not in the note", id="an extra word"),
        pytest.param("The roofleaks.", "roof leaks", "not in the note", id="a blank too many"),
        pytest.param("cost 3x5", "cost 3.5", "not in the note", id="a stop is no wildcard"),
        pytest.param("The roof leaks.", "", "not in the note", id="nothing"),
        pytest.param("The roof leaks.", " \n", "not in the note", id="blanks"),
        pytest.param("", "roof", "not in the note", id="an empty note"),
        pytest.param("x" * 700, "x" * (MAX_EVIDENCE + 1), "longer than 600 characters", id="too long"),
        pytest.param(
            "roof " * 10 + " " * 600 + "leaks", "roof leaks", "longer than 600 characters", id="too long in the note"
        ),
        pytest.param("The roof\n\nleaks.", "roof leaks", "crosses a blank line", id="a blank line"),
        pytest.param("The roof\n \t\nleaks.", "roof leaks", "crosses a blank line", id="a line of blanks"),
        pytest.param("The roof\r\n\r\nleaks.", "roof\r\n\r\nleaks", "crosses a blank line", id="a blank Windows line"),
        pytest.param("The roof\r\rleaks.", "roof leaks", "crosses a blank line", id="a blank old Mac line"),
    ],
)
def test_what_is_not_evidence_is_rejected_with_the_reason(text: str, quote: str, why: str) -> None:
    assert reason(note(text), quote) == why


FRONT = "---\ntitle: the roof leaks\n---\n"


def test_words_of_the_front_matter_are_no_evidence() -> None:
    assert reason(note(FRONT + "Nothing else.", len(FRONT)), "the roof leaks") == "in the front matter"


def test_words_that_stand_in_the_front_matter_too_are_found_in_the_body() -> None:
    where = note(FRONT + "She says the roof leaks.", len(FRONT))
    assert grounded(where, "the roof leaks") == "the roof leaks"


def test_the_place_where_the_engine_read_it_comes_first() -> None:
    text = "It leaks. Then it leaks. At last it leaks."
    assert find_quote(text, "it leaks") == Span(15, 23)
    assert find_quote(text, "it leaks", Span(24, len(text))) == Span(33, 41)
    assert find_quote(text, "it leaks", Span(0, 5)) == Span(15, 23)
    assert find_quote("it\tleaks, it  leaks", "it leaks", Span(9, 19)) == Span(10, 19)


def test_the_exact_words_win_over_alike_ones() -> None:
    assert find_quote("the client’s, the client's", "client's") == Span(18, 26)


def test_one_place_and_label_is_shown_once_with_the_surest_claim() -> None:
    where = note("The roof leaks.")
    claims = [
        Claim(quote="roof leaks", label=NEED, confidence=0.4),
        Claim(quote="roof  leaks", label=NeedLabel(kind="stated", category="operations"), confidence=0.9),
        Claim(quote="roof leaks", label=NEED, confidence=None),
        Claim(quote="roof leaks", label=PITCH, confidence=0.1),
        Claim(quote="roof", label=NEED, confidence=0.2),
    ]
    mentions, rejected = ground(claims, where, [])
    assert rejected == []
    assert [(m.evidence.quote, label_name(m.label), m.confidence) for m in mentions] == [
        ("roof", "need:implied:condition_capacity", 0.2),
        ("roof leaks", "need:stated:operations", 0.9),
        ("roof leaks", "pitch:credentials:said", 0.1),
    ]


def test_evidence_carries_the_speaker_and_side_of_its_sentence() -> None:
    text = "Intro. It leaks. We fix it."
    sentences = [
        Sentence(7, 16, "It leaks.", "turn", (), "Ana", "client"),
        Sentence(17, 27, "We fix it.", "turn", (), "Dana", "firm"),
    ]
    claims = [Claim(quote=q, label=NEED) for q in ("fix it", "leaks", "Intro", "It leaks. We")]
    mentions, _ = ground(claims, note(text), sentences)
    assert {m.evidence.quote: (m.evidence.speaker, m.evidence.side) for m in mentions} == {
        "Intro": (None, "unknown"),
        "leaks": ("Ana", "client"),
        "It leaks. We": ("Ana", "client"),
        "fix it": ("Dana", "firm"),
    }
