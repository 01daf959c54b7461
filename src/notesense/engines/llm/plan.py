"""What an analysis would ask of a model and could cost at most, before anything is sent."""

from collections.abc import Sequence
from typing import NamedTuple

from notesense.domain.endpoint import ModelSettings
from notesense.domain.notes import Chunk, Note, Sentence
from notesense.domain.solutions import Solution
from notesense.engines.llm.make import LlmParts
from notesense.engines.llm.prompts import Message
from notesense.engines.llm.request import Request, Tokens
from notesense.engines.llm.spending import cost_of, price_of

_TOLD = 500
"""Most tokens of the message that names the faults of an answer."""
_LIKELY_CHARACTERS = 4.0
_LIKELY_FINDINGS = 0.6
"""Tokens of an answer for each token of a note, about; and a few hundred for matches."""
_LIKELY_MATCHES = 250


class Plan(NamedTuple):
    """Calls, tokens and cost of one or more notes. The upper bound holds unless answers are cut off and parts are split."""

    notes: int = 0
    calls: int = 0
    """If every answer can be used."""
    most_calls: int = 0
    """If every answer has faults and quotes that are not in the note."""
    likely_input: int = 0
    likely_output: int = 0
    most_input: int = 0
    most_output: int = 0

    def plus(self, other: "Plan") -> "Plan":
        """Return two plans as one."""
        return Plan(*(a + b for a, b in zip(self, other, strict=True)))


def plan_note(
    llm: LlmParts, note: Note, chunks: Sequence[Chunk], sentences: Sequence[Sentence], solutions: Sequence[Solution]
) -> Plan:
    """Return the plan of a note.

    Args:
        llm: The engine's parts.
        note: The note.
        chunks: Its chunks.
        sentences: Its sentences.
        solutions: What matches are chosen from; none where there is no index.
    """
    out = llm.spending.bound(()).output
    plan = Plan(notes=1)
    for chunk in chunks:
        inside = chunk.inside(sentences)
        if not inside:
            continue
        request = llm.detector.whole(note, chunk, inside)
        given = llm.spending.bound(request.messages).input
        words = chunk.body(note).length / _LIKELY_CHARACTERS
        plan = plan.plus(_twice(given, out, _likely(request), int(words * _LIKELY_FINDINGS)))
        plan = plan.plus(_twice(given + out, out, 0, 0)._replace(calls=0))  # quotes that are not in the note
    found = len(chunks) * out
    if len(chunks) > 1:
        plan = plan.plus(_twice(found + _TOLD, out, 0, 0)._replace(calls=0))
    if solutions:
        request = llm.judge.request(note, sentences, [], solutions)
        given = llm.spending.bound(request.messages).input + found
        plan = plan.plus(_twice(given, out, _likely(request), _LIKELY_MATCHES))
    return plan


def plan_cost(settings: ModelSettings, plan: Plan) -> tuple[float | None, float | None]:
    """Return what a plan costs: likely, and at most; None where no price is known."""
    price = price_of(settings)
    return (
        cost_of(price, Tokens(plan.likely_input, plan.likely_output)),
        cost_of(price, Tokens(plan.most_input, plan.most_output)),
    )


def _twice(given: int, out: int, likely_given: int, likely_out: int) -> Plan:
    """Return the plan of a call that may have to be asked again with its answer and its faults."""
    return Plan(0, 1, 2, likely_given, likely_out, given + given + out + _TOLD, 2 * out)


def _likely(request: Request) -> int:
    return sum(_length(message) for message in request.messages)


def _length(message: Message) -> int:
    return int(len(message.content) / _LIKELY_CHARACTERS) + 1
