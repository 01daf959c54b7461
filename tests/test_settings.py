import os
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from pydantic import ValidationError

from notesense.domain.profile import FirmPerson
from notesense.errors import ConfigError
from notesense.settings import FILE_NAME, Settings, data_folder, make_private, resolve

PROFILE = """
max_matches = 5
index = "the index"

[firm]
name = "Kestrel Vane Associates"
short_names = ["KVA"]
mail_domains = ["kestrelvane.example"]
people = [{name = "Ines Halloran", practice = "Water"}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a folder inside it, and no settings file above."""
    (tmp_path / "work" / "notes").mkdir(parents=True)
    return tmp_path / "work"


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / FILE_NAME
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def fault(flags: dict[str, Any] | None, environ: dict[str, str], folder: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        resolve(flags, environ, folder)
    assert caught.value.exit_code == 3
    assert caught.value.hint
    return caught.value


def test_without_anything_there_are_defaults(folder: Path) -> None:
    settings, origins = resolve(None, {}, folder)
    assert settings == Settings(engine="local", index=data_folder() / "index", max_matches=3)
    assert origins == {}


def test_flag_beats_environment_beats_file_beats_default(folder: Path) -> None:
    path = write(folder, 'max_matches = 5\nindex = "from-file"')
    environ = {"NOTESENSE_MAX_MATCHES": "6", "NOTESENSE_INDEX": "/from/environment"}
    settings, origins = resolve({"max_matches": 7, "index": None, "engine": None}, environ, folder)
    assert (settings.max_matches, settings.index, settings.engine) == (7, Path("/from/environment"), "local")
    assert origins == {"max_matches": "--max-matches", "index": "environment variable NOTESENSE_INDEX"}
    settings, origins = resolve({"max_matches": None}, {"NOTESENSE_MAX_MATCHES": "6"}, folder)
    assert (settings.max_matches, settings.index) == (6, folder / "from-file")
    assert origins == {"max_matches": "environment variable NOTESENSE_MAX_MATCHES", "index": str(path)}
    assert resolve(None, {}, folder).settings.max_matches == 5


def test_the_processes_environment_and_working_folder_are_the_default(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, "max_matches = 5")
    monkeypatch.chdir(folder / "notes")
    assert resolve().settings.max_matches == 5
    monkeypatch.setenv("NOTESENSE_MAX_MATCHES", "6")
    assert resolve().settings.max_matches == 6


def test_an_empty_variable_is_as_good_as_none(folder: Path) -> None:
    write(folder, "max_matches = 5")
    assert resolve(None, {"NOTESENSE_MAX_MATCHES": ""}, folder).settings.max_matches == 5


def test_parent_folders_are_looked_through_and_the_nearest_file_wins(folder: Path) -> None:
    write(folder, "max_matches = 5")
    assert resolve(None, {}, folder / "notes").settings.max_matches == 5
    write(folder / "notes", 'index = "here"')
    settings = resolve(None, {}, folder / "notes").settings
    assert (settings.max_matches, settings.index) == (3, folder / "notes" / "here")


def test_the_users_configuration_folder_comes_last(folder: Path) -> None:
    user = Path(platformdirs.user_config_dir("notesense", appauthor=False))
    user.mkdir(parents=True)
    write(user, "max_matches = 9")
    assert resolve(None, {}, folder).settings.max_matches == 9
    write(folder, "max_matches = 5")
    assert resolve(None, {}, folder).settings.max_matches == 5


def test_a_folder_of_that_name_is_no_settings_file(folder: Path) -> None:
    (folder / "notes" / FILE_NAME).mkdir()
    write(folder, "max_matches = 5")
    assert resolve(None, {}, folder / "notes").settings.max_matches == 5


def test_an_index_path_is_relative_to_the_file_and_the_tilde_is_the_home(folder: Path) -> None:
    home = Path("~").expanduser()
    write(folder, PROFILE)
    assert resolve(None, {}, folder / "notes").settings.index == folder / "the index"
    write(folder, 'index = "~/mine"')
    assert resolve(None, {}, folder).settings.index == home / "mine"
    assert resolve(None, {"NOTESENSE_INDEX": "~/other"}, folder).settings.index == home / "other"
    write(folder, 'index = "/absolute"')
    assert resolve(None, {}, folder).settings.index == Path("/absolute")


def test_the_profile_of_the_firm_is_read(folder: Path) -> None:
    write(folder, "\ufeff" + PROFILE)
    firm = resolve(None, {}, folder).settings.firm
    assert firm.name == "Kestrel Vane Associates"
    assert firm.short_names == ("KVA",)
    assert firm.people == (FirmPerson(name="Ines Halloran", practice="Water"),)
    assert firm.practice_of("ines") == "Water"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param("colour = 1\nshape = 2", ["colour, shape"], id="unknown keys"),
        pytest.param("[firm]\nnam = 'KVA'", ["firm.nam", "'KVA'"], id="unknown key of the firm"),
        pytest.param("[firm]\npeople = [{nam = 'Ines'}]", ["firm.people.0"], id="unknown key of a person"),
        pytest.param("[firm]\npeople = ['Ines']", ["firm.people.0", "'Ines'"], id="person as a string"),
        pytest.param("[firm]\nmail_domains = 'kva.example'", ["firm.mail_domains"], id="string for a list"),
        pytest.param("firm = 5", ["firm", "5"], id="number for a table"),
        pytest.param("engine = 'gpt'", ["engine", "'gpt'"], id="unknown engine"),
        pytest.param("max_matches = 21", ["max_matches", "21"], id="too large"),
        pytest.param("max_matches = -1", ["max_matches", "-1"], id="negative"),
        pytest.param("max_matches = 2.5", ["max_matches", "2.5"], id="fraction"),
        pytest.param("max_matches = true", ["max_matches", "True"], id="true for a number"),
        pytest.param("index = 5", ["index", "5"], id="number for a path"),
        pytest.param("index = ['a']", ["index"], id="list for a path"),
        pytest.param("max_matches = 3\nengine =\n", ["line 2"], id="broken toml"),
        pytest.param(b"\xff\xfe", ["cannot be read"], id="not utf-8"),
    ],
)
def test_a_fault_in_the_file_names_the_file_and_the_setting(
    folder: Path, content: str | bytes, words: list[str]
) -> None:
    path = write(folder, content)
    error = fault(None, {}, folder / "notes")
    for word in (str(path), *words):
        assert word in error.message


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("NOTESENSE_ENGINE", "gpt"),
        ("NOTESENSE_MAX_MATCHES", "many"),
        ("NOTESENSE_MAX_MATCHES", "21"),
        ("NOTESENSE_FIRM", '"KVA"'),
    ],
)
def test_a_fault_in_the_environment_names_the_variable(folder: Path, variable: str, value: str) -> None:
    write(folder, "max_matches = 5")
    error = fault(None, {variable: value}, folder)
    assert variable in error.message
    assert value.strip('"') in error.message
    assert FILE_NAME not in error.message


