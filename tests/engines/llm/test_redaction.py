import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notesense.advice import Advisor
from notesense.domain.notes import Note
from notesense.domain.profile import FirmPerson, FirmProfile
from notesense.encoding.encoder import shared_encoder
from notesense.engines.factory import Engine
from notesense.engines.llm.make import LlmParts
from notesense.engines.llm.redaction import Redactor
from notesense.pipeline import Pipeline
from tests.engines.llm.loopback import LoopbackServer, says
from tests.engines.llm.test_faults import need, pitch, reading

FIRM = FirmProfile(
    name="Harrow Lane Engineers", short_names=("HLE",), mail_domains=("harrowlane.example",),
    people=(FirmPerson(name="Padraig Moss", practice="Water"),),
)  # fmt: skip
TEXT = """Call with Priya Raman (Marlow), 4 March 2025.

PRIYA says the board wants $1.2 million for the Ashby tank; mail her at p.raman@marlow.example or +1 (555) 013-2244.
Padraig told her that HLE is the best. Council of Marlow meets on 2025-03-20 at 10:30, will decide then.
Raman's own people lost 40 % of the water. Will Ashby's trust pay 300k euros?
"""
SECRETS = ("Priya", "Raman", "Marlow", "Padraig", "Moss", "Harrow", "HLE", "Ashby", "1.2 million", "300k", "p.raman", "013-2244")  # fmt: skip


def read(parts: LlmParts, text: str = TEXT) -> Any:
    note = Note(text=text, path="call.md", client="City of Marlow", author="Padraig Moss", date=datetime.date(2025, 3, 4),
                language="en")  # fmt: skip
    engine = Engine(parts.detector, parts.judge, parts.detector, parts.judge, parts)
    return Pipeline(engine, Advisor(shared_encoder()), lambda: None, FIRM).analyze(note)


def obedient(handler: Any, body: dict[str, Any]) -> None:
    """Quote back two sentences of what was sent, as a model would."""
    sent = body["messages"][1]["content"]
    wish = re.search(r"\S+ says the board wants .*? tank", sent)
    boast = re.search(r"\S+ told her that .*? is the best", sent)
    assert wish
    assert boast
    statement = f"Pay for the tank, as {wish[0].split()[0]} says."
    says(reading(need(wish[0], statement=statement), pitches=[pitch(boast[0])]))(handler, body)


def test_no_listed_name_leaves_and_every_offset_is_exact(server: LoopbackServer, make: Callable[..., LlmParts]) -> None:
    server.otherwise = obedient
    analysis = read(make(FIRM, redact=True, redact_names=("Priya Raman", "Ashby Trust")))
    wire = "".join(call.raw for call in server.calls)
    body = server.calls[0].body["messages"][1]["content"]
    assert [s for s in SECRETS if s.casefold() in body.casefold()] == []
    assert [s for s in ("Priya Raman", "p.raman@marlow.example") if s in wire] == []
    assert "2025-03-20" in body
    assert "10:30" in body
    assert "40 %" in body
    assert "will decide then" in body
    found = analysis.needs[0]
    assert found.evidence[0].quote == "PRIYA says the board wants $1.2 million for the Ashby tank"
    assert found.statement == "Pay for the tank, as PRIYA says."
    assert analysis.pitches[0].evidence[0].quote == "Padraig told her that HLE is the best"
    for finding in (*analysis.needs, *analysis.pitches):
        assert all(TEXT[e.start : e.end] == e.quote for e in finding.evidence)


def test_without_redaction_names_are_sent(server: LoopbackServer, make: Callable[..., LlmParts]) -> None:
    server.otherwise = obedient
    read(make(FIRM))
    assert "Priya Raman" in server.calls[0].raw


def test_hiding_is_the_same_each_time() -> None:
    def hide() -> str:
        redactor = Redactor(TEXT)
        redactor.know(["Priya Raman"], ["City of Marlow"])
        return redactor.hide(TEXT)

    assert hide() == hide()


def test_a_note_that_holds_placeholders_keeps_them_apart() -> None:
    text = "[PERSON_1] and Priya met."
    redactor = Redactor(text)
    redactor.know(["Priya Raman"], [])
    hidden = redactor.hide(text)
    assert hidden == "[PERSON_1] and [PERSON_1X] met."
    assert redactor.show(hidden) == text


@given(st.text(st.sampled_from("Priya Ráman $1,200.50 +44 20 7946 0958 a@b.co [PERSON_1] İ\n.'’"), max_size=80))
def test_what_was_hidden_comes_back(text: str) -> None:
    redactor = Redactor(text)
    redactor.know(["Priya Ráman", "İpek"], ["Acme & Söhne"])
    assert redactor.show(redactor.hide(text)) == text


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("paid €4,000 and 20 k dollars", "paid [MONEY_1] and [MONEY_2]"),
        ("call 020 7946 0958", "call [PHONE_1]"),
        ("on 12.03.2025 at 14:00", "on 12.03.2025 at 14:00"),
        ("room 12, 3 of 4 drains, 60 %", "room 12, 3 of 4 drains, 60 %"),
        ("ask a.b+c@d-e.co.uk now", "ask [EMAIL_1] now"),
        ("Will will mark it; Mark said", "[PERSON_1] will mark it; [PERSON_2] said"),
    ],
)
def test_what_is_hidden(text: str, hidden: str) -> None:
    redactor = Redactor(text)
    redactor.know(["Will Penn", "Mark Oduya"], [])
    assert redactor.hide(text) == hidden
