"""Which key may go to which address: a key never reaches the address of another profile unless somebody says so.

A profile that names its own key uses that one and no other, not even the environment's. One with an address of its
own and no key of its own has none: the environment's and the file's belong to the address that would hold without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from flowtui.config.files.config_file import ConfigFile
from flowtui.config.schema import shown_name
from flowtui.config.settings import DEFAULTS, KEY_SOURCES, SPECS


class KeyRule(NamedTuple):
    """`sources` are the settings that may give the key, `trouble` says why the others must not ("" where all may)."""

    sources: tuple[str, ...] = KEY_SOURCES
    trouble: str = ""


def key_rule(
    file: ConfigFile | None, values: Mapping[str, Any], sources: Mapping[str, str], environ: Mapping[str, str]
) -> KeyRule:
    """Return what holds for the key of the chosen profile. `values` and `sources` are those of all settings."""
    if file is None or not file.own:
        return KeyRule()
    rule = _rule(file, values["base_url"], sources["base_url"], environ)
    if sources["api_key_env"] == "--api-key-env":  # somebody says so, in this very call
        return KeyRule(tuple(dict.fromkeys(("api_key_env", *rule.sources))), rule.trouble)
    return rule


def _rule(file: ConfigFile, address: str, source: str, environ: Mapping[str, str]) -> KeyRule:
    own_address = _address(file.own.get("base_url"))
    replaced = source == SPECS["base_url"].env and address != own_address
    table = f"[profiles.{shown_name(file.profile)}]"
    own = tuple(name for name in KEY_SOURCES if name in file.own)
    if own and own_address is not None and replaced:
        return KeyRule((), f"The key of {table} is for its own base_url, and {source} names another")
    if own:
        return KeyRule(own, f"{table} has a key of its own, so no other is used")
    if own_address is not None and address == own_address != _address_without(file, environ):
        return KeyRule((), f"{table} has a base_url of its own, so no other profile's key is sent there")
    return KeyRule()


def _address_without(file: ConfigFile, environ: Mapping[str, str]) -> str | None:
    """Return the address that would hold without the profile: the one that the keys outside of it are for."""
    written = environ.get(SPECS["base_url"].env or "", "").strip() or file.top.get("base_url")
    return _address(DEFAULTS["base_url"] if written is None else written)


def _address(written: Any) -> str | None:
    """Return an address in the one form that settings have; None where there is none, or one that cannot be."""
    try:
        return None if written is None else str(SPECS["base_url"].kind.read(written))
    except ValueError:
        return None
