import datetime
import time
from collections.abc import Callable

import numpy as np

from notesense.accounts import AccountBuilder, BuildOptions, Meeting, Names
from notesense.accounts.meetings import Rarity, masked
from notesense.accounts.views import VIEWS, matrix, view
from notesense.domain.accounts import AccountReport, Thread
from tests.accounts.conftest import LEASE, REGISTER, RENEWAL, meeting, need

Build = Callable[..., AccountBuilder]


def thread_of(report: AccountReport, word: str) -> Thread:
    return next(t for t in report.threads if word in t.statement)


def test_a_need_is_threaded_and_a_later_note_settles_it(meetings: list[Meeting], build: Build) -> None:
    report = build(None, RENEWAL).build(meetings)
    (account,) = report.accounts
    assert (account.client, account.notes) == ("Oakmere College", 3)
    assert account.spellings == ("Oakmere College", "OAKMERE college")
    roof, leases = thread_of(report, "roof"), thread_of(report, "leases")
    assert [m.note for m in roof.mentions] == ["2024/a.md", "2024/b.md"]
    assert all(m.likeness and m.likeness > 0.5 for m in roof.mentions)
    assert roof.status == "addressed"
    assert roof.settled
    assert "renewed over the summer" in roof.settled.quote
    assert roof.settled.note == "2025/c.md"
    assert (leases.status, leases.mentions[0].likeness, leases.mentions[0].quotes) == ("open", None, (LEASE,))
    assert (roof.first_seen, roof.last_seen) == (datetime.date(2024, 2, 1), datetime.date(2024, 6, 1))


def test_what_is_mentioned_again_is_open_again(meetings: list[Meeting], build: Build) -> None:
    text = "Call from Sports. The new roof of the gymnasium leaks onto the floor already."
    again = meeting("2025/d.md", "2025-05-01", text, need(text, "The new roof of the gymnasium leaks onto the floor",
                    "Stop the roof of the gymnasium from leaking."))  # fmt: skip
    roof = thread_of(build().build([*meetings, again]), "roof")
    assert roof.status == "open"
    assert len(roof.mentions) == 3


def test_needs_of_one_note_and_of_two_clients_stay_apart(build: Build) -> None:
    text = "The roof leaks. The roof of the annex leaks."
    both = meeting("a.md", "2024-01-01", text, need(text, "The roof leaks", "Stop the roof from leaking."),
                   need(text, "The roof of the annex leaks", "Stop the annex roof from leaking."))  # fmt: skip
    other = both._replace(key="b.md", client="Somebody Else")
    report = build().build([both, other])
    assert sorted(len(a.threads) for a in report.accounts) == [2, 2]


def test_views(meetings: list[Meeting], build: Build) -> None:
    text = "The new canteen is too small for the lunch rush, they say; and the piano is out of tune."
    late = meeting("2025/e.md", "2025-06-01", text,
                   need(text, "The new canteen is too small for the lunch rush", "Make room for the lunch rush.", fits=(REGISTER,)),
                   need(text, "the piano is out of tune", "Get the piano tuned before the concert.", fits=(RENEWAL,)),
                   unit="Catering")  # fmt: skip
    report = build(None, RENEWAL, REGISTER).build([*meetings, late])
    shown = {name: {i.thread.statement for i in view(report, name)} for name in VIEWS}
    canteen, floor, leases = (
        "Make room for the lunch rush.", "Get the piano tuned before the concert.", "Keep track of the leases of the branch offices.",
    )  # fmt: skip
    assert shown["matrix"] == {canteen, floor, leases}
    assert shown["unspoken"] == {canteen, floor}
    assert shown["exportable"] == {floor}
    assert shown["unanswered"] == {leases}
    assert shown["quiet"] == {leases}
    assert {c: len(t) for c, t in matrix(report)["Oakmere College"].items()} == {
        "condition_capacity": 2,
        "operations": 1,
    }
    early = build(None, RENEWAL).build(meetings, BuildOptions(as_of=datetime.date(2024, 7, 1)))
    assert not view(early, "quiet")


def test_a_solution_of_the_same_unit_is_no_export(meetings: list[Meeting], build: Build) -> None:
    own = RENEWAL.model_copy(update={"client_unit": "sports"})
    assert not any(f.exportable for t in build(None, own).build(meetings).threads for f in t.fits)
    merged = build(Names({"Oakmere College": ["Oakmere"]}), RENEWAL.model_copy(update={"client": "Oakmere"}))
    changed = [m._replace(needs=tuple(_for(n, "Oakmere") for n in m.needs)) for m in meetings]
    assert any(f.exportable for t in merged.build(changed).threads for f in t.fits)


