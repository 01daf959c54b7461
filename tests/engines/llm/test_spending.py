import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from notesense.domain.endpoint import ModelSettings, Price
from notesense.engines.llm.cache import AnswerCache, cache_path
from notesense.engines.llm.make import LlmParts
from notesense.engines.llm.prompts import Message
from notesense.engines.llm.request import Tokens
from notesense.engines.llm.spending import Spending, cost_of, estimate_tokens, price_of
from notesense.errors import ConfigError, CostCapError
from tests.engines.llm.loopback import LoopbackServer, fails, hangs, says
from tests.engines.llm.test_faults import GOOD, PUMP, TEXT, analyze, need, reading

PRICES = {"m": {"input": 10.0, "output": 100.0, "cached": 1.0}}
ONE_CALL = (100 * 10 + 20 * 100) / 1e6


def test_tokens_and_money_are_counted_by_note_and_run(server: LoopbackServer, make: Callable[..., LlmParts]) -> None:
    server.otherwise = says(GOOD)
    parts = make(prices=PRICES)
    usages = [analyze(parts, TEXT + str(i)).usage for i in range(3)]
    assert [(u.calls, u.input_tokens, u.output_tokens, u.cost) for u in usages] == [
        (1, 100, 20, pytest.approx(ONE_CALL))
    ] * 3
    total = parts.spending.total
    assert (total.calls, total.input_tokens, total.cost) == (3, 300, pytest.approx(3 * ONE_CALL))


def test_cached_input_has_its_own_price() -> None:
    assert cost_of(Price(input=10, output=100, cached=1), Tokens(100, 20, 60)) == (40 * 10 + 60 * 1 + 20 * 100) / 1e6
    assert cost_of(Price(input=10, output=100), Tokens(100, 20, 60)) == ONE_CALL
    assert cost_of(None, Tokens(1, 1)) is None


def test_a_model_without_price_has_tokens_and_no_cost(server: LoopbackServer, make: Callable[..., LlmParts]) -> None:
    server.otherwise = says(GOOD)
    usage = analyze(make()).usage
    assert (usage.calls, usage.input_tokens, usage.cost) == (1, 100, None)


def test_a_cap_needs_a_price() -> None:
    with pytest.raises(ConfigError, match="no price is known for the model m"):
        Spending(ModelSettings(model="m", max_cost=1.0))


def test_shipped_prices_are_for_openai_alone() -> None:
    assert price_of(ModelSettings(model="gpt-4o-mini")) == Price(input=0.15, output=0.6, cached=0.075)
    assert price_of(ModelSettings(model="gpt-4o-mini", base_url="http://127.0.0.1:1/v1")) is None
    own = ModelSettings(model="gpt-4o-mini", prices={"gpt-4o-mini": Price(input=1, output=2)})
    assert price_of(own) == Price(input=1, output=2)


def test_the_cap_is_never_passed_and_what_was_paid_is_kept(
    server: LoopbackServer, make: Callable[..., LlmParts]
) -> None:
    server.otherwise = says(GOOD, usage={"prompt_tokens": 2000, "completion_tokens": 900})
    parts = make(prices=PRICES, max_output=1000)
    most = parts.spending.bound(parts.detector.request(*_first()).messages).cost
    assert most
    cap = 2.5 * most
    capped = make(prices=PRICES, max_output=1000, max_cost=cap)
    done = []
    with pytest.raises(CostCapError, match="stopped at the cap"):
        for i in range(10):
            analyze(capped, f"{TEXT}\nNote {i}.")
            done.append(i)
    assert capped.spending.total.cost <= cap
    assert 1 <= len(done) < 10
    assert len(server.calls) == len(done)
    again = make(prices=PRICES, max_output=1000, max_cost=cap)
    for i in done:
        assert analyze(again, f"{TEXT}\nNote {i}.").usage.calls == 0
    assert len(server.calls) == len(done)


def test_what_nobody_waited_for_counts_as_spent(server: LoopbackServer, make: Callable[..., LlmParts]) -> None:
    server.otherwise = hangs(0.6)
    parts = make(prices=PRICES, timeout=0.2, retries=0)
    with pytest.raises(Exception, match="no answer within"):
        analyze(parts)
    assert parts.spending.total.cost
    assert parts.spending.total.output_tokens == 2 * 6000


