"""A suite: which cases, which library, which settings, which gates; one small YAML file.

::

    name: core
    about: Needs and pitches on whole notes of authors that no model has seen.
    kind: notes                  # notes, or pairs
    cases: ../notes              # relative to this file
    split: test                  # test, train or all
    only: {}                     # no_pitch: true, no_need: true, solutions: true, batches: [c, a/a01-x]
    quick: 3                     # --quick takes every third case
    library: ../../sample_notes/library
    settings: {max_matches: 3}   # settings of the engine
    show: [need.f1, pitch.f1]    # the metrics of the summary, in this order
    gates:
      - {metric: need.f1, at_least: 0.6}
      - {metric: no_pitch.flagged, at_most: 0.3}
      - {metric: pitch.f1, max_drop: 0.02}     # of eval compare
"""

from pathlib import Path
from typing import Any, Literal, NamedTuple

import yaml
from pydantic import Field, ValidationError, model_validator

from notesense.domain.base import Frozen
from notesense.errors import UsageError
from notesense.evaluation.cases import Case, Passage, load_cases, load_passages

SHIPPED = "eval/suites"
"""Where the suites of a checkout stand."""


class Gate(Frozen):
    """A bound on a metric: the lower end of its 95 % interval must reach "at least", the upper end keep "at most"."""

    metric: str
    at_least: float | None = None
    at_most: float | None = None
    max_drop: float | None = None
    """What a comparison may show as lost: it fails where the whole interval of the change is worse."""

    @model_validator(mode="after")
    def _one_bound(self) -> "Gate":
        if [self.at_least, self.at_most, self.max_drop].count(None) != 2:
            raise ValueError("a gate has one of at_least, at_most and max_drop")
        return self


class Only(Frozen):
    """Which of the cases are taken."""

    no_pitch: bool = False
    no_need: bool = False
    solutions: bool = False
    batches: tuple[str, ...] | None = None
    """Batches, or single cases (BATCH/NAME); none takes all."""

    def takes(self, case: Case) -> bool:
        """Tell whether a labelled note belongs to the suite."""
        empty = (self.no_pitch and not case.pitches) or (self.no_need and not case.needs)
        named = self.batches is None or case.batch in self.batches or case.name in self.batches
        return named and (empty or not (self.no_pitch or self.no_need)) and (case.has_solutions or not self.solutions)


class Suite(Frozen):
    """One suite, its paths absolute."""

    name: str
    about: str = ""
    kind: Literal["notes", "pairs"] = "notes"
    cases: Path
    split: Literal["test", "train", "all"] = "all"
    only: Only = Only()
    quick: int = Field(default=1, ge=1)
    library: Path | None = None
    settings: dict[str, Any] = Field(default_factory=dict)
    metadata: bool = False
    """Whether client, unit, practice and date of the labels are given to the engine, as by options."""
    show: tuple[str, ...] = ()
    gates: tuple[Gate, ...] = ()


class Items(NamedTuple):
    """What a suite is run on: notes, or groups of passages by name."""

    notes: list[Case]
    groups: dict[str, list[Passage]]

    def __len__(self) -> int:
        return len(self.notes) + len(self.groups)


def load_suite(path: Path) -> Suite:
    """Read a suite.

    Raises:
        UsageError: It is not there, or something in it is wrong; names the file and the field.
    """
    try:
        fields = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(
            f"{path}: cannot be read ({error})", "A suite is a YAML file; see docs/evaluation.md."
        ) from None
    if not isinstance(fields, dict):
        raise UsageError(f"{path}: not a suite", "A suite is a YAML file with fields; see docs/evaluation.md.")
    for name in ("cases", "library"):
        if isinstance(fields.get(name), str):
            fields[name] = (path.parent / fields[name]).resolve()
    try:
        return Suite.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(f"{path}: {where}: {first['msg']}", "See docs/evaluation.md for the fields.") from None


def find_suite(name: str, folder: Path) -> Suite:
    """Return the suite of a name (one of ``eval/suites`` below the folder or a parent of it) or of a path.

    Raises:
        UsageError: There is none.
    """
    if name.endswith((".yaml", ".yml")):
        return load_suite(Path(name))
    suites = near(SHIPPED, folder)
    if (suites / f"{name}.yaml").is_file():
        return load_suite(suites / f"{name}.yaml")
    if suites.is_dir():
        known = ", ".join(sorted(path.stem for path in suites.glob("*.yaml")))
        raise UsageError(f"no suite is called {name}", f"There are: {known}; or give the path of a YAML file.")
    raise UsageError(
        f"no suite is called {name}: there is no {SHIPPED} here or above",
        "Run it in a checkout of notesense, give the path of a suite's YAML file, or name your own notes with --cases.",
    )


def near(place: str, folder: Path) -> Path:
    """Return a place of a checkout, looked for below a folder and its parents; below the folder where there is none."""
    options = [parent / place for parent in (folder.absolute(), *folder.absolute().parents)]
    return next((option for option in options if option.is_dir()), options[0])


def suite_of_folder(folder: Path, library: Path | None) -> Suite:
    """Return the suite of a user's own folder of labelled notes."""
    show = ("need.f1", "need.precision", "need.recall", "implied.recall", "kind.accuracy", "category.accuracy",
            "pitch.f1", "pitch.precision", "pitch.recall", "no_pitch.flagged", "no_need.flagged")  # fmt: skip
    return Suite(name=folder.resolve().name, cases=folder.resolve(), library=library and library.resolve(), show=show)


def items_of(suite: Suite, quick: bool = False) -> Items:
    """Read the cases of a suite.

    Raises:
        UsageError: A case breaks the format, or none belongs to the suite.
    """
    step = suite.quick if quick else 1
    wanted = {"all": (True, False), "test": (True,), "train": (False,)}[suite.split]
    notes: list[Case] = []
    groups: dict[str, list[Passage]] = {}
    if suite.kind == "notes":
        notes = [c for c in load_cases(suite.cases) if c.is_test in wanted and suite.only.takes(c)][::step]
    else:
        for passage in load_passages(suite.cases):
            if passage.is_test in wanted:
                groups.setdefault(passage.group, []).append(passage)
        groups = {name: groups[name] for name in list(groups)[::step]}
    if not notes and not groups:
        raise UsageError(f"suite {suite.name}: no case belongs to it", f"Cases are looked for in {suite.cases}.")
    return Items(notes, groups)
