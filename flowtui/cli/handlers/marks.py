"""`flowtui mark` and `flowtui marks`: set, delete and list marks. Never imports Textual."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from flowtui.cli.call_settings import settings_of
from flowtui.cli.command import Call
from flowtui.cli.log import start_log
from flowtui.cli.options.moments import parse_time
from flowtui.config.memory.marks import owner_of, read_marks
from flowtui.config.settings import Settings
from flowtui.errors import ConfigError, UsageError
from flowtui.formatting import parse_zone
from flowtui.text import safe_text

if TYPE_CHECKING:
    from flowtui.model.state.marks import Deployment

_RETRY_SECONDS: Final = 2.0
"""Seconds for which the request for the agents' deployments is retried. After that only the marks are listed."""


def mark(call: Call) -> int:
    """Set or delete a mark; return the exit code."""
    from flowtui.headless.mark import delete_and_print, set_and_print  # noqa: PLC0415

    settings = settings_of(call)
    zone, now = parse_zone(settings.tz), call.now()
    name = call.words[0]
    if call.options.delete:
        delete_and_print(owner_of(settings), name, zone)
    else:
        set_and_print(owner_of(settings), name, _time(call, settings, now), now, zone)
    return 0


def _time(call: Call, settings: Settings, now: float) -> float:
    if call.options.at is None:
        return now
    at = parse_time("--at", call.options.at, settings, now)
    if at is None:
        raise UsageError(
            "--at: the time of an agent's deployment needs no other mark", hint="`flowtui marks` lists it"
        )
    return at


def marks(call: Call) -> int:
    """List the marks, and the agents' deployments if the API answers; return the exit code."""
    from flowtui.headless.mark import all_marks, marks_elsewhere_note, marks_text  # noqa: PLC0415

    settings = settings_of(call)
    start_log(settings, call.command.name)
    owner = owner_of(settings)
    own = read_marks(owner)
    if others := marks_elsewhere_note(owner):
        sys.stderr.write(f"flowtui: {others}\n")
    deployments, trouble = _deployments(call, settings)
    if trouble:
        sys.stderr.write(f"flowtui: the agents' deployments are missing: {safe_text(trouble)}\n")
    on_terminal = sys.stdout.isatty()
    text = marks_text(
        all_marks(own, deployments),
        call.options.output or ("table" if on_terminal else "jsonl"),
        now=call.now(),
        zone=parse_zone(settings.tz),
        color=on_terminal and not settings.no_color,
    )
    sys.stdout.write(text)
    return 0


def _deployments(call: Call, settings: Settings) -> tuple[list[Deployment], str]:
    """Return the agents' deployments, and why some of them are missing; "" if none is. Without a key no request is sent."""
    from flowtui.config.key.key import load_key  # noqa: PLC0415
    from flowtui.headless.mark import ask_deployments  # noqa: PLC0415
    from flowtui.headless.one_shot import new_requester  # noqa: PLC0415
    from flowtui.headless.retry import RetryBudget  # noqa: PLC0415
    from flowtui.source.clock import Clock  # noqa: PLC0415
    from flowtui.source.daemon_threads import run_loop  # noqa: PLC0415
    from flowtui.source.http.client import Client  # noqa: PLC0415

    try:
        key = load_key(settings, call.environ)
    except ConfigError as error:
        return [], error.message

    async def fetch() -> tuple[list[Deployment], str]:
        requester = new_requester(call.clock or Clock(), settings.budget)
        requester.retry_budget = RetryBudget(_RETRY_SECONDS)
        async with Client(settings, key) as client:
            found = await ask_deployments(client, requester)
        return found.value, "" if found.error is None else str(found.error)

    return run_loop(fetch())
