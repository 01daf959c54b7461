import re

from notesense.domain.analysis import EngineInfo
from notesense.evaluation.page import render_page
from notesense.evaluation.prediction import Prediction
from notesense.evaluation.run import tally_all
from notesense.evaluation.scorecard import EngineScores, Scorecard, score_tallies
from notesense.evaluation.suite import Items
from tests.evaluation.builders import case, failed, need, pitch, predicted

HOSTILE = "<script>alert('x')</script> The roof leaks again & again."
INFO = EngineInfo(name="local", model="m", version="1")


def page(items: Items, answers: dict[str, Prediction]) -> str:
    scores = EngineScores(
        engine="local", model="m", version="1", total=score_tallies(tally_all(items, answers)), splits={},
        reliability=(), failures={}, seconds_p95=0.0,
    )  # fmt: skip
    return render_page(Scorecard(suite="core", cases=len(items), engines=(scores,)), items, {"local": answers})


def articles(html: str) -> list[tuple[str, str]]:
    return re.findall(r'<article data-errors="([^"]*)"><h2>([^<]*)</h2>', html)


def test_notes_stand_worst_first_with_their_kinds_of_error() -> None:
    labelled = {"The roof leaks again": {"kind": "stated"}}
    items = Items([case(labelled, name=name) for name in ("good", "kind", "lost", "broken")], {})
    right = need("The roof leaks again", kind="stated")
    answers = {
        "x/good": predicted(right),
        "x/kind": predicted(need("The roof leaks again")),
        "x/lost": predicted(need("Bills keep rising"), pitch("All fine otherwise")),
        "x/broken": failed("x/broken"),
    }
    assert articles(page(items, answers)) == [
        ("failed", "x/broken"),
        ("missed-need false-need false-pitch", "x/lost"),
        ("kind", "x/kind"),
        ("", "x/good"),
    ]


def test_a_note_is_text_whatever_it_says_and_nothing_is_loaded_from_elsewhere() -> None:
    items = Items([case({"The roof leaks again": {}}, text=HOSTILE)], {})
    html = page(items, {"x/one": predicted(need("leaks again & again", HOSTILE))})
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html
    assert "default-src 'none'" in html
    assert not re.search(r"(?:src|href)=", html)


def test_spans_that_overlap_are_marked_where_each_holds() -> None:
    items = Items([case({"The roof leaks again": {}})], {})
    html = page(items, {"x/one": predicted(need("leaks again. We want"))})
    marks = re.findall(r'<mark class="([^"]*)"[^>]*>([^<]*)</mark>', html)
    assert marks == [("gold need", "The roof "), ("gold need seen", "leaks again"), ("seen need", ". We want")]
