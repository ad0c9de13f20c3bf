"""Older runs leave the dashboard's memory: what the user sees or holds stays, and counts say what they are of."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from flowtui.config.settings import Settings
from flowtui.model.gate.sides import sides_of
from flowtui.ui.app.app import FlowtuiApp
from flowtui.ui.base.connection import Connection
from flowtui.ui.base.host_label import host_label_of

from ..clocks import BEGIN
from ..feeds import ListFeed, raw_run
from .conftest import Seat

KEPT = 12


@pytest.fixture
def over(own_environment, monkeypatch):
    """Open the application over a feed that keeps few runs: `async with over(feed, size) as seat`."""
    monkeypatch.setenv("SEEKR_API_KEY", "secret-3f9a7c")

    @asynccontextmanager
    async def open_app(feed, size):
        async def connect(settings, _threads, _start_demo, _now):
            async def shut():
                pass

            loop = asyncio.create_task(feed.run())
            return Connection(settings, host_label_of(settings), feed, loop, shut, {})

        app = FlowtuiApp(Settings(tz="utc", history=KEPT), connect=connect, now=feed.clock.now)
        async with app.run_test(size=size, notifications=True) as pilot:
            seat = Seat(app, pilot, feed.clock, None)
            await seat.until(lambda: app.session.connection is not None)
            yield seat

    return open_app


def show(feed, newest, thread="thr_1"):
    """Show all runs of a thread up to a number, some of which have failed."""
    runs = [raw_run(f"run_{n:03}", "failed" if n % 5 == 0 else "completed", at=BEGIN - 5000 + n) for n in range(newest, 0, -1)]  # fmt: skip
    feed.clock.elapsed += 10  # the user has pressed no key for a while, so rows take their places
    feed.read(thread, *runs, whole=False)


async def begun(feed, seat, newest):
    """Let runs come until `newest`, so slowly that each is drawn before others leave."""
    feed.kept = KEPT
    for number in range(KEPT, newest + 1, 8):
        show(feed, number)
        await seat.until(lambda number=number: f"run_{number:03}" in seat.ids)
    show(feed, newest)
    await seat.until(lambda: f"run_{newest:03}" in seat.ids)
    show(feed, newest)  # what was new until now may leave


@pytest.mark.parametrize("size", [(120, 36), (60, 15)])
async def test_counts_say_what_they_are_of_and_the_table_says_where_it_ends(over, size):
    feed, wide = ListFeed(), size[0] == 120
    async with over(feed, size) as seat:
        await begun(feed, seat, 60)
        assert feed.latest.threads["thr_1"].let_go > 20
        held = len(feed.latest.threads["thr_1"].runs)
        await seat.sees(f"{held} of 60 runs" if wide else f"{held}/60 runs")
        await seat.until(lambda: len(seat.ids) == held)
        await seat.press("G")
        await seat.sees(f"{60 - held} older left memory")
        if wide:
            await seat.sees("Threads 1 · in memory")
            await seat.pilot.resize_terminal(120, 60)  # the left column has room for the sums of the rows
            await seat.sees(f"Tokens · {held} of 60")
            await seat.pilot.resize_terminal(*size)
        await seat.press("g", "slash", *"status:completed", "enter")
        await seat.sees(
            "older runs left memory, `flowtui runs --since`" if wide else "older runs left memory"
        )
        await seat.press("slash", "ctrl+u", *"nosuchrun", "enter")
        await seat.sees("No run matches", "older runs left memory")


async def test_what_the_user_looks_at_stays_and_the_rest_leaves(over):
    feed = ListFeed(can=["fetch"])
    async with over(feed, (120, 36)) as seat:
        show(feed, KEPT)
        await seat.until(lambda: len(seat.ids) == KEPT)
        await seat.press(
            "G", "space", "k", "k", "n"
        )  # run_001 is selected, run_003 is watched or under the cursor
        selected, cursor = ("thr_1", "run_001"), seat.table.rows.cursor
        held = feed.hold()
        assert selected in held
        assert cursor in held
        assert ("thr_1", "run_777") in held  # no snapshot that was drawn has it
        await begun(feed, seat, 100)
        kept = feed.latest.threads["thr_1"]
        assert {selected, cursor} <= {run.key for run in kept.runs.values()}
        assert kept.let_go > 40
        in_sight = {run.key for run in seat.table.in_sight}
        assert in_sight <= {run.key for run in kept.runs.values()}
        await seat.press("enter")
        await seat.until(lambda: seat.app.screen is not seat.dashboard)
        assert cursor in feed.hold()
        show(feed, 100)
        assert {selected, cursor, *in_sight} <= {run.key for run in feed.latest.runs()}
        # no run that left is said to be missing or new
        events = seat.app.session.notifier.log.events
        assert not any(event.word in {"seen", "new"} for event in events)
        side = sides_of(feed.latest, BEGIN - 4990, 100.0)
        assert side.missing == "runs of thr_1 that the gate needs have left memory"
