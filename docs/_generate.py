"""The reference, from the code: commands, settings, the JSON contract, errors with their exit codes.

Each page is the text that one function returns; :func:`write_reference` writes them where Sphinx reads them. Nothing
that is written is committed.
"""

import inspect
import json
import re
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import annotated_types
import typer.main
from pydantic.fields import FieldInfo
from sphinx.pycode import ModuleAnalyzer

from notesense import errors
from notesense.cli.app import app
from notesense.domain.base import Frozen
from notesense.domain.endpoint import ModelSettings
from notesense.domain.profile import FirmProfile
from notesense.errors import NotesenseError
from notesense.reporting import json_schema
from notesense.settings import Settings

DEFAULTS = {"index": "`index` in the folder for data", "firm": "", "llm": ""}
"""Of settings whose default depends on the machine, or stands elsewhere."""


def commands_page(root: Any) -> str:
    """Return every command with its arguments and options, as its help says them.

    Args:
        root: The command of the whole program, as typer makes it.
    """
    lines = [
        "# Commands",
        "",
        "As `notesense --help` and the help of each command print it. `--quiet` and `--verbose` may stand anywhere.",
        "",
    ]
    for path, command in walk_commands(root, root.name):
        context = command.context_class(command, info_name=path)
        lines += [f"{'##' if path.count(' ') < 2 else '###'} {path}", "", _escaped(inspect.cleandoc(command.help)), ""]
        lines += ["```text", command.get_usage(context).removeprefix("Usage: "), "```", ""]
        for parameter in command.get_params(context):
            record = parameter.get_help_record(context)
            if record and parameter.name != "help":
                lines += [f"`{record[0].strip()}`", f": {_escaped(record[1]) or '–'}", ""]
    return "\n".join(lines)


