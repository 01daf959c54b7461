"""One call for what ``notesense prompts show`` does: a prompt with a note in it, exactly as it would be sent."""

from pathlib import Path

from notesense.analyzer import Analyzer
from notesense.chunking import split_chunks, split_note
from notesense.engines.llm.prompts import NAMES, shipped_folder
from notesense.engines.llm.request import Request
from notesense.errors import UsageError
from notesense.reading import read_note
from notesense.settings import Settings


def source_of(settings: Settings, name: str) -> str:
    """Return the file of a prompt.

    Raises:
        UsageError: There is no such prompt.
    """
    _check(name)
    for folder in filter(None, (settings.llm.prompts, shipped_folder())):
        if (folder / f"{name}.md").is_file():
            return (folder / f"{name}.md").read_text(encoding="utf-8")
    raise UsageError(f"the prompt {name} is not there", "Install notesense again.")


def show_prompt(settings: Settings, name: str, path: Path, part: int = 1, answers: Path | None = None) -> str:
    """Return what would be sent about a note: the system message, a blank line, the user's message.

    Args:
        settings: The settings of a run.
        name: ``detect`` or ``match``.
        path: The note.
        part: Which chunk of it, from 1.
        answers: For ``match``: the folder with the answer to ``detect``, which says the needs.

    Raises:
        UsageError: There is no such prompt or part, or the prompt depends on more than a note.
    """
    _check(name)
    llm = settings.llm.model_copy(update={"answers": answers or path.absolute().parent})
    analyzer = Analyzer(settings.model_copy(update={"engine": "llm", "llm": llm}))
    if name == "detect":
        request = _detect(analyzer, path, part)
    elif name == "match" and answers:
        request = _match(analyzer, path)
    elif name == "match":
        raise UsageError(
            "what fits depends on the needs", "Name the folder with the answer to detect: --answers FOLDER"
        )
    else:
        raise UsageError(
            f"{name} depends on what a model answered before", f"See it: notesense prompts show {name} --source"
        )
    return "\n\n".join(message.content for message in request.messages) + "\n"


def _detect(analyzer: Analyzer, path: Path, part: int) -> Request:
    llm, firm = analyzer.pipeline.engine.llm, analyzer.settings.firm
    assert llm
    note = read_note(path, None, firm)
    chunks = split_chunks(note, llm.detector.window)
    if part > len(chunks):
        raise UsageError(f"{path} is read in {len(chunks)} part(s): there is no part {part}", "Leave --part out.")
    chunk = chunks[part - 1]
    return llm.detector.whole(note, chunk, chunk.inside(split_note(note, firm)))


def _match(analyzer: Analyzer, path: Path) -> Request:
    llm, firm = analyzer.pipeline.engine.llm, analyzer.settings.firm
    matcher = analyzer.matcher()
    if matcher is None:
        raise UsageError("there is no solution index", "Build one first: notesense index build LIBRARY")
    note = read_note(path, None, firm)
    needs = analyzer.pipeline.analyze(note).needs
    assert llm
    sentences = split_note(note, firm)
    return llm.judge.request(note, sentences, needs, matcher.options(note, sentences, needs))


def _check(name: str) -> None:
    if name not in NAMES:
        raise UsageError(f"no prompt is called {name}", f"There are: {', '.join(NAMES)}.")