def test_words_that_tell_of_a_case_are_quoted(build: Build) -> None:
    text = (
        "Visit. The hall roof leaks when it rains. I told her about the leaking hall roof that Estates had renewed in one "
        "summer, and that Ada Quill ran it. Coffee."
    )
    told = meeting(
        "a.md", "2024-01-01", text, need(text, "The hall roof leaks when it rains", "Stop the leak.", fits=(RENEWAL,))
    )
    (thread,) = build(None, RENEWAL).build([told]).threads
    assert thread.fits[0].told
    assert "I told her about the leaking hall roof" in thread.fits[0].told.quote
    assert not view(build(None, RENEWAL).build([told]), "unspoken")


def test_what_is_missing_is_counted(meetings: list[Meeting], build: Build) -> None:
    nameless = [meetings[0]._replace(client=None), meetings[1]._replace(date=None), meetings[2]._replace(text="")]
    report = build().build(nameless)
    assert (report.without_client, report.without_date, report.without_text) == (1, 1, 1)
    assert all(t.status == "open" for t in report.threads)
    assert build().build([]).accounts == ()


def _for(one: object, client: str) -> object:
    matches = tuple(m.model_copy(update={"client": client}) for m in one.matches)  # type: ignore[attr-defined]
    return one.model_copy(update={"matches": matches})  # type: ignore[attr-defined]


def test_rare_words_weigh_more_than_common_ones() -> None:
    rarity = Rarity(["pump roof", "pump lease", "pump fence"])
    shared = rarity.shared([frozenset({"pump", "roof"}), frozenset({"pump", "leas"}), frozenset({"roof", "fenc"})])
    assert shared[0, 2] > shared[0, 1] > shared[1, 2] == 0
    assert np.array_equal(shared, shared.T)
    assert rarity.of({"pump"}) < rarity.of({"roof"}) < rarity.of({"never seen"}) == 1.0


def test_a_client_with_hundreds_of_needs_takes_seconds(build: Build) -> None:
    words = ["roof", "pump", "lease", "fence", "alarm", "budget", "permit", "training", "parking", "records"]
    meetings = []
    for n in range(150):
        text = f"The {words[n % 10]} of house {n} is in trouble since week {n % 50}. Nobody mended the {words[(n + 3) % 10]}."
        quote = text.split(".")[0]
        meetings.append(
            meeting(f"{n:03}.md", f"20{20 + n // 40}-0{n % 9 + 1}-10", text, need(text, quote, f"Mend {quote}."))
        )
    started = time.process_time()
    report = build().build(meetings)
    assert sum(len(t.mentions) for t in report.threads) == 150
    assert time.process_time() - started < 60


def test_needs_of_one_note_stay_apart_whatever_others_join(build: Build) -> None:
    meetings = []
    for n in range(6):
        text = "The roof of the gymnasium leaks. The gymnasium has a leaking roof."
        meetings.append(meeting(f"{n}.md", f"2024-0{n + 1}-01", text,
                                need(text, "The roof of the gymnasium leaks", "Stop the roof of the gymnasium from leaking."),
                                need(text, "The gymnasium has a leaking roof", "Stop the leaking roof of the gymnasium.")))  # fmt: skip
    for thread in build().build(meetings).threads:
        notes = [m.note for m in thread.mentions]
        assert len(notes) == len(set(notes))


def test_front_matter_ends_nothing_and_the_author_is_not_named(meetings: list[Meeting], build: Build) -> None:
    head = "---\ntitle: The gymnasium roof was renewed over the summer and there has not been a drop since\n---\n\n"
    text = head + "Year end. Lunch was good and the new banners hang straight.\n"
    fronted = [*meetings[:2], meetings[2]._replace(text=text, body_start=len(head), author="Jane Secret")]
    end = thread_of(build().build(fronted), "roof").settled
    assert not end or "renewed" not in end.quote
    signed = meetings[2].text.replace("since.", "since, Jane.")
    report = build().build([*meetings[:2], meetings[2]._replace(text=signed, author="Jane Secret")])
    assert "Jane" not in report.model_dump_json()
    by_jane = meetings[2]._replace(author="Jane Secret")
    assert masked("Jane Secret told them,\njane did.", by_jane) == "[our colleague] told them, [our colleague] did."
    assert masked("Janet told them.", by_jane) == "Janet told them."


def test_without_the_index_nothing_is_said_of_what_was_told(meetings: list[Meeting], build: Build) -> None:
    assert all(f.looked for t in build(None, RENEWAL).build(meetings).threads for f in t.fits)
    without = [f for t in build().build(meetings).threads for f in t.fits]
    assert without
    assert not any(f.looked or f.exportable for f in without)


def test_a_slip_in_a_date_does_not_make_every_need_old(meetings: list[Meeting], build: Build) -> None:
    slip = meetings[2]._replace(key="z.md", date=datetime.date(2972, 1, 1))
    assert build().build([*meetings, slip]).as_of == datetime.date(2025, 3, 1)