def walk_commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield each command with what is typed for it, groups before what is in them."""
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from walk_commands(inner, f"{path} {name}")


def settings_page() -> str:
    """Return every setting with type, default, environment variable and meaning."""
    parts = [
        "# Settings",
        "",
        "An option of a command wins over the environment variable, the variable over `notesense.toml`, the file over the",
        "default. An empty variable counts as none. `notesense config show` says where each value comes from.",
        "",
        *_settings_table(Settings, "NOTESENSE_"),
        "",
        "## `[llm]`",
        "",
        "Only the llm and hybrid engines look at it: [the page on endpoints](../../llm.md). The key is never read from a file.",
        "Variables of lists and tables (`headers`, `body`, `prices`, `redact_names`) hold JSON.",
        "",
        *_settings_table(ModelSettings, "NOTESENSE_LLM_"),
        "",
        "## `[firm]`",
        "",
        "The firm's profile: a table of the file, or JSON in `NOTESENSE_FIRM`.",
        "",
        *_settings_table(FirmProfile, None),
        "",
    ]
    return "\n".join(parts)


def _settings_table(model: type[Frozen], prefix: str | None) -> list[str]:
    documented = _field_words(model)
    rows = ["| setting | type | default | variable | meaning |", "|---|---|---|---|---|"]
    for name, field in model.model_fields.items():
        meaning = documented[name]
        variable = "–" if prefix is None or name == "llm" else f"`{prefix}{name.upper()}`"
        default = DEFAULTS.get(name, _default_words(field))
        rows.append(
            f"| `{name}` | {_type_words(field.annotation)}{_bounds(field)} | {default} | {variable} | {meaning} |"
        )
    return rows


def _field_words(model: type) -> dict[str, str]:
    """Return what stands under the fields of a model in its source, on one line each."""
    found = ModuleAnalyzer.for_module(model.__module__).find_attr_docs()
    return {
        name: _code(" ".join(" ".join(lines).split()))
        for (owner, name), lines in found.items()
        if owner == model.__name__
    }


def _type_words(annotation: Any) -> str:
    """Return a type as people say it."""
    origin, arguments = get_origin(annotation), [a for a in get_args(annotation) if a is not type(None)]
    if origin in (Union, types.UnionType):
        return " or ".join(map(_type_words, arguments))
    if origin is Literal:
        return ", ".join(f"`{argument}`" for argument in arguments)
    if origin in (tuple, list):
        return "list of " + _type_words(arguments[0]).replace("text", "texts").replace("table", "tables")
    if origin in (dict, Mapping):
        return "table"
    known = {str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path"}
    return known.get(annotation, "key" if "Secret" in str(annotation) else "table")


def _bounds(field: FieldInfo) -> str:
    said = {
        annotated_types.Ge: ("at least", "ge"),
        annotated_types.Le: ("at most", "le"),
        annotated_types.Gt: ("above", "gt"),
    }
    words = [f"{said[type(m)][0]} {getattr(m, said[type(m)][1])}" for m in field.metadata if type(m) in said]
    return f", {', '.join(words)}" if words else ""


def _default_words(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is None or value in ((), {}):
        return "none"
    return f"`{json.dumps(value)}`" if isinstance(value, (bool, int, float, str)) else "none"


def contract_page(schema: Mapping[str, Any]) -> str:
    """Return the JSON contract: each object with its fields, then the schema itself."""
    lines = [
        "# The JSON contract",
        "",
        "`notesense analyze … --format json` prints one object of this form, whatever the number of notes. Names are fixed; new",
        "ones may come, so read past names that you do not know. `notesense schema` prints the schema below.",
        "",
    ]
    for name, part in [(schema["title"], schema), *sorted(schema["$defs"].items())]:
        if "properties" not in part:
            continue
        lines += [
            f"## {name}",
            "",
            _code(part.get("description", "").split("\n\n")[0]),
            "",
            "| field | type |",
            "|---|---|",
        ]
        lines += [f"| `{field}` | {_schema_words(kind)} |" for field, kind in part["properties"].items()] + [""]
    return "\n".join([*lines, "## The schema", "", "```json", json.dumps(schema, indent=2), "```", ""])


def _schema_words(part: Mapping[str, Any]) -> str:
    """Return the type of a field."""
    if "$ref" in part:
        name = part["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in part:
        return " or ".join(map(_schema_words, part["anyOf"]))
    if "const" in part or "enum" in part:
        return ", ".join(f"`{value}`" for value in part.get("enum", [part.get("const")]))
    if part.get("type") == "array":
        return f"list of {_schema_words(part['items'])}" if "items" in part else "list"
    return {"string": "text", "null": "null"}.get(str(part.get("type")), str(part.get("type", "any")))


def errors_page() -> str:
    """Return the exit codes, and the tree of errors with what each means."""
    tree = inspect.cleandoc(errors.__doc__ or "").split("::\n", 1)[1].split("\nExit codes")[0]
    lines = [
        "# Exit codes and errors",
        "",
        "A command that fails prints one line to standard error, `notesense: ` and what is wrong, and below it what to do.",
        "",
        "| code | meaning |",
        "|---|---|",
    ]
    codes = {
        errors.EXIT_DONE: "done",
        errors.EXIT_BUG: "a bug: please report it",
        errors.EXIT_PARTIAL: "done in part: some inputs, or parts of them, failed, and the rest is there",
        errors.EXIT_GATE: "a gate of `notesense eval` does not hold, or `notesense learn` would not help",
        **{kind.exit_code: _code(_first_line(kind)) for kind in NotesenseError.__subclasses__()},
    }
    lines += [f"| {code} | {codes[code]} |" for code in sorted(codes)]
    lines += ["", "```text", inspect.cleandoc(tree), "```", "", "| error | code | meaning |", "|---|---|---|"]
    lines += [
        f"| `{kind.__name__}` | {kind.exit_code} | {_code(_first_line(kind))} |" for kind in _below(NotesenseError)
    ]
    return "\n".join([*lines, "", "Reports name the error of an input that was left out under `skipped`.", ""])


def _below(kind: type[NotesenseError]) -> Iterator[type[NotesenseError]]:
    for inner in kind.__subclasses__():
        if inner.__module__ == errors.__name__:
            yield inner
            yield from _below(inner)


def _first_line(kind: type) -> str:
    return (kind.__doc__ or "").strip().split("\n")[0]


def _code(words: str) -> str:
    """Return words of a docstring as Markdown."""
    words = re.sub(r":\w+:`~?(?:[\w.]+\.)?(\w+)`", r"`\1`", words)
    return words.replace("``", "`").replace("|", "\\|")


def _escaped(words: str | None) -> str:
    """Return plain words as Markdown that shows them as they are."""
    return re.sub(r"([\\`*_<>\[\]|#])", r"\\\1", words or "")


def pages() -> dict[str, str]:
    """Return the generated pages by name."""
    return {
        "commands": commands_page(typer.main.get_command(app)),
        "settings": settings_page(),
        "contract": contract_page(json.loads(json_schema())),
        "errors": errors_page(),
    }


def write_reference(folder: Path) -> None:
    """Write the generated pages; one that is the same already is left alone, so that Sphinx does not read it again."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in pages().items():
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.write_text(content, encoding="utf-8")
