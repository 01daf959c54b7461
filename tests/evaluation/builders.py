"""Small labelled notes and predictions to score."""

from pathlib import Path
from typing import Any

from notesense.domain.spans import Span
from notesense.evaluation.cases import Case, GoldNeed, GoldPitch
from notesense.evaluation.prediction import Failure, Place, PredictedNeed, PredictedPitch, Prediction
from notesense.reading import note_of_text

TEXT = "The roof leaks again. We want a new roof. Bills keep rising. Told her we are the best. All fine otherwise."


def span(words: str, text: str = TEXT) -> Span:
    """Return where words stand in the text."""
    at = text.index(words)
    return Span(at, at + len(words))


def case(
    needs: dict[str, dict[str, Any]] | None = None, pitches: dict[str, str] | None = None, name: str = "one",
    text: str = TEXT, library: bool = True,
) -> Case:  # fmt: skip
    """Return a labelled note; needs by their words, pitches as words to tactic."""
    gold = tuple(
        GoldNeed(f"n{i}", label.get("kind", "implied"), label.get("category", "operations"), words,
                 tuple(label.get("solutions", ())), tuple(span(w, text) for w in words.split(" / ")))
        for i, (words, label) in enumerate((needs or {}).items(), 1)
    )  # fmt: skip
    flags = tuple(
        GoldPitch(f"p{i}", tactic, "said", "Ask.", (span(words, text),))  # type: ignore[arg-type]
        for i, (words, tactic) in enumerate((pitches or {}).items(), 1)
    )
    return Case(name, "x", "bullets", note_of_text(text, f"{name}.md"), gold, flags, library)


def need(words: str, text: str = TEXT, **fields: Any) -> PredictedNeed:
    """Return a predicted need; several pieces of evidence are divided by `` / ``."""
    places = tuple(Place(start=s.start, end=s.end, quote=text[s.start : s.end]) for s in _spans(words, text))
    return PredictedNeed(**{"kind": "implied", "category": "operations", "evidence": places, **fields})


def pitch(words: str, text: str = TEXT, **fields: Any) -> PredictedPitch:
    """Return a predicted pitch."""
    places = tuple(Place(start=s.start, end=s.end, quote=text[s.start : s.end]) for s in _spans(words, text))
    return PredictedPitch(**{"tactic": "credentials", "where": "said", "evidence": places, **fields})


def predicted(*findings: PredictedNeed | PredictedPitch, matched: bool = True, name: str = "x/one") -> Prediction:
    """Return a prediction."""
    return Prediction(
        case=name, matched=matched, seconds=0.5,
        needs=tuple(f for f in findings if isinstance(f, PredictedNeed)),
        pitches=tuple(f for f in findings if isinstance(f, PredictedPitch)),
    )  # fmt: skip


def failed(name: str = "x/one") -> Prediction:
    """Return a prediction that failed."""
    return Prediction(case=name, failure=Failure(error="EngineError", message="no answer"))


def write_note(folder: Path, name: str, marked: str, labels: str) -> None:
    """Write a labelled note."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(marked, encoding="utf-8")
    (folder / f"{name}.yaml").write_text(labels, encoding="utf-8")


def _spans(words: str, text: str) -> list[Span]:
    return [span(w, text) for w in words.split(" / ")]
