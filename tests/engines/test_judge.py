import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notesense.domain.findings import Evidence, Mention, NeedLabel
from notesense.domain.notes import Note, Sentence
from notesense.engines.local.detector import decide
from notesense.engines.local.judge import PAIR_FEATURES, link, pair_features

THRESHOLDS = {"need": 0.4, "pitch": 0.3}


def slow_link(probabilities: np.ndarray, threshold: float) -> list[list[int]]:
    """Average linkage by the book."""
    groups = [[i] for i in range(len(probabilities))]
    while len(groups) > 1:
        means = {
            (i, j): np.mean([probabilities[a, b] for a in groups[i] for b in groups[j]])
            for i in range(len(groups))
            for j in range(i + 1, len(groups))
        }
        i, j = max(means, key=lambda pair: means[pair])
        if means[i, j] <= threshold:
            break
        groups[i] = sorted(groups[i] + groups.pop(j))
    return sorted(groups)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 9), st.integers(0, 10_000), st.floats(0.2, 0.8))
def test_linkage_is_average_linkage(size: int, seed: int, threshold: float) -> None:
    drawn = np.random.default_rng(seed).random((size, size))
    symmetric = (drawn + drawn.T) / 2
    assert link(symmetric, threshold) == slow_link(symmetric, threshold)


def test_thousands_of_mentions_are_grouped_in_good_time() -> None:
    sentence = "The crew is exhausted."
    text = f"{sentence} They need a new pump by June.\n" * 1500
    label = NeedLabel(kind="implied", category="operations")
    starts = [i * (len(text) // 1500) for i in range(1500)]
    mentions = [
        Mention(Evidence(start=at, end=at + len(sentence), quote=text[at : at + len(sentence)]), label, 0.9)
        for at in starts
    ]
    started = time.process_time()
    features = pair_features(Note(text=text, path="n.md"), mentions)
    link(features[..., 0].astype(np.float64) * 0.9, 0.5)
    assert features.shape == (1500, 1500, len(PAIR_FEATURES))
    assert time.process_time() - started < 20


def test_what_stands_between_two_mentions_is_seen_whatever_the_line_ends() -> None:
    found = []
    for end in ("\n", "\r\n", "\r"):
        text = end.join(["- The roof leaks; the pump fails.", "- Again.", "", "Later."])
        mentions = [
            Mention(Evidence(start=at, end=at + len(q), quote=q), NeedLabel(kind="implied", category="operations"), 0.9)
            for q in ("The roof leaks", "the pump fails.", "Again.", "Later.")
            for at in [text.index(q)]
        ]
        features = pair_features(Note(text=text, path="n.md"), mentions)
        found.append(features)
        by_name = dict(zip(PAIR_FEATURES, np.moveaxis(features, -1, 0), strict=True))
        assert by_name["same_line"][0, 1] == 1
        assert by_name["same_line"][1, 2] == 0
        assert by_name["same_paragraph"][1, 2] == 1
        assert by_name["same_paragraph"][2, 3] == 0
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])


@pytest.mark.parametrize(
    ("side", "form", "probabilities", "expected"),
    [
        ("unknown", "prose", (0.2, 0.1, 0.6, 0.1), "implied"),
        ("unknown", "prose", (0.2, 0.5, 0.2, 0.1), "stated"),
        ("unknown", "prose", (0.2, 0.1, 0.1, 0.6), "pitch"),
        ("unknown", "prose", (0.7, 0.1, 0.1, 0.1), None),
        ("firm", "turn", (0.2, 0.1, 0.6, 0.1), None),
        ("firm", "turn", (0.1, 0.1, 0.4, 0.4), "pitch"),
        ("client", "turn", (0.2, 0.1, 0.1, 0.6), None),
        ("client", "turn", (0.1, 0.2, 0.3, 0.4), "implied"),
        ("firm", "prose", (0.2, 0.1, 0.6, 0.1), "implied"),
    ],
)  # fmt: skip
def test_nobody_needs_or_pitches_for_the_other_side(side, form, probabilities, expected) -> None:  # type: ignore[no-untyped-def]
    decision = decide(Sentence(0, 1, "x", form, (), None, side), probabilities, THRESHOLDS)
    assert (decision.finding if decision else None) == expected
