"""The soak's dashboard: the application without a terminal, a simulated user, and the checks of the final state."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from functools import partial

from textual.widget import Widget

from benchmarks.simulated_clock import BEGIN
from benchmarks.soaking.checks import Accidents, Check, compare, kinds, memory_checks, sample, state_checks
from benchmarks.soaking.clock import CountedClient, DayClock
from benchmarks.soaking.day import BUSY, STOPPERS, plan
from benchmarks.soaking.day_runner import DayRunner
from benchmarks.soaking.user import User
from benchmarks.soaking.world import World
from flowtui.config.settings import Settings
from flowtui.source.poll.poller import Poller
from flowtui.ui.app import connection as ui_connection
from flowtui.ui.app.app import FlowtuiApp

FRONT = "dashboard"
GRAIN = 5.0  # shortest step in seconds of the day
FRAME = 0.4  # real seconds between two frames: the simulated day is some 300 times as fast as a real one
_ACTS_EVERY = 900.0  # seconds


def soak(hours: float, seed: int, world_options: dict) -> tuple[list[Check], dict]:
    """Run a day; return the checks, and further figures for `--verbose`."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
            os.environ[name] = f"{folder}/{name}"
        os.environ["SEEKR_API_KEY"] = "soak-key-1f0c"
        return asyncio.run(_soak(hours, seed, world_options))


async def _soak(hours: float, seed: int, world_options: dict) -> tuple[list[Check], dict]:
    accidents = Accidents()
    accidents.watch()
    day = plan(seed, hours, final=True)
    world = World(BEGIN, **world_options)
    clock = DayClock(GRAIN, lambda now: setattr(world, "now", min(now, BEGIN + day.still)))
    clock.lost = world.lost
    settings = Settings(
        base_url=world.url,
        tz="utc",
        interval=BUSY,
        quiet_interval=120.0,
        budget=60,
        allow_actions=True,
        history=10**6,  # no run may leave memory, as all are compared with the simulator's
    )
    ui_connection.import_parts = lambda: {
        "client": partial(CountedClient, clock),
        "clock": lambda _now: clock,
        "poller": Poller,
    }
    ui_connection.FRAME = FRAME
    app = FlowtuiApp(settings, now=clock.now)
    samples, before = [], None
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        while app.session.connection is None:
            await pilot.pause(0.01)
        user = User(app, pilot, seed)
        connection = app.session.connection
        runner = DayRunner(day, world, clock, connection.feed._client, connection.feed)
        acted = 0.0

        async def between() -> None:
            nonlocal acted
            if clock.elapsed - acted >= _ACTS_EVERY:
                acted = clock.elapsed
                await user.act()
            stopped = connection.feed.stopped and not any(
                map(STOPPERS.__contains__, day.faults(clock.elapsed))
            )
            if stopped or day.end <= clock.elapsed < day.end + 1:
                await user.refresh()

        async for hour in runner.hours(between):
            await user.home()
            await pilot.pause()
            newest = connection.feed.snapshot()
            samples.append(sample(hour, sum(len(s.runs) for s in newest.threads.values()), _widgets(app)))
            before = kinds() if before is None and hour >= min(2.0, hours / 2) else before
        await _drawn(app)
        snapshot, rows = app.dashboard.snapshot, len(app.dashboard.table.rows)
        dead = [
            name
            for name, task in (("connection", connection.loop), ("poller", connection.feed.tasks["poller"]))
            if task.done()
        ]
        dead += [
            f"{worker.name} {worker.state.name}" for worker in app.workers if worker.state.name == "ERROR"
        ]
        trouble = app._exception
        app.exit(0)
    grown = kinds() - before
    truth = world.truth()
    world.close()
    known = {run.key: run for run in snapshot.runs()}
    found = compare(known, truth, snapshot.threads)
    late = [state.key for state in snapshot.threads.values() if state.failure is not None and state.runs]
    unhandled = [*accidents.seen, *([repr(trouble)] if trouble is not None else [])]
    checks = [
        Check(FRONT, "unhandled exceptions", f"{len(unhandled)} {unhandled[:2] or ''}", not unhandled),
        *runner.checks(FRONT, dead),
        Check(FRONT, "keys pressed", f"{user.presses:,}", None),
        *state_checks(FRONT, found, truth),
        Check(FRONT, "threads that still cannot be read", f"{len(late)} {late[:2] or ''}", not late),
        Check(
            FRONT, "rows in the table, of all runs known", f"{rows:,} of {len(known):,}", rows == len(known)
        ),
        *memory_checks(FRONT, samples),
    ]
    return checks, {
        "cpu": (time.process_time(), truth.seconds),
        "requests": clock.requests,
        "steps": clock.steps,
        "samples": samples,
        "grown": grown.most_common(25),
        "accidents": accidents.seen,
    }


def _widgets(app: FlowtuiApp) -> int:
    return sum(isinstance(thing, Widget) for thing in app._registry)


async def _drawn(app: FlowtuiApp) -> None:
    """Wait until the newest snapshot is on the screen, at most 20 s."""
    connection = app.session.connection
    for _ in range(400):
        if app.dashboard.snapshot is not None and len(app.dashboard.table.rows) == sum(
            len(state.runs) for state in connection.feed.observer.states.values()
        ):
            return
        await asyncio.sleep(0.05)
