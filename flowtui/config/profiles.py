"""Lists the profiles of the config file, and gives the settings for a change of profile while flowtui runs.

Reads only the config file, like `load.py`, and blocks while it reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from flowtui.config.files.config_file import DEFAULT_PROFILE, locate, read_file
from flowtui.config.load import load_settings
from flowtui.config.settings import Settings

_PROFILE_OPTIONS: Final = ("base_url", "team", "api_key_env", "filter")
"""Options that are meant for one profile: if they applied to another profile, its screen would show the wrong runs."""


def profile_names(environ: Mapping[str, str], config_path: Path | None = None) -> list[str]:
    """Return the names of the profiles, `default` first, then in the file's order.

    `config_path` is the file that `--config` names; None if it is not given.

    Raises:
        ConfigError: the file cannot be used.
    """
    path, named = locate(config_path, environ)
    # The profile `default` always exists, so a wrong `profile = ...` in the file is no error here.
    file = read_file(path, named=named, profile=DEFAULT_PROFILE)
    return list(dict.fromkeys((DEFAULT_PROFILE, *(file.profiles if file is not None else ()))))


def settings_for(
    profile: str, options: Mapping[str, object], environ: Mapping[str, str], config_path: Path | None = None
) -> Settings:
    """Return the settings of `profile` in a process that was started with `options` (setting -> value).

    If the process was started with another profile, the options `--base-url`, `--team`, `--api-key-env` and `--filter`
    were meant for that profile, and are ignored. All other options apply. The config file is read again.

    Raises:
        ConfigError: there is no such profile (the hint has the nearest name), or a value is invalid.
        UsageError: an option has an invalid value.
    """
    kept = dict(options)
    if profile != _initial_profile(options, environ, config_path):
        kept |= dict.fromkeys(_PROFILE_OPTIONS)
    return load_settings({**kept, "profile": profile}, environ, config_path)


def _initial_profile(
    options: Mapping[str, object], environ: Mapping[str, str], config_path: Path | None
) -> str:
    asked = options.get("profile")
    if asked is not None:
        return str(asked)
    path, named = locate(config_path, environ)
    file = read_file(path, named=named, profile=None)
    return DEFAULT_PROFILE if file is None else file.profile
