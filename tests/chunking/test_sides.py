import pytest
from hypothesis import given

from notesense.chunking import split_note
from notesense.chunking.lines import mark_lines
from notesense.chunking.sides import Sides, label_side, read_sides
from notesense.domain.notes import Note
from notesense.domain.profile import FirmPerson, FirmProfile
from tests.strategies import quick, texts

KVA = FirmProfile(
    name="Kerr Voss Adler", short_names=("KVA",), mail_domains=("kva.com",), people=(FirmPerson(name="Lee Park"),)
)
NOBODY = FirmProfile()


def sides(text: str, profile: FirmProfile = NOBODY, client: str | None = None, author: str | None = None) -> Sides:
    return read_sides(mark_lines(text), profile, client, author)


@pytest.mark.parametrize(
    ("label", "side"),
    [
        ("Me", "firm"), ("us", "firm"), ("We", "firm"), ("Consultant", "firm"), ("Architect", "firm"), ("Our team", "firm"),
        ("Client", "client"), ("Owner", "client"), ("the client", "client"), ("Them", "client"), ("Sponsor", "client"),
        ("Dana", "unknown"), ("Speaker 2", "unknown"), ("", "unknown"), (None, "unknown"),
    ],
    ids=repr,
)  # fmt: skip
def test_labels_that_say_their_side_need_no_list(label: str | None, side: str) -> None:
    assert Sides({}).of(label) == side


@pytest.mark.parametrize(
    ("label", "client", "side"),
    [
        ("KVA", None, "firm"), ("kerr voss adler", None, "firm"), ("Kerr, Voss & Adler", None, "firm"),
        ("From us", None, "firm"), ("For the client", None, "client"), ("from KVA", None, "firm"),
        ("Marlow", "City of Marlow", "client"), ("Marlow Parks", "City of Marlow", "client"),
        ("Tolland", "City of Marlow", "unknown"), ("City of Tolland", "City of Marlow", "unknown"), ("Marlow", None, "unknown"),
    ],
    ids=repr,
)  # fmt: skip
def test_group_labels_name_the_firm_or_the_client(label: str, client: str | None, side: str) -> None:
    assert label_side(label, KVA, client) == side


@pytest.mark.parametrize(
    ("text", "client"),
    [
        pytest.param("Present: KVA: Dana Reyes, Tom Ito; Marlow: Ana Ruiz, Ben Lind", "City of Marlow", id="one line, semicolon"),
        pytest.param("Attendees:\n- KVA: Dana Reyes, Tom Ito\n- Marlow: Ana Ruiz and Ben Lind", "City of Marlow", id="bullets"),
        pytest.param("Attendees:\n- KVA: Dana Reyes, Tom Ito\n- Marlow: Ana Ruiz, Ben Lind", None, id="of two, one is known"),
        pytest.param("KVA: Dana Reyes, Tom Ito. Marlow: Ana Ruiz, Ben Lind.", "Marlow", id="full stops"),
        pytest.param("**KVA:** Dana Reyes (PM), Tom Ito\n**Marlow:** Ana Ruiz (Director), Ben Lind", "Marlow", id="bold, with roles"),
        pytest.param("From us: Dana Reyes, Tom Ito\nClient: Ana Ruiz, Ben Lind", None, id="from us, client"),
        pytest.param("Us: Dana Reyes, Tom Ito\nThem: Ana Ruiz, Ben Lind", None, id="us, them"),
        pytest.param("Consultant team: Dana Reyes & Tom Ito\r\nOwner: Ana Ruiz & Ben Lind", None, id="roles, CRLF"),
    ],
)  # fmt: skip
def test_attendee_lists_tell_the_sides(text: str, client: str | None) -> None:
    found = sides(text, KVA, client)
    people = {name: found.of(name) for name in ("Dana Reyes", "dana", "Ito", "Ana Ruiz", "ANA", "Ben", "Zoe")}
    assert people == {
        "Dana Reyes": "firm", "dana": "firm", "Ito": "firm", "Ana Ruiz": "client", "ANA": "client", "Ben": "client",
        "Zoe": "unknown",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["Jo Blake", "Al Ito", "Li Wei"])
def test_first_names_of_two_letters_are_names(name: str) -> None:
    found = sides(f"KVA: Dana Reyes, Tom Stone\nMarlow: Ana Ruiz, {name}", KVA, "Marlow")
    assert found.of(name) == "client"
    assert found.of(name.split()[0]) == "client"


