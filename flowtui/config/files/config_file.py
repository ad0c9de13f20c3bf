"""Finds the config file, reads it, and selects a profile.

Errors name the file and the setting, never its value, which may be an API key in the wrong place.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

from flowtui.config.files.plain_key import PlainKey, without_inner_frames
from flowtui.config.files.private_files import chmod_command, folder_open_to_all, reason
from flowtui.config.schema import PLAIN_KEY, check, shown_name
from flowtui.config.values.kinds import quoted
from flowtui.errors import ConfigError
from flowtui.suggestion import did_you_mean

ENV_PATH: Final = "FLOWTUI_CONFIG"
DEFAULT_PROFILE: Final = "default"
_OTHERS: Final = 0o077
_MAX_BYTES: Final = 1 << 20


class ConfigFile(NamedTuple):
    """The raw values of a config file for one profile. A plain `api_key` is held as `PlainKey`.

    `own`: the values in the table of the profile.
    `top`: the values at the top of the file, which apply unless `own` has the setting.
    `profiles`: the names of all profiles, in the file's order.
    `key_names`: the environment variables from which any profile of the file takes its key or its webhook's address.
    """

    path: Path
    profile: str
    own: Mapping[str, Any]
    top: Mapping[str, Any]
    profiles: tuple[str, ...] = ()
    key_names: tuple[str, ...] = ()

    @property
    def values(self) -> Mapping[str, Any]:
        """The effective values: those of the profile over those at the top."""
        return {**self.top, **self.own}

    def place(self, name: str) -> str:
        """Return for messages where a setting is: `profile staging, PATH`, or only `PATH` if it is at the top of the file."""
        return f"profile {shown_name(self.profile)}, {self.path}" if name in self.own else str(self.path)


def locate(named: Path | None, environ: Mapping[str, str]) -> tuple[Path, bool]:
    """Return the config file's path, and whether the user has named it: by `--config` (`named`), else by FLOWTUI_CONFIG.

    Raises:
        ConfigError: the path begins with `~NAME`, and there is no user NAME.
    """
    chosen = named if named is not None else environ.get(ENV_PATH)
    if chosen:
        try:
            return Path(chosen).expanduser(), True
        except RuntimeError:
            raise ConfigError(f"{chosen}: there is no such home folder") from None
    from flowtui.config.files.user_dirs import config_folder  # noqa: PLC0415  takes 5 ms

    return config_folder() / "config.toml", False


@without_inner_frames
def read_file(path: Path, *, named: bool, profile: str | None) -> ConfigFile | None:
    """Return the values of a config file for one profile; None if there is no file.

    `named`: whether the user has named this path, so that the file must exist. If `profile` is None, the profile is the
    one that the file names, or else `default`.

    Raises:
        ConfigError: the file is missing although `named`, cannot be read, is not TOML, holds an unknown setting or a
            value of a wrong type, has no such profile, or holds an API key while other users can read or replace
            it. The error never holds the key.
    """
    try:
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            content = stream.read(_MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        if named:
            raise ConfigError(
                f"There is no config file {path}", hint="`flowtui config init` writes one"
            ) from None
        return None
    except (OSError, ValueError) as error:
        raise ConfigError(f"Cannot read the config file {path}: {reason(error)}") from None
    document = _parse(path, content)
    if os.name == "posix" and any(PLAIN_KEY in table for table in _tables(document)):
        _check_private(path, mode)
    if document:
        check(path, document)
    for table in _tables(document):
        if table.get(PLAIN_KEY) is not None:
            table[PLAIN_KEY] = PlainKey(table[PLAIN_KEY])
    return _select(path, document, profile)


def _check_private(path: Path, mode: int) -> None:
    """Raise ConfigError if other users can read or replace this file, which holds a key."""
    if stat.S_IMODE(mode) & _OTHERS:
        raise ConfigError(
            f"{path} holds an {PLAIN_KEY} and is readable by others",
            hint=f"Run `{chmod_command(path)}`, or better: remove the key and use api_key_command",
        )
    folder = folder_open_to_all(path)
    if folder is not None:
        raise ConfigError(
            f"{path} holds an {PLAIN_KEY}, and any user of this machine can replace the file",
            hint=f"Run `{chmod_command(folder, mode='go-w')}`",
        )


def _parse(path: Path, content: bytes) -> dict[str, Any]:
    if len(content) > _MAX_BYTES:
        raise ConfigError(f"{path} is larger than 1 MiB, the limit for a config file")
    import tomllib  # noqa: PLC0415  only with a config file

    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text") from None
    except RecursionError:
        raise ConfigError(f"{path} is nested too deeply") from None
    except tomllib.TOMLDecodeError as error:
        # The parser's message is left out: it may quote text of the file, which may be a key.
        place = re.search(r"\((at [^()']*)\)\s*$", str(error))
        raise ConfigError(
            f"{path} is not valid TOML{f' ({place[1]})' if place else ''}",
            hint='Texts must be in quotes: team = "blue"',
        ) from None


def _tables(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield document
    profiles = document.get("profiles")
    if isinstance(profiles, dict):
        yield from (table for table in profiles.values() if isinstance(table, dict))


def _select(path: Path, document: dict[str, Any], asked: str | None) -> ConfigFile:
    profiles: Mapping[str, Any] = document.get("profiles", {})
    name = asked or document.get("profile") or DEFAULT_PROFILE
    if name not in profiles and (asked or document.get("profile")) and name != DEFAULT_PROFILE:
        raise unknown_profile(name, list(profiles), str(path))
    top = {key: value for key, value in document.items() if key != "profiles"}
    named = chain.from_iterable(map(_secret_names, _tables(document)))
    names = tuple(dict.fromkeys(variable for variable in named if variable))
    return ConfigFile(path, name, profiles.get(name, {}), top, tuple(profiles), names)


def _secret_names(table: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the environment variables from which a table takes its key and its webhook's address."""
    return table.get("api_key_env"), table.get("notify", {}).get("webhook_env")


def unknown_profile(name: str, known: list[str], path: str) -> ConfigError:
    """Return the error for the unknown profile `name`. `known` are the profiles of the file at `path`."""
    names = [shown_name(each) for each in known]
    otherwise = f"It has {', '.join(names)}" if names else "A profile is a table [profiles.NAME] in it"
    return ConfigError(
        f"There is no profile {quoted(name)} in {path}", hint=did_you_mean(name, names, otherwise=otherwise)
    )
