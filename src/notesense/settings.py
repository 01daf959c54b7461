"""Settings: flag > environment > ``notesense.toml`` > default, frozen once resolved; and the firm's profile.

``notesense.toml`` is looked for in the working folder, its parents, then the user's configuration folder::

    engine = "local"                 # local, llm or hybrid
    index = "path/to/index"          # relative to the file
    max_matches = 3
    personal = "shipped"             # whatever notesense learn has made

    [llm]                            # see notesense.domain.endpoint; the key comes from the environment alone
    model = "…"
    base_url = "http://localhost:8000/v1"
    prices."…" = {input = 0.4, output = 1.6}

    [clients]                        # other names of clients, for notesense accounts
    "City of Marlow" = ["Marlow DPW", "Marlow"]

    [firm]
    name = "…"
    short_names = ["…"]
    mail_domains = ["…"]
    people = [{name = "…", practice = "…"}]
"""

import hashlib
import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator

from notesense.domain.base import Frozen
from notesense.domain.endpoint import ModelSettings
from notesense.domain.profile import FirmProfile
from notesense.errors import ConfigError

FILE_NAME = "notesense.toml"
EngineName = Literal["local", "llm", "hybrid"]
SHIPPED = "shipped"
"""Name of the models that come with notesense."""
IN_USE = "notesense learn use"
"""Origin of a personal model that nobody has named for this run."""
ENGINES: tuple[EngineName, ...] = ("local", "llm", "hybrid")

_MODEL = "llm"
_CANNOT_CHANGE_RESULTS = {"api_key", "timeout", "retries", "concurrency", "cache", "max_cost", "prices", "prompts"}
_GENERAL = {"api_key": ("OPENAI_API_KEY", "AZURE_OPENAI_API_KEY"), "base_url": ("OPENAI_BASE_URL",)}
"""Variables of the openai package, heeded where nothing more specific is said."""


def data_folder() -> Path:
    """Return the folder of the user's data (index and what is learnt), which need not exist yet."""
    return Path(platformdirs.user_data_dir("notesense", appauthor=False))


def personal_folder() -> Path:
    """Return the folder of personal models."""
    return data_folder() / "personal"


def personal_in_use() -> str:
    """Return the name of the personal model that the user has switched to, or :data:`SHIPPED`."""
    try:
        return (personal_folder() / "CURRENT").read_text(encoding="ascii").strip() or SHIPPED
    except (OSError, UnicodeDecodeError):
        return SHIPPED


def make_private(folder: Path) -> None:
    """Create a folder, with its parents, that only the user can read; one that is there already keeps its mode."""
    data = data_folder()
    for place in (data, folder) if folder.is_relative_to(data) else (folder,):
        is_new = not place.exists()
        place.mkdir(parents=True, exist_ok=True)
        if os.name == "posix" and (is_new or place == data):
            place.chmod(0o700)


class Settings(Frozen):
    """Every setting that one run uses."""

    engine: EngineName = "local"
    """What reads the notes."""
    index: Path = Field(default_factory=lambda: data_folder() / "index")
    """Folder of the solution index."""
    max_matches: int = Field(default=3, ge=1, le=20)
    """Most solutions to show for one need."""
    personal: str = SHIPPED
    """The local engine's model: the shipped one, or a personal one by name."""
    firm: FirmProfile = FirmProfile()
    """Who the firm is; as a variable, JSON."""
    clients: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Other names of clients by the name that stands for them; changes no analysis, only the account view; as a variable, JSON."""
    llm: ModelSettings = ModelSettings()
    """The model behind an endpoint, for the engines that call one."""

    @field_validator("max_matches", mode="before")
    @classmethod
    def _no_truth_value(cls, value: object) -> object:
        if isinstance(value, bool):
            raise ValueError("a number is wanted")
        return value

    def __hash__(self) -> int:
        """Hash by what can change a result; tables inside have no hash of their own."""
        return hash((self.index, self.digest))

    @property
    def digest(self) -> str:
        """First 12 hex digits of a hash over the settings that can change a result (paths and keys are none)."""
        unused = True if self.engine == "local" else _CANNOT_CHANGE_RESULTS
        none: dict[str, Any] = {"index": True, "clients": True, "llm": unused}
        content = self.model_dump_json(exclude=none | ({"personal": True} if self.engine == "llm" else {}))
        return hashlib.sha256(content.encode()).hexdigest()[:12]


class Resolved(NamedTuple):
    """Settings with the origin of each value that is no default."""

    settings: Settings
    origins: dict[str, str]

    def rows(self) -> list[tuple[str, Any]]:
        """Return every setting with its value, those of tables as TABLE.NAME; of a key only that there is one."""
        rows: list[tuple[str, Any]] = []
        for name in Settings.model_fields:
            value = getattr(self.settings, name)
            if not isinstance(value, Frozen):
                rows.append((name, value))
                continue
            for field in type(value).model_fields:
                inner = getattr(value, field)
                rows.append((f"{name}.{field}", "set" if isinstance(inner, SecretStr) else inner))
        return rows


def resolve(
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Resolved:
    """Resolve the settings of a run.

    Args:
        flags: Values of command-line options by setting name, those of the table as "llm.NAME"; None stands for "not
            given".
        environ: Environment variables; the process's own by default.
        folder: Where to start looking for ``notesense.toml``; the working folder by default.

    Raises:
        ConfigError: A value or the file is wrong; names which, and where it came from.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    path = _find_file(folder or Path.cwd())
    if path:
        for name, value in _read_file(path).items():
            values[name], origins[name] = value, str(path)
        if isinstance(values.get("index"), str):
            values["index"] = path.parent / Path(values["index"]).expanduser()
    for name in Settings.model_fields:
        variable = f"NOTESENSE_{name.upper()}"
        if environ.get(variable) and name != _MODEL:
            values[name] = _parsed(name, environ[variable], variable)
            origins[name] = f"environment variable {variable}"
    if "personal" not in values and (chosen := personal_in_use()) != SHIPPED:
        values["personal"], origins["personal"] = chosen, IN_USE
    for name, value in (flags or {}).items():
        if value is not None and "." not in name:
            values[name], origins[name] = value, f"--{name.replace('_', '-')}"
    if isinstance(values.get("index"), str):
        values["index"] = Path(values["index"]).expanduser()
    is_chosen = (
        values.get("engine", "local") != "local"
    )  # the variables of another package choose nothing by themselves
    values[_MODEL] = _resolve_model(values.get(_MODEL), path, flags or {}, environ, origins, general=is_chosen)
    try:
        return Resolved(Settings(**values), origins)
    except ValidationError as error:
        raise ConfigError(*_explain(error, origins)) from None


