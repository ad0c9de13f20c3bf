"""`flowtui runs`, `threads` and `run`: ask the API once and print the answer. Never imports Textual."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from flowtui.cli.call_settings import settings_of
from flowtui.cli.command import Call
from flowtui.cli.log import start_log
from flowtui.cli.options.moments import release_marks
from flowtui.cli.options.queries import query_of
from flowtui.config.key.key import load_key
from flowtui.config.settings import Settings
from flowtui.formatting import parse_zone
from flowtui.headless import run as one_run
from flowtui.headless import runs as many_runs
from flowtui.headless import threads as many_threads
from flowtui.headless.one_shot import OutputOptions, new_requester
from flowtui.headless.pages import ListRange
from flowtui.headless.retry import Requester
from flowtui.source.clock import Clock
from flowtui.source.daemon_threads import run_loop
from flowtui.source.http.client import Client


def runs(call: Call) -> int:
    """Print the runs of the named threads, or of all threads; return the exit code."""
    settings = settings_of(call)
    output = _output_options(call, settings)
    many_runs.check(output)
    return _ask(call, settings, partial(many_runs.show_runs, options=output, threads=call.words))


def threads(call: Call) -> int:
    """Print the threads; return the exit code."""
    settings = settings_of(call)
    output = _output_options(call, settings)
    many_threads.check(output)
    return _ask(call, settings, partial(many_threads.show_threads, options=output))


def run(call: Call) -> int:
    """Print every field of one run; return the exit code."""
    settings = settings_of(call)
    output = _output_options(call, settings)
    thread, run_id = call.options.thread, call.words[0]
    show = partial(one_run.show_run, options=output, thread=thread, run_id=run_id, settings=settings)
    return _ask(call, settings, show)


def _output_options(call: Call, settings: Settings) -> OutputOptions:
    options = call.options
    on_terminal = sys.stdout.isatty()
    everything = getattr(options, "all", False)
    asked = getattr(options, "limit", None)
    limit = None if everything else ListRange().limit if asked is None else asked
    sort = getattr(options, "sort", None)
    asked_filter = getattr(options, "filter", None)
    return OutputOptions(
        output=options.output or ("table" if on_terminal else "jsonl"),
        list_range=ListRange(limit, getattr(options, "order", "desc"), getattr(options, "offset", 0)),
        columns=getattr(options, "columns", None),
        sort=None if sort is None else sort.strip(),
        color=on_terminal and not settings.no_color,
        zone=parse_zone(settings.tz),
        filter=None if asked_filter is None else query_of("--filter", asked_filter),
        prices=settings.prices,
        redact=settings.redact,
        marks=release_marks(settings, getattr(options, "columns", None), sort, asked_filter),
    )


def _ask(
    call: Call, settings: Settings, show: Callable[[Client, Requester], Coroutine[Any, Any, int]]
) -> int:
    """Open a client and call `show`, which asks the API and prints the answer. Return the exit code that `show` returns."""
    start_log(settings, call.command.name)
    key = load_key(settings, call.environ)

    async def ask_once() -> int:
        requester = new_requester(call.clock or Clock(), settings.budget)
        async with Client(settings, key) as client:
            client.before_second = requester.charge
            return await show(client, requester)

    return run_loop(ask_once())
