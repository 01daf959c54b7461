import numpy as np
import pytest

from notesense.encoding.bundle import load_bundle
from notesense.encoding.encoder import Encoder, shared_encoder

TEXTS = ["The sewers overflow in every storm.", "Basements flood."]


def test_a_query_is_the_mean_of_its_texts_moved_by_the_adapter() -> None:
    encoder = shared_encoder()
    moved = encoder.encode_mean(TEXTS) @ encoder.adapter
    assert encoder.encode_query(TEXTS)[0] == pytest.approx(moved[0] / np.linalg.norm(moved), abs=1e-6)
    assert np.linalg.norm(encoder.encode_query(TEXTS)) == pytest.approx(1, abs=1e-5)
    assert not encoder.encode_query(["", " "]).any()


def test_the_shipped_adapter_stays_near_the_identity() -> None:
    adapter = shared_encoder().adapter
    assert adapter.shape == (384, 384)
    for text in TEXTS:
        assert float(shared_encoder().encode([text])[0] @ shared_encoder().encode_query([text])[0]) > 0.5


def test_another_adapter_leaves_the_first_encoder_as_it_was() -> None:
    encoder = Encoder(load_bundle())
    turned = encoder.with_adapter(-np.eye(384, dtype=np.float32))
    assert turned.encode_query(TEXTS) == pytest.approx(-encoder.encode_mean(TEXTS), abs=1e-6)
    assert np.array_equal(encoder.adapter, shared_encoder().adapter)
    assert np.array_equal(turned.encode(TEXTS), encoder.encode(TEXTS))
