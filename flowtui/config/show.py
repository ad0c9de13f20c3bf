"""The effective settings, each with its source, as text for `flowtui config show` and the log. Never shows the key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from flowtui.config.key.key import key_source
from flowtui.config.settings import DEFAULTS, SPECS, Settings

_MASK: Final = "(set, not shown)"
_ALWAYS: Final = ("base_url", "profile", "interval", "budget")
_PRIVATE: Final = ("api_key_env", "filter", "views", "notify", "run_url")


class Shown(NamedTuple):
    """One setting for display. In `value` secrets are masked; `source` says where it came from."""

    name: str
    value: Any
    source: str


def shown_settings(settings: Settings, environ: Mapping[str, str]) -> list[Shown]:
    """Return every setting with its value and source."""
    rows = []
    for name, spec in SPECS.items():
        value = getattr(settings, name)
        if spec.kind.secret and value is not None:
            value = _MASK  # commands and addresses of proxies may hold passwords
        elif name == "api_key_env" and value != DEFAULTS[name] and value not in environ:
            value = "(not the name of a variable that is set)"  # it may be the key itself, pasted by mistake
        elif spec.kind.show is not None and value is not None:
            value = spec.kind.show(value)
        rows.append(Shown(name, value, settings.sources.get(name, "default")))
    return rows


def as_table(settings: Settings, environ: Mapping[str, str]) -> str:
    """Return the settings as aligned lines: name, value, source."""
    source = key_source(settings, environ)
    rows = [
        ("api_key", "present (not shown)" if source else "absent", source or "-"),
        *((row.name, _plain(row.value), row.source) for row in shown_settings(settings, environ)),
    ]
    name_width = max(len(row[0]) for row in rows)
    value_width = max(len(row[1]) for row in rows)
    lines = [f"{name:<{name_width}}  {value:<{value_width}}  {source}" for name, value, source in rows]
    return "".join(f"{line}\n" for line in (f"config file: {settings.config_file or 'none'}", *lines))


def as_line(settings: Settings) -> str:
    """Return the settings that the user has set, and some others, as one line for a log: `base_url=... (SEEKR_BASE_URL)`.

    Values that may hold a key, a password or texts of runs are masked: those of `_PRIVATE` and of secret settings.
    """
    rows = [row for row in shown_settings(settings, {}) if row.source != "default" or row.name in _ALWAYS]
    pairs = ((row.name, _MASK if row.name in _PRIVATE else _plain(row.value), row.source) for row in rows)
    return ", ".join(f"{name}={value} ({source})" for name, value, source in pairs)


def _plain(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return json.dumps(value)
    text = f"{value:.12g}" if isinstance(value, float) else str(value)
    return text if text.isprintable() else repr(text)


def as_json(settings: Settings, environ: Mapping[str, str]) -> str:
    """Return the settings as one JSON document: `v`, `config_file`, `api_key` and `settings`."""
    source = key_source(settings, environ)
    document = {
        "v": 1,
        "config_file": settings.config_file,
        "api_key": {"present": source is not None, "source": source},
        "settings": {
            row.name: {"value": row.value, "source": row.source} for row in shown_settings(settings, environ)
        },
    }
    return json.dumps(document, indent=2) + "\n"
