import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notesense.chunking import split_note
from notesense.chunking.lines import mark_lines
from notesense.chunking.sides import read_sides
from notesense.chunking.speakers import find_turns
from notesense.domain.notes import Note, Sentence
from notesense.domain.profile import FirmProfile
from notesense.domain.spans import Span
from notesense.evaluation.cases import load_cases
from tests.conftest import ROOT
from tests.limits import time_limit
from tests.strategies import quick, texts


def read(text: str) -> list[Sentence]:
    return split_note(Note(text=text, path="n.md"))


def check_offsets(note: Note, sentences: list[Sentence]) -> None:
    at = note.body_start
    for sentence in sentences:
        assert at <= sentence.start <= sentence.end <= len(note.text)
        assert sentence.text == note.text[sentence.start : sentence.end]
        assert sentence.text == sentence.text.strip()
        assert sentence.text, "a sentence has words"
        assert not re.search(r"(\r\n|\r(?!\n)|\n)[ \t]*[\r\n]", sentence.text), "no sentence crosses a blank line"
        at = sentence.end


def check_coverage(note: Note, sentences: list[Sentence]) -> None:
    covered = {at for sentence in sentences for at in range(sentence.start, sentence.end)}
    lines = mark_lines(note.text, note.body_start)
    turns = find_turns(lines, read_sides(lines, FirmProfile(), note.client, note.author).names)
    for line in lines:
        turn = turns.get(line.line.start)
        begin = turn.body if turn else line.body
        left_out = "".join(note.text[at] for at in range(begin, line.line.end) if at not in covered)
        assert line.kind in ("blank", "rule") or re.fullmatch(r"[\s;—–\->=→⇒|]*", left_out)


@given(texts)
@example("From: \nAttendees:")
@quick
def test_sentences_of_any_text_are_exact_ordered_and_leave_out_no_word(text: str) -> None:
    note = Note(text=text, path="n.md")
    sentences = split_note(note)
    check_offsets(note, sentences)
    check_coverage(note, sentences)


@given(texts, st.sampled_from(["\n", "\r\n"]))
@quick
def test_no_sentence_reaches_into_the_front_matter(text: str, end: str) -> None:
    head = end.join(["---", "client: Marlow. The roof leaks.", "---", ""])
    note = Note(text=head + text, path="n.md", body_start=len(head))
    sentences = split_note(note)
    check_offsets(note, sentences)
    alone = split_note(Note(text=text, path="n.md"))
    assert [s.text for s in sentences] == [s.text for s in alone]


