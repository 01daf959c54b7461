"""Learning from corrections: what helps is kept, what does not is refused, and nothing else changes."""

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from notesense.encoding.bundle import load_bundle
from notesense.encoding.encoder import shared_encoder
from notesense.encoding.logistic import Logistic
from notesense.engines.local.detector import LocalDetector
from notesense.engines.local.heads import Head, Heads
from notesense.engines.local.lexical import Lexicon
from notesense.engines.local.personal import Figures, list_personal, load_personal
from notesense.errors import ConfigError, UsageError
from notesense.evaluation.cases import load_cases
from notesense.learning.adapt import Array, adapt, precision_of, scores_of, softmax
from notesense.learning.held import Held, predict, tally
from notesense.learning.labels import LABELS, answer
from notesense.learning.learn import (
    SUREST,
    Learnt,
    chance_of_gain,
    f1,
    learn,
    read_document,
    tally_across,
)
from notesense.learning.matrix import PENALTY, Prepared, prepare
from notesense.learning.rows import PAIRS, Rows, read_rows, rows_of, write_rows
from notesense.settings import Settings
from tests.archive.conftest import write
from tests.cli.conftest import Run, notesense
from tests.conftest import ROOT

__all__ = ["notesense"]

JARGON = (
    "The {} wants re-sheaving.",
    "Our {} is shy of the mark again.",
    "{}: gone walkabout.",
    "They would love a fettled {}.",
)
THINGS = (
    "capstan",
    "bollard",
    "hawser",
    "fairlead",
    "windlass",
    "davit",
    "gantry",
    "slipway",
    "quoin",
    "pontoon",
    "fender",
    "dolphin",
)
CHATTER = ("The tide was out at nine.", "We walked along the quay.", "Tea was served.", "The {} was painted last year.")


def corrections(folder: Path, notes: int = 12) -> Path:
    """A firm with a jargon of its own, which the shipped engine cannot know."""
    for n in range(notes):
        thing = THINGS[n % len(THINGS)]
        spoken = [line.format(thing) for line in (*JARGON, *CHATTER)]
        order = np.random.default_rng(n).permutation(len(spoken)).tolist()
        needs = {i: f"n{k}" for k, i in enumerate((i for i in order if i < len(JARGON)), start=1)}
        lines = [f"- ⟦{needs[i]}|{spoken[i]}⟧" if i in needs else f"- {spoken[i]}" for i in order]
        write(folder / f"quay-{n:02}.md", "\n".join(lines) + "\n")
        labels = [
            {"id": i, "kind": "implied", "category": "condition_capacity", "statement": "Mend it."}
            for i in needs.values()
        ]
        write(
            folder / f"quay-{n:02}.yaml",
            yaml.safe_dump({"style": "bullets", "library": "none", "needs": labels, "pitches": []}),
        )
    return folder


@pytest.fixture(scope="module")
def shipped() -> Rows:
    return read_rows(load_bundle().path("training.npz"))


@pytest.fixture(scope="module")
def heads() -> Heads:
    return LocalDetector(shared_encoder()).heads


@pytest.fixture(scope="module")
def prepared(shipped: Rows, heads: Heads) -> Prepared:
    return prepare(shipped, heads.lexicon)


def test_the_shipped_rows_are_what_the_shipped_heads_were_fitted_on(
    shipped: Rows, heads: Heads, prepared: Prepared
) -> None:
    assert shipped.dense.shape[0] == len(shipped.texts) == len(shipped.labels) == len(shipped.batches) > 10_000
    assert {"c", "j"}.isdisjoint(shipped.batches)  # the public test
    assert PAIRS in shipped.batches
    for name, names in LABELS.items():
        assert {answer(name, label) for label in shipped.labels} == {*names, None}
    notes = prepared.where(
        np.array([b != PAIRS and not x.startswith("s") for b, x in zip(shipped.batches, shipped.labels, strict=True)])
    )
    head = heads.by_name["finding"]
    chances = softmax(scores_of(notes.of_weights(), head))
    right = np.array([[answer("finding", label) == name for name in head.labels] for label in notes.labels])
    assert (
        np.abs(chances.mean(axis=0) - right.mean(axis=0)).max() < 0.003
    )  # so it is where a head with a bias was fitted
    assert (chances.argmax(axis=1) == right.argmax(axis=1)).mean() > 0.93


