"""What calls take: tokens and money by note and run, an upper bound before a call, and a hard cap.

An upper bound of a request's tokens is estimated from its characters; how many tokens the endpoint counts for each that
was estimated is learnt from the usage that it reports.
"""

import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import NamedTuple

from notesense.domain.analysis import Usage
from notesense.domain.endpoint import ModelSettings, Price
from notesense.engines.llm.cache import AnswerCache
from notesense.engines.llm.prompts import Message
from notesense.engines.llm.request import Tokens
from notesense.engines.meter import current
from notesense.errors import ConfigError, CostCapError

CHARACTERS_PER_TOKEN = 2.5
"""Of ASCII text, at least; other characters may take more than one token each."""
TOKENS_PER_OTHER = 2.0
TOKENS_PER_MESSAGE = 12
LEARNT_FROM = 5
"""Calls before what was learnt replaces the first guess."""
MOST_OTHER = 0.1
"""Tokens of other characters, as a share of the plain ones, up to which a text says how many a plain one has."""
MARGIN = 1.1
_MILLION = 1_000_000


class Bound(NamedTuple):
    """Most that a call can take."""

    input: int
    output: int
    cost: float | None


class Estimate(NamedTuple):
    """An upper estimate of tokens."""

    plain: float
    """Those of ASCII text."""
    other: float
    """Those of other characters, of which a token holds one at most; what was learnt of plain text says nothing of them."""

    def times(self, ratio: float) -> float:
        """Return the tokens in all, where plain text takes a learnt share of its estimate."""
        return self.plain * ratio + self.other


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
        self._spent = 0.0
        self._reserved = 0.0
        self._ratio = memory.ratio(settings.model or "") if memory else None
        self._seen: list[float] = []

    def bound(self, messages: tuple[Message, ...]) -> Bound:
        """Return the most that a call with these messages can take."""
        given = int(estimate_tokens(messages).times(self._ratio or 1.0)) + 1
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
            self.total = self.total.plus(usage)
            estimate = estimate_tokens(messages)
            if tokens and tokens.input and estimate.other < MOST_OTHER * estimate.plain:
                self._learn(tokens.input / estimate.plain)
        current().count(usage)

    def _learn(self, ratio: float) -> None:
        self._seen.append(ratio)
        if len(self._seen) >= LEARNT_FROM:
            self._seen = self._seen[-100:]
            self._ratio = max(self._seen) * MARGIN
            if self._memory:
                self._memory.keep_ratio(self._settings.model or "", self._ratio)


def estimate_tokens(messages: tuple[Message, ...]) -> Estimate:
    """Return an upper estimate of the tokens of messages."""
    characters = sum(len(message.content) for message in messages)
    plain = sum(map(str.isascii, "".join(message.content for message in messages)))
    return Estimate(
        TOKENS_PER_MESSAGE * len(messages) + plain / CHARACTERS_PER_TOKEN, (characters - plain) * TOKENS_PER_OTHER
    )


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
