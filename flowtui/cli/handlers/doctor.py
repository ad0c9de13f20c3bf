"""`flowtui doctor`: checks the settings, the key, the server and the terminal. Never imports Textual."""

from __future__ import annotations

import sys

from flowtui.cli.call_settings import settings_of
from flowtui.cli.command import Call
from flowtui.cli.log import start_log
from flowtui.cli.terminal import STREAMS, can_show_unicode, is_terminal, size
from flowtui.config.files.config_file import locate
from flowtui.config.key.key import key_source, load_key
from flowtui.config.settings import Settings
from flowtui.errors import UsageError
from flowtui.headless.doctor import Check, as_json, as_lines, exit_code, failed, ok
from flowtui.headless.doctor_local import (
    Surroundings,
    is_unicode,
    settings_checks,
    terminal_checks,
    versions_check,
    webhook_checks,
)


def doctor(call: Call) -> int:
    """Run all checks and print their results. Return the exit code.

    It is 2 if a check of the configuration has failed, 3 if only a check of the server has failed, else 0.
    """
    checks: list[Check] = []
    settings = _settings(call, checks)
    if settings is not None:
        checks += webhook_checks(settings, call.environ)
        checks += _server(call, settings)
    around = _surroundings(call)
    checks += [*terminal_checks(around, settings), versions_check()]
    if call.options.output == "json":
        sys.stdout.write(as_json(checks))
    else:
        color = is_terminal("stdout") and not (settings is not None and settings.no_color)
        plain = not is_unicode(around.encoding) or (settings is not None and settings.ascii)
        sys.stdout.write(as_lines(checks, color=color, ascii_only=plain))
    return exit_code(checks)


def _settings(call: Call, checks: list[Check]) -> Settings | None:
    """Return the settings; None if they are wrong. Add the results of the checks of the configuration to `checks`."""
    try:
        path, _ = locate(call.config_file, call.environ)
        settings = settings_of(call)
        start_log(settings, call.command.name)
    except UsageError as error:
        checks.append(failed("config", error))
        return None
    checks += settings_checks(settings, call.environ, str(path))
    return settings


def _server(call: Call, settings: Settings) -> list[Check]:
    """Return the results of the checks of key and server. Without a key no request is sent."""
    try:
        key = load_key(settings, call.environ)
    except UsageError as error:
        return [failed("key", error)]
    from flowtui.headless.doctor_server import server_checks  # noqa: PLC0415  only with a key
    from flowtui.source.clock import Clock  # noqa: PLC0415
    from flowtui.source.daemon_threads import run_loop  # noqa: PLC0415
    from flowtui.source.http.client import Client  # noqa: PLC0415  imports httpx

    clock = call.clock or Clock()
    present = ok("key", f"from {key_source(settings, call.environ)} (not shown)")

    async def examine() -> list[Check]:
        async with Client(settings, key, monotonic=clock.monotonic) as client:
            return await server_checks(client, settings, clock)

    try:
        return [present, *run_loop(examine())]
    except UsageError as error:  # the client could not be created: certificates, proxy or team
        return [present, failed("connection", error)]


def _surroundings(call: Call) -> Surroundings:
    lack = next((name for name in STREAMS if not is_terminal(name)), "")
    encoding = getattr(sys.stdout, "encoding", None) or ""
    if not can_show_unicode(call.environ) and is_unicode(encoding):
        encoding = "ASCII, as the locale says"
    return Surroundings(lack, size(), encoding, call.environ)
