"""`flowtui watch`: makes a watch from the options and runs it. Never imports Textual."""

from __future__ import annotations

import math
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from flowtui.cli.call_settings import settings_of
from flowtui.cli.log import start_log
from flowtui.cli.options.gate_options import gate_plan
from flowtui.cli.options.moments import MARK, parse_time, release_marks
from flowtui.cli.options.queries import query_of
from flowtui.cli.options.watch_options import LABEL_VALUE
from flowtui.cli.terminal import can_show_unicode, size
from flowtui.config.memory.marks import AGENT
from flowtui.errors import ApiError, FlowtuiError, UsageError
from flowtui.formatting import parse_zone
from flowtui.model.run.label_terms import LabelTerms
from flowtui.source.daemon_threads import run_loop
from flowtui.watch.events import NAMES
from flowtui.watch.exits import UNANSWERED
from flowtui.watch.options import (
    ALL,
    ANY,
    FAIL_ON,
    FAIL_ON_DEFAULT,
    GATE,
    IDLE,
    MATCH,
    WAIT_START,
    Allowance,
    Hook,
    Options,
)
from flowtui.watch.output.output import Output, check_writable
from flowtui.watch.signals import Signals

if TYPE_CHECKING:
    from flowtui.cli.command import Call
    from flowtui.config.settings import Settings
    from flowtui.model.gate.past_base import PastBase
    from flowtui.model.query.query import Query
    from flowtui.source.clock import Clock
    from flowtui.watch.output.formats import FormatContext

_INTERVAL = 3.0  # seconds between two polls, if the user sets no `interval`
_FROM_NOW_ON = "--new watches runs that are created from now on"
_ALL_RUNS = 10**9  # runs to read of each thread: practically all


def watch(call: Call) -> int:
    """Watch runs until there is a verdict; return the exit code."""
    with Signals() as signals:
        settings = settings_of(call)
        options = options_of(call, settings)
        options.check()
        if options.summary_file is not None:
            check_writable("--summary-file", options.summary_file)
        if options.junit_file is not None:
            check_writable("--junit", options.junit_file)
        start_log(settings, call.command.name, on_stderr=options.output != "tty")
        try:
            return run_loop(_watch(call, settings, options, signals))
        except (FlowtuiError, OSError):
            raise
        except Exception as error:  # noqa: BLE001  exit code 1 would mean that a run has failed
            from flowtui.config import crash  # noqa: PLC0415  only for a crash

            crash.print_message(crash.write_report(error))
            return UNANSWERED


def options_of(call: Call, settings: Settings) -> Options:
    """Return the options of the watch. `since` is None for `mark:agent:NAME`, as only the server knows this time.

    Raises:
        UsageError: the value of an option is invalid.
    """
    given = call.options
    gate, since = gate_plan(given), given.since
    until, query = (GATE, None) if gate is not None else _until(ALL if given.until is None else given.until)
    return Options(
        threads=tuple(dict.fromkeys(call.words)),
        new=given.new,
        since=None
        if since is None
        else parse_time("--since", since, settings, call.now(), future=_FROM_NOW_ON),
        mark=_mark("" if since is None else since.strip()),
        gate=gate,
        runs=frozenset(given.run),
        latest=given.latest,
        agent=_not_empty("--agent", given.agent),
        labels=_labels(given.group, given.label),
        filter=None if given.filter is None else _query("--filter", given.filter),
        follow=given.follow,
        wait_start=_wait_start(given.wait_start, gated=gate is not None),
        expect=given.expect,
        first=given.first,
        until=until,
        query=query,
        settle=given.settle,
        fail_fast=given.fail_fast,
        fail_on=_fail_on(given.fail_on, gated=gate is not None),
        allow=Allowance(*given.allow_failures),
        allow_cancelled=Allowance(*given.allow_cancelled),
        timeout=given.timeout,
        stall=given.stall,
        max_tokens=given.max_tokens,
        exit_zero=given.exit_zero,
        interval=_INTERVAL if settings.sources.get("interval") == "default" else settings.interval,
        give_up_after=given.give_up_after,
        output=_output(given.output, call.environ),
        heartbeat=given.heartbeat,
        quiet=given.quiet,
        summary_file=_not_empty("--summary-file", given.summary_file),
        junit_file=_not_empty("--junit", given.junit),
        hooks=tuple(map(parse_hook, given.on)),
        once=given.once,
        redact=settings.redact,
        marks=release_marks(settings, given.filter, given.until),
        prices=settings.prices,
    )


def _mark(since: str) -> str:
    """Return the name of the mark in the value of `--since`; "" if it is none."""
    return since.removeprefix(MARK) if since.startswith(MARK) else ""


def _output(given: str, environ: Mapping[str, str]) -> str:
    from flowtui.watch.output.formats import choose  # noqa: PLC0415  not needed for help

    return choose(given, environ, on_terminal=_on_terminal())


def _wait_start(given: float | None, *, gated: bool) -> float:
    # The first run after a deployment may come late, so with a gate only --timeout limits the wait.
    return given if given is not None else math.inf if gated else WAIT_START


def _fail_on(given: str | None, *, gated: bool) -> frozenset[str]:
    # A gate may allow failures, so the first failure must not end the watch.
    if given is None:
        return frozenset() if gated else FAIL_ON_DEFAULT
    return parse_fail_on(given)


def _not_empty(option: str, value: str | None) -> str | None:
    if value is not None and not value.strip():
        raise UsageError(f"{option}: it is empty")
    return value


