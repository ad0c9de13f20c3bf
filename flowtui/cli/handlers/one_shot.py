"""`flowtui runs`, `threads` and `run`: ask the API once and print the answer. Never imports Textual."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from flowtui.cli.call_settings import settings_of
from flowtui.cli.log import start_log
from flowtui.cli.options.moments import release_marks
from flowtui.cli.options.queries import query_of
from flowtui.config.key.key import load_key
from flowtui.formatting import parse_zone
from flowtui.headless import run as one_run
from flowtui.headless import runs as many_runs
from flowtui.headless import threads as many_threads
from flowtui.headless.one_shot import Look, asker
from flowtui.headless.pages import Window
from flowtui.headless.retry import Asker
from flowtui.source.clock import Clock
from flowtui.source.daemon_threads import run_loop
from flowtui.source.http.client import Client

if TYPE_CHECKING:
    from flowtui.cli.command import Call
    from flowtui.config.settings import Settings


def runs(call: Call) -> int:
    """Print the runs of the named threads, or of all threads; return the exit code."""
    settings = settings_of(call)
    look = _look(call, settings)
    many_runs.check(look)
    return _ask(call, settings, lambda client, asker: many_runs.show_runs(client, asker, look, call.words))


def threads(call: Call) -> int:
    """Print the threads; return the exit code."""
    settings = settings_of(call)
    look = _look(call, settings)
    many_threads.check(look)
    return _ask(call, settings, lambda client, asker: many_threads.show_threads(client, asker, look))


def run(call: Call) -> int:
    """Print every field of one run; return the exit code."""
    settings = settings_of(call)
    look = _look(call, settings)
    thread, run_id = call.options.thread, call.words[0]
    return _ask(
        call,
        settings,
        lambda client, asker: one_run.show_run(client, asker, look, thread, run_id, settings=settings),
    )


def _look(call: Call, settings: Settings) -> Look:
    options = call.options
    on_terminal = sys.stdout.isatty()
    everything = getattr(options, "all", False)
    asked = getattr(options, "limit", None)
    limit = None if everything else Window().limit if asked is None else asked
    sort = getattr(options, "sort", None)
    asked_filter = getattr(options, "filter", None)
    return Look(
        output=options.output or ("table" if on_terminal else "jsonl"),
        window=Window(limit, getattr(options, "order", "desc"), getattr(options, "offset", 0)),
        columns=getattr(options, "columns", None),
        sort=None if sort is None else sort.strip(),
        color=on_terminal and not settings.no_color,
        zone=parse_zone(settings.tz),
        filter=None if asked_filter is None else query_of("--filter", asked_filter),
        prices=settings.prices,
        redact=settings.redact,
        marks=release_marks(settings, getattr(options, "columns", None), sort, asked_filter),
    )


def _ask(call: Call, settings: Settings, show: Callable[[Client, Asker], Coroutine[Any, Any, int]]) -> int:
    """Open a client, let `show` ask and print, close the client; return the exit code."""
    start_log(settings, call.command.name)
    key = load_key(settings, call.environ)

    async def look() -> int:
        async with Client(settings, key) as client:
            return await show(client, asker(call.clock or Clock(), settings.budget))

    return run_loop(look())
