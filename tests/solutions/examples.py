"""Small libraries, an encoder that counts, and notes with one need, made by hand."""

from collections.abc import Sequence
from pathlib import Path

from notesense.domain.findings import Evidence, Need
from notesense.domain.notes import Note, Sentence
from notesense.domain.solutions import Solution
from notesense.encoding.bundle import load_bundle
from notesense.encoding.encoder import Encoder, Vectors, shared_retriever
from notesense.solutions.index import BuildResult, build_index

THINGS = ("roof", "pump", "bridge", "school")


def solution(identity: str, thing: str, **fields: object) -> Solution:
    """Return a solution with a headline and two passages."""
    values: dict[str, object] = {
        "title": f"New {thing} for the harbour",
        "practice": "Water",
        "client": "City of Marlow",
        "summary": f"The {thing} was repaired in ten weeks.",
        "text": f"The {thing} had been failing for years.\n\nThe {thing} has not failed since.",
    }
    return Solution(**{"id": identity, **values, **fields})  # type: ignore[arg-type]


SMALL = [solution(f"A-{number}", thing) for number, thing in enumerate(THINGS)]
"""Four solutions of three passages each."""
PASSAGES = 3


def write_library(folder: Path, solutions: Sequence[Solution]) -> Path:
    """Write solutions as case studies and return the folder."""
    folder.mkdir(exist_ok=True)
    for s in solutions:
        head = f"id: {s.id}\ntitle: {s.title}\npractice: {s.practice}\nclient: {s.client}\nsummary: {s.summary}"
        (folder / f"{s.id}.md").write_text(f"---\n{head}\n---\n{s.text}\n", encoding="utf-8")
    return folder


class CountingEncoder(Encoder):
    """The shipped retriever, which keeps a record of the texts that it was asked for."""

    def __init__(self, fingerprint: str | None = None) -> None:
        super().__init__(load_bundle(), branch="retriever")
        self.texts: list[str] = []
        self._fingerprint = fingerprint

    @property
    def fingerprint(self) -> str:
        """The shipped one, or the one given."""
        return self._fingerprint or super().fingerprint

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Record and encode."""
        self.texts += texts
        return shared_retriever().encode(texts)


def build(root: Path, solutions: Sequence[Solution], encoder: Encoder | None = None) -> BuildResult:
    """Build an index of solutions made by hand."""
    return build_index(root, solutions, "by hand", encoder or shared_retriever(), "test")


def generations(root: Path) -> set[str]:
    """Return the names of all generations in an index folder."""
    return {folder.name for folder in (root / "generations").iterdir()}


def need_in(words: str, **metadata: object) -> tuple[Note, list[Sentence], Need]:
    """Return a note of one sentence, which is a need."""
    note = Note(text=words, path="note.md", **metadata)  # type: ignore[arg-type]
    evidence = Evidence(start=0, end=len(words), quote=words, side="client")
    need = Need(
        id="n1", key="k", kind="implied", category="operations", statement=words, confidence=0.9, evidence=(evidence,)
    )
    return note, [Sentence(0, len(words), words, "prose")], need
