"""The llm and hybrid engines from the command line, against a loopback endpoint."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from notesense.engines.hybrid import NEIGHBOURS
from notesense.engines.local.detector import LocalDetector
from tests.cli.conftest import Run
from tests.engines.llm.loopback import LoopbackServer, fails, says
from tests.engines.llm.test_faults import GOOD, PUMP, TEXT, need, reading

LLM = ("--engine", "llm", "--model", "m")


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        server.otherwise = says(GOOD)
        yield server


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "notes/site.md"
    path.parent.mkdir()
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_the_report_names_engine_model_and_prompts(notesense: Run, server: LoopbackServer, note: Path) -> None:
    code, out, _ = notesense("analyze", note, *LLM, "--base-url", server.base_url, "-f", "json")
    report = json.loads(out)
    assert code == 0
    assert report["run"]["engine"] == {"name": "llm", "model": "m", "version": report["run"]["prompts"]}
    assert "detect 3" in report["run"]["prompts"]
    analysis = report["analyses"][0]
    assert analysis["needs"][0]["evidence"][0]["quote"] == PUMP
    assert analysis["needs"][0]["confidence"] is None
    assert analysis["usage"] | {"seconds": 0} == {
        "calls": 1,
        "input_tokens": 100,
        "output_tokens": 20,
        "cost": None,
        "seconds": 0,
    }


@pytest.mark.parametrize("form", ["terminal", "markdown"])
def test_readable_reports_say_what_it_took(notesense: Run, server: LoopbackServer, note: Path, form: str) -> None:
    _, out, _ = notesense("analyze", note, *LLM, "--base-url", server.base_url, "-f", form)
    assert "1 call" in out
    assert "120 tokens" in out


def test_a_key_alone_switches_nothing_on(
    notesense: Run, server: LoopbackServer, note: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    assert notesense("analyze", note).code == 0
    assert not server.calls
    monkeypatch.setenv("NOTESENSE_ENGINE", "llm")
    monkeypatch.setenv("NOTESENSE_LLM_MODEL", "m")
    assert notesense("analyze", note).code == 0
    assert {n.lower(): v for n, v in server.calls[0].headers.items()}["authorization"] == "Bearer sk-1"


def test_the_file_may_say_it_all_but_not_the_key(
    notesense: Run, server: LoopbackServer, note: Path, tmp_path: Path
) -> None:
    table = f'engine = "llm"\n[llm]\nmodel = "m"\nbase_url = "{server.base_url}"\nprices."m" = {{input = 1.0, output = 2.0}}\n'
    (tmp_path / "notesense.toml").write_text(table)
    report = json.loads(notesense("analyze", note, "-f", "json").out)
    assert report["analyses"][0]["usage"]["cost"] == pytest.approx(140 / 1e6)
    (tmp_path / "notesense.toml").write_text(table + 'api_key = "sk-1"\n')
    code, _, err = notesense("analyze", note)
    assert code == 3
    assert "a key does not belong in a file" in err
    assert "sk-1" not in err


def test_a_dry_run_sends_nothing_and_its_bound_holds(
    notesense: Run, server: LoopbackServer, note: Path, sample_index: Path
) -> None:
    for name in ("a", "b", "c"):
        note.with_name(f"{name}.md").write_text(TEXT + name, encoding="utf-8")
    options = (note.parent, *LLM, "--base-url", server.base_url, "--index", sample_index)
    code, out, _ = notesense("analyze", *options, "--dry-run")
    assert code == 0
    assert not server.calls
    assert out.startswith("4 notes, model m; nothing was sent.")
    rows = {line.split()[0]: [int(v.replace(",", "")) for v in line.split()[-2:]] for line in out.splitlines()[2:5]}
    assert "no price known" in out

    def counts(handler: Any, body: dict[str, Any]) -> None:
        given = sum(len(m["content"]) for m in body["messages"]) // 3
        says(GOOD, usage={"prompt_tokens": given, "completion_tokens": 6000})(handler, body)

    server.otherwise = counts
    notesense("analyze", *options)
    assert rows["calls"][0] <= len(server.calls) <= rows["calls"][1]
    spent = sum(sum(len(m["content"]) for m in call.body["messages"]) // 3 for call in server.calls)
    assert spent <= rows["input"][1]
    assert 6000 * len(server.calls) <= rows["output"][1]


def test_a_dry_run_of_the_local_engine_is_refused(notesense: Run, note: Path) -> None:
    code, _, err = notesense("analyze", note, "--dry-run")
    assert code == 2
    assert "--engine llm" in err


def test_the_cap_stops_cleanly_and_a_second_run_goes_on(
    notesense: Run, server: LoopbackServer, note: Path, tmp_path: Path
) -> None:
    for number in range(6):
        note.with_name(f"{number}.md").write_text(f"{TEXT}\nNote {number}.", encoding="utf-8")
    (tmp_path / "notesense.toml").write_text(
        '[llm]\nmax_output = 500\nconcurrency = 1\nprices."m" = {input = 10.0, output = 100.0}\n'
    )
    server.otherwise = says(GOOD, usage={"prompt_tokens": 2500, "completion_tokens": 450})
    options = (note.parent, *LLM, "--base-url", server.base_url, "-f", "json")
    code, out, _ = notesense("analyze", *options, "--max-cost", "0.25")
    report = json.loads(out)
    paid = sum(a["usage"]["cost"] for a in report["analyses"])
    assert code == 7
    assert 0 < paid <= 0.25
    assert {s["error"] for s in report["skipped"]} == {"CostCapError"}
    assert "--max-cost" in report["skipped"][0]["hint"]
    first = len(server.calls)
    code, out, _ = notesense("analyze", *options, "--max-cost", "10")
    assert code == 0
    assert len(server.calls) == 7
    assert sum(a["usage"]["calls"] for a in json.loads(out)["analyses"]) == 7 - first


def test_one_notes_failure_never_touches_another(notesense: Run, server: LoopbackServer, note: Path) -> None:
    for number in range(8):
        note.with_name(f"{number}.md").write_text(f"{TEXT}\nNote {number}.", encoding="utf-8")

    def reply(handler: Any, body: dict[str, Any]) -> None:
        is_odd = any(f"Note {n}." in body["messages"][1]["content"] for n in (1, 3, 5, 7))
        (says(None, refusal="no") if is_odd else says(GOOD))(handler, body)

    server.otherwise = reply
    code, out, _ = notesense("analyze", note.parent, *LLM, "--base-url", server.base_url, "-f", "json")
    report = json.loads(out)
    assert code == 7
    assert [Path(s["path"]).name for s in report["skipped"]] == ["1.md", "3.md", "5.md", "7.md"]
    assert len(report["analyses"]) == 5
    assert all(a["needs"] for a in report["analyses"])


def test_a_wrong_key_is_tried_once_for_all_notes(
    notesense: Run, server: LoopbackServer, note: Path, tmp_path: Path
) -> None:
    (tmp_path / "notesense.toml").write_text("[llm]\nconcurrency = 1\n")
    for number in range(5):
        note.with_name(f"{number}.md").write_text(f"{TEXT}\nNote {number}.", encoding="utf-8")
    server.otherwise = fails(401)
    code, _, _ = notesense("analyze", note.parent, *LLM, "--base-url", server.base_url)
    assert code == 5
    assert len(server.calls) == 1


def test_answers_by_hand_come_back_through_grounding(
    notesense: Run, note: Path, tmp_path: Path, sample_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTESENSE_INDEX", str(sample_index))
    answers = tmp_path / "answers"
    answers.mkdir()
    code, prompt, _ = notesense("prompts", "show", "detect", "--note", note)
    assert code == 0
    assert TEXT.strip() in prompt
    (answers / "site.detect.txt").write_text(
        f"Sure:\n```json\n{json.dumps(reading(need(PUMP), need('never said')))}\n```"
    )
    options = (note, "--engine", "llm", "--answers", answers)
    code, out, _ = notesense("analyze", *options, "-f", "json")
    analysis = json.loads(out)["analyses"][0]
    assert [n["evidence"][0]["quote"] for n in analysis["needs"]] == [PUMP]
    assert [r["quote"] for r in analysis["rejected"]] == ["never said"]
    assert {i["stage"] for i in analysis["incidents"]} == {"match"}
    assert code == 7
    code, prompt, _ = notesense("prompts", "show", "match", "--note", note, "--answers", answers)
    assert code == 0
    assert "W-01 | " in prompt
    assert PUMP in prompt


def test_a_missing_answer_is_named(notesense: Run, note: Path, tmp_path: Path) -> None:
    code, out, _ = notesense("analyze", note, "--engine", "llm", "--answers", tmp_path, "-f", "json")
    assert code == 5
    skipped = json.loads(out)["skipped"][0]
    assert "site.detect.json" in skipped["message"]
    assert "notesense prompts show detect" in skipped["hint"]


def test_prompts_are_listed_and_shown(notesense: Run, note: Path) -> None:
    out = notesense("prompts", "list").out
    assert [line.split()[0] for line in out.splitlines()] == ["detect", "match", "group", "quote"]
    assert notesense("prompts", "show", "group").out.startswith("---\nname: group")
    assert notesense("prompts", "show", "nothing").code == 2
    assert notesense("prompts", "show", "match", "--note", note).code == 2
    assert notesense("prompts", "show", "detect", "--note", note, "--part", "9").code == 2


def test_what_is_shown_is_what_is_sent(notesense: Run, server: LoopbackServer, note: Path) -> None:
    shown = notesense("prompts", "show", "detect", "--note", note).out
    notesense("analyze", note, *LLM, "--base-url", server.base_url)
    assert shown == "\n\n".join(m["content"] for m in server.calls[0].body["messages"]) + "\n"


def test_the_cache_is_shown_and_pruned(notesense: Run, server: LoopbackServer, note: Path) -> None:
    notesense("analyze", note, *LLM, "--base-url", server.base_url)
    assert notesense("cache", "show").out.startswith("1 answer")
    assert notesense("cache", "prune", "--days", "1").out.startswith("0 answers")
    assert notesense("cache", "prune").out.startswith("1 answer")
    notesense("analyze", note, *LLM, "--base-url", server.base_url, "--no-cache")
    assert notesense("cache", "show").out.startswith("0 answers")


def test_doctor_tries_the_endpoint(notesense: Run, server: LoopbackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert notesense("doctor", "--ping").code == 3
    monkeypatch.setenv("NOTESENSE_ENGINE", "llm")
    assert "no model is named" in notesense("doctor").out
    monkeypatch.setenv("NOTESENSE_LLM_MODEL", "m")
    monkeypatch.setenv("NOTESENSE_LLM_BASE_URL", server.base_url)
    server.otherwise = says({"quotes": []}, delay=0.05)
    code, out, _ = notesense("doctor", "--ping")
    assert code == 0
    assert "tokens are reported" in out
    server.otherwise = fails(404)
    code, out, _ = notesense("doctor", "--ping")
    assert code == 5
    assert "no model m" in out


def test_the_hybrid_engine_sends_only_what_is_suspected(
    notesense: Run, server: LoopbackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LocalDetector, "suspicion", lambda _, sentences: np.array([PUMP in s.text for s in sentences]))
    note = tmp_path / "long.md"
    dull = "\n".join(f"Drawing {n} was issued on Monday as planned." for n in range(60))
    note.write_text(f"{dull}\n\n{PUMP}, said the client, and nobody knows why.\n\n{dull}\n", encoding="utf-8")
    options = (note, "--engine", "hybrid", "--model", "m", "--base-url", server.base_url, "-f", "json")
    report = json.loads(notesense("analyze", *options).out)
    assert report["analyses"][0]["needs"][0]["evidence"][0]["quote"] == PUMP
    sent = server.calls[0].body["messages"][1]["content"]
    assert PUMP in sent
    assert sent.count("was issued on Monday") == 2 * NEIGHBOURS  # of 120
    note.write_text("Drawing 1 was issued on Monday as planned.\nLunch was at noon.\n", encoding="utf-8")
    assert json.loads(notesense("analyze", *options).out)["analyses"][0]["usage"]["calls"] == 0
