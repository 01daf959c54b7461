"""The llm engine's judge: which mentions are one need, and which past solutions fit a need, or none.

Mentions of one chunk are grouped by what the detector was told; the model is asked only about needs that were found in
different parts of a long note. A library that fits into the prompt is shown whole, so that search is no ceiling.
"""

from collections.abc import Sequence

from notesense.domain.findings import Mention, Need, by_finding
from notesense.domain.notes import Note, Sentence
from notesense.domain.solutions import Choice, Solution
from notesense.engines.llm.client import Client
from notesense.engines.llm.prompts import Prompts, mark_of
from notesense.engines.llm.redaction import Hiding
from notesense.engines.llm.request import Request
from notesense.engines.llm.schemas import Groups, Verdicts

MOST_CHOICES = 3
_SUMMARY = 320
"""Most characters of a solution's summary."""


class LlmJudge:
    """Judges with a model.

    Args:
        client: Asks the model.
        prompts: The prompts of the run.
        hiding: What hides names.
    """

    def __init__(self, client: Client, prompts: Prompts, hiding: Hiding) -> None:
        self._client = client
        self._prompts = prompts
        self._hiding = hiding

    def same_need(self, note: Note, mentions: Sequence[Mention]) -> list[list[int]]:
        """Return groups of indices; see :class:`notesense.engines.base.Judge`."""
        groups = by_finding(mentions)
        parts = {(mentions[group[0]].finding or "").split(":")[0] for group in groups}
        if len(parts) < 2 or len(groups) < 2:
            return groups
        return self._joined(note, mentions, groups)

    def _joined(self, note: Note, mentions: Sequence[Mention], groups: list[list[int]]) -> list[list[int]]:
        hide = self._hiding.of(note).hide
        names = [f"n{number}" for number in range(1, len(groups) + 1)]
        lines = []
        for name, group in zip(names, groups, strict=True):
            first = mentions[group[0]]
            quotes = " / ".join(" ".join(mentions[i].evidence.quote.split()) for i in group)
            lines.append(f"{name}: {first.draft.statement or '-'} | words: {quotes}")
        needs = hide("\n".join(lines))
        prompt = self._prompts["group"]
        messages = prompt.render(needs=needs, mark=mark_of(needs))
        request = Request(prompt.name, prompt.digest, note.path, 1, messages, prompt.schema)

        def check(value: Groups) -> list[str]:
            return _unknown([name for group in value.groups for name in group], set(names))

        answer: Groups = self._client.ask(request, check).value
        return _merge(groups, [[names.index(n) for n in joined if n in names] for joined in answer.groups])

    def choose(
        self, note: Note, sentences: Sequence[Sentence], needs: Sequence[Need], solutions: Sequence[Solution]
    ) -> list[list[Choice]]:
        """Return what fits each need, best first; see :class:`notesense.engines.base.Chooser`."""
        request = self.request(note, sentences, needs, solutions)
        ids, names = {s.id for s in solutions}, {n.id for n in needs}

        def check(value: Verdicts) -> list[str]:
            chosen = [choice.id for verdict in value.verdicts for choice in verdict.solutions]
            missing = names - {verdict.need for verdict in value.verdicts}
            lacking = [f"no verdict for the need {name}" for name in sorted(missing)]
            return _unknown(chosen, ids) + _unknown([v.need for v in value.verdicts], names) + lacking

        answer: Verdicts = self._client.ask(request, check).value
        show = self._hiding.of(note, sentences, solutions).show
        verdicts = {verdict.need: verdict.solutions for verdict in answer.verdicts}
        return [
            [
                Choice(solution_id=choice.id, why=" ".join(show(choice.why).split()))
                for choice in {c.id: c for c in reversed(verdicts.get(need.id, [])) if c.id in ids}.values()
            ][::-1][:MOST_CHOICES]
            for need in needs
        ]  # fmt: skip

    def request(
        self, note: Note, sentences: Sequence[Sentence], needs: Sequence[Need], solutions: Sequence[Solution]
    ) -> Request:
        """Return what is asked about the needs of a note."""
        hide = self._hiding.of(note, sentences, solutions).hide
        known = {"Client": note.client, "Part of the client": note.client_unit, "Author's practice": note.practice}
        context = "\n".join(f"{name}: {value}" for name, value in known.items() if value)
        listed = hide("\n".join(_line(solution) for solution in solutions))
        shown = hide("\n".join(_need_lines(need) for need in needs))
        prompt = self._prompts["match"]
        messages = prompt.render(
            solutions=listed, library_mark=mark_of(listed), context=hide(context), needs=shown, mark=mark_of(shown)
        )
        return Request(prompt.name, prompt.digest, note.path, 1, messages, prompt.schema)


def _need_lines(need: Need) -> str:
    quotes = "\n".join(f"   - {' '.join(e.quote.split())}" for e in need.evidence)
    return f"{need.id} ({need.kind}, {need.category}): {need.statement}\n{quotes}"


def _line(solution: Solution) -> str:
    """Return a solution on one line, as a catalogue has it."""
    who = f"{solution.client}{', ' + solution.client_unit if solution.client_unit else ''}"
    about = " ".join((solution.summary or solution.text).split())
    if len(about) > _SUMMARY:
        about = about[:_SUMMARY].rsplit(" ", 1)[0] + " …"
    return f"{solution.id} | {solution.title} | {solution.practice} | for {who}{f', {solution.year}' if solution.year else ''} | {about}"


def _unknown(given: Sequence[str], known: set[str]) -> list[str]:
    return [f"{name!r:.60} is no id of the list" for name in dict.fromkeys(given) if name not in known]


def _merge(groups: list[list[int]], joins: list[list[int]]) -> list[list[int]]:
    """Return the groups, those that are joined as one; a group is joined once."""
    home = list(range(len(groups)))
    joined: set[int] = set()
    for join in joins:
        fresh = [i for i in dict.fromkeys(join) if i not in joined]
        joined.update(fresh)
        for i in fresh:
            home[i] = fresh[0]
    merged: dict[int, list[int]] = {}
    for i, group in enumerate(groups):
        merged.setdefault(home[i], []).extend(group)
    return [sorted(group) for group in merged.values()]
