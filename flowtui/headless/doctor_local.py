"""The checks of `flowtui doctor` on this machine: settings and their sources, webhook, terminal, versions. No requests."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from flowtui import __version__
from flowtui.config.key.webhook_address import load_webhook, webhook_source
from flowtui.config.settings import Settings
from flowtui.config.show import shown_settings
from flowtui.errors import UsageError
from flowtui.headless.doctor import Check, failed, ok, warn
from flowtui.source.http.webhook.body import service_of

_LIBRARIES: Final = ("textual", "httpx", "pydantic")
_SMALLEST: Final = (60, 15)  # columns and lines of the smallest terminal that suits the dashboard


class Surroundings(NamedTuple):
    """What is known of the terminal.

    `lack`: the name of a stream that is not connected to a terminal; "" if all are connected.
    `size`: columns and lines.
    """

    lack: str
    size: tuple[int, int]
    encoding: str
    environ: Mapping[str, str]


def settings_checks(settings: Settings, environ: Mapping[str, str], path: str) -> list[Check]:
    """Return a check for the config file, whose usual place is `path`, and one for each setting that is not the default."""
    where = (
        f"{settings.config_file}, profile {settings.profile}" if settings.config_file else f"none ({path})"
    )
    return [
        ok("config", where),
        *(
            ok(f"setting.{row.name}", f"{row.value} (from {row.source})")
            for row in shown_settings(settings, environ)
            if row.source != "default"
        ),
    ]


def webhook_checks(settings: Settings, environ: Mapping[str, str]) -> list[Check]:
    """Return a check of the webhook's address, if there is one. Reads it, which may run a command, and sends nothing."""
    source = webhook_source(settings, environ)
    if source is None:
        return []
    try:
        address = load_webhook(settings, environ)
    except UsageError as error:
        return [failed("webhook", error)]
    host = "" if address is None else urlsplit(address.get_secret_value()).hostname or ""
    what = {"slack": "Slack", "teams": "Microsoft Teams"}.get(
        service_of(host), "an address that gets plain JSON"
    )
    return [ok("webhook", f"from {source}: {what} (not shown)")]


def terminal_checks(around: Surroundings, settings: Settings | None) -> list[Check]:
    """Return checks of what the terminal can show. None of them fails, as most commands need no terminal."""
    return [_terminal(around), _colors(around, settings), _text(around, settings), _multiplexer(around)]


def _terminal(around: Surroundings) -> Check:
    term = around.environ.get("TERM", "")
    cure = "The dashboard needs one; `flowtui watch` and `flowtui runs` do not"
    if around.lack:
        return warn("terminal", f"{around.lack} is no terminal", cure)
    if term in ("", "dumb"):
        return warn("terminal", f"TERM is {term or 'not set'}", cure)
    columns, lines = around.size
    detail = f"{term}, {columns}x{lines}"
    if columns < _SMALLEST[0] or lines < _SMALLEST[1]:
        return warn("terminal", detail, f"Make it at least {_SMALLEST[0]}x{_SMALLEST[1]}")
    return ok("terminal", detail)


def _colors(around: Surroundings, settings: Settings | None) -> Check:
    term, depth = around.environ.get("TERM", ""), around.environ.get("COLORTERM", "")
    if settings is not None and settings.no_color:
        return ok("colours", f"none, as {settings.sources.get('no_color')} says")
    if depth in ("truecolor", "24bit"):
        return ok("colours", f"true colour (COLORTERM={depth})")
    if "256" in term or "direct" in term:
        return ok("colours", "256 (COLORTERM=truecolor, where the terminal can, gives exact ones)")
    return warn("colours", "16 at most", "Set TERM=xterm-256color, and COLORTERM=truecolor where it can")


def _text(around: Surroundings, settings: Settings | None) -> Check:
    encoding = around.encoding or "unknown"
    if is_unicode(around.encoding):
        return ok("text", encoding)
    if settings is not None and settings.ascii:
        return ok("text", f"{encoding}, and ASCII is asked for")
    cure = "Set LANG=C.UTF-8 or another UTF-8 locale, or use --ascii"
    return warn("text", f"{encoding}, which has no signs and frames", cure)


def is_unicode(encoding: str) -> bool:
    """Whether an encoding is one of Unicode, such as UTF-8, and can hold all characters."""
    return encoding.lower().replace("-", "").startswith("utf")


def _multiplexer(around: Surroundings) -> Check:
    environ = around.environ
    if environ.get("TMUX"):
        if environ.get("TERM", "").startswith(("tmux", "screen")) and environ.get("COLORTERM"):
            return ok("multiplexer", "tmux")
        cure = "In ~/.tmux.conf: set -g default-terminal tmux-256color; set -ga terminal-features ',*:RGB'"
        return warn("multiplexer", "tmux, without true colour", cure)
    if environ.get("STY"):
        return warn("multiplexer", "screen, which knows no true colour", "Use tmux, or none")
    return ok("multiplexer", "none")


def versions_check() -> Check:
    """Return the versions of flowtui, Python, the libraries and the system."""
    libraries = ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES)
    system = f"{platform.system()} {platform.machine()}"
    detail = f"flowtui {__version__}, Python {platform.python_version()}, {libraries}, {system}"
    return ok("versions", detail)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "is not installed"
