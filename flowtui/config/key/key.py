"""Reads the API key from the first source that is set.

The sources are, in this order: the variable that `api_key_env` names (by default SEEKR_API_KEY), `api_key_command`,
`api_key_file`, a plain `api_key` in a private config file. `key_rule.py` decides which of them a profile may use.
The key is plain text only until it is in a `PlainKey`. No error, nor an error that led to it, holds any part of the key. The
output of `api_key_command` is never shown, as it may be the key.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from flowtui.config.files.config_file import read_file
from flowtui.config.files.plain_key import PlainKey, Secret, without_inner_frames
from flowtui.config.files.private_files import chmod_command, folder_open_to_all
from flowtui.config.key.environ import environ_without_key
from flowtui.config.key.secret_command import decode, run_secret_command, without_newline
from flowtui.config.schema import PLAIN_KEY, shown_name
from flowtui.config.settings import DEFAULTS, SPECS, Settings
from flowtui.errors import ConfigError

_MAX_KEY: Final = 16384
_LOADED: Final[set[Secret]] = set()


def has_key_source(settings: Settings, environ: Mapping[str, str]) -> bool:
    """Return whether a source of the key is set. Reads no file and runs no command, so the key is not checked."""
    return key_source(settings, environ) is not None


def key_source(settings: Settings, environ: Mapping[str, str]) -> str | None:
    """Return the source that `load_key` would use, for messages; None if none is set. Reads no file, runs no command."""
    allowed = settings.key_sources
    if "api_key_env" in allowed and environ.get(settings.api_key_env, "").strip():
        return settings.api_key_env
    if "api_key_command" in allowed and settings.api_key_command is not None:
        return "api_key_command"
    if "api_key_file" in allowed and settings.api_key_file is not None:
        return f"api_key_file {settings.api_key_file}"
    if PLAIN_KEY in allowed and settings.api_key_in_file:
        return f"{PLAIN_KEY} in {settings.config_file}"
    return None


@without_inner_frames
def load_key(settings: Settings, environ: Mapping[str, str]) -> PlainKey:
    """Return the API key from the first source that is set. May run `api_key_command`, for at most 10 s.

    Raises:
        ConfigError: no source is set, it cannot be read, or its key cannot be sent in a header. The error never holds
            the key.
    """
    # The plain key gets no local variable: a traceback with locals would show it.
    key = PlainKey(_read_key(settings, environ))
    _LOADED.add(key)
    return key


@without_inner_frames
def quick_key(settings: Settings, environ: Mapping[str, str]) -> PlainKey | None:
    """Return the key that `load_key` would load; None if only a command tells it, which may take long.

    Raises:
        ConfigError: as `load_key`.
    """
    return (
        None if key_source(settings, environ) == "api_key_command" else PlainKey(_read_key(settings, environ))
    )


def loaded_keys() -> frozenset[Secret]:
    """Return every key, and every other secret, that this process has loaded. Callers need them to mask them in texts."""
    return frozenset(_LOADED)


def add_secret(secret: Secret) -> None:
    """Have another secret masked as the keys are."""
    _LOADED.add(secret)


def _read_key(settings: Settings, environ: Mapping[str, str]) -> str:
    allowed = settings.key_sources
    if "api_key_env" in allowed and environ.get(settings.api_key_env, "").strip():
        # Shells add no newline to a variable, so even a trailing one is an error.
        return clean_key(environ[settings.api_key_env], f"environment variable {settings.api_key_env}")
    if "api_key_command" in allowed and settings.api_key_command is not None:
        clean = environ_without_key(environ, "", settings.api_key_env, *settings.key_names)
        return clean_key(
            run_secret_command(settings.api_key_command, clean, "api_key_command", "The API key"),
            "api_key_command",
        )
    if "api_key_file" in allowed and settings.api_key_file is not None:
        content = _read_private(Path(settings.api_key_file))
        return clean_key(without_newline(content), f"api_key_file {settings.api_key_file}")
    if PLAIN_KEY in allowed and settings.api_key_in_file and settings.config_file is not None:
        file = read_file(Path(settings.config_file), named=True, profile=settings.profile)
        found = None if file is None else file.values.get(PLAIN_KEY)
        source = f"{PLAIN_KEY} in {settings.config_file}"
        return clean_key(found.get_secret_value() if isinstance(found, PlainKey) else "", source)
    raise missing_key(settings)


def missing_key(settings: Settings) -> ConfigError:
    """Return the error for a profile that has no key, or that may not use the key that is set."""
    if settings.key_trouble:
        return ConfigError(f"There is no API key: {settings.key_trouble}", hint=_key_hint(settings))
    # The value of api_key_env is not repeated: it may be the key itself, pasted by mistake.
    default = settings.api_key_env == DEFAULTS["api_key_env"]
    where = "no SEEKR_API_KEY" if default else "the variable that api_key_env names is not set"
    file = settings.config_file or "the config file (`flowtui config init`)"
    return ConfigError(
        f"There is no API key: {where}, no api_key_command, no api_key_file",
        hint=f"Set SEEKR_API_KEY, or one of the other two in {file}; `flowtui demo` needs none",
    )


def _key_hint(settings: Settings) -> str:
    table = f"[profiles.{shown_name(settings.profile)}] of {settings.config_file}"
    if settings.key_sources == ("api_key_env",):
        return f"Set the variable that api_key_env names in {table}"
    if settings.sources.get("base_url") == SPECS["base_url"].env:
        return "Unset SEEKR_BASE_URL, or say which key to send with --api-key-env"
    return f'Put api_key_command, api_key_file or api_key_env = "SEEKR_API_KEY" into {table}, or use --api-key-env'


def clean_key(written: str, source: str) -> str:
    """Return the key without spaces around it and without `Bearer ` before it. `source`: where it is from, for messages.

    Raises:
        ConfigError: the key is empty, or has a character that a header cannot hold. The error never holds the key.
    """
    key = written.strip(" ")
    scheme, _, rest = key.partition(" ")
    if scheme.lower() == "bearer":
        key = rest.strip(" ")
    if not key:
        raise ConfigError(f"The API key from {source} is empty")
    if "\n" in key or "\r" in key:
        raise ConfigError(
            f"The API key from {source} holds a line break", hint="It must be one line: the key alone"
        )
    if not key.isascii() or not key.isprintable():
        raise ConfigError(
            f"The API key from {source} holds a character that is not printable ASCII",
            hint="Copy the key again",
        )
    return key


def _read_private(path: Path) -> str:
    try:
        # Non-blocking: if a named pipe is opened, this would else wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise ConfigError(f"api_key_file {path} is not a regular file")
            if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
                raise ConfigError(
                    f"api_key_file {path} can be read by others", hint=f"Run `{chmod_command(path)}`"
                )
            folder = folder_open_to_all(path)
            if folder is not None:
                raise ConfigError(
                    f"Any user of this machine can replace api_key_file {path}",
                    hint=f"Run `{chmod_command(folder, mode='go-w')}`",
                )
            content = stream.read(_MAX_KEY)
    except OSError as error:
        raise ConfigError(f"Cannot read api_key_file {path}: {error.strerror}") from None
    return decode(content, f"The API key from api_key_file {path}")
