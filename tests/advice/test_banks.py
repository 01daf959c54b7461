import shutil
from collections import Counter
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from notesense.advice import banks as module
from notesense.advice.banks import Banks, banks_digest, read_banks, read_questions, read_rewrites
from notesense.domain.findings import Category, Tactic, Where
from notesense.encoding.bundle import SHIPPED, Bundle, load_bundle
from notesense.encoding.encoder import shared_encoder
from notesense.errors import BundleError


@pytest.fixture(scope="module")
def banks() -> Banks:
    return read_banks(load_bundle())


@pytest.mark.parametrize("category", get_args(Category))
def test_every_category_has_questions_of_several_angles(banks: Banks, category: str) -> None:
    entries = [question for question in banks.questions if question.category == category]
    assert len({question.angle for question in entries}) >= 2
    assert len({question.ask for question in entries}) == len(entries)


@pytest.mark.parametrize("tactic", get_args(Tactic))
@pytest.mark.parametrize("where", get_args(Where))
def test_every_tactic_has_a_rewrite_for_each_place(banks: Banks, tactic: str, where: str) -> None:
    assert [r for r in banks.rewrites if r.tactic == tactic and r.where == where]


def test_the_banks_know_only_the_categories_tactics_and_places_of_the_guidelines(banks: Banks) -> None:
    assert {question.category for question in banks.questions} == set(get_args(Category))
    assert {rewrite.tactic for rewrite in banks.rewrites} == set(get_args(Tactic))
    assert {rewrite.where for rewrite in banks.rewrites} == set(get_args(Where))


def test_what_is_asked_is_an_open_question(banks: Banks) -> None:
    closed = (
        "do ",
        "does ",
        "did ",
        "is ",
        "are ",
        "was ",
        "were ",
        "can ",
        "could ",
        "would ",
        "will ",
        "have ",
        "has ",
    )
    for question in banks.questions:
        assert question.ask.endswith("?") or question.ask.startswith("Tell me "), question.ask
        assert not question.ask.lower().startswith(closed), question.ask
        assert question.about.strip()
        assert question.angle.strip()


def test_rewrites_are_not_the_pitch_again(banks: Banks) -> None:
    assert [n for _, n in Counter(rewrite.pitch for rewrite in banks.rewrites).items() if n > 1] == []
    for rewrite in banks.rewrites:
        assert rewrite.instead.strip()
        assert rewrite.instead != rewrite.pitch


def test_the_vectors_are_those_of_the_texts(banks: Banks) -> None:
    encoder = shared_encoder()
    for texts, vectors in (
        ([question.about for question in banks.questions], banks.question_vectors),
        ([rewrite.pitch for rewrite in banks.rewrites], banks.rewrite_vectors),
    ):
        assert vectors.shape == (len(texts), encoder.dimension)
        assert np.allclose(vectors, encoder.encode(texts), atol=2e-3)  # they are kept in half precision


def test_the_digest_changes_with_any_text_that_the_vectors_stand_for() -> None:
    questions, rewrites = read_questions(), read_rewrites()
    digests = {
        banks_digest(questions, rewrites),
        banks_digest(questions[1:], rewrites),
        banks_digest(questions[::-1], rewrites),
        banks_digest(questions, [rewrites[0]._replace(pitch="x"), *rewrites[1:]]),
    }
    assert len(digests) == 4
    reworded = [questions[0]._replace(ask="x"), *questions[1:]]  # shown, but nothing is compared with it
    assert banks_digest(reworded, rewrites) == banks_digest(questions, rewrites)


def test_banks_that_the_vectors_were_not_made_from_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    questions = read_questions()
    monkeypatch.setattr(module, "read_questions", lambda: questions[1:])
    with pytest.raises(BundleError) as caught:
        read_banks(load_bundle())
    assert "banks.npz" in caught.value.message
    assert caught.value.exit_code == 3
    assert caught.value.hint


def test_the_shipped_bundle_names_the_banks_among_its_checked_files(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "bundle"))
    assert isinstance(load_bundle(folder), Bundle)
    load_bundle.cache_clear()
    (folder / "banks.npz").write_bytes(b"damaged")
    with pytest.raises(BundleError, match=r"banks\.npz"):
        load_bundle(folder)