def test_the_development_set_was_not_fitted_on(shipped: Rows) -> None:
    unseen = read_rows(load_bundle().path("development.npz"))
    assert {"c", "j", PAIRS}.isdisjoint(unseen.batches)
    assert set(unseen.batches).isdisjoint(shipped.batches)
    long = {text for text in unseen.texts if len(text.split()) > 7}
    assert len(long) > 300
    assert long.isdisjoint(shipped.texts)
    kinds = [label.split(":")[0] for label in unseen.labels]
    assert kinds.count("need") > 500
    assert kinds.count("pitch") > 50
    assert set(kinds) == {"none", "need", "pitch"}


def test_rows_are_read_as_they_were_written(tmp_path: Path) -> None:
    rows = Rows(
        np.array([[0.5, 1.25], [2.0, -1.0]], np.float32),
        ['a "b"\n', "🙂"],
        ["none", "need:stated:operations"],
        ["x", "pairs"],
    )
    write_rows(tmp_path / "rows.npz", rows)
    found = read_rows(tmp_path / "rows.npz")
    assert np.array_equal(found.dense, rows.dense)
    assert found[1:] == rows[1:]
    assert found.where(np.array([False, True])).texts == ["🙂"]


def test_moved_from_nothing_a_head_is_what_the_solver_finds() -> None:
    """Where nothing is known of a weight but the penalty, adapting is fitting: scikit-learn finds the same."""
    random = np.random.default_rng(3)
    names, columns, rows = LABELS["finding"], 6, 90
    features = random.normal(size=(rows, columns)).astype(np.float32)
    truth = (features[:, : len(names)] + random.normal(size=(rows, len(names)))).argmax(axis=1)
    spoken = {"stated": "need:stated:operations", "implied": "need:implied:operations", "pitch": "pitch:upsell"}
    own = Prepared(
        sparse.csr_matrix(np.hstack([features[:, :2], np.zeros((rows, 1)), features[:, 2:]])),
        [spoken.get(names[i], "none") for i in truth],
        2,
    )
    dense, terms = (np.zeros((n, len(names)), np.float32) for n in (2, columns - 2))
    nothing = Head(tuple(names), dense, terms, np.zeros(len(names), np.float32), 1.7)
    precision = np.vstack([np.full((columns, len(names)), 1 / PENALTY["finding"]), np.full((1, len(names)), 1e-4)])
    moved = adapt("finding", nothing, precision, own, 1.0)
    expected = LogisticRegression(C=PENALTY["finding"], tol=1e-8, max_iter=5000).fit(features, truth)
    assert softmax(scores_of(own.of_weights(), moved)) == pytest.approx(expected.predict_proba(features), abs=5e-3)
    assert moved.temperature == 1.7


def test_a_head_moves_as_far_as_the_shipped_rows_let_it(heads: Heads, prepared: Prepared) -> None:
    head = heads.by_name["finding"]
    some = prepared.where(np.arange(len(prepared.labels)) % 20 == 0)
    precision = precision_of("finding", head, some)
    assert precision.shape == (len(head.dense) + len(head.terms) + 1, len(head.labels))
    assert precision.min() >= 0
    assert precision[:-1].min() == pytest.approx(1 / PENALTY["finding"])  # of a word that none of them has
    nothing = some.where(np.zeros(len(some.labels), bool))
    still = adapt("finding", head, precision, nothing, 3.0)
    assert np.array_equal(still.terms, head.terms)
    own = Prepared(some.matrix[:40], ["need:implied:operations"] * 40, some.width)

    def likely(factor: float, weight: float) -> float:
        return float(
            softmax(scores_of(own.of_weights(), adapt("finding", head, precision * factor, own, weight)))[:, 2].mean()
        )

    before = float(softmax(scores_of(own.of_weights(), head))[:, 2].mean())
    assert before < likely(100.0, 1.0) < likely(1.0, 1.0) < likely(1.0, 10.0)


@pytest.fixture(scope="module")
def in_good_time(prepared: Prepared, heads: Heads) -> Iterator[None]:
    """What the shipped rows allow is worked out once for all tests."""
    precision = precision_of("finding", heads.by_name["finding"], prepared)

    def kept(name: str, head: Head, shipped: Prepared) -> Array:
        assert (name, head.labels, shipped is prepared) == ("finding", heads.by_name["finding"].labels, True)
        return precision

    def prepare_once(rows: Rows, lexicon: Lexicon) -> Prepared:
        return prepared if len(rows.texts) == len(prepared.labels) else prepare(rows, lexicon)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("notesense.learning.learn.precision_of", kept)
        patch.setattr("notesense.learning.learn.prepare", prepare_once)
        yield


