"""Checks the names and types in a config file. Without pydantic, whose import takes longer than all of it.

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
    """Raise ConfigError for the first setting that is unknown, or has a value of a wrong type. The error holds no value."""
    _check_table(path, document, "")
    for name, own in document.get("profiles", {}).items():
        place = f"[profiles.{shown_name(name)}] "
        if not isinstance(own, dict):
            raise _wrong_type(path, place, "profiles")
        _check_table(path, own, place)


def _check_table(path: Path, values: Mapping[str, Any], place: str) -> None:
    """Raise ConfigError if a setting is wrong. `place`: the profile, for the message; "" at the top of the file."""
    kinds = file_keys(profile=True) if place else {**file_keys(profile=False), "profiles": dict[str, Any]}
    for name, written in values.items():
        if name not in kinds:
            otherwise = "`flowtui config init` writes a file with every setting in it"
            hint = did_you_mean(name, kinds, otherwise=otherwise)
            raise ConfigError(f"{path}: {place}there is no setting {shown_name(name)}", hint=hint)
        if name == "profile" and isinstance(written, dict):
            hint = "A profile is a table [profiles.NAME]: its first word has an s"
            raise ConfigError(f"{path}: profile has a value of a wrong type: it must be a name", hint=hint)
        if not _fits(written, kinds[name]):
            raise _wrong_type(path, place, name)
        if name in SPECS and kinds[name] == dict[str, Any]:  # a table such as [prices]
            try:
                SPECS[name].kind.read(written)
            except TableError as error:
                where = dotted_key(name, error.path)
                raise ConfigError(f"{path}: {place}{where}: {error.reason}", hint=error.hint) from None


def _fits(written: Any, kind: Any) -> bool:
    if kind == dict[str, Any]:
        return isinstance(written, dict)
    if kind == dict[str, str]:
        return isinstance(written, dict) and all(isinstance(value, str) for value in written.values())
    return isinstance(written, kind) and (kind is bool or not isinstance(written, bool))


def _wrong_type(path: Path, place: str, key: str) -> ConfigError:
    wanted = "a table such as [profiles.staging]" if key == "profiles" else _type_words(key)
    return ConfigError(f"{path}: {place}{key} has a value of a wrong type: it must be {wanted}")


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
