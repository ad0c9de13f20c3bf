"""The timeline screen: lanes, keys, updates, errors, small terminals; and how the application opens and closes it."""

from __future__ import annotations

import re
import unicodedata
from contextlib import asynccontextmanager

import pytest
from rich.cells import cell_len

from flowtui.model.history.past import LIVE, Watched
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.view import View
from flowtui.ui.run.run_screen import RunScreen
from flowtui.ui.timeline.timeline_screen import TimelineScreen

from ...past import ListPast, reader_of
from ..screen_app import FakeData, shown
from ..services import FakeServices
from ..world_data import WorldData

WORLD = {"threads": 4, "runs": 40, "seed": 5}


@pytest.fixture
def ids():
    return "short"


@pytest.fixture
def timeline(clock):
    """Open the timeline over a world, and wait until it is drawn: `async with timeline(threads=4) as seat`."""

    @asynccontextmanager
    async def open_timeline(*, marks=(), touched=None, view=None, faults=(), ascii_only=False, **world):
        data = WorldData(clock, view=view, faults=faults, **(world or WORLD))
        data.marks, data.touched = marks, touched
        async with shown(TimelineScreen(), data, clock, ascii=ascii_only) as seat:
            await _drawn(seat, seat.screen)
            yield seat

    return open_timeline


async def _drawn(seat, screen):
    await seat.until(lambda: screen.ready and screen.lanes.state.order and screen.lanes._rows)
    await seat.pilot.pause()


def _lines(seat):
    return seat.text.split("\n")


def _taken(seat, clock, seconds):
    """Advance the clock, read all threads, and show the new snapshot on the screen."""
    clock.advance(seconds)
    seat.update(seat.data.read())


async def test_every_thread_is_a_lane_with_its_recent_runs(timeline):
    async with timeline() as seat:
        screen = seat.screen
        for state in seat.data.snapshot.threads.values():
            assert state.id in seat.text
        assert "Timeline by thread" in seat.text
        assert "now" in seat.text
        assert re.search(r"\d\d:\d\d – \d\d:\d\d · 10m", seat.text)
        run = screen.run
        assert run is not None
        assert run.id in _lines(seat)[-2]
        assert run.status in _lines(seat)[-2]


async def test_keys_step_zoom_scrub_and_return_to_now(timeline):
    async with timeline() as seat:
        screen = seat.screen
        newest = screen.run
        await seat.press("h")
        assert screen.run is not None
        assert screen.run != newest
        assert screen.run.created < newest.created
        await seat.press("l")
        assert screen.run.raw_id == newest.raw_id
        await seat.press("minus")
        assert "30m" in _lines(seat)[0]
        await seat.press("plus", "plus")
        assert "5m" in _lines(seat)[0]
        await seat.press("less_than_sign")
        await seat.sees("back 2m")
        await seat.press("shift+left")
        await seat.sees("back 5m")
        await seat.press("full_stop")
        assert re.search(r"5m +now", _lines(seat)[0])


async def test_up_and_down_choose_lanes(timeline):
    async with timeline() as seat:
        screen = seat.screen
        order = screen.lanes.state.order
        for key, place in (("j", 1), ("down", 2), ("k", 1), ("G", 3), ("g", 0), ("pagedown", 3), ("up", 2)):
            await seat.press(key)
            assert screen.lanes.state.lane == order[place], key
            line = next(line for line in _lines(seat) if line[1] == "►")
            assert seat.data.snapshot.threads[order[place]].id in line


async def test_the_time_window_follows_now_and_shows_new_runs(timeline, clock):
    async with timeline() as seat:
        screen = seat.screen
        first, window = screen.run, screen.lanes.state.window
        _taken(seat, clock, 120.0)
        assert screen.lanes.state.window.start == pytest.approx(window.start + 120.0, abs=window.step)
        assert screen.lanes.state.scope.live
        assert screen.run is not None
        assert screen.run.created >= first.created


async def test_a_chosen_run_stays_chosen_as_time_passes(timeline, clock):
    async with timeline() as seat:
        await seat.press("h")
        chosen = seat.screen.run
        _taken(seat, clock, 60.0)
        assert seat.screen.run.raw_id == chosen.raw_id


async def test_a_tick_without_changes_paints_no_lane(timeline):
    async with timeline(threads=3, runs=12, seed=2) as seat:
        screen = seat.screen
        painted = []
        screen.lanes.refresh = lambda *regions, **_: painted.extend(regions)
        screen.tick()
        assert painted == []
        screen.lanes.state.move(1)
        screen.tick()
        assert 0 < len(painted) <= 2 * screen.lanes.lane_rows, (
            "the lane that was left, and the one now chosen"
        )