@pytest.fixture(scope="module")
def quay(in_good_time: None, tmp_path_factory: pytest.TempPathFactory) -> Learnt:
    """What is learnt from the jargon, once."""
    return learn(load_cases(corrections(tmp_path_factory.mktemp("quay") / "c")), shared_encoder())


@pytest.fixture
def learnt_at_once(quay: Learnt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notesense.learning.learn.learn", lambda *_: quay)


def test_a_firms_own_jargon_is_learnt_and_others_lose_nothing(quay: Learnt) -> None:
    assert quay.refusal is None
    assert quay.own.personal > quay.own.shipped + 0.1
    assert quay.development.personal > quay.development.shipped - 0.02
    assert quay.chance > 0.9
    assert (quay.notes, quay.findings) == (12, 48)


@pytest.mark.usefixtures("in_good_time")
def test_corrections_that_contradict_everything_are_refused(tmp_path: Path) -> None:
    """Labels drawn at random, on plain notes: there is nothing to learn."""
    random = np.random.default_rng(5)
    for case in load_cases(ROOT / "eval/notes/n")[:12]:
        lines = case.note.text.replace("\r", "").split("\n")
        chosen = [i for i, line in enumerate(lines) if re.fullmatch(r"[\w ,.'-]{20,}", line)]
        marked = random.permutation(chosen)[:3].tolist() if chosen else []
        needs = {i: f"n{k}" for k, i in enumerate(marked, start=1)}
        write(
            tmp_path / "c" / f"{case.id}.md",
            "\n".join(f"⟦{needs[i]}|{x}⟧" if i in needs else x for i, x in enumerate(lines)),
        )
        labels = [{"id": i, "kind": "stated", "category": "operations", "statement": "x"} for i in needs.values()]
        write(
            tmp_path / "c" / f"{case.id}.yaml",
            yaml.safe_dump({"style": "bullets", "library": "none", "needs": labels, "pitches": []}),
        )
    assert learn(load_cases(tmp_path / "c"), shared_encoder()).refusal


def test_too_few_corrections_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="too few"):
        learn(load_cases(corrections(tmp_path / "c", notes=3)), shared_encoder())
    one = load_cases(corrections(tmp_path / "d", notes=1))
    with pytest.raises(UsageError, match="1 corrected notes"):  # copies are one note
        learn(one * 9, shared_encoder())


@pytest.mark.parametrize(
    ("own", "development", "chance", "words"),
    [
        ((0.5, 0.6), (0.7, 0.7), 0.95, None),
        ((0.5, 0.5), (0.7, 0.7), 0.95, "no more of what is right"),
        ((0.5, 0.6), (0.7, 0.7), 0.6, "not sure enough"),
        ((0.5, 0.6), (0.7, 0.67), 0.95, "worse on other notes"),
        ((0.5, 0.6), (0.7, 0.69), 0.95, None),
    ],
)
def test_each_guard_refuses(
    own: tuple[float, float], development: tuple[float, float], chance: float, words: str | None, heads: Heads
) -> None:
    figures = [Figures(shipped=a, personal=b) for a, b in (own, development)]
    refusal = Learnt(heads, {}, 9, 30, *figures, chance).refusal
    assert refusal is None if words is None else words in (refusal or "")


def analysed(run: Run, note: Path) -> tuple[str, int]:
    import json

    report = json.loads(run("analyze", note, "--format", "json").out)
    return report["run"]["engine"]["version"], len(report["analyses"][0]["needs"])


@pytest.mark.usefixtures("learnt_at_once")
def test_a_model_is_kept_used_listed_compared_switched_and_removed(notesense: Run, tmp_path: Path) -> None:
    folder = corrections(tmp_path / "c")
    note = write(
        tmp_path / "note.md",
        "- The keel blocks want re-sheaving.\n- Tea was served.\n- They would love a fettled sluice.\n",
    )
    version, before = analysed(notesense, note)
    made = notesense("learn", folder, "--name", "quay")
    assert made.code == 0, made.err
    assert "Kept as quay" in made.out
    learnt_version, found = analysed(notesense, note)
    assert re.fullmatch(re.escape(version) + r"\+quay-[0-9a-f]{8}", learnt_version)
    assert found == 2
    assert before < 2
    assert "personal model in use: quay" in notesense("doctor").out
    listed = notesense("learn", "list").out
    assert re.search(r"^  shipped$", listed, re.MULTILINE)
    assert re.search(r"^\* quay: 12 notes", listed, re.MULTILINE)
    compared = notesense("learn", "compare", folder).out.splitlines()
    assert [line.split()[0] for line in compared] == ["shipped", "quay"]
    again = notesense("learn", folder, "--name", "quay")
    assert (again.code, "already" in again.err) == (2, True)
    assert notesense("learn", "use", "shipped").code == 0
    assert analysed(notesense, note) == (version, before)
    assert notesense("learn", "use", "quay").code == 0
    assert notesense("learn", "remove", "quay").code == 0
    assert analysed(notesense, note) == (version, before)
    assert list_personal() == []
    assert notesense("learn", "use", "quay").code == 3


