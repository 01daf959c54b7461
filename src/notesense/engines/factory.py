"""The engine that the settings name, with the embedded capabilities where it lacks its own."""

from typing import TYPE_CHECKING, NamedTuple

from notesense.encoding.encoder import Encoder
from notesense.engines.base import Chooser, Detector, Judge, Mender
from notesense.engines.local.detector import LocalDetector
from notesense.engines.local.judge import LocalJudge
from notesense.engines.local.personal import load_personal
from notesense.settings import Settings

if TYPE_CHECKING:
    from notesense.engines.llm.make import LlmParts


class Engine(NamedTuple):
    """What the pipeline asks of an engine; None where the embedded way is taken."""

    detector: Detector
    judge: Judge
    mender: Mender | None = None
    chooser: Chooser | None = None
    llm: "LlmParts | None" = None
    """What calls a model, where the engine does."""

    @property
    def prompts(self) -> str | None:
        """Versions and hash of the prompts that it uses."""
        return self.llm.prompts.digest if self.llm else None


def make_engine(settings: Settings, encoder: Encoder) -> Engine:
    """Return the engine that the settings name.

    Args:
        settings: The settings of the run.
        encoder: The encoder of the embedded capabilities.

    Raises:
        ConfigError: The engine calls a model, and its settings are not complete.
    """
    if settings.engine == "llm":
        return _calling(settings, None)
    local = LocalDetector(encoder, load_personal(settings.personal, encoder.bundle))
    if settings.engine == "local":
        return Engine(local, LocalJudge(encoder.bundle))
    return _calling(settings, local)


def _calling(settings: Settings, local: LocalDetector | None) -> Engine:
    """Return the engine that calls a model; with a local one, only where that suspects something."""
    # who reads with the embedded engine need not load what calls a model
    from notesense.engines.hybrid import HybridDetector
    from notesense.engines.llm.make import make_llm

    llm = make_llm(settings.llm, settings.firm, settings.engine)
    reader = HybridDetector(local, llm.detector) if local else llm.detector
    mender = None if settings.llm.answers else reader  # nobody is there to be asked again
    return Engine(reader, llm.judge, mender, llm.judge, llm)
