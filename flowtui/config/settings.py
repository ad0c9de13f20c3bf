"""`Settings`: all settings in one frozen value. Each field also defines how its setting is read.

To add a setting, add one field here and one line in `config.example.toml`. The field defines how the setting is read
from the environment and the file, how it is checked, and how `config show` shows it. The key is not a setting: `key.py`
reads it when a client needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, NamedTuple

from flowtui.config.values import kinds
from flowtui.config.values.kinds import Kind
from flowtui.config.values.notify import NOTIFY, Notify
from flowtui.config.values.prices import CURRENCY, DEFAULT_CURRENCY, PRICES, Prices
from flowtui.config.values.views import VIEWS, SavedView

KEY_SOURCES: Final = ("api_key_env", "api_key_command", "api_key_file", "api_key")
"""The settings that say where the key is. They are tried in this order."""

_SPEC: Final = "spec"


class Spec(NamedTuple):
    """How a setting is read.

    `env`: its environment variable; None: it has none. `file`: whether the config file may set it. `option`: its option, if
    that has another name.
    """

    kind: Kind
    env: str | None = None
    file: bool = True
    option: str | None = None


def _setting(
    default: Any,
    kind: Kind,
    *,
    env: str | None = None,
    file: bool = True,
    option: str | None = None,
    shown: bool = True,
) -> Any:
    # Values that may hold a secret are left out of the repr, which tracebacks with locals would print.
    return field(
        default=default, repr=shown and not kind.secret, metadata={_SPEC: Spec(kind, env, file, option)}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The effective settings. Durations are in seconds, `max_body_mb` is in MiB.

    `base_url`: has no slash or `/v1` at its end, no user name and no password. It is https, or http if it is on this
    machine or `allow_http` is set.
    `sources`: setting -> where its value came from.
    `config_file`: the file that was read; None if no file was read.
    `api_key_in_file`: whether that file has a plain `api_key`.
    `key_sources`: the settings that may provide the key of this profile.
    `key_trouble`: why no other source may provide the key; "" if all sources may.
    `key_names`: the environment variables from which any profile of the file takes its key or its webhook's address.
    """

    base_url: str = _setting("https://flow.seekr.com", kinds.URL, env="SEEKR_BASE_URL")
    auth_scheme: str = _setting("key", kinds.choice("key", "bearer"))
    team: str | None = _setting(None, kinds.HEADER, env="SEEKR_TEAM_ID")
    profile: str = _setting("default", kinds.TEXT)
    # Not shown: users paste the key itself here by mistake.
    api_key_env: str = _setting("SEEKR_API_KEY", kinds.ENV_NAME, shown=False)
    api_key_command: str | None = _setting(None, kinds.SECRET)
    api_key_file: str | None = _setting(None, kinds.PATH)
    interval: float = _setting(2.0, kinds.duration(minimum=0.5))
    quiet_interval: float = _setting(30.0, kinds.duration(minimum=0.5))
    budget: int = _setting(300, kinds.BUDGET)
    request_timeout: float = _setting(10.0, kinds.duration())
    max_body_mb: float = _setting(16.0, kinds.NUMBER)
    history: int = _setting(200, kinds.WHOLE)
    remember: bool = _setting(True, kinds.FLAG, option="--no-history")
    remember_path: str | None = _setting(None, kinds.PATH)
    remember_for: float = _setting(90 * 86_400.0, kinds.duration(minimum=3600.0))
    remember_mb: float = _setting(256.0, kinds.NUMBER)
    ca_bundle: str | None = _setting(None, kinds.PATH)
    proxy: str | None = _setting(None, kinds.PROXY)
    allow_http: bool = _setting(False, kinds.FLAG)
    allow_actions: bool = _setting(False, kinds.FLAG)
    redact: bool = _setting(False, kinds.FLAG)
    live_text: bool = _setting(True, kinds.FLAG)
    tz: str = _setting("local", kinds.TEXT)
    no_color: bool = _setting(False, kinds.FLAG, env="NO_COLOR")
    ascii: bool = _setting(False, kinds.FLAG)
    theme: str | None = _setting(None, kinds.TEXT)
    reduced_motion: bool = _setting(False, kinds.FLAG)
    hold_order: float = _setting(5.0, kinds.duration())
    keys: Mapping[str, str] | None = _setting(None, kinds.TABLE)
    run_url: str | None = _setting(None, kinds.TEXT)
    filter: str | None = _setting(None, kinds.TEXT)
    views: Mapping[str, SavedView] | None = _setting(None, VIEWS)
    notify: Notify = _setting(Notify(), NOTIFY)  # noqa: RUF009  returns a dataclass field
    currency: str = _setting(DEFAULT_CURRENCY, CURRENCY)
    prices: Prices | None = _setting(None, PRICES)  # noqa: RUF009  returns a dataclass field
    verbose: bool = _setting(False, kinds.FLAG, file=False)
    log_file: str | None = _setting(None, kinds.PATH)
    sources: Mapping[str, str] = field(default_factory=dict)
    config_file: str | None = None
    api_key_in_file: bool = False
    key_sources: tuple[str, ...] = KEY_SOURCES
    key_trouble: str = ""
    key_names: tuple[str, ...] = field(default=(), repr=False)


SPECS: Final[Mapping[str, Spec]] = {
    item.name: item.metadata[_SPEC] for item in fields(Settings) if _SPEC in item.metadata
}
"""Setting name -> its `Spec`, in the order of the fields."""

DEFAULTS: Final[Mapping[str, Any]] = {
    item.name: item.default for item in fields(Settings) if item.name in SPECS
}
"""Setting name -> its default."""