@pytest.mark.usefixtures("learnt_at_once")
def test_a_dry_run_and_a_refusal_keep_nothing(notesense: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = corrections(tmp_path / "c", notes=6)
    assert notesense("learn", folder, "--dry-run").code == 0
    assert list_personal() == []
    monkeypatch.setattr("notesense.learning.learn.SUREST", 1.1)
    refused = notesense("learn", folder)
    assert refused.code == 8
    assert "Not kept" in refused.out
    assert list_personal() == []


@pytest.mark.parametrize("name", ["../evil", "shipped", "a b", ".hidden"])
def test_a_name_that_is_none(name: str, notesense: Run, tmp_path: Path) -> None:
    found = notesense("learn", corrections(tmp_path / "c", notes=5), "--name", name)
    assert found.code == 2
    assert "name" in found.err


@pytest.mark.usefixtures("learnt_at_once")
def test_a_model_of_another_version_is_refused_with_the_remedy(notesense: Run, tmp_path: Path) -> None:
    assert notesense("learn", corrections(tmp_path / "c"), "--name", "old").code == 0
    from notesense.settings import personal_folder

    path = personal_folder() / "old/personal.json"
    path.write_text(path.read_text().replace(load_bundle().digest, "0" * 16))
    with pytest.raises(ConfigError, match="another version"):
        load_personal("old", load_bundle())
    found = notesense("analyze", write(tmp_path / "n.md", "The roof leaks again.\n"))
    assert found.code == 3
    assert "notesense learn use shipped" in found.err
    assert notesense("learn", "use", "shipped").code == 0
    assert notesense("analyze", tmp_path / "n.md").code == 0


def test_without_scipy_the_remedy_is_told(tmp_path: Path) -> None:
    hidden = "import sys; sys.modules.update(scipy=None); from notesense.cli import main; main()"
    command = [sys.executable, "-c", hidden, "learn", str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 2, found.stderr
    assert "pip install 'notesense[learn]'" in found.stderr


def test_heads_that_learn_nothing_are_seldom_taken_for_better() -> None:
    """Thresholds are chosen on other notes than those they are judged by: chance alone must not pass."""
    detector = LocalDetector(shared_encoder())
    thresholds, pairs = load_bundle().manifest.thresholds, Logistic.read(load_bundle(), "same_need")
    cases = [case for batch in ("b", "l") for case in load_cases(ROOT / "eval/notes" / batch)]
    held = [Held(d, predict(d, detector.heads), pairs) for d in (read_document(case, detector) for case in cases)]
    passed = 0
    for seed in range(10):
        drawn = [held[i] for i in np.random.default_rng(seed).permutation(len(held))[:12]]
        old = [tally(h, thresholds, shared_encoder()) for h in drawn]
        new = tally_across(drawn, [i % 5 for i in range(12)], thresholds, shared_encoder())
        passed += f1(new) > f1(old) and chance_of_gain(old, new) >= SUREST
    assert passed <= 3


def test_rows_of_notes_hold_their_sentences_and_statements(tmp_path: Path) -> None:
    detector = LocalDetector(shared_encoder())
    documents = [read_document(case, detector) for case in load_cases(corrections(tmp_path / "c", notes=2))]
    rows = rows_of(documents)
    kinds: Sequence[str] = [label.split(":")[0] for label in rows.labels]
    assert (kinds.count("need"), kinds.count("none"), kinds.count("statement")) == (8, 8, 8)
    assert not rows.dense[-8:].any()
    assert rows.dense[:16].any(axis=1).all()


def test_a_personal_model_changes_nothing_for_an_engine_that_does_not_use_it() -> None:
    assert Settings(engine="llm", personal="quay").digest == Settings(engine="llm").digest
    for engine in ("local", "hybrid"):
        assert Settings(engine=engine, personal="quay").digest != Settings(engine=engine).digest
