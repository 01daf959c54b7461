"""One call for what ``notesense analyze`` does: inputs and settings in, a report out."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from notesense import __version__, errors
from notesense.advice import Advisor
from notesense.chunking import split_chunks, split_note
from notesense.domain.analysis import Analysis, IndexInfo, Report, RunInfo, Skipped
from notesense.domain.notes import Metadata, Note
from notesense.encoding.encoder import shared_encoder, shared_retriever
from notesense.encoding.logistic import Logistic
from notesense.engines.factory import make_engine
from notesense.errors import EXIT_DONE, EXIT_PARTIAL, EngineError, NoteError, UsageError
from notesense.pipeline import Pipeline
from notesense.reading import find_inputs, read_note, read_stdin
from notesense.reading.discover import skip
from notesense.settings import Settings
from notesense.solutions.filters import Filters
from notesense.solutions.index import index_or_none
from notesense.solutions.match import Matcher
from notesense.solutions.search import Searcher
from notesense.threads import in_order

if TYPE_CHECKING:
    from notesense.engines.llm.plan import Plan

Progress = Callable[[str, int], None]
"""Called before each note with its path and its number, from 1."""


class Analyzer:
    """Analyses inputs with one engine and one index.

    Args:
        settings: The settings of the run.
        filters: Which solutions may be shown.
        threads: Threads of the embedded models; None for all cores.

    Raises:
        BundleError: The models are damaged.
    """

    def __init__(self, settings: Settings, filters: Filters | None = None, threads: int | None = None) -> None:
        self.settings = settings
        self._filters = filters or Filters()
        self._encoder, self._retriever = shared_encoder(threads), shared_retriever(threads)
        # importing Chroma takes longer than reading a note: both at once
        self._opening = ThreadPoolExecutor(1).submit(index_or_none, settings.index, self._retriever)
        engine = make_engine(settings, self._encoder)
        self.pipeline = Pipeline(engine, Advisor(self._encoder), self.matcher, settings.firm)

    def __enter__(self) -> Self:
        """Use it in a ``with`` statement where the engine calls a model: its connections are closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close what is open."""
        if self.pipeline.engine.llm:
            self.pipeline.engine.llm.close()

    @property
    def run_info(self) -> RunInfo:
        """The manifest of the run."""
        index = self._opening.result()
        return RunInfo(
            engine=self.pipeline.engine.detector.info,
            prompts=self.pipeline.engine.prompts,
            settings=self.settings.digest,
            index=IndexInfo(path=str(index.path), generation=index.generation, solutions=len(index.solutions))
            if index
            else None,
            notesense=__version__,
        )

    def analyze(
        self,
        paths: Iterable[Path],
        metadata: Metadata | None = None,
        recursive: bool = False,
        with_text: bool = False,
        progress: Progress | None = None,
        exclude: Path | None = None,
    ) -> Report:
        """Analyse files, folders and standard input (``-``).

        Args:
            paths: What to read.
            metadata: What the caller states about every note; it wins over what the notes say.
            recursive: Whether folders inside folders are read too.
            with_text: Whether the report carries each note's text.
            progress: Called before each note.
            exclude: A file inside the folders that is no note: the report that is being written.

        Returns:
            The report: an input that failed is in ``skipped``, and never stops the rest.

        Raises:
            SolutionsError: There is an index, and it cannot be used.
            UsageError: No solution passes the filters.
        """
        if self._filters != Filters():
            self.matcher()  # filters that nothing passes are told before the first note is read

        def one(numbered: tuple[int, Path | Skipped]) -> Analysis | Skipped:
            number, entry = numbered
            if isinstance(entry, Skipped):
                return entry
            if progress:
                progress(str(entry), number)
            try:
                return self._one(entry, metadata, with_text)
            except (NoteError, EngineError) as error:
                return skip(entry, error)

        entries = enumerate(find_inputs(paths, recursive, exclude, self.settings.firm.columns), start=1)
        done = list(in_order(one, entries, self.workers))
        return Report(
            run=self.run_info,
            skipped=tuple(entry for entry in done if isinstance(entry, Skipped)),
            analyses=tuple(entry for entry in done if isinstance(entry, Analysis)),
        )

    def plan(
        self, paths: Iterable[Path], metadata: Metadata | None = None, recursive: bool = False
    ) -> "tuple[Plan, list[Skipped]]":
        """Return what an analysis would ask of the model, and the inputs that cannot be read. Nothing is sent.

        Raises:
            UsageError: The engine calls no model.
        """
        from notesense.engines.llm.plan import Plan

        plan = Plan()
        skipped: list[Skipped] = []
        for entry in find_inputs(paths, recursive, columns=self.settings.firm.columns):
            if isinstance(entry, Skipped):
                skipped.append(entry)
                continue
            try:
                note = self._read(entry, metadata)
            except NoteError as error:
                skipped.append(skip(entry, error))
                continue
            plan = plan.plus(self.plan_note(note))
        return plan, skipped

    def plan_note(self, note: Note) -> "Plan":
        """Return what the analysis of a note would ask of the model.

        Raises:
            UsageError: The engine calls no model.
        """
        from notesense.engines.llm.plan import plan_note

        llm = self.pipeline.engine.llm
        if llm is None:
            raise UsageError("the local engine calls no model: there is nothing to plan", "Add --engine llm.")
        matcher = self.matcher()
        chunks = split_chunks(note, self.pipeline.engine.detector.window)
        options = matcher.most_options() if matcher else []
        return plan_note(llm, note, chunks, split_note(note, self.settings.firm), options)

    @property
    def workers(self) -> int:
        """How many notes are in work at once: what waits for an endpoint overlaps, what computes does not."""
        return self.settings.llm.concurrency if self.pipeline.engine.llm else 1

    def _one(self, path: Path, metadata: Metadata | None, with_text: bool) -> Analysis:
        note = self._read(path, metadata)
        analysis = self.pipeline.analyze(note)
        return analysis.model_copy(update={"text": note.text}) if with_text else analysis

    def _read(self, path: Path, metadata: Metadata | None) -> Note:
        firm = self.settings.firm
        return read_stdin(metadata, firm) if str(path) == "-" else read_note(path, metadata, firm)

    def matcher(self) -> Matcher | None:
        """Return what finds solutions; None where there is no index."""
        return self._made_matcher

    @cached_property
    def _made_matcher(self) -> Matcher | None:
        index = self._opening.result()
        if index is None:
            return None
        self._filters.check(index.solutions)
        model = Logistic.read(self._encoder.bundle, "accept")
        return Matcher(Searcher(index, self._retriever), model, self.settings.max_matches, self._filters)


def exit_code(report: Report) -> int:
    """Return the exit code that a report stands for: done, done in part, or the failure of every input."""
    failed = bool(report.skipped) or any(analysis.incidents for analysis in report.analyses)
    if report.analyses:
        return EXIT_PARTIAL if failed else EXIT_DONE
    classes = {getattr(errors, entry.error, NoteError) for entry in report.skipped}
    return (
        EngineError.exit_code if classes and all(issubclass(c, EngineError) for c in classes) else NoteError.exit_code
    )