def test_the_bound_holds_and_what_is_learnt_makes_it_closer(
    server: LoopbackServer, make: Callable[..., LlmParts]
) -> None:
    def counts(handler: Any, body: dict[str, Any]) -> None:
        given = sum(len(m["content"]) for m in body["messages"]) // 4
        says(GOOD, usage={"prompt_tokens": given, "completion_tokens": 30})(handler, body)

    server.otherwise = counts
    parts = make()
    messages = parts.detector.request(*_first()).messages
    first = parts.spending.bound(messages).input
    used = [analyze(parts, TEXT + "word " * i).usage.input_tokens for i in range(8)]
    learnt = parts.spending.bound(messages).input
    assert max(used[:1]) <= learnt < first
    assert make().spending.bound(messages).input == learnt


def test_other_scripts_are_estimated_high() -> None:
    assert estimate_tokens((Message("user", "会議の記録" * 100),)).other >= 500 * 1.5


def test_what_is_learnt_of_plain_text_says_nothing_of_other_scripts(
    server: LoopbackServer, make: Callable[..., LlmParts]
) -> None:
    server.otherwise = says(GOOD, usage={"prompt_tokens": 2000, "completion_tokens": 30})
    parts = make()
    plain, other = (Message("user", "word " * 400),), (Message("user", "会議の記録" * 400),)
    before = parts.spending.bound(plain).input, parts.spending.bound(other).input
    for i in range(8):
        analyze(parts, TEXT + "word " * i)
    assert parts.spending.bound(plain).input < before[0]
    assert parts.spending.bound(other).input >= before[1] - 12


def test_without_the_cache_a_cache_that_cannot_be_used_is_no_obstacle(
    server: LoopbackServer, make: Callable[..., LlmParts], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "answers.sqlite3").write_bytes(b"no database" * 100)
    monkeypatch.setattr("notesense.engines.llm.cache.data_folder", lambda: tmp_path / "data")
    server.otherwise = says(GOOD)
    with pytest.raises(ConfigError, match="cannot be opened") as caught:
        make()
    assert "--no-cache" in caught.value.hint
    assert analyze(make(cache=False)).needs


def test_an_answer_is_kept_and_a_changed_prompt_asks_again(
    server: LoopbackServer, make: Callable[..., LlmParts], tmp_path: Path
) -> None:
    from notesense.engines.llm.prompts import shipped_folder

    server.otherwise = says(GOOD)
    analyze(make())
    assert analyze(make()).usage.calls == 0
    assert len(server.calls) == 1
    text = (shipped_folder() / "detect.md").read_text(encoding="utf-8")
    (tmp_path / "detect.md").write_text(text.replace("You are careful", "You are very careful"), encoding="utf-8")
    assert analyze(make(prompts=tmp_path)).usage.calls == 1
    for changed in ({"model": "other"}, {"temperature": 0.5}, {"body": {"seed": 1}}, {"cache": False}):
        assert analyze(make(**changed)).usage.calls == 1, changed
    assert analyze(make()).usage.calls == 0


def test_an_answer_with_faults_is_not_kept(server: LoopbackServer, make: Callable[..., LlmParts]) -> None:
    server.otherwise = says(reading(need(PUMP), need(PUMP, kind="odd")))
    analyze(make())
    analyze(make())
    assert len(server.calls) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
def test_the_cache_is_the_users_alone_and_holds_no_key(server: LoopbackServer, make: Callable[..., LlmParts]) -> None:
    server.script = [fails(500), says(GOOD)]
    analyze(make())
    assert stat.S_IMODE(cache_path().stat().st_mode) == 0o600
    assert stat.S_IMODE(cache_path().parent.stat().st_mode) == 0o700
    assert all(b"sk-test-secret" not in p.read_bytes() for p in cache_path().parent.iterdir() if p.is_file())
    assert "sk-test-secret" in json.dumps([c.headers for c in server.calls])


def test_the_cache_can_be_pruned(server: LoopbackServer, make: Callable[..., LlmParts]) -> None:
    server.otherwise = says(GOOD)
    analyze(make())
    cache = AnswerCache()
    assert cache.kept().answers == 1
    assert cache.prune(days=1) == 0
    assert cache.prune() == 1
    assert cache.kept().answers == 0
    cache.close()


def test_a_file_that_is_no_cache_is_named() -> None:
    cache_path().parent.mkdir(parents=True)
    cache_path().write_text("not a database, but long enough to be looked at as one" * 20)
    with pytest.raises(ConfigError, match=r"answers\.sqlite3"):
        AnswerCache()


def _first() -> Any:
    from notesense.domain.notes import Note
    from notesense.domain.spans import Span

    return Note(text=TEXT, path="site.md"), [Span(0, len(TEXT))], 1, []
