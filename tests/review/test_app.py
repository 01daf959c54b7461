"""Who is let in, and what is answered."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from notesense.review import Corrections, Reviewer
from notesense.review.app import Keys, make_app
from tests.review.conftest import ROOF

PORT = 4321
HOME = f"http://127.0.0.1:{PORT}"


class Visitor:
    """A browser that has opened the address."""

    def __init__(self, reviewer: Reviewer) -> None:
        self.shown: list[str] = []
        self.keys = Keys(self.shown.append)
        self.app = make_app(reviewer, self.keys, PORT)
        self.client = TestClient(self.app, base_url=HOME, follow_redirects=False)

    def enter(self) -> "Visitor":
        answer = self.client.get("/", params={"token": self.keys.token})
        assert answer.status_code == 303
        return self

    def put(self, name: str, revision: int, review: Any, **headers: str) -> Any:
        return self.client.put(
            f"/api/notes/{name}", json={"revision": revision, "review": review}, headers={"origin": HOME, **headers}
        )

    def undo(self, name: str, revision: int) -> Any:
        return self.client.post(f"/api/notes/{name}/undo", json={"revision": revision}, headers={"origin": HOME})

    def note(self, name: str = "roof-1") -> Any:
        return self.client.get(f"/api/notes/{name}").json()


@pytest.fixture
def visitor(reviewer: Reviewer) -> Visitor:
    return Visitor(reviewer).enter()


def judged(review: Any, verdict: str = "accepted", **changes: Any) -> Any:
    return {**review, "items": [{**item, "verdict": verdict} for item in review["items"]], **changes}


@pytest.mark.parametrize(
    "path", ["/", "/app.js", "/saving.js", "/app.css", "/api/queue", "/api/notes/roof-1", "/nothing"]
)
@pytest.mark.parametrize("with_token", [None, "wrong", ""])
def test_without_the_token_nothing_is_read(path: str, with_token: str | None, reviewer: Reviewer) -> None:
    stranger = Visitor(reviewer)
    answer = stranger.client.get(path, params={} if with_token is None else {"token": with_token})
    assert answer.status_code == 403
    assert "roof" not in answer.text
    assert "set-cookie" not in answer.headers


def test_the_token_counts_for_one_browser_and_at_the_door_alone(reviewer: Reviewer) -> None:
    visitor = Visitor(reviewer)
    token = visitor.keys.token
    assert visitor.client.get("/api/queue", params={"token": token}).status_code == 403
    visitor.enter()
    cookie = visitor.client.cookies.jar._cookies["127.0.0.1"]["/"][f"notesense-{PORT}"]  # type: ignore[attr-defined]
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert visitor.client.get("/").status_code == 200
    second = TestClient(visitor.app, base_url=HOME, follow_redirects=False)
    assert second.get("/", params={"token": token}).status_code == 403
    assert visitor.shown == [visitor.keys.token]  # the next one is told
    assert second.get("/", params={"token": visitor.shown[0]}).status_code == 303
    assert second.get("/api/queue").status_code == 200


def test_a_used_address_that_is_opened_again_still_leads_in(visitor: Visitor) -> None:
    assert visitor.client.get("/", params={"token": "used"}).headers["location"] == "/"


@pytest.mark.parametrize("host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", f"127.0.0.1:{PORT + 1}", ""])
def test_another_host_is_refused(host: str, visitor: Visitor) -> None:
    assert visitor.client.get("/api/queue", headers={"host": host}).status_code == 403


@pytest.mark.parametrize(
    "origin", ["http://evil.example", f"http://127.0.0.1:{PORT + 1}", f"https://127.0.0.1:{PORT}", "null", ""]
)
def test_a_change_from_another_page_is_refused(origin: str, visitor: Visitor, corrections: Corrections) -> None:
    review = visitor.note()["review"]
    assert visitor.put("roof-1", 0, judged(review), origin=origin).status_code == 403
    assert corrections.load("roof-1") is None


def test_a_change_without_an_origin_is_refused(visitor: Visitor) -> None:
    body = {"revision": 0, "review": visitor.note()["review"]}
    assert visitor.client.put("/api/notes/roof-1", json=body).status_code == 403


def test_nothing_may_be_framed_kept_or_loaded_from_elsewhere(visitor: Visitor) -> None:
    for path in ("/", "/api/queue", "/nothing"):
        headers = visitor.client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers


def test_the_queue_is_told_with_the_state_of_each_note(visitor: Visitor) -> None:
    found = visitor.client.get("/api/queue").json()
    assert [(n["id"], n["state"], n["findings"]) for n in found["notes"]] == [
        ("roof-1", "new", 3),
        ("calm-2", "new", 0),
    ]
    visitor.put("calm-2", 0, {"items": [], "done": True})
    visitor.put("roof-1", 0, visitor.note()["review"])
    found = visitor.client.get("/api/queue").json()
    assert [n["state"] for n in found["notes"]] == ["begun", "done"]
    assert [s["id"] for s in found["solutions"]] == ["A-1", "A-2", "A-3"]


def test_the_text_has_as_many_characters_as_the_note_and_none_that_steers(visitor: Visitor) -> None:
    note = visitor.note()
    assert len(note["text"]) == len(ROOF)
    for sign in "\r\x1b\u202e":
        assert sign not in note["text"]
    start, end = note["review"]["items"][0]["spans"][0]
    assert note["text"][start:end] == "The roof leaks again, 🙂 third time."


def test_a_change_is_kept_and_found_again(visitor: Visitor, reviewer: Reviewer) -> None:
    saved = visitor.put("roof-1", 0, judged(visitor.note()["review"]))
    assert (saved.status_code, saved.json()["revision"], saved.json()["by"]) == (200, 1, "Ana")
    again = Visitor(reviewer).enter().note()
    assert again["revision"] == 1
    assert {item["verdict"] for item in again["review"]["items"]} == {"accepted"}


def test_the_second_of_two_changes_is_shown_the_first(visitor: Visitor) -> None:
    review = visitor.note()["review"]
    assert visitor.put("roof-1", 0, judged(review, "rejected")).status_code == 200
    refused = visitor.put("roof-1", 0, judged(review))
    assert refused.status_code == 409
    assert refused.json()["by"] == "Ana"
    assert {item["verdict"] for item in refused.json()["review"]["items"]} == {"rejected"}
    assert visitor.put("roof-1", 1, judged(review)).status_code == 200


def test_undo_goes_back_step_by_step_to_the_findings_as_they_came(visitor: Visitor) -> None:
    first = visitor.note()["review"]
    states = [first, judged(first), judged(first, "rejected"), judged(first, "open", matches_checked=True)]
    for revision, review in enumerate(states[1:]):
        assert visitor.put("roof-1", revision, review).status_code == 200
    for revision, review in enumerate(reversed(states[:-1]), start=3):
        undone = visitor.undo("roof-1", revision).json()
        assert (undone["revision"], undone["review"]) == (revision + 1, review)
    assert visitor.undo("roof-1", 6).json()["review"] == first
    assert visitor.undo("calm-2", 0).json()["revision"] == 0
    assert visitor.undo("roof-1", 2).status_code == 409


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"spans": [[0, 99_999_999]]}, "not in the note"),
        ({"spans": [[5, 5]]}, "no words"),
        ({"spans": [[-4, -1]]}, "not in the note"),
        ({"category": "weather"}, "Input should be"),
        ({"category": None}, "has a category"),
        ({"kind": "pitch"}, "has a tactic"),
        ({"words": "  "}, "write what it is about"),
        ({"spans": [[16, 25], [27, 40]]}, None),
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_no_label_is_refused_with_words(changes: dict[str, Any], words: str | None, visitor: Visitor) -> None:
    review = judged(visitor.note()["review"])
    review["items"][0] |= changes
    answer = visitor.put("roof-1", 0, review)
    assert answer.status_code == (422 if words else 200)
    assert words is None or words in answer.json()["error"]


def test_accepted_findings_share_no_words_but_rejected_ones_may(visitor: Visitor) -> None:
    review = judged(visitor.note()["review"])
    review["items"][1]["spans"] = review["items"][0]["spans"]
    assert (
        "“The roof leaks again.” (n1) and “One page for the board.” (n2) share words"
        in visitor.put("roof-1", 0, review).json()["error"]
    )
    review["items"][1]["verdict"] = "rejected"
    assert visitor.put("roof-1", 0, review).status_code == 200


def test_a_note_is_not_done_while_something_is_undecided(visitor: Visitor, corrections: Corrections) -> None:
    review = visitor.note()["review"]
    assert "undecided" in visitor.put("roof-1", 0, {**review, "done": True}).json()["error"]
    assert not list(corrections.folder.glob("*.md"))
    assert visitor.put("roof-1", 0, judged(review, done=True)).status_code == 200
    assert [path.name for path in sorted(corrections.folder.glob("*.*"))] == [".journal", "roof-1.md", "roof-1.yaml"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"revision": 0}', b"\xff", b"x" * 3_000_000])
def test_a_body_that_is_none_is_refused(body: bytes, visitor: Visitor) -> None:
    answer = visitor.client.put("/api/notes/roof-1", content=body, headers={"origin": HOME})
    assert answer.status_code == 422
    undone = visitor.client.post("/api/notes/roof-1/undo", content=body[:20], headers={"origin": HOME})
    assert undone.status_code == (200 if body == b'{"revision": 0}' else 422)


@pytest.mark.parametrize("name", ["unknown", "..%2f..%2fetc%2fpasswd", "roof-1%00"])
def test_a_note_that_is_not_there(name: str, visitor: Visitor) -> None:
    assert visitor.client.get(f"/api/notes/{name}").status_code == 404
    assert visitor.client.put(f"/api/notes/{name}", json={}, headers={"origin": HOME}).status_code == 404


def test_a_full_disk_is_told_and_nothing_is_lost(
    visitor: Visitor, corrections: Corrections, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = visitor.note()["review"]
    visitor.put("roof-1", 0, judged(review))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("notesense.review.corrections.os.fsync", full)
    for change in (judged(review, "rejected"), judged(review, done=True)):
        answer = visitor.put("roof-1", 1, change)
        assert answer.status_code == 507
        assert "No space left" in answer.json()["error"]
    monkeypatch.undo()
    assert not list(corrections.folder.glob("*.yaml"))
    assert visitor.note()["revision"] == 1
    assert visitor.put("roof-1", 1, judged(review, "rejected")).status_code == 200
