"""``notesense config``: where settings come from, and a first file."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notesense.errors import UsageError
from notesense.profile_file import profile_of, write_profile
from notesense.settings import resolve
from tests.cli.conftest import Run
from tests.strategies import quick


def test_every_setting_is_shown_with_its_origin_and_no_key(
    notesense: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notesense.toml").write_text('max_matches = 5\n[firm]\nname = "KVA"\n[llm]\nmodel = "m"\n')
    monkeypatch.setenv("NOTESENSE_ENGINE", "llm")
    monkeypatch.setenv("NOTESENSE_LLM_API_KEY", "sk-secret")
    lines = {line.split()[0]: line for line in notesense("config", "show").out.splitlines()}
    assert lines["engine"].split() == ["engine", "llm", "environment", "variable", "NOTESENSE_ENGINE"]
    assert lines["max_matches"].endswith("notesense.toml")
    assert lines["firm.name"].endswith("notesense.toml")
    assert lines["personal"].split() == ["personal", "shipped", "default"]
    assert lines["llm.api_key"].split()[1] == "set"
    assert "secret" not in str(lines)


def test_a_first_file_is_written_once_and_read_again(notesense: Run, tmp_path: Path) -> None:
    answers = ["--name", "Kestrel “Vane” & Co", "--short-names", "KV, Kestrel", "--mail-domains", "@kv.example, ana@kva.example",
               "--people", "Ana Ruiz: Water; Tom Ito"]  # fmt: skip
    assert notesense("config", "init", *answers).code == 0
    firm = resolve(folder=tmp_path).settings.firm
    assert (firm.name, firm.short_names, firm.mail_domains) == (
        "Kestrel “Vane” & Co",
        ("KV", "Kestrel"),
        ("kv.example", "kva.example"),
    )
    assert [(p.name, p.practice) for p in firm.people] == [("Ana Ruiz", "Water"), ("Tom Ito", None)]
    again = notesense("config", "init", *answers)
    assert again.code == 3
    assert "nothing was replaced" in again.err


def test_what_is_not_given_is_asked(notesense: Run, tmp_path: Path) -> None:
    assert notesense("config", "init", stdin=b"KVA\n\nkva.example\nAna: Water\n").code == 0
    assert resolve(folder=tmp_path).settings.firm.mail_domains == ("kva.example",)


def test_without_a_name_there_is_no_file(notesense: Run, tmp_path: Path) -> None:
    assert (
        notesense("config", "init", "--name", " ", "--short-names", "", "--mail-domains", "", "--people", "").code == 2
    )
    assert not (tmp_path / "notesense.toml").exists()
    with pytest.raises(UsageError):
        profile_of("KVA", "", "", ": Water")


@given(name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip))
@quick
def test_any_name_is_written_as_toml(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("profile") / "notesense.toml"
    write_profile(path, profile_of(name, "", "", ""))
    assert tomllib.loads(path.read_bytes().decode("utf-8"))["firm"]["name"] == name.strip()
