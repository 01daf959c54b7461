"""What calls take: tokens and money by note and run, an upper bound before a call, and a hard cap.

An upper bound of a request's tokens is estimated from its characters; how many tokens the endpoint counts for each that
was estimated is learnt from the usage that it reports.
"""

import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.resources import files
from typing import NamedTuple

from notesense.domain.analysis import Usage
from notesense.domain.endpoint import ModelSettings, Price
from notesense.engines.llm.cache import AnswerCache
from notesense.engines.llm.prompts import Message
from notesense.engines.llm.request import Tokens
from notesense.errors import ConfigError, CostCapError

CHARACTERS_PER_TOKEN = 2.5
"""Of ASCII text, at least; other characters may take more than one token each."""
TOKENS_PER_OTHER = 2.0
TOKENS_PER_MESSAGE = 12
LEARNT_FROM = 5
"""Calls before what was learnt replaces the first guess."""
MARGIN = 1.1
_MILLION = 1_000_000


class Bound(NamedTuple):
    """Most that a call can take."""

    input: int
    output: int
    cost: float | None


class Spending:
    """Counts what a run takes and holds it below a cap.

    Args:
        settings: Model, prices and cap.
        memory: Remembers what was learnt of the model's tokens.

    Raises:
        ConfigError: There is a cap, and no price to hold it with.
    """

    def __init__(self, settings: ModelSettings, memory: AnswerCache | None = None) -> None:
        self._settings = settings
        self._memory = memory
        self.price = price_of(settings)
        if settings.max_cost is not None and self.price is None and not settings.answers:
            raise ConfigError(
                f"no price is known for the model {settings.model}: a cap cannot be held",
                f'Add to notesense.toml: [llm.prices."{settings.model}"] with input and output, a million tokens each.',
            )
        self.total = Usage()
        self._lock = threading.Lock()
        self._note: ContextVar[list[Usage] | None] = ContextVar("spent_on_note", default=None)
        self._spent = 0.0
        self._reserved = 0.0
        self._ratio = memory.ratio(settings.model or "") if memory else None
        self._seen: list[float] = []

    @contextmanager
    def of_note(self) -> Iterator[list[Usage]]:
        """Collect the usage of one note: that of the calls which this thread makes inside."""
        calls: list[Usage] = []
        token = self._note.set(calls)
        try:
            yield calls
        finally:
            self._note.reset(token)

    def bound(self, messages: tuple[Message, ...]) -> Bound:
        """Return the most that a call with these messages can take."""
        given = int(estimate_tokens(messages) * (self._ratio or 1.0)) + 1
        taken = self._settings.max_output
        return Bound(given, taken, cost_of(self.price, Tokens(given, taken)))

    @contextmanager
    def reserve(self, messages: tuple[Message, ...]) -> Iterator[None]:
        """Set aside what a call can cost while it is under way.

        Raises:
            CostCapError: It could cost more than is left.
        """
        most = self.bound(messages).cost or 0.0
        cap = self._settings.max_cost
        with self._lock:
            if cap is not None and self._spent + self._reserved + most > cap:
                raise CostCapError(
                    f"stopped at the cap: {self._spent:.4f} is spent and the next call could cost {most:.4f}, "
                    f"the cap is {cap:g}",
                    "Run it again with a higher --max-cost: answers that were paid for are kept and cost nothing.",
                )
            self._reserved += most
        try:
            yield
        finally:
            with self._lock:
                self._reserved -= most

    def record(self, messages: tuple[Message, ...], tokens: Tokens | None, seconds: float) -> None:
        """Count a call that was answered; one whose endpoint does not tell is counted at its bound."""
        counted = tokens or Tokens(*self.bound(messages)[:2])
        cost = cost_of(self.price, counted)
        usage = Usage(calls=1, input_tokens=counted.input, output_tokens=counted.output, cost=cost, seconds=seconds)
        with self._lock:
            self._spent += cost or 0.0
            self.total = add(self.total, usage)
            if tokens and tokens.input:
                self._learn(tokens.input / estimate_tokens(messages))
        calls = self._note.get()
        if calls is not None:
            calls.append(usage)

    def _learn(self, ratio: float) -> None:
        self._seen.append(ratio)
        if len(self._seen) >= LEARNT_FROM:
            self._seen = self._seen[-100:]
            self._ratio = max(self._seen) * MARGIN
            if self._memory:
                self._memory.keep_ratio(self._settings.model or "", self._ratio)


def estimate_tokens(messages: tuple[Message, ...]) -> float:
    """Return an upper estimate of the tokens of messages."""
    total = 0.0
    for message in messages:
        ascii_count = sum(map(str.isascii, message.content))
        others = len(message.content) - ascii_count
        total += TOKENS_PER_MESSAGE + ascii_count / CHARACTERS_PER_TOKEN + others * TOKENS_PER_OTHER
    return total


def cost_of(price: Price | None, tokens: Tokens) -> float | None:
    """Return what tokens cost; None where the price is not known."""
    if price is None:
        return None
    fresh = tokens.input - tokens.cached
    cached = price.input if price.cached is None else price.cached
    return (fresh * price.input + tokens.cached * cached + tokens.output * price.output) / _MILLION


def price_of(settings: ModelSettings) -> Price | None:
    """Return the price of the settings' model: the user's own, else the shipped one; None where there is none."""
    if settings.model in settings.prices:
        return settings.prices[settings.model]
    if settings.base_url:  # the shipped prices are OpenAI's
        return None
    shipped = tomllib.loads((files("notesense.engines.llm") / "prices.toml").read_text(encoding="utf-8"))
    found = shipped.get(settings.model or "")
    return Price(**found) if found else None


def add(one: Usage, other: Usage) -> Usage:
    """Return two usages as one."""
    costs = [u.cost for u in (one, other) if u.cost is not None]
    return Usage(
        calls=one.calls + other.calls, input_tokens=one.input_tokens + other.input_tokens,
        output_tokens=one.output_tokens + other.output_tokens, cost=sum(costs) if costs else None,
        seconds=one.seconds + other.seconds,
    )  # fmt: skip
