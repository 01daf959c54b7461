"""What ``notesense learn`` does: corrections in, a personal model kept and in use, or the reason why not."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from notesense.advice import Advisor
from notesense.encoding.encoder import shared_encoder
from notesense.engines.factory import make_engine
from notesense.engines.local.personal import Personal, check_name, list_personal, use_personal, write_personal
from notesense.errors import NotesenseError, UsageError, how_to_install
from notesense.evaluation.cases import load_cases
from notesense.evaluation.prediction import prediction_of
from notesense.evaluation.scorecard import score_tallies
from notesense.evaluation.tally import tally_note
from notesense.pipeline import Pipeline
from notesense.settings import SHIPPED, Settings, resolve

if TYPE_CHECKING:
    from notesense.learning.learn import Learnt, Step

COMPARED = ("need.f1", "need.precision", "need.recall", "pitch.f1")


class Kept(NamedTuple):
    """What came of it."""

    learnt: "Learnt"
    name: str | None
    """Of the model; None where none was kept."""


def require_solver() -> None:
    """Refuse where SciPy is missing.

    Raises:
        UsageError: Says how to install it.
    """
    try:
        import scipy  # noqa: F401
    except ImportError:
        raise UsageError("learning needs SciPy, which is not installed", how_to_install("learn")) from None


def keep(corrections: Path, name: str | None, *, dry_run: bool = False, step: "Step | None" = None) -> Kept:
    """Learn from corrections; keep the model and switch to it where it helps.

    Args:
        corrections: Labelled notes.
        name: Of the model; None for one by date and time.
        dry_run: Whether to measure only.
        step: Called before each part of the work.

    Raises:
        UsageError: Labels are broken or too few, or the name is taken.
        OutputError: It cannot be written.
    """
    from notesense.learning.learn import learn  # needs SciPy

    now = datetime.now().astimezone()
    name = name or f"personal-{now:%Y%m%d-%H%M%S}"
    check_name(name)
    encoder = shared_encoder()
    learnt = learn(load_cases(corrections), encoder, resolve().settings.firm, step or (lambda _: None))
    if learnt.refusal or dry_run:
        return Kept(learnt, None)
    personal = Personal(
        name=name, made=now, bundle=encoder.bundle.digest, learnt_from=str(corrections.absolute()), notes=learnt.notes,
        findings=learnt.findings, thresholds=learnt.thresholds, own=learnt.own, development=learnt.development,
    )  # fmt: skip
    write_personal(personal, learnt.heads)
    use_personal(name, encoder.bundle)
    return Kept(learnt, name)


def compare(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the shipped and each personal model with its figures on labelled notes.

    Raises:
        UsageError: Labels are broken.
    """
    from notesense.evaluation.summary import written

    cases, firm, encoder = load_cases(folder), resolve().settings.firm, shared_encoder()
    for name in (SHIPPED, *(personal.name for personal in list_personal())):
        try:
            engine = make_engine(Settings(personal=name, firm=firm), encoder)
        except NotesenseError as error:
            yield name, {"": error.message}
            continue
        pipeline = Pipeline(engine, Advisor(encoder), lambda: None, firm)
        tallies = [tally_note(case, prediction_of(case.name, pipeline.analyze(case.note))) for case in cases]
        metrics = score_tallies(tallies).metrics
        yield name, {metric: written(metrics.get(metric)) for metric in COMPARED}
