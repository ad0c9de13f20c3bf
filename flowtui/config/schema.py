"""Checks the names and types in a config file with pydantic, which is imported only if the file is not empty.

Errors name the file and the setting, never its value, which may be an API key in the wrong place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from flowtui.config.settings import SPECS
from flowtui.config.values.kinds import quoted
from flowtui.config.values.tables import TableError, dotted_key
from flowtui.errors import ConfigError
from flowtui.suggestion import did_you_mean

PLAIN_KEY: Final = "api_key"


def file_keys(*, profile: bool) -> dict[str, Any]:
    """Return setting -> type for the settings that may be at the top of the file; if `profile` is True, in a profile."""
    keys = {name: spec.kind.file_type for name, spec in SPECS.items() if spec.file}
    if profile:
        del keys["profile"]
    return keys | {PLAIN_KEY: str}


def check(path: Path, document: Mapping[str, Any]) -> None:
    """Raise ConfigError if a setting at the top or in any profile is unknown, or its value has a wrong type."""
    from pydantic import ConfigDict, ValidationError, create_model  # noqa: PLC0415  135 ms, only with a file

    strict = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)
    in_profile: dict[str, Any] = {name: (kind | None, None) for name, kind in file_keys(profile=True).items()}
    profile = create_model("Profile", __config__=strict, **in_profile)
    at_top: dict[str, Any] = {name: (kind | None, None) for name, kind in file_keys(profile=False).items()}
    top = create_model("Top", __config__=strict, profiles=(dict[str, profile], {}), **at_top)  # type: ignore[valid-type]
    try:
        top.model_validate(document)
    except ValidationError as error:
        raise _explain(path, error.errors(include_input=False, include_url=False)[0], document) from None
    _check_tables(path, document, "")
    for name, own in (document.get("profiles") or {}).items():
        _check_tables(path, own, f"[profiles.{shown_name(name)}] ")


def _check_tables(path: Path, values: Mapping[str, Any], place: str) -> None:
    """Raise ConfigError if a field inside a table such as `[prices]` is wrong. `place`: the profile, for the message, or ""."""
    for name, written in values.items():
        spec = SPECS.get(name)
        if spec is None or spec.kind.file_type != dict[str, Any]:
            continue
        try:
            spec.kind.read(written)
        except TableError as error:
            where = dotted_key(name, error.path)
            raise ConfigError(f"{path}: {place}{where}: {error.reason}", hint=error.hint) from None


def _explain(path: Path, problem: Any, document: Mapping[str, Any]) -> ConfigError:
    """Return the error for a problem that pydantic has found. The error contains no value."""
    where = [str(part) for part in problem["loc"]]
    table = f"[profiles.{shown_name(where[1])}] " if where[0] == "profiles" and len(where) > 1 else ""
    key = where[2] if table and len(where) > 2 else where[0]
    if key == "profile" and not table and isinstance(document.get(key), dict):
        hint = "A profile is a table [profiles.NAME]: its first word has an s"
        return ConfigError(f"{path}: profile has a value of a wrong type: it must be a name", hint=hint)
    if problem["type"] != "extra_forbidden":
        wanted = "a table such as [profiles.staging]" if key == "profiles" else f"{_type_words(key)}"
        return ConfigError(f"{path}: {table}{key} has a value of a wrong type: it must be {wanted}")
    hint = did_you_mean(
        key,
        (*file_keys(profile=bool(table)), *(() if table else ("profiles",))),
        otherwise="`flowtui config init` writes a file with every setting in it",
    )
    return ConfigError(f"{path}: {table}there is no setting {shown_name(key)}", hint=hint)


def shown_name(key: str) -> str:
    """Return a name from the file for a message: unchanged if it is short and plain ASCII; else escaped, quoted and cut."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]{1,40}", key, re.ASCII) else quoted(key)


def _type_words(key: str) -> str:
    kind = file_keys(profile=False).get(key, str)
    if kind is bool:
        return "true or false"
    if kind == dict[str, str]:
        return 'a table of strings, such as [keys] with pause = "f5"'
    if kind == dict[str, Any]:
        return f"a table, such as [{key}]"
    return 'a text in quotes, such as "..."' if kind is str else "a number, or a text in quotes"
