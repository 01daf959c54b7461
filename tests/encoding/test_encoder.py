import numpy as np
import pytest

from notesense.encoding.encoder import shared_encoder, shared_retriever
from notesense.evaluation.cases import load_cases
from tests.conftest import ROOT

TEXTS = ["The sewers overflow in every storm.", "Basements flood."]


def test_the_mean_of_texts_is_a_unit_vector() -> None:
    encoder = shared_encoder()
    mean = encoder.encode(TEXTS).sum(axis=0)
    assert encoder.encode_mean(TEXTS)[0] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-6)
    assert not encoder.encode_mean(["", " "]).any()
    assert not encoder.encode_mean([]).any()


def test_both_read_in_one_session() -> None:
    encoder, retriever = shared_encoder(), shared_retriever(None)
    assert retriever is shared_retriever()
    assert retriever.network is encoder.network
    assert retriever.fingerprint != encoder.fingerprint


def test_the_retriever_knows_better_than_the_encoder_what_a_client_means() -> None:
    """In notes that it has not seen, evidence is nearer to its own need's statement than to those of the others."""
    notes = [case for suite in ("minutes", "second") for case in load_cases(ROOT / "eval" / suite / "notes")]
    right = dict.fromkeys(("encoder", "retriever"), 0)
    for case in notes:
        for name, reader in (("encoder", shared_encoder()), ("retriever", shared_retriever())):
            statements = reader.encode([need.statement for need in case.needs])
            for i, need in enumerate(case.needs):
                evidence = reader.encode_mean([case.note.text[s.start : s.end] for s in need.spans])
                right[name] += int(np.argmax(statements @ evidence[0])) == i
    assert right["retriever"] > right["encoder"] > 0