MARKERS = [
    "",
    "- ",
    "• ",
    "1. ",
    "(2) ",
    "a) ",
    "[ ] ",
    "> ",
    ">> ",
    "| ",
    "# ",
    "LEE: ",
    "[00:12:04] Dana: ",
    "Dee 8:52 ",
]
JOINTS = [" ", " ", " ", ". ", "; ", "? ", " - ", " — ", ", and ", " -> ", " | ", " (", ") ", ": ", "… "]
ENDS = ["\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "\n \n", "\n---\n"]


@st.composite
def notes_of_numbered_words(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A note in which every word is another one, so that each can be looked for."""
    text, words = "", []
    for _ in range(draw(st.integers(1, 8))):
        text += draw(st.sampled_from(MARKERS))
        for _ in range(draw(st.integers(1, 14))):
            words.append(f"w{len(words)}q")
            text += words[-1] + draw(st.sampled_from(JOINTS))
        text = text.rstrip() + draw(st.sampled_from(ENDS))
    return text, words


@given(notes_of_numbered_words())
@quick
def test_every_word_is_in_exactly_one_sentence_in_its_order(drawn: tuple[str, list[str]]) -> None:
    text, words = drawn
    assert re.findall(r"w\d+q", " ".join(s.text for s in read(text))) == words


CASES = load_cases(ROOT / "eval" / "notes")


def test_the_sentences_of_every_labelled_note_are_exact_and_touch_every_label() -> None:
    missed = []
    for case in CASES:
        sentences = split_note(case.note)
        check_offsets(case.note, sentences)
        check_coverage(case.note, sentences)
        spans = [Span(s.start, s.end) for s in sentences]
        for finding in (*case.needs, *case.pitches):
            missed += [(case.id, finding.id) for label in finding.spans if not any(map(label.overlap, spans))]
    assert missed == []


LONG = 100_000


@pytest.mark.parametrize(
    "piece",
    [
        pytest.param("a", id="letters"),
        pytest.param("A", id="capitals"),
        pytest.param("One. ", id="short sentences"),
        pytest.param("one two three; ", id="clauses"),
        pytest.param("one two, ", id="commas"),
        pytest.param("one two three and he goes ", id="dictation"),
        pytest.param("| cell ", id="cells"),
        pytest.param("- ", id="spaced dashes"),
        pytest.param("\r", id="empty lines"),
        pytest.param("a\n", id="short lines"),
    ],
)
def test_long_texts_are_read_in_good_time(piece: str) -> None:
    text = piece * (LONG // len(piece))
    with time_limit(10):
        sentences = read(text)
    check_offsets(Note(text=text, path="n.md"), sentences)
    assert sum(len(re.findall(r"\w+", s.text)) for s in sentences) == len(re.findall(r"\w+", text))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("!" * LONG, id="exclamation marks"),
        pytest.param("." * LONG + "x", id="dots"),
        pytest.param("-" * LONG + "x", id="dashes"),
        pytest.param("_" * LONG + "x", id="underscores"),
        pytest.param("*" * LONG + "x", id="stars"),
        pytest.param("|" * LONG, id="bars"),
        pytest.param(">" * LONG, id="angles"),
        pytest.param("(" * LONG, id="brackets"),
        pytest.param("'" * LONG, id="quotes"),
        pytest.param(" " * LONG + "x", id="a deep indent"),
        pytest.param("Ana said" + " " * LONG + "yes", id="a wide gap"),
        pytest.param("- - -" + " " * LONG + "x", id="a rule and a wide gap"),
        pytest.param("No. " * (LONG // 4), id="abbreviations"),
        pytest.param("From: " + "a" * LONG, id="a long sender"),
        pytest.param("word " * (LONG // 2), id="words without a stop"),
    ],
)
def test_odd_lines_do_not_hang(text: str) -> None:
    with time_limit(2):
        sentences = read(text)
    check_offsets(Note(text=text, path="n.md"), sentences)


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "\r\n\r\n", "---", "\u00a0", ">", "> \n>> ", "|", "| |", "|||", "```"], ids=repr
)
def test_text_without_words_has_no_sentences(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize("text", ["Attendees:\n", "From: \n", "Date:\t\nSubject:\n"], ids=repr)
def test_an_empty_header_is_no_sentence(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "form", "words"),
    [
        pytest.param("The roof leaks.", "prose", ["The roof leaks."], id="prose"),
        pytest.param("- The roof leaks. Badly.", "item", ["The roof leaks.", "Badly."], id="bullet"),
        pytest.param("3.1 The roof leaks.", "item", ["The roof leaks."], id="numbered minute"),
        pytest.param("| Parks | shade at the pool |", "cell", ["Parks", "shade at the pool"], id="table row"),
        pytest.param(
            "Parks | shade. And seats. | May", "cell", ["Parks", "shade.", "And seats.", "May"], id="row without bars"
        ),
        pytest.param("> The roof leaks.", "quote", ["The roof leaks."], id="quoted mail"),
        pytest.param(">> The roof leaks.", "quote", ["The roof leaks."], id="mail quoted twice"),
        pytest.param("# The roof. It leaks.", "heading", ["The roof. It leaks."], id="heading"),
        pytest.param("Subject: The roof. It leaks.", "header", ["The roof. It leaks."], id="header"),
        pytest.param("[00:12:04] Dana: The roof leaks.", "turn", ["The roof leaks."], id="turn"),
    ],
)
def test_each_form_of_line_gives_its_own_words(text: str, form: str, words: list[str]) -> None:
    sentences = read(text)
    assert [s.text for s in sentences] == words
    assert {s.form for s in sentences} == {form}


WRAPPED = "We walked the whole site with the director of the parks department"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        pytest.param(
            f"{WRAPPED}\nand she says the roof leaks.", f"{WRAPPED}\nand she says the roof leaks.", id="paragraph"
        ),
        pytest.param(f"{WRAPPED}\r\nand she says no.", f"{WRAPPED}\r\nand she says no.", id="CRLF"),
        pytest.param(f"- {WRAPPED}\n  and she says no.", f"{WRAPPED}\n  and she says no.", id="bullet"),
        pytest.param(
            f"{WRAPPED}\nWest, who says no.", f"{WRAPPED}\nWest, who says no.", id="a capital after a full line"
        ),
        pytest.param(f"{WRAPPED}.\nand she says no.", f"{WRAPPED}.", id="not after a stop"),
        pytest.param(f"{WRAPPED}\n\nand she says no.", WRAPPED, id="not over a blank line"),
        pytest.param(f"{WRAPPED}\n- and she says no.", WRAPPED, id="not into a bullet"),
        pytest.param(f"{WRAPPED}\n> and she says no.", WRAPPED, id="not into quoted mail"),
        pytest.param(f"> {WRAPPED}\n>> and she says no.", WRAPPED, id="not into deeper mail"),
        pytest.param("Met the director\nand she says no.", "Met the director", id="not after a short line"),
    ],
)
def test_hard_wrapped_lines_are_one_sentence(text: str, first: str) -> None:
    assert read(text)[0].text == first


def test_a_sentence_that_holds_several_clauses_is_cut_into_them() -> None:
    found = read("- the roof leaks every single winter; the tenants complain to the mayor. Still.")
    assert [s.text for s in found] == [
        "the roof leaks every single winter",
        "the tenants complain to the mayor.",
        "Still.",
    ]
    assert {s.form for s in found} == {"item"}


def test_lines_that_somebody_ended_are_sentences_of_their_own() -> None:
    lines = [
        "roof over the scene dock is dripping again, bucket count now 4",
        "devin says the insurers want a fire strategy by March or the premium doubles",
        "Told them we did the two biggest theatres in the north so we are a safe pair",
        "clare wants to know if the cafe could stay open during all of the works this spring",
    ]
    assert [s.text for s in read("\n".join(lines))] == lines


def test_quoted_mail_that_is_wrapped_stays_one_sentence_with_the_marks_in_it() -> None:
    (sentence,) = read(f"> {WRAPPED}\n> and she says no.")
    assert sentence.form == "quote"
    assert sentence.text.startswith("We walked")
    assert sentence.text.endswith("says no.")


def test_sentences_know_the_headings_above_them() -> None:
    text = "pre\n# Roof\na\n## North\nb\n### Gutter\nc\n## South\nd\n**Next steps:**\ne\n# Money\nf\n- g\n| h |\n"
    paths = {s.text: s.headings for s in read(text) if s.form != "heading"}
    assert paths == {
        "pre": (),
        "a": ("Roof",),
        "b": ("Roof", "North"),
        "c": ("Roof", "North", "Gutter"),
        "d": ("Roof", "South"),
        "e": ("Roof", "South", "Next steps"),
        "f": ("Money",),
        "g": ("Money",),
        "h": ("Money",),
    }


def speakers(text: str) -> list[tuple[str, str | None]]:
    return [(s.text, s.speaker) for s in read(text) if s.form not in ("header", "heading")]


def test_a_turn_goes_on_over_several_lines_until_the_next_label() -> None:
    text = "Speaker 1: We lost it.\nThe grant.\n\nAll of it.\nSpeaker 2: Why?\nSpeaker 1: Late.\nSpeaker 2: Oh."
    assert speakers(text) == [
        ("We lost it.", "Speaker 1"), ("The grant.", "Speaker 1"), ("All of it.", "Speaker 1"),
        ("Why?", "Speaker 2"), ("Late.", "Speaker 1"), ("Oh.", "Speaker 2"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second"),
    [("Speaker 1:", "Speaker 2:"), ("Dana Reyes:", "Lee Park:"), ("[00:12:04] Dana:", "[00:12:09] Lee:"),
     ("Dana Reyes  9:12", "Lee Park  9:13"), ("RENATA:", "DEVON:"), ("**Dana:**", "**Lee:**")],
)  # fmt: skip
@pytest.mark.parametrize("rounds", [2, 3])
def test_a_label_alone_on_its_line_names_the_speaker_of_the_next(first: str, second: str, rounds: int) -> None:
    text = f"{first}\nthe pump failed.\n\n{second}\nwhen was that?\n\n" * rounds
    (name, other), *_ = [re.sub(r"[\[*]|\d+:\d+(:\d+)?\]?|:", "", label).strip() for label in (first, second)], None
    assert speakers(text) == [("the pump failed.", name), ("when was that?", other)] * rounds


def test_a_timed_label_alone_on_its_line_names_the_speaker_even_once() -> None:
    assert speakers("[00:01:02] Dana:\nthe pump failed.\n") == [("the pump failed.", "Dana")]


def test_a_heading_ends_a_turn() -> None:
    text = "Dana: a.\nLee: b.\nDana: c.\nLee: d.\n# Afterwards\nWe walked home."
    assert speakers(text)[-1] == ("We walked home.", None)


def test_prose_between_a_few_labels_is_nobodys() -> None:
    text = "Dana: a.\nDana: b.\n" + "We walked the site and saw the roof.\n\n" * 9
    assert {speaker for words, speaker in speakers(text) if words.startswith("We")} == {None}


MAIL = "Hello,\n\nOn 3 May 2025, Ana Ruiz <ana@x.org> wrote:\n> The pump failed.\n"


def test_quoted_mail_is_by_its_writer() -> None:
    assert ("The pump failed.", "Ana Ruiz") in speakers(MAIL)
    assert speakers(MAIL)[0] == ("Hello,", None)


def test_a_mail_is_by_its_sender() -> None:
    text = (
        "From: Ana Ruiz <ana@x.org>\nSubject: pump\n\nThe pump failed.\n\nFrom: Bo Lind\nSubject: Re: pump\n\nAgain?\n"
    )
    assert speakers(text) == [("The pump failed.", "Ana Ruiz"), ("Again?", "Bo Lind")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(MAIL + "\nWe will send somebody.", "We will send somebody.", id="an answer below"),
        pytest.param(MAIL + "We will send somebody.\n> Thanks.", "We will send somebody.", id="an answer in between"),
    ],
)
def test_an_answer_below_quoted_mail_is_not_by_the_one_quoted(text: str, words: str) -> None:
    assert dict(speakers(text))[words] is None


def test_mail_quoted_in_quoted_mail_is_not_by_the_outer_writer() -> None:
    text = MAIL + "> > Is the new pump in?\n> Not yet.\n"
    assert dict(speakers(text)) | {"Hello,": None} == {
        "Hello,": None, "On 3 May 2025, Ana Ruiz <ana@x.org> wrote:": "Ana Ruiz", "The pump failed.": "Ana Ruiz",
        "Is the new pump in?": None, "Not yet.": "Ana Ruiz",
    }  # fmt: skip