async def test_the_timeline_starts_at_the_chosen_run(timeline, clock):
    runs = WorldData(clock, **WORLD).rows
    old = min((run for run in runs if run.created), key=lambda run: run.created)
    async with timeline(touched=old.key) as seat:
        screen = seat.screen
        assert screen.run.raw_id == old.raw_id
        window = screen.lanes.state.window
        assert window.start <= old.created < window.end
        assert "back" in _lines(seat)[0]


async def test_with_a_filter_the_title_says_how_many_runs_are_shown(timeline):
    async with timeline(view=View(text="status:failed")) as seat:
        everything, failed = len(list(seat.data.snapshot.runs())), len(seat.data.rows)
        assert 0 < failed < everything
        await seat.sees("Timeline by thread", f"{failed} of {everything} runs")
        seat.data.view = View(text="status:failed and age>9d")
        assert not seat.data.rows
        seat.screen.catch_up()
        await seat.sees("No run passes the filter")


async def test_a_time_window_without_runs_says_so_and_names_keys(timeline, clock):
    view = View(text="status:completed")
    async with timeline(threads=1, runs=4, seed=3, view=view) as seat:
        clock.advance(3 * 3600.0)
        seat.screen.tick()
        await seat.sees(
            "No run in these 10 minutes", "the last one before ended", "- shows more", "< goes back"
        )
        await seat.press("minus", "minus", "minus", "minus")
        await seat.until(lambda: "No run in" not in seat.text)


async def test_during_an_outage_lanes_stay_and_the_age_of_the_data_is_shown(timeline, clock):
    async with timeline() as seat:
        clock.advance(5.0)
        seat.data.fail("127.0.0.1 refuses connections")
        clock.advance(45.0)
        seat.screen.catch_up()
        await seat.sees("stale 50s", "refuses connections")
        assert any("━" in line for line in _lines(seat))


async def test_before_the_first_reply_the_timeline_says_connecting_then_loading(clock):
    data = FakeData()
    data.filtered = data.touched = None
    async with shown(TimelineScreen(), data, clock) as seat:
        await seat.sees("Connecting")
        seat.update(Snapshot(clock()))
        await seat.sees("Loading")


async def test_a_mark_is_drawn_across_all_lanes(timeline, clock):
    async with timeline(marks=(Mark(clock() - 300.0, "v42"),)) as seat:
        await seat.sees("▼ v42")
        assert sum("┆" in line for line in _lines(seat)) >= 4


@pytest.mark.parametrize("ascii_only", [False, pytest.param(True, marks=pytest.mark.slow)])
async def test_the_timeline_fits_every_terminal_size(timeline, ascii_only):
    async with timeline(threads=12, runs=60, seed=4, ascii_only=ascii_only) as seat:
        screen = seat.screen
        for size in ((120, 36), (80, 24), (60, 15), (40, 8), (20, 4)):
            await seat.pilot.resize_terminal(*size)
            await seat.until(lambda size=size: (len(_lines(seat)[0]), len(_lines(seat))) == size)
            await seat.until(lambda: len(screen.lanes._rows) == max(1, screen.lanes.size.height))
            await seat.pilot.pause()
            assert len(_lines(seat)) == size[1]
            assert all(cell_len(line) == size[0] for line in _lines(seat)), size
            if size[0] < 40:
                continue
            assert screen.run is not None
            assert screen.run.id in _lines(seat)[-2]
            for key, place in (("G", -1), ("g", 0)):
                await seat.press(key)
                thread = seat.data.snapshot.threads[screen.lanes.state.order[place]]
                pointer = seat.app.glyphs.pointer
                assert thread.id[-6:] in next(line for line in _lines(seat) if line[1] == pointer)
            if ascii_only:
                assert not set(seat.text) & set("━─═╯┴┯┊│┆╪▂▃▄▅▆▇█●○✓×–►◄")


async def test_markup_in_ids_and_names_is_shown_as_text(timeline):
    faults = [f"text-{kind}" for kind in ("escape", "osc52", "rtl", "markup", "nul", "combining", "emoji")]
    async with timeline(faults=faults, **WORLD) as seat:
        assert len(seat.data.rows) > 10
        await seat.press("minus", "j", "h", "h")
        for line in (strip.text for strip in seat.screen._compositor.render_strips()):
            assert cell_len(line) == 140
            assert not [char for char in line if unicodedata.category(char) in {"Cc", "Cf", "Cs"}]


# -- in the application, over real HTTP ------------------------------------------------------------------------


async def _opened(seat):
    """Open the timeline with its key, and wait until it is drawn."""
    await seat.press("t")
    screen = seat.app.screen
    assert isinstance(screen, TimelineScreen)
    await _drawn(seat, screen)
    return screen