def _labels(group: str | None, labels: Sequence[tuple[str, str]]) -> LabelTerms:
    """Return the wanted group and labels.

    Raises:
        UsageError: the group is empty or too long, or a label is wanted with two values.
    """
    if _not_empty("--group", group) is not None and len(str(group)) > LABEL_VALUE:
        raise UsageError(f"--group: it is longer than {LABEL_VALUE} characters")
    known: dict[str, str] = {}
    for name, value in labels:
        if known.setdefault(name, value) != value:
            raise UsageError(f"--label: no run has two values of {name[:40]!r}")
    return LabelTerms(group, tuple(known.items()))


def _until(text: str) -> tuple[str, Query | None]:
    if text in (ALL, ANY, IDLE):
        return text, None
    return MATCH, _query("--for", text)


def _query(option: str, text: str) -> Query:
    """Return the parsed filter `text`. UsageError: it asks why runs failed, which a watch reads only after its verdict."""
    from flowtui.model.query.unread_values import uses_reasons  # noqa: PLC0415

    found = query_of(option, text)
    if uses_reasons(found.tree):
        raise UsageError(
            f"{option}: a watch does not choose runs by `reason`",
            hint="Its output says why runs failed; `flowtui runs --filter` finds runs by their reason",
        )
    return found


def parse_fail_on(text: str) -> frozenset[str]:
    """Return the names in the value of `--fail-on`, a comma-separated list.

    Raises:
        UsageError: one of them is unknown.
    """
    names = {name.strip().lower() for name in text.split(",")} - {""}
    for name in sorted(names):
        if name not in FAIL_ON:
            raise UsageError(f"--fail-on: there is no {name[:40]!r}", hint=f"There are {', '.join(FAIL_ON)}")
    return frozenset(names)


def parse_hook(text: str) -> Hook:
    """Return the event and the command in the value of `--on`, `EVENT=COMMAND`.

    Raises:
        UsageError: there is no such event, or no command.
    """
    event, equals, command = text.partition("=")
    if event not in NAMES:
        raise UsageError(f"--on: there is no event {event[:40]!r}", hint=f"There are {', '.join(NAMES)}")
    try:
        words = shlex.split(command)
    except ValueError:
        raise UsageError(f"--on {event}: the command has a quote that does not end") from None
    if not equals or not words:
        raise UsageError(f"--on {event}: the command is missing", hint="Write it as EVENT=COMMAND")
    return Hook(event, tuple(words))


def _on_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


async def _watch(call: Call, settings: Settings, options: Options, signals: Signals) -> int:
    from flowtui.config.key.environ import environ_without_key  # noqa: PLC0415
    from flowtui.config.key.key import load_key  # noqa: PLC0415
    from flowtui.source.clock import Clock  # noqa: PLC0415
    from flowtui.source.http.client import Client  # noqa: PLC0415  imports httpx
    from flowtui.source.poll.poller import Poller  # noqa: PLC0415
    from flowtui.watch.output.formats import make_format  # noqa: PLC0415
    from flowtui.watch.output.hooks import Hooks  # noqa: PLC0415
    from flowtui.watch.runner import Watch  # noqa: PLC0415

    key = load_key(settings, call.environ)
    clock: Clock = call.clock or Clock()
    target = make_format(options.output, _stage(call, settings, options))
    clean = environ_without_key(
        call.environ, key.get_secret_value(), settings.api_key_env, *settings.key_names
    )
    past: PastBase | None = None
    async with Client(settings, key) as client:
        poller = Poller(
            client,
            threads=options.threads,
            interval=options.interval,
            # A named thread without active runs is polled as often as one with active runs: a run may begin at any moment.
            quiet_interval=options.interval if options.threads else settings.quiet_interval,
            budget=settings.budget,
            history=_ALL_RUNS if options.whole_history else settings.history,
            kept=settings.history,
            back_to=lambda thread: (
                options.back_to if past is None else past.floors.get(thread, options.back_to)
            ),
            clock=clock,
        )
        hooks = Hooks(options.hooks, clean, clock)
        if options.mark.startswith(AGENT):
            from flowtui.cli.options.deployed_since import since_deployment  # noqa: PLC0415  only for an agent's deployment

            try:
                options = await since_deployment(client, options, signals, clock, settings.budget)
            except ApiError as error:
                return await Watch(poller, options, target, hooks, signals).refuse(str(error))
        if options.gate is not None:
            from flowtui.cli.handlers.remembered_base import remembered_base  # noqa: PLC0415  few watches have a gate

            past = await remembered_base(settings, key, options)
        return await Watch(poller, options, target, hooks, signals, past=past).run()


def _stage(call: Call, settings: Settings, options: Options) -> FormatContext:
    from flowtui.watch.output.formats import FormatContext  # noqa: PLC0415

    return FormatContext(
        output=Output(sys.stdout),
        zone=parse_zone(settings.tz),
        interval=options.interval,
        color=_on_terminal() and not settings.no_color,
        ascii=settings.ascii or not can_show_unicode(call.environ),
        size=size,
        environ=call.environ,
        in_front=_in_foreground,
    )


def _in_foreground() -> bool:
    """Return whether this process is the terminal's foreground job; True if that is not known."""
    try:
        return os.tcgetpgrp(sys.stdout.fileno()) == os.getpgrp()
    except (OSError, ValueError, AttributeError):
        return True
