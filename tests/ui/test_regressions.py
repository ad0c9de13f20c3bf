"""Bugs that were found by using flowtui and must not come back."""

import asyncio
import re
from collections import Counter
from unittest.mock import AsyncMock

import pytest
from textual import events

from flowtui.ui.app import connection
from flowtui.ui.base.connection import Connection
from flowtui.ui.base.host_label import host_label_of

from ..feeds import ListFeed, raw_run
from .conftest import LONG


@pytest.fixture
def ids():
    return "short"


async def test_an_update_or_a_tick_during_the_shutdown_does_not_crash(app, monkeypatch):
    feed = ListFeed()

    async def connect(settings, *_):
        loop = asyncio.create_task(feed.run())
        return Connection(
            settings, host_label_of(settings), feed=feed, loop=loop, shut=AsyncMock(), environ={}
        )

    monkeypatch.setattr(connection, "connect", connect)
    async with app(wait=False) as seat:
        feed.read("thr_1", raw_run("run_1"))
        await seat.until(lambda: seat.ids == ["run_1"])
        seat.app.leaving = True  # as soon as the application exits; worker and timer still run then
        await seat.dashboard.remove_children()  # the first thing that Textual does to close the screens
        feed.change()
        feed.read("thr_1", raw_run("run_2"))
        await asyncio.wait_for(feed.handled(), LONG)
        seat.app._every_second()
        seat.app.session.redraw()
        assert seat.app._exception is None


async def test_enter_on_the_welcome_screen_starts_the_demo(app, simulate):
    started = []

    def start():
        started.append(True)
        return seat.app.settings

    async with app(with_key=False, wait=False, start_demo=start) as seat:
        await seat.sees("Welcome")
        await seat.press("enter")
        await seat.until(lambda: started)


async def test_the_run_under_the_cursor_is_visible_in_a_smaller_terminal_and_after_a_zoom(app):
    async with app(size=(140, 40)) as seat:
        await seat.press("G")
        run = seat.table.cursor_run.raw_id
        await seat.pilot.resize_terminal(140, 24)
        await seat.until(lambda: len(seat.lines) == 24 and _is_in_sight(seat, run))
        assert seat.line_of(run)
        await seat.press("g", "z")
        await seat.pilot.pause()
        await seat.press("G")
        await seat.press("z")
        await seat.until(lambda: seat.table.size.height < 20 and _is_in_sight(seat, run))
        assert seat.line_of(run)


def _is_in_sight(seat, run):
    region = seat.table.region
    return any(run in line[region.x : region.right] for line in seat.lines[region.y : region.bottom])


async def test_the_run_under_the_cursor_is_fetched_even_if_updates_come_often(app):
    async with app(faults=["slow:1"], wait=False, world={"threads": 6, "runs": 36}) as seat:
        await seat.until(lambda: seat.ids)
        await seat.press("j")
        await seat.until(lambda: re.search(r"temperature +[\d.]", seat.pane))


async def test_after_an_outage_the_error_of_a_run_is_no_longer_shown(app):
    async with app() as seat:
        seat.simulator.stop()
        unread = [
            run
            for run in seat.rows
            if seat.app.session.fetcher.cache.get(run).raw is None and run.key != seat.table.cursor
        ]
        await seat.choose(next(run.raw_id for run in unread if run.status == "completed"))
        await seat.until(lambda: "could not be read" in seat.pane)
        seat.simulator.start()
        await seat.later(1)
        await seat.until(lambda: "live" in seat.lines[0])
        await seat.until(lambda: "could not be read" not in seat.pane)


async def test_a_row_without_an_id_is_removed_when_the_server_no_longer_sends_it(app):
    async with app(faults=["null-elements"], wait=False) as seat:
        await seat.until(lambda: any(run.placeholder for run in seat.rows))
        await seat.until(lambda: all(state.observed for state in seat.dashboard.snapshot.threads.values()))
        # No thread is being read while its rows change: of a reading that began before, old rows would be left.
        seat.simulator.add_fault("unauthorized")
        await seat.until(lambda: seat.dashboard.snapshot.stopped)
        seat.simulator.clear_faults()
        await seat.press("R")
        await seat.loaded()


@pytest.mark.slow
async def test_rows_without_an_id_do_not_become_more_with_each_poll(app):
    async with app(faults=["one-scalar-element"], wait=False, interval=0.5) as seat:
        await seat.until(lambda: any(run.placeholder for run in seat.rows))

        async def polled():
            asked = len(seat.simulator.requests)
            await seat.later(12)
            await seat.until(lambda: len(seat.simulator.requests) > asked + 5)

        def most():
            return max(Counter(run.thread_key for run in seat.rows if run.placeholder).values())

        for _ in range(6):
            await polled()
        # Each page contains one such row: a whole thread has several of them, and the next observation, of one page, only one.
        for _ in range(20):
            if most() > 2:
                await polled()
        assert most() <= 2


async def test_with_ascii_no_other_sign_is_drawn(app):
    async with app(ascii=True) as seat:
        assert not set("─│╭╮╰╯━●○✓×–—…·►▼▲■▁▂▃▄▅▆▇█") & set(seat.text)


async def test_rows_scrolled_to_with_the_mouse_wheel_stay_in_place(app):
    async with app(size=(140, 24)) as seat:
        await seat.press("j")
        for _ in range(2):
            await seat.pilot._post_mouse_events([events.MouseScrollDown], "#runs", button=0)
        await seat.pilot.pause()
        top = seat.table.region.y + 1
        before = re.search(r"run_\w+", seat.lines[top]).group()
        await seat.later(12)
        await seat.until(lambda: len(seat.ids) == len(seat.world()))
        await seat.pilot.pause()
        assert re.search(r"run_\w+", seat.lines[top]).group() == before


async def test_closing_a_screen_twice_does_not_close_the_dashboard(app):
    async with app() as seat:
        await seat.press("enter")
        await seat.until(lambda: seat.app.screen is not seat.dashboard)
        screen = seat.app.screen
        screen.action_leave()
        screen.action_leave()  # as if the key had been pressed twice
        await seat.pilot.pause()
        seat.app._every_second()
        assert seat.app.screen is seat.dashboard
        assert seat.app.is_running