def without_key(settings: Settings) -> Settings:
    """Return the settings of a run that sends nothing: it needs no key."""
    llm = settings.llm.model_copy(update={"api_key": settings.llm.api_key or SecretStr("none")})
    return settings.model_copy(update={"llm": llm})


def _resolve_model(
    table: Any,
    path: Path | None,
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    origins: dict[str, str],
    *,
    general: bool,
) -> dict[str, Any]:
    """Return the values of the ``[llm]`` table: flag > environment > file > general variables of the openai package."""
    if table is not None and not isinstance(table, dict):
        raise ConfigError(
            f"{path}: {_MODEL} must be a table", f"Write [{_MODEL}] on a line of its own, its settings below."
        )
    values: dict[str, Any] = dict(table or {})
    origins |= {f"{_MODEL}.{name}": str(path) for name in values}
    if "api_key" in values:
        raise ConfigError(
            f"{path}: a key does not belong in a file",
            "Remove api_key, and set the environment variable NOTESENSE_LLM_API_KEY or OPENAI_API_KEY.",
        )
    for name in ("prompts", "answers"):
        if path and isinstance(values.get(name), str):
            values[name] = path.parent / Path(values[name]).expanduser()
    for name in ModelSettings.model_fields:
        variable = f"NOTESENSE_LLM_{name.upper()}"
        given = [variable] if environ.get(variable) else []
        if not given and name not in values and general:
            given = [variable for variable in _GENERAL.get(name, ()) if environ.get(variable)]
        if given:
            values[name] = _parsed(name, environ[given[0]], given[0])
            origins[f"{_MODEL}.{name}"] = f"environment variable {given[0]}"
    for name, value in flags.items():
        if value is not None and name.startswith(f"{_MODEL}."):
            field = name.removeprefix(f"{_MODEL}.")
            values[field], origins[name] = value, f"--{field.replace('_', '-')}"
    return values


def _parsed(name: str, value: str, variable: str) -> Any:
    """Return a variable's value; where the setting is a list or a table, read as JSON."""
    if name in ("headers", "body", "prices", "redact_names", "firm", "clients"):
        try:
            return json.loads(value)
        except json.JSONDecodeError as error:
            raise ConfigError(f"environment variable {variable}: {error}", "JSON is wanted.") from None
    return value


def _find_file(folder: Path) -> Path | None:
    user = Path(platformdirs.user_config_dir("notesense", appauthor=False))
    for place in (folder.absolute(), *folder.absolute().parents, user):
        try:
            if (place / FILE_NAME).is_file():
                return place / FILE_NAME
        except OSError:
            continue
    return None


def _read_file(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}", "Mend the line, or move the file away.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})", "Mend or remove the file.") from None
    unknown = sorted(set(content) - set(Settings.model_fields))
    if unknown:
        known = ", ".join(Settings.model_fields)
        raise ConfigError(f"{path}: unknown setting {', '.join(unknown)}", f"Known are: {known}.")
    return content


def _explain(error: ValidationError, origins: Mapping[str, str]) -> tuple[str, str]:
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    place = [".".join(str(part) for part in first["loc"][:length]) for length in (2, 1)]
    origin = next((origins[p] for p in place if p in origins), "default")
    if name == "engine":
        hint = f"This version has: {', '.join(ENGINES)}."
    else:
        hint = "Correct the value, or leave it out for the default."
    return f"{origin}: {name} = {first.get('input')!r} is not valid ({first['msg']})", hint