def test_a_name_that_both_sides_have_is_unknown() -> None:
    found = sides("KVA: Ana Reyes, Tom Ito\nMarlow: Ana Ruiz, Ben Lind", KVA, "Marlow")
    assert (found.of("Ana"), found.of("Ana Reyes"), found.of("Ana Ruiz")) == ("unknown", "firm", "client")


@pytest.mark.parametrize(
    "text",
    [
        "Budget: about forty thousand for the first year of it, then nothing at all",
        "KVA: we should send them the deck about hospitals that everybody keeps asking for",
        "KVA: we told Dana about the thing that happened at the school, and then nobody said anything more about it",
        "Next: Dana calls",
        "the roof leaks; the walls: damp",
    ],
)
def test_prose_after_a_colon_is_no_attendee_list(text: str) -> None:
    assert sides(text, KVA.model_copy(update={"people": ()}), "Marlow").names == []


@pytest.mark.parametrize(
    ("address", "side"),
    [("lee@kva.com", "firm"), ("lee@MAIL.KVA.com", "firm"), ("lee@marlow.gov", "client"), ("lee@notkva.com", "client")],
)
@pytest.mark.parametrize("header", ["From", "To", "Cc"])
def test_mail_domains_tell_the_sides(header: str, address: str, side: str) -> None:
    found = sides(f"{header}: Ana Ruiz <{address}>\nSubject: pump\n", KVA)
    assert (found.of("Ana Ruiz"), found.of("Ana")) == (side, side)


def test_several_addresses_in_one_header_are_told_apart() -> None:
    found = sides("To: Ana Ruiz <ana@marlow.gov>, Dana Reyes <dana@kva.com>; Ben Lind <ben@marlow.gov>", KVA)
    assert [found.of(name) for name in ("Ana Ruiz", "Dana Reyes", "Ben Lind")] == ["client", "firm", "client"]


def test_without_mail_domains_an_address_tells_nothing() -> None:
    assert sides("From: Ana Ruiz <ana@marlow.gov>").of("Ana Ruiz") == "unknown"


def test_the_profile_and_the_author_are_the_firms_side() -> None:
    found = sides("Marlow: Ana Ruiz, Lee Park", KVA, "Marlow", author="Dana Reyes")
    assert (found.of("Lee Park"), found.of("Park"), found.of("Dana"), found.of("Ana")) == (
        "firm",
        "firm",
        "firm",
        "client",
    )


def test_the_sentences_of_a_transcript_carry_the_side_of_their_speaker() -> None:
    text = (
        "Present: KVA: Dana Reyes, Tom Ito; Marlow: Ana Ruiz, Ben Lind\n\n"
        "Dana: what failed?\nAna: the pump did.\nMe: again?\nZoe 9:12 yes, twice.\nNobody knows."
    )
    found = {s.text: s.side for s in split_note(Note(text=text, path="n.md", client="City of Marlow"), KVA)}
    assert found["what failed?"] == "firm"
    assert found["the pump did."] == "client"
    assert found["yes, twice."] == "unknown"


@given(texts)
@quick
def test_the_side_of_any_label_is_one_of_three(text: str) -> None:
    found = sides("KVA: Dana Reyes\n" + text, KVA, client=text, author=text)
    assert {found.of(text), found.of(text[:3]), found.of("Dana")} <= {"client", "firm", "unknown"}
    assert label_side(text, KVA, text) in ("client", "firm", "unknown")


def test_a_shared_title_or_particle_makes_no_kin() -> None:
    found = sides("Present: KVA: Dr. Dana Reyes, Tom Ito; Marlow: Dr. Ana Ruiz, Ben Lind", KVA, "Marlow")

    assert [found.of(name) for name in ("Dr. Reyes", "Dr. Ruiz", "Dr. Unheard", "Dr")] == [
        "firm",
        "client",
        "unknown",
        "unknown",
    ]


def test_header_lines_of_a_place_or_project_list_nobody() -> None:
    found = sides("Client: Ana Ruiz, Ben Lind\nLocation: Town Hall, Annex\nProject: Harbor Street", NOBODY, "Marlow")

    assert [found.of(name) for name in ("Ana", "Annex", "Harbor", "Hall")] == [
        "client",
        "unknown",
        "unknown",
        "unknown",
    ]
