"""The dashboard over a feed without a server: rows, changes, an outage, and what such a feed cannot do."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from flowtui.config.settings import Settings
from flowtui.errors import ApiError
from flowtui.ui.actions.cancel import CANNOT
from flowtui.ui.app.app import FlowtuiApp
from flowtui.ui.base.connection import Connection
from flowtui.ui.base.host_label import host_label_of
from flowtui.ui.run.run_screen import RunScreen

from ...clocks import BEGIN
from ...feeds import ListFeed, raw_run
from ..conftest import Seat


@pytest.fixture
def over(own_environment, monkeypatch):
    """Open the application over a feed: `async with over(feed) as seat`."""
    monkeypatch.setenv("SEEKR_API_KEY", "secret-3f9a7c")

    @asynccontextmanager
    async def open_app(feed, **settings):
        feed.shut = asyncio.Event()

        async def connect(settings, _threads, _start_demo, _now):
            async def shut():
                feed.shut.set()

            loop = asyncio.create_task(feed.run())
            return Connection(settings, host_label_of(settings), feed, loop, shut, {})

        app = FlowtuiApp(Settings(tz="utc", **settings), connect=connect, now=feed.clock.now)
        async with app.run_test(size=(140, 40), notifications=True) as pilot:
            seat = Seat(app, pilot, feed.clock, None)
            await seat.until(lambda: app.session.connection is not None)
            yield seat

    return open_app


async def test_the_dashboard_draws_a_feed_and_asks_it_as_a_server(over):
    feed = ListFeed(can=["fetch"])
    async with over(feed, allow_actions=True) as seat:
        feed.read("thr_1", raw_run("run_2", "running", at=BEGIN - 30), raw_run("run_1"))
        await seat.until(lambda: seat.ids == ["run_2", "run_1"])
        await seat.sees("● running", "✓ completed")
        feed.read("thr_1", raw_run("run_2", "failed", at=BEGIN - 30), raw_run("run_1"))
        await seat.sees("× failed")
        await seat.press("R")
        assert ("refresh", None) in feed.asked
        await seat.press("g", "enter")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        await seat.until(lambda: ("fetch_run", ("thr_1", "run_2")) in feed.asked)
        await seat.press("9")
        await seat.sees('"run_2"')
    await asyncio.wait_for(feed.shut.wait(), 60)


async def test_an_outage_of_a_feed_keeps_the_rows_and_says_why(over):
    feed = ListFeed()
    async with over(feed) as seat:
        feed.read("thr_1", raw_run("run_1"))
        await seat.until(lambda: seat.ids == ["run_1"])
        feed.fail("thr_1", ApiError("the recording ends here"))
        feed.clock.elapsed += 60.0
        feed.change()
        await seat.sees("the recording ends here")
        assert seat.ids == ["run_1"]


async def test_what_a_recording_cannot_do_is_said(over):
    feed = ListFeed()
    async with over(feed, allow_actions=True) as seat:
        feed.read("thr_1", raw_run("run_1", "running"))
        await seat.until(lambda: seat.ids == ["run_1"])
        await seat.press("9")
        await seat.sees("a recording has no details of runs")
        await seat.press("ctrl+k")
        await seat.until(lambda: [note.message for note in seat.app._notifications] == [CANNOT])
        assert seat.app.screen is seat.dashboard
        assert feed.asked == [("fetch_run", ("thr_1", "run_1"))]


async def test_a_screen_that_is_open_below_another_is_shown_again(over):
    feed = ListFeed()
    async with over(feed) as seat:
        feed.read("thr_1", raw_run("run_1"))
        await seat.until(lambda: seat.ids == ["run_1"])
        await seat.press("t")
        timeline = seat.app.screen
        await seat.until(lambda: timeline.ready and timeline.run is not None)
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        seat.app.action_show_screen("timeline")
        await seat.until(lambda: seat.app.screen is timeline)
        assert seat.app.screen_stack[-2:] == [seat.dashboard, timeline]
