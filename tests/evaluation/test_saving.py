from pathlib import Path

import numpy as np
import pytest

from notesense.domain.notes import Sentence
from notesense.domain.spans import Span
from notesense.engines.hybrid import stretches
from notesense.engines.llm.prompts import Prompts
from notesense.evaluation.saving import _is_kept, render_curve, saving_curve
from notesense.evaluation.suite import suite_of_folder

SENTENCES = [Sentence(10 * i, 10 * i + 9, "x" * 9, "prose") for i in range(12)]


@pytest.mark.parametrize(
    ("suspected", "sent"),
    [
        ([], []),
        ([0], [Span(0, 30)]),
        ([11], [Span(90, 125)]),
        ([3], [Span(10, 60)]),
        ([2, 7], [Span(0, 100)]),
        ([1, 9], [Span(0, 40), Span(70, 125)]),
        (list(range(12)), [Span(0, 125)]),
    ],
)
def test_suspected_sentences_are_sent_with_their_neighbours(suspected: list[int], sent: list[Span]) -> None:
    mask = np.zeros(12, bool)
    mask[suspected] = True
    assert stretches(SENTENCES, mask, 125) == sent


def test_a_finding_is_kept_where_half_of_one_place_is_sent() -> None:
    sent = [Span(0, 10), Span(20, 30)]
    assert _is_kept([Span(8, 12)], sent)
    assert not _is_kept([Span(9, 12)], sent)
    assert _is_kept([Span(11, 19), Span(20, 22)], sent)


def test_the_curve_falls_from_everything_to_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "⟦n1|The pump fails every week and nobody knows why⟧.\n\n" + "Lunch was at noon.\n\n" * 40
    )
    (tmp_path / "a.yaml").write_text(
        "style: bullets\nlibrary: none\nneeds:\n- {id: n1, kind: implied, category: operations, statement: Mend it.}\npitches: []\n"
    )
    (tmp_path / "b.md").write_text("Lunch was at noon.\n")
    (tmp_path / "b.yaml").write_text("style: bullets\nlibrary: none\nneeds: []\npitches: []\n")
    suite = suite_of_folder(tmp_path, None)
    whole, some, none = saving_curve(suite, thresholds=(0.0, 0.2, 1.01))
    assert (whole.notes_sent, whole.needs_kept) == (1.0, 1.0)
    assert whole.tokens_saved == pytest.approx(0.0, abs=0.01)
    assert (some.notes_sent, some.needs_kept) == (0.5, 1.0)
    one_prompt = len(Prompts()["detect"].system) / 4
    assert some.tokens_saved > one_prompt / (2 * one_prompt + 250)
    assert (none.notes_sent, none.tokens_saved, none.needs_kept, none.pitches_kept) == (0.0, 1.0, 0.0, 1.0)
    assert render_curve([some]).splitlines()[-1].startswith("| 0.2 | 50.0% |")
