"""`flowtui runs`, `threads`, `run`, `stats`, `failures` and `brief`: ask the API or the history once, and print. Never imports Textual."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from flowtui.cli.call_settings import settings_of
from flowtui.cli.command import Call
from flowtui.cli.handlers.time_span import ask_span, parse_span
from flowtui.cli.log import start_log
from flowtui.cli.options.moments import release_marks
from flowtui.cli.options.queries import query_of
from flowtui.cli.progress import ProgressLine
from flowtui.cli.terminal import is_dumb, is_terminal
from flowtui.config.key.key import load_key
from flowtui.config.settings import Settings
from flowtui.formatting import parse_zone
from flowtui.headless import run as one_run
from flowtui.headless import runs as many_runs
from flowtui.headless import threads as many_threads
from flowtui.headless.one_shot import OutputOptions, TimeSpan, new_requester, say_clock
from flowtui.headless.over_time import failures as failed_runs
from flowtui.headless.over_time import stats as statistics
from flowtui.headless.pages import ListRange
from flowtui.headless.remembered import open_past
from flowtui.headless.retry import Requester
from flowtui.model.history.past import Past
from flowtui.source.clock import Clock, ShiftedClock
from flowtui.source.daemon_threads import run_loop
from flowtui.source.http.client import Client

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from flowtui.config.files.plain_key import Secret

Options = TypeVar("Options", bound="DataclassInstance")

_BRIEF_OF: Final = "12h"  # of which time `flowtui brief` tells if the user names none


def runs(call: Call) -> int:
    """Print the runs of the named threads, or of all threads; return the exit code."""
    settings = settings_of(call)
    output = _output_options(call, settings)
    many_runs.check(output)
    if call.options.since is None:
        return _ask(call, settings, partial(many_runs.show_runs, options=output, threads=call.words))

    async def show(source: Client, requester: Requester, past: Past | None) -> int:
        now = requester.clock.now()
        span = parse_span(call.options.since, call.options.until, settings, now)
        known = span or await ask_span(source, requester, call.options.since, call.options.until, settings)
        since = replace(output, span=known)
        return await many_runs.show_runs(source, requester, since, call.words, past)

    return _ask_or_recall(call, settings, show)


def stats(call: Call) -> int:
    """Print statistics of the runs that ended in a span of time; return the exit code."""
    settings, given = settings_of(call), call.options
    options = statistics.StatsOptions(
        **_shared(call, settings),
        by=given.by,
        agent=given.agent,
        color=sys.stdout.isatty() and not settings.no_color,
        marks=release_marks(settings, "release" if given.agent is not None else None),
    )
    return _show_span(call, settings, given.since, options, statistics.show_stats)


def failures(call: Call) -> int:
    """Print the failed runs of a span of time by reason; return the exit code."""
    settings, given = settings_of(call), call.options
    options = failed_runs.FailureOptions(
        **_shared(call, settings),
        by=given.by,
        agent=given.agent,
        color=sys.stdout.isatty() and not settings.no_color,
        marks=release_marks(settings, "release"),
    )
    return _show_span(call, settings, given.since, options, failed_runs.show_failures)


def brief(call: Call) -> int:
    """Print what happened in a span of time; return the exit code."""
    from flowtui.headless.over_time import brief as what_happened  # noqa: PLC0415  other commands need none of it

    settings, given = settings_of(call), call.options
    shared = {**_shared(call, settings), "output": given.output or "text"}
    name = "since" if given.since else f"last {_BRIEF_OF}"
    options = what_happened.BriefOptions(**shared, name=name, marks=release_marks(settings, "release"))
    return _show_span(call, settings, given.since or _BRIEF_OF, options, what_happened.show_brief)


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
    unlimited = everything or getattr(options, "since", None) is not None
    limit = asked if asked is not None else None if unlimited else ListRange().limit
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


def _shared(call: Call, settings: Settings) -> dict[str, Any]:
    """Return the options that the answers over time have in common. The span is set once it is known."""
    return {
        "output": call.options.output or ("table" if sys.stdout.isatty() else "jsonl"),
        "span": TimeSpan(0.0),
        "prices": settings.prices,
        "zone": parse_zone(settings.tz),
        "redact": settings.redact,
    }


def _show_span(
    call: Call,
    settings: Settings,
    since: str,
    options: Options,
    show: Callable[[Client, Requester, Options, Past | None], Coroutine[Any, Any, int]],
) -> int:
    """Call `show` with options whose span begins at `since`; the API is asked first if only it knows when that was."""
    until = call.options.until

    async def show_known(source: Client, requester: Requester, past: Past | None) -> int:
        span = parse_span(since, until, settings, requester.clock.now())
        known = span or await ask_span(source, requester, since, until, settings)
        return await show(source, requester, replace(options, span=known), past)

    return _ask_or_recall(call, settings, show_known)


def _ask_or_recall(
    call: Call,
    settings: Settings,
    show: Callable[[Client, Requester, Past | None], Coroutine[Any, Any, int]],
) -> int:
    """Open the history, if there is one, to read it, and call `show` with it. Return the exit code that `show` returns.

    The requester's clock then shows the server's time, as far as the history knows it.
    """
    key = load_key(settings, call.environ)
    past = open_past(settings, key)
    if past is not None and past.clock_offset:
        call = replace(call, clock=ShiftedClock(call.clock or Clock(), past.clock_offset))

    async def show_and_check(source: Client, requester: Requester) -> int:
        code = await show(source, requester, past)
        say_clock(requester)
        return code

    return _ask(call, settings, show_and_check, key)


def _ask(
    call: Call,
    settings: Settings,
    show: Callable[[Client, Requester], Coroutine[Any, Any, int]],
    key: Secret | None = None,
) -> int:
    """Open a client and call `show`, which asks the API and prints the answer. Return the exit code that `show` returns.

    `key`: the API key; None: it is loaded.
    """
    start_log(settings, call.command.name)
    key = key or load_key(settings, call.environ)

    async def ask_once() -> int:
        clock = call.clock or Clock()
        requester = new_requester(clock, settings.budget)
        if not settings.verbose or settings.log_file is not None:  # else the log says more
            live = is_terminal("stderr") and not is_dumb(call.environ)
            requester.progress = ProgressLine(sys.stderr, clock.monotonic, live=live)
        async with Client(settings, key) as client:
            client.before_second = requester.charge
            return await show(client, requester)

    return run_loop(ask_once())