def test_tables_are_json_in_the_environment(folder: Path) -> None:
    write(folder, '[firm]\nname = "Other"')
    there = {
        "NOTESENSE_FIRM": '{"name": "KVA", "columns": {"text": "Was"}}',
        "NOTESENSE_CLIENTS": '{"Marlow": ["CoM"]}',
    }
    settings = resolve(None, there, folder).settings
    assert (settings.firm.name, settings.firm.columns) == ("KVA", {"text": "Was"})
    assert settings.clients == {"Marlow": ("CoM",)}
    assert "JSON is wanted" in fault(None, {"NOTESENSE_FIRM": "KVA"}, folder).hint


def test_a_fault_in_a_flag_names_the_flag(folder: Path) -> None:
    write(folder, "max_matches = 5")
    assert "--max-matches" in fault({"max_matches": 99}, {"NOTESENSE_MAX_MATCHES": "4"}, folder).message


def test_an_unknown_engine_is_told_which_there_are(folder: Path) -> None:
    error = fault({"engine": "gpt"}, {}, folder)
    assert "--engine" in error.message
    assert "local" in error.hint


def test_an_api_key_alone_changes_nothing(folder: Path) -> None:
    environ = {"OPENAI_API_KEY": "sk-x", "OPENAI_BASE_URL": "http://127.0.0.1:1"}
    assert resolve(None, environ, folder) == resolve(None, {}, folder)


def test_a_person_without_a_name_is_refused(folder: Path) -> None:
    write(folder, "[firm]\npeople = [{name = ''}, {name = 'Ines Halloran', practice = 'Water'}]")
    try:
        firm = resolve(None, {}, folder).settings.firm
    except ConfigError as error:
        assert "firm.people" in error.message
    else:
        assert firm.practice_of("Ines") == "Water"  # or it does no harm


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().max_matches = 4  # type: ignore[misc]


