import numpy as np
import pytest

from notesense.domain.notes import Sentence
from notesense.engines.local.features import (
    SHAPE_WIDTH,
    Features,
    Reading,
    dense_features,
    normalise,
    parts_of,
)
from notesense.engines.local.heads import Head, Heads, read_heads, write_heads
from notesense.engines.local.lexical import Lexicon


@pytest.mark.parametrize(
    ("sentence", "lead"),
    [
        (Sentence(0, 1, "x", "turn", (), "Dana", "client"), "Dana client:"),
        (Sentence(0, 1, "x", "turn", (), "Dana", "unknown"), "Dana:"),
        (Sentence(0, 1, "x", "turn", (), None, "firm"), "speaker firm:"),
        (Sentence(0, 1, "x", "heading"), "#"),
        (Sentence(0, 1, "x", "item"), "-"),
        (Sentence(0, 1, "x", "prose", (), None, "client"), ""),
    ],
)
def test_the_network_is_told_who_speaks_and_how_it_stands(sentence: Sentence, lead: str) -> None:
    assert parts_of([sentence])[0].lead == lead


def test_logits_become_log_probabilities_head_by_head() -> None:
    found = normalise(np.array([[0.0, 0.0, 2.0, 2.0, 50.0]], np.float32), (2, 3))
    assert np.exp(found[0, :2]) == pytest.approx([0.5, 0.5])
    assert found[0, 4] == pytest.approx(0, abs=1e-6)
    assert found[0, 2] == -6.0


def test_features_stand_side_by_side() -> None:
    sentences = [Sentence(0, 1, "Is it?", "item"), Sentence(2, 3, "x", "prose")]
    dense = dense_features(sentences, np.zeros((2, 5), np.float32))
    assert dense.shape == (2, 5 + SHAPE_WIDTH)
    assert dense_features([], np.zeros((0, 5), np.float32)).shape == (0, 5 + SHAPE_WIDTH)


@pytest.mark.parametrize("reading", [None, Reading(np.eye(3, 4, dtype=np.float32), np.ones(4, np.float32), (2, 2))])
def test_heads_come_back_as_they_were_written(tmp_path, reading) -> None:  # type: ignore[no-untyped-def]
    lexicon = Lexicon(["a", "a b"], [" a"], np.ones(3, np.float32))
    head = Head(("x", "y"), np.ones((2, 2), np.float32), np.ones((3, 2), np.float32), np.zeros(2, np.float32), 0.5)
    write_heads(
        tmp_path / "h.npz", Heads(lexicon, reading, dict.fromkeys(("finding", "category", "tactic", "where"), head))
    )
    back = read_heads(tmp_path / "h.npz")
    assert (back.reading is None) == (reading is None)
    if reading:
        assert np.array_equal(back.reading.weights, reading.weights)
        assert back.reading.sizes == (2, 2)
    features = Features(np.ones((1, 2), np.float32), [back.lexicon.weigh("a b")])
    assert back.by_name["finding"].probabilities(features) == pytest.approx(head.probabilities(features))
