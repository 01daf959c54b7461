"""Exchanges that were had with a real server, replayed: what is asked is what was asked then, and the answer is read.

``make record`` has them anew.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import vcr
import yaml

from notesense.domain.endpoint import ModelSettings
from notesense.domain.findings import Claim, NeedLabel
from notesense.domain.notes import Chunk, Note
from notesense.domain.profile import FirmProfile
from notesense.engines.llm.make import make_llm
from notesense.engines.llm.ping import ping
from notesense.errors import EngineAnswerError
from tests.engines.llm.record import CASSETTES, PORT
from tests.engines.llm.test_faults import analyze

RECORD_FROM = os.environ.get("RECORD_FROM")
BASE_URL = RECORD_FROM or f"http://127.0.0.1:{PORT}/v1"
MODEL = os.environ.get("NOTESENSE_LLM_MODEL", "gemma-3-270m")
SHORT = "Site walk.\n\nThe roof leaks in three rooms, said the head.\n"
HIDDEN = ["authorization", "api-key", "cookie", "openai-organization", "openai-project"]


def _clean(response: dict[str, Any]) -> dict[str, Any]:
    kept = {"content-type", "retry-after"}
    response["headers"] = {name: value for name, value in response["headers"].items() if name.lower() in kept}
    return response


def _clean_request(request: Any) -> Any:
    request.headers = {n: v for n, v in request.headers.items() if n.lower() in ("content-type", "accept")}
    request.uri = re.sub(r"^https?://[^/]+", f"http://127.0.0.1:{PORT}", request.uri)
    return request


RECORDER = vcr.VCR(
    cassette_library_dir=str(CASSETTES),
    record_mode="all" if RECORD_FROM else "none",
    match_on=["method", "path", "body"],
    filter_headers=HIDDEN,
    before_record_request=_clean_request,
    before_record_response=_clean,
    decode_compressed_response=True,
    path_transformer=vcr.VCR.ensure_suffix(".yaml"),
)


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelSettings]:
    key = os.environ.get("OPENAI_API_KEY") or "sk-replayed"
    yield ModelSettings(
        model=MODEL, base_url=BASE_URL, api_key=key, timeout=600, retries=0, max_output=100, cache=False, concurrency=1,
        organization="org-replayed",
    )  # fmt: skip


def test_ping(settings: ModelSettings) -> None:
    with RECORDER.use_cassette("ping", allow_playback_repeats=True):
        pongs = ping(settings.model_copy(update={"timeout": 600.0}))
    assert pongs[0].ok
    assert "answers as" in pongs[0].words
    assert "tokens are reported" in pongs[2].words


def test_a_note_is_read_by_a_real_model(settings: ModelSettings) -> None:
    parts = make_llm(settings, FirmProfile(), "llm")
    with closing(parts), RECORDER.use_cassette("detect", allow_playback_repeats=True) as cassette:
        try:
            analysis = analyze(parts, SHORT)
        except EngineAnswerError as error:  # a small model may talk until it is cut off
            assert "cut off" in error.message or "no answer that can be read" in error.message
        else:
            for found in (*analysis.needs, *analysis.pitches):
                assert all(SHORT[e.start : e.end] == e.quote for e in found.evidence)
        sent = json.loads(cassette.requests[0].body)
    assert sent["response_format"]["json_schema"]["name"] == "Reading"
    assert SHORT.strip() in sent["messages"][1]["content"]
    total = parts.spending.total
    assert total.calls == len(cassette.requests)
    assert total.input_tokens > 1000
    assert total.output_tokens > 0


def test_a_real_model_answers_in_the_wanted_form(settings: ModelSettings) -> None:
    parts = make_llm(settings, FirmProfile(), "llm")
    note = Note(text=SHORT, path="site.md")
    claim = Claim(quote="The roof is leaking", label=NeedLabel(kind="implied", category="condition_capacity"))
    with closing(parts), RECORDER.use_cassette("quote", allow_playback_repeats=True) as cassette:
        mended = parts.detector.mend(note, Chunk(0, 0, len(SHORT)), [], [claim])
        answer = json.loads(cassette.responses[0]["body"]["string"])["choices"][0]
    assert answer["finish_reason"] == "stop"
    assert set(json.loads(answer["message"]["content"])) == {"quotes"}
    assert len(mended) == 1
    assert mended[0].label == claim.label


@pytest.mark.skipif(bool(RECORD_FROM), reason="recording")
@pytest.mark.parametrize("path", sorted(CASSETTES.glob("*.yaml")), ids=lambda path: path.stem)
def test_no_cassette_holds_a_secret(path: Path) -> None:
    text = path.read_text(encoding="utf-8").lower()
    assert not [name for name in (*HIDDEN, "set-cookie", "bearer", "sk-", "org-") if name in text]
    assert yaml.safe_load(text)["interactions"]


def test_there_are_cassettes() -> None:
    assert {path.stem for path in CASSETTES.glob("*.yaml")} >= {"ping", "detect", "quote"}
