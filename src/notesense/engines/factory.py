"""The engine that the settings name, with the embedded capabilities where it lacks its own."""

from typing import NamedTuple

from notesense.encoding.encoder import Encoder
from notesense.engines.base import Detector, Judge
from notesense.engines.local.detector import LocalDetector
from notesense.engines.local.judge import LocalJudge
from notesense.settings import EngineName


class Engine(NamedTuple):
    """What the pipeline asks of an engine."""

    detector: Detector
    judge: Judge


def make_engine(name: EngineName, encoder: Encoder) -> Engine:
    """Return an engine.

    Args:
        name: Its name in the settings.
        encoder: The encoder of the embedded capabilities.
    """
    match name:
        case "local":
            return Engine(LocalDetector(encoder), LocalJudge(encoder))
