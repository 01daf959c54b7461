import numpy as np

from notesense.encoding.bundle import load_bundle
from notesense.encoding.encoder import shared_encoder
from notesense.encoding.reader import ContextReader
from notesense.encoding.windows import Part

READER = ContextReader(load_bundle(), shared_encoder().network)
PARTS = [
    Part("#", "Pump station"),
    Part("-", "It floods every spring."),
    Part("", ""),
    Part("-", "Next meeting Tuesday."),
]


def test_each_part_has_a_vector_and_one_without_words_has_none() -> None:
    vectors = READER.read(PARTS)
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    assert not vectors[2].any()
    assert all(vectors[i].any() for i in (0, 1, 3))
    assert READER.read([]).shape == (0, 384)


def test_context_counts_and_nothing_else() -> None:
    alone = READER.read([PARTS[1]])
    together = READER.read(PARTS)
    assert not np.allclose(alone[0], together[1], atol=1e-2)
    assert np.array_equal(together, READER.read(PARTS))


def test_what_stands_in_other_windows_changes_no_vector() -> None:
    filling = [Part("-", "The drawings are complete and the crew starts on Monday. " * 4)] * 12  # three windows
    more = [Part("-", f"Item {i} is late.") for i in range(60)]
    alone, together = READER.read(filling), READER.read([*filling, *more])
    assert np.allclose(alone[:5], together[:5], atol=1e-5)


def test_a_part_longer_than_a_window_is_read_whole() -> None:
    start, end = "the roof leaks " * 100, "all is well here " * 100
    whole = READER.read([Part("", start + end)])[0]
    first = READER.read([Part("", start)])[0]
    assert np.dot(whole, first) / np.linalg.norm(whole) / np.linalg.norm(first) < 0.999
