"""Merges options, environment, config file and defaults into one `Settings`: the first of these with a value wins.

Reads only the config file: no key, no command, no network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from flowtui.config.files.config_file import DEFAULT_PROFILE, ConfigFile, locate, read_file, unknown_profile
from flowtui.config.key.key_rule import key_rule
from flowtui.config.schema import PLAIN_KEY, shown_name
from flowtui.config.settings import DEFAULTS, SPECS, Settings
from flowtui.config.values.kinds import is_loopback
from flowtui.errors import ConfigError, UsageError


def load_settings(
    options: Mapping[str, object],
    environ: Mapping[str, str],
    config_path: Path | None,
    *,
    use_file: bool = True,
) -> Settings:
    """Return the effective settings with the source of each.

    `options`: setting -> its value on the command line; None: not given.
    `config_path`: the file of `--config`; None: not given, so the file is that of FLOWTUI_CONFIG, else the default file.
    `use_file`: whether to read the config file.

    Raises:
        UsageError: an option has an invalid value.
        ConfigError: a value in the environment or the file is invalid, the file cannot be used (see `read_file`), or
            the key would be sent over the network in plain text.
    """
    asked = options.get("profile")
    if asked is not None and not str(asked).strip():
        raise UsageError("--profile: it is empty")
    file = _file(environ, config_path, None if asked is None else str(asked)) if use_file else None
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name in SPECS:
        values[name], sources[name] = _resolve(name, options, environ, file)
    if file is not None:
        values["profile"] = file.profile
    if values["prices"] is not None:
        values["prices"] = replace(values["prices"], currency=values["currency"])
    _check_address(values, sources)
    rule = key_rule(file, values, sources, environ)
    return Settings(
        **values,
        sources=sources,
        config_file=None if file is None else str(file.path),
        api_key_in_file=file is not None and file.values.get(PLAIN_KEY) is not None,
        key_sources=rule.sources,
        key_trouble=rule.trouble,
        key_names=file.key_names if file is not None else (),
    )


def _file(environ: Mapping[str, str], named_path: Path | None, profile: str | None) -> ConfigFile | None:
    path, named = locate(named_path, environ)
    file = read_file(path, named=named, profile=profile)
    if file is None and profile not in (None, DEFAULT_PROFILE):
        raise unknown_profile(str(profile), [], f"{path}, which does not exist")
    return file


def _resolve(
    name: str, options: Mapping[str, object], environ: Mapping[str, str], file: ConfigFile | None
) -> tuple[Any, str]:
    """Return the value of a setting, and its source: an option, a variable, a place in the config file, or `default`."""
    spec = SPECS[name]
    if options.get(name) is not None:
        option = spec.option or f"--{name.replace('_', '-')}"
        try:
            return spec.kind.read(options[name]), option
        except ValueError as error:
            raise UsageError(f"{option}: {error}") from None
    if spec.env is not None and environ.get(spec.env, "").strip(" "):
        try:
            return spec.kind.read(environ[spec.env]), spec.env
        except ValueError as error:
            raise ConfigError(f"{spec.env} (environment): {error}") from None
    if file is not None and file.values.get(name) is not None:
        source = file.place(name)
        try:
            value = spec.kind.read(file.values[name])
        except ValueError as error:
            table = f"[profiles.{shown_name(file.profile)}] " if name in file.own else ""
            raise ConfigError(f"{file.path}: {table}{name}: {error}") from None
        return (str(file.path.parent / value) if spec.kind.is_path else value), source
    return DEFAULTS[name], "default"


def _check_address(values: Mapping[str, Any], sources: Mapping[str, str]) -> None:
    """Raise ConfigError if the key would be sent to another machine in plain text, unless `allow_http` is set."""
    base, proxy = values["base_url"], values["proxy"]
    if not base.startswith("http://") or values["allow_http"]:
        return
    if not is_loopback(base):
        raise ConfigError(
            f"The base URL (from {sources['base_url']}) is http:, which would send the key in plain text",
            hint="Use https, or --allow-http if you know that the network is safe",
        )
    if proxy is not None and not is_loopback(proxy):
        raise ConfigError(
            f"The proxy (from {sources['proxy']}) would see the key in plain text, as the base URL is http:",
            hint="Leave the proxy out for an address on this machine, or use --allow-http",
        )
