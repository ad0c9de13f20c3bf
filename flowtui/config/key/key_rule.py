"""Decides which key a profile may use, so that no key is sent to an address that it is not for.

A profile that sets a key uses only this key, never SEEKR_API_KEY. A profile that sets another address than the rest of
the configuration must set a key as well, because the other keys are for the other address. With `--api-key-env` the
user allows a variable all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from flowtui.config.files.config_file import ConfigFile
from flowtui.config.schema import shown_name
from flowtui.config.settings import DEFAULTS, KEY_SOURCES, SPECS


class KeyRule(NamedTuple):
    """Which sources of the key a profile may use.

    `sources` are the settings that may provide the key. `trouble` says why no other source may; "" if all may.
    """

    sources: tuple[str, ...] = KEY_SOURCES
    trouble: str = ""


def key_rule(
    file: ConfigFile | None, values: Mapping[str, Any], sources: Mapping[str, str], environ: Mapping[str, str]
) -> KeyRule:
    """Return the rule for the chosen profile. `values`: setting -> its value. `sources`: setting -> where that came from."""
    if file is None or not file.own:
        return KeyRule()
    rule = _rule(file, values["base_url"], sources["base_url"], environ)
    if sources["api_key_env"] == "--api-key-env":  # the user has named it on this command line: it is trusted
        return KeyRule(tuple(dict.fromkeys(("api_key_env", *rule.sources))), rule.trouble)
    return rule


def _rule(file: ConfigFile, address: str, source: str, environ: Mapping[str, str]) -> KeyRule:
    own_address = _address(file.own.get("base_url"))
    replaced = source == SPECS["base_url"].env and address != own_address
    table = f"[profiles.{shown_name(file.profile)}]"
    own = tuple(name for name in KEY_SOURCES if name in file.own)
    if own and own_address is not None and replaced:
        trouble = f"The key of {table} is only for its own base_url, and {source} sets another address"
        return KeyRule((), trouble)
    if own:
        return KeyRule(own, f"{table} has a key of its own, so no other is used")
    if own_address is not None and address == own_address != _address_without(file, environ):
        return KeyRule((), f"{table} has a base_url of its own, so no other profile's key is sent there")
    return KeyRule()


def _address_without(file: ConfigFile, environ: Mapping[str, str]) -> str | None:
    """Return the address that would apply if the profile set none: the keys outside the profile are for this address."""
    written = environ.get(SPECS["base_url"].env or "", "").strip() or file.top.get("base_url")
    return _address(DEFAULTS["base_url"] if written is None else written)


def _address(written: Any) -> str | None:
    """Return an address in the form in which `Settings` has it; None if it is missing or invalid."""
    try:
        return None if written is None else str(SPECS["base_url"].kind.read(written))
    except ValueError:
        return None
