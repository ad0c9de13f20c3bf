"""Values of the options of `watch`, and limits of hooks."""

from __future__ import annotations

import asyncio
import re
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from flowtui.cli import main
from flowtui.cli.arguments import parse
from flowtui.cli.commands import COMMANDS
from flowtui.cli.handlers.watch import options_of, parse_hook
from flowtui.cli.options.moments import parse_moment
from flowtui.cli.options.watch_options import allowance
from flowtui.config.key.environ import environ_without_key
from flowtui.config.settings import Settings
from flowtui.errors import UsageError
from flowtui.model.gate.tree import METRICS
from flowtui.source.clock import Clock
from flowtui.watch.events import SUMMARY, Event
from flowtui.watch.options import Allowance, Hook, Options
from flowtui.watch.output import hooks as hooks_module
from flowtui.watch.output.hooks import Hooks

NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC).timestamp()
BERLIN = ZoneInfo("Europe/Berlin")


def options(*words, **settings):
    call = parse(["watch", *words], COMMANDS, {})
    return options_of(call, Settings(**{"sources": {"interval": "default"}, **settings}))


def test_the_defaults_are_those_of_the_contract():
    given = options("-o", "plain")
    assert given == Options(output="plain")
    assert (given.until, given.fail_on, given.wait_start, given.interval) == (
        "all",
        {"failed", "overdue"},
        60.0,
        3.0,
    )
    assert (given.give_up_after, given.heartbeat, given.settle) == (120.0, 60.0, 10.0)
    assert (given.timeout, given.stall, given.max_tokens) == (None, None, None)


def test_a_chosen_interval_is_used():
    assert options(interval=7.0, sources={"interval": "--interval"}).interval == 7.0


def test_threads_and_repeated_options_are_read():
    given = options("thr_a", "--run", "r1", "--on", "summary=a b", "thr_a", "--run", "r2", "thr_b")
    assert given.threads == ("thr_a", "thr_b")
    assert given.runs == {"r1", "r2"}
    assert given.hooks == (Hook("summary", ("a", "b")),)
    assert given.expected == 2


@pytest.mark.parametrize(
    ("text", "zone", "at"),
    [
        ("10m", UTC, NOW - 600),
        ("90", UTC, NOW - 90),
        ("11:30", UTC, NOW - 1800),
        ("12:30", BERLIN, NOW - 1800),
        ("13:30", BERLIN, NOW - timedelta(days=1).total_seconds() + 1800),
        ("2026-11-24T11:00:00Z", BERLIN, NOW - 3600),
        ("2026-11-24T12:00", BERLIN, NOW - 3600),
        ("2026-07-01T12:00", BERLIN, datetime(2026, 7, 1, 10, tzinfo=UTC).timestamp()),
        ("2026-11-24", UTC, NOW - 12 * 3600),
    ],
)
def test_since_takes_a_duration_or_a_time(text, zone, at):
    assert parse_moment("--since", text, zone, NOW) == at


@pytest.mark.parametrize("text", ["", "mark:x", "soon", "2026-13-01", "2027-01-01", "-5m", "25:00", "1e400d"])
def test_invalid_values_of_since_are_refused(text):
    with pytest.raises(UsageError):
        parse_moment("--since", text, UTC, NOW)


@pytest.mark.parametrize(
    ("text", "value"), [("3", (3.0, False)), ("5%", (5.0, True)), ("2.5 %", (2.5, True))]
)
def test_allow_failures_takes_a_number_or_a_percentage(text, value):
    assert allowance(text) == value


def test_an_allowance_in_percent_counts_the_watched_runs():
    assert Allowance(10, percent=True).allows(1, 10)
    assert not Allowance(10, percent=True).allows(1, 9)


def test_first_watches_new_runs_without_settling_and_has_a_timeout():
    given = options("--first", "3", "--agent", "checkout", "--allow-cancelled", "5%")
    assert (given.first, given.timeout, given.time_limit) == (3, None, 1800.0)
    assert (given.open, given.only_new, given.settles, given.allow_cancelled) == (
        True,
        True,
        False,
        (5.0, True),
    )
    assert options("--first", "3", "--timeout", "5m").time_limit == 300.0
    assert options("--first", "3", "--for", "idle").settles
    assert not options("--first", "3", "--since", "10m").only_new
    assert options("--timeout", "5m").time_limit == 300.0
    assert options().time_limit is None
    for words in (["--new"], ["--since", "10m", "--once"], ["--since", "mark:agent:checkout", "--once"]):
        options("--first", "3", *words).check()


@pytest.mark.parametrize("option", ["--filter", "--for"])
def test_a_watch_does_not_choose_runs_by_a_reason_that_it_does_not_know_yet(option):
    for text in ("reason:tax", "status:failed and not has:reason"):
        with pytest.raises(UsageError, match=f"{option}: a watch does not choose runs by `reason`"):
            options(option, text)
    assert options(option, "has:error").until in ("all", "match")


@pytest.mark.parametrize("text", ["summary", "summary=", "x=y", "=y", "summary='"])
def test_invalid_hooks_are_refused(text):
    with pytest.raises(UsageError):
        parse_hook(text)


def test_the_help_of_exit_codes_names_every_code(capsys):
    assert main(["help", "exit-codes"], {}) == 0
    out = capsys.readouterr().out
    for code in ("0", "1", "2", "3", "4", "5", "6", "7", "8", "129, 130, 143"):
        assert f"\n  {code} " in out
    assert main(["help", "nothing"], {}) == 2


def test_the_help_of_gates_explains_every_metric(capsys):
    assert main(["help", "gate"], {}) == 0
    lines = capsys.readouterr().out.splitlines()
    explained = [line.split(maxsplit=1)[0] for line in lines if re.match(r"  [a-z0-9_()]+ {2,}\w", line)]
    assert [name for name in explained if name in METRICS] == list(METRICS)


def test_hooks_get_no_variable_that_holds_the_key():
    given = {"A": "x-key-x", "SEEKR_API_KEY": "other", "MY_KEY": "", "PATH": "/bin"}
    assert environ_without_key(given, "key", "MY_KEY") == {"PATH": "/bin"}


async def test_a_hook_that_hangs_is_ended(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(hooks_module, "TIMEOUT", 0.2)
    complain = Hooks._report

    def with_time_for_the_next(*words):
        complain(*words)
        monkeypatch.setattr(hooks_module, "TIMEOUT", 30.0)

    monkeypatch.setattr(Hooks, "_report", with_time_for_the_next)
    seen = tmp_path / "seen"
    hang = Hook(SUMMARY, (sys.executable, "-c", "import signal; signal.pause()"))
    write = Hook(SUMMARY, ("/bin/sh", "-c", f"cat > {seen}"))
    hooks = Hooks((hang, write), {"PATH": "/bin:/usr/bin"}, Clock())
    hooks.tell([Event(SUMMARY, 0.0)])
    worker = hooks._worker
    await asyncio.wait({worker})
    await hooks.finish(asyncio.Event())
    assert '"event": "summary"' in seen.read_text()
    assert "ended after 0.2 s" in capfd.readouterr().err


async def test_too_many_events_for_hooks_are_dropped_and_reported(capfd):
    hooks = Hooks((Hook(SUMMARY, ("/bin/sh", "-c", "exit 3")),), {}, Clock())
    hooks.tell([Event(SUMMARY, 0.0)] * 300)
    hurry = asyncio.Event()
    hurry.set()
    await hooks.finish(hurry)
    assert "dropped" in capfd.readouterr().err