def test_the_digest_changes_with_what_can_change_a_result_and_not_with_paths(folder: Path) -> None:
    write(folder, PROFILE)
    base = Settings()
    assert base.digest == Settings(index=Path("/elsewhere")).digest
    assert len({base.digest, Settings(max_matches=4).digest, resolve(None, {}, folder).settings.digest}) == 3


@pytest.mark.skipif(os.name != "posix", reason="no modes")
def test_a_private_folder_is_made_with_its_parents_and_one_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    place = tmp_path / "a" / "b"
    make_private(place)
    assert place.stat().st_mode & 0o777 == 0o700
    place.chmod(0o755)
    make_private(place)
    assert place.stat().st_mode & 0o777 == 0o755


LLM = """
engine = "llm"
[llm]
model = "from-file"
base_url = "http://127.0.0.1:1/v1"
prompts = "mine"
headers = {X = "1"}
"""


def test_the_table_of_the_model_follows_the_same_order(folder: Path) -> None:
    path = write(folder, LLM)
    settings, origins = resolve({}, {}, folder)
    assert (settings.engine, settings.llm.model, settings.llm.prompts) == ("llm", "from-file", folder / "mine")
    assert origins["llm.model"] == str(path)
    settings, origins = resolve(
        {}, {"NOTESENSE_LLM_MODEL": "from-variable", "NOTESENSE_LLM_HEADERS": '{"Y": "2"}'}, folder
    )
    assert (settings.llm.model, settings.llm.headers) == ("from-variable", {"Y": "2"})
    settings, origins = resolve({"llm.model": "from-flag"}, {"NOTESENSE_LLM_MODEL": "from-variable"}, folder)
    assert settings.llm.model == "from-flag"
    assert origins["llm.model"] == "--model"


def test_variables_of_the_openai_package_come_last_and_only_where_a_model_is_chosen(folder: Path) -> None:
    general = {"OPENAI_API_KEY": "sk-1", "OPENAI_BASE_URL": "http://127.0.0.1:2/v1"}
    chosen = resolve({"engine": "hybrid"}, general, folder).settings.llm
    assert chosen.api_key
    assert chosen.api_key.get_secret_value() == "sk-1"
    assert chosen.base_url == "http://127.0.0.1:2/v1"
    own = resolve({"engine": "llm"}, general | {"NOTESENSE_LLM_API_KEY": "sk-2"}, folder).settings.llm
    assert own.api_key
    assert own.api_key.get_secret_value() == "sk-2"
    write(folder, LLM)
    assert resolve({}, general, folder).settings.llm.base_url == "http://127.0.0.1:1/v1"
    assert resolve({"engine": "local"}, general, folder).settings.llm.api_key is None


def test_a_key_is_never_shown(folder: Path) -> None:
    settings, origins = resolve({"engine": "llm"}, {"OPENAI_API_KEY": "sk-secret"}, folder)
    assert "sk-secret" not in repr(settings) + settings.model_dump_json() + repr(origins)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[llm]\nmodle = 'x'\n", "llm.modle"),
        ("[llm]\ntimeout = 0\n", "llm.timeout"),
        ("[llm]\nprices.x = {input = -1, output = 2}\n", "llm.prices.x.input"),
        ("[llm]\nbase_url = 'localhost:8000/v1'\n", "llm.base_url"),
        ("llm = 'gpt'\n", "must be a table"),
        ("[llm]\napi_key = 'sk-secret'\n", "a key does not belong in a file"),
    ],
)
def test_a_wrong_table_is_named(folder: Path, content: str, words: str) -> None:
    path = write(folder, content)
    error = fault({}, {}, folder)
    assert words in error.message
    assert str(path) in error.message
    assert "sk-secret" not in error.message + error.hint


def test_a_variable_that_is_no_json_is_named(folder: Path) -> None:
    assert "NOTESENSE_LLM_PRICES" in fault({}, {"NOTESENSE_LLM_PRICES": "{"}, folder).message


def test_the_digest_knows_what_can_change_a_result(folder: Path) -> None:
    def digest(engine: str, **llm: object) -> str:
        return resolve({"engine": engine} | {f"llm.{n}": v for n, v in llm.items()}, {}, folder).settings.digest

    assert digest("local", model="a") == digest("local", model="b")
    assert digest("llm", model="a") != digest("llm", model="b")
    assert digest("llm", model="a", timeout=3) == digest("llm", model="a")
    assert digest("llm", model="a", redact=True) != digest("llm", model="a")
