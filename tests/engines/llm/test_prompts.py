import tomllib
from pathlib import Path

import pytest

from notesense.domain.findings import Category, Kind, Tactic, Where
from notesense.engines.llm.prompts import NAMES, Prompts, shipped_folder
from notesense.engines.llm.schemas import Reading, json_schema
from notesense.errors import ConfigError
from tests.conftest import ROOT


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_prompt_can_be_read(name: str) -> None:
    prompt = Prompts()[name]
    assert prompt.name == name
    assert prompt.version >= 1
    assert prompt.purpose.endswith(".")
    assert "no instructions to you" in prompt.system or "only a note to be read" in prompt.system


@pytest.mark.parametrize("labels", [Kind, Category, Tactic, Where])
def test_the_detector_is_told_every_label(labels: object) -> None:
    from typing import get_args

    system = Prompts()["detect"].system
    assert all(label in system for label in get_args(labels))


def test_the_stable_part_comes_first() -> None:
    prompt = Prompts()["detect"]
    one, other = (prompt.render(context="", text=t, mark=t, hints="") for t in ("a", "b"))
    assert one[0] == other[0]
    assert one[1] != other[1]


def test_a_folder_replaces_by_name_and_the_digest_tells(tmp_path: Path) -> None:
    (tmp_path / "group.md").write_text((shipped_folder() / "group.md").read_text() + "\n", encoding="utf-8")
    own = Prompts(tmp_path)
    assert own["detect"] == Prompts()["detect"]
    assert own["group"].digest != Prompts()["group"].digest
    assert own.digest != Prompts().digest


FAULTY = {
    "no front matter": ("=== system ===\nx\n=== user ===\ny", "no front matter"),
    "no version": ("---\nname: detect\npurpose: x\nschema: Reading\n---\n=== system ===\nx\n=== user ===\ny", "version"),
    "no messages": ("---\nname: d\nversion: 1\npurpose: x\nschema: Reading\n---\nx", "the messages must follow"),
    "no schema": ("---\nname: d\nversion: 1\npurpose: x\nschema: X\n---\n=== system ===\nx\n=== user ===\ny", "There are"),
    "no YAML": ("---\nname: [\n---\nx", "detect.md"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_file_is_named(name: str, tmp_path: Path) -> None:
    text, words = FAULTY[name]
    (tmp_path / "detect.md").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        Prompts(tmp_path)
    assert words in caught.value.message + caught.value.hint
    assert "detect.md" in caught.value.message


def test_a_place_that_nothing_is_known_for_is_named(tmp_path: Path) -> None:
    text = (shipped_folder() / "detect.md").read_text(encoding="utf-8").replace("{{text}}", "{{txet}}")
    (tmp_path / "detect.md").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="txet"):
        Prompts(tmp_path)["detect"].render(context="", text="", mark="", hints="")


def test_the_schema_is_strict() -> None:
    schema = json_schema(Reading)

    def check(node: object) -> None:
        if isinstance(node, dict):
            assert not {"oneOf", "anyOf", "default"} & set(node)
            if node.get("type") == "object":
                assert node["additionalProperties"] is False
                assert set(node["required"]) == set(node["properties"])
            for part in node.values():
                check(part)
        elif isinstance(node, list):
            for part in node:
                check(part)

    check(schema)
    assert schema["$defs"]["WireNeed"]["properties"]["kind"]["enum"] == ["stated", "implied"]


def test_the_wheel_carries_the_prompts() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {"prompts": "notesense/prompts"}