async def _opens_its_run(seat, screen, run):
    """Wait until the run screen shows the run, and go back to the timeline."""
    await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
    assert seat.app.screen.run.raw_id == run.raw_id
    await seat.press("escape")
    await seat.until(lambda: seat.app.screen is screen)
    await seat.sees("Timeline by thread")


async def test_the_timeline_opens_runs_and_polls_and_moves_the_tables_cursor_when_it_closes(app):
    async with app(world=WORLD, marks={"v42": 300.0}) as seat:
        await seat.until(lambda: seat.app.session.deploy_marks.marks)
        screen = await _opened(seat)
        await seat.sees("▼ v42")
        await seat.press("h", "enter")
        await _opens_its_run(seat, screen, screen.run)
        lanes = screen.lanes
        at = (lanes.size.width - 30, 1 + lanes.lane_rows + 1)
        await seat.pilot.click(lanes, offset=at)
        assert lanes.state.lane == lanes.state.order[1]
        run = screen.run
        assert run is not None
        await seat.pilot.click(lanes, offset=at, times=2)
        await _opens_its_run(seat, screen, run)
        await seat.press("y")
        await seat.sees(f"Sent {screen.run.id}")
        before = len(seat.simulator.requests)
        await seat.press("r")
        await seat.until(lambda: len(seat.simulator.requests) > before)
        for key in ("escape", "q", "t"):
            await seat.press("j", "h")
            chosen = screen.run
            seat.table.action_first()
            assert seat.table.cursor != chosen.key
            await seat.press(key)
            await seat.until(lambda: seat.app.screen is seat.dashboard)
            await seat.until(lambda chosen=chosen: seat.table.cursor == chosen.key)
            screen = await _opened(seat)
            assert screen.run.raw_id == chosen.raw_id


# -- the history -----------------------------------------------------------------------------------------------


class Remembered:
    """A past in which the first thread of a world has a run a day earlier, before a night that nobody watched."""

    def __init__(self, data, clock, services):
        self.services, now = services, clock()
        state = next(iter(data.snapshot.threads.values()))
        old = next(iter(state.runs.values()))
        at = now - 86_400.0
        times = {"created": at, "started": at + 5, "completed": at + 65, "failed": None, "cancelled": None}
        self.run = old._replace(
            id="yesterday", raw_id="yesterday", status="completed", status_class="completed", **times
        )
        self.begin = now - 90_000.0
        spans = [Watched(self.begin, now - 80_000.0, LIVE), Watched(now - 3600, now, LIVE)]
        self.past = ListPast([self.run], spans)
        data.notifier.log.began = now - 60.0
        data.past = reader_of(self.past, services)


@asynccontextmanager
async def _with_history(clock, size=(120, 36), **settings):
    data = WorldData(clock, **WORLD)
    remembered = Remembered(data, clock, FakeServices())
    async with shown(TimelineScreen(), data, clock, size=size, **settings) as seat:
        await _drawn(seat, seat.screen)
        await remembered.services.work()
        yield seat, remembered


async def test_the_window_goes_back_to_the_beginning_of_the_history(clock):
    async with _with_history(clock) as (seat, remembered):
        await seat.press("-", "-", "-", "-", "-")  # a window of 12 hours
        await seat.press("<", "<")
        await seat.sees("reading the history")
        await remembered.services.work()
        await seat.sees("· not watched", "·· not watched")
        for _ in range(4):
            await seat.press("<")
            await remembered.services.work()
        await seat.sees("the history begins 20", "▼", "first run")
        start = seat.screen.lanes.state.window.start
        await seat.press("<")
        assert seat.screen.lanes.state.window.start == start  # there is nothing earlier
        histories = seat.screen.lanes.state.histories
        assert remembered.run in [segment.run for segment in histories[remembered.run.thread_key].segments]
        reads = len(remembered.past.asked)
        seat.screen.tick()
        await remembered.services.work()
        assert len(remembered.past.asked) == reads  # what was read is not read again


async def test_a_window_that_nobody_watched_says_so_and_a_broken_history_is_named(clock):
    async with _with_history(clock, size=(80, 24), ascii=True) as (seat, remembered):
        await seat.press("-", "-", "-")  # an hour
        for _ in range(8):
            await seat.press("<")
            await remembered.services.work()
        await seat.sees("No run in", "not watched")
        remembered.past.broken = "the file is broken"
        await seat.press("<", "<")  # the window before was read, too
        await remembered.services.work()
        await seat.sees("the history cannot be read: the file is broken")


@pytest.mark.slow
@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 36)])
async def test_every_line_fits_with_unwatched_times(clock, size):
    async with _with_history(clock, size=size) as (seat, remembered):
        await seat.press(*"---------")
        await remembered.services.work()
        await seat.pilot.pause()
        assert {cell_len(line) for line in _lines(seat)} == {size[0]}
        assert "·····" in seat.text
