"""The timeline screen in the application: updates, keys, mouse, errors, small terminals."""

from __future__ import annotations

import re
import unicodedata

import pytest
from rich.cells import cell_len

from flowtui.ui.base.messages import RefreshRequested
from flowtui.ui.run.run_screen import RunScreen
from flowtui.ui.timeline.timeline_screen import TimelineScreen

WORLD = {"threads": 4, "runs": 40, "seed": 5}


async def _opened(seat):
    """Open the timeline screen as the key does, and wait until it is drawn."""
    seat.app.action_show_screen("timeline")
    screen = seat.app.screen
    assert isinstance(screen, TimelineScreen)
    await seat.until(lambda: screen.ready and screen.lanes.state.order and screen.lanes._rows)
    await seat.pilot.pause()
    return screen


async def _taken(seat, screen, seconds):
    """Advance the clock, poll all threads, and show the new snapshot on the screen."""
    before = seat.dashboard.snapshot
    seat.clock.advance(seconds)
    seat.app.post_message(RefreshRequested())
    await seat.until(
        lambda: (
            seat.dashboard.snapshot is not before
            and all(state.observed == seat.clock() for state in seat.dashboard.snapshot.threads.values())
        )
    )
    screen.catch_up()
    await seat.pilot.pause()


async def test_every_thread_is_a_lane_with_its_recent_runs(app):
    async with app(world=WORLD) as seat:
        screen = await _opened(seat)
        for state in seat.dashboard.snapshot.threads.values():
            assert state.id in seat.text
        assert "Threads × time" in seat.text
        assert "now" in seat.text
        assert re.search(r"\d\d:\d\d – \d\d:\d\d · 10m", seat.text)
        run = screen.run
        assert run is not None
        assert run.id in seat.lines[-2]
        assert run.status in seat.lines[-2]


async def test_keys_step_zoom_scrub_and_return_to_now(app):
    async with app(world=WORLD) as seat:
        screen = await _opened(seat)
        newest = screen.run
        await seat.press("h")
        assert screen.run is not None
        assert screen.run != newest
        assert screen.run.created < newest.created
        await seat.press("l")
        assert screen.run.raw_id == newest.raw_id
        await seat.press("minus")
        assert "30m" in seat.lines[0]
        await seat.press("plus", "plus")
        assert "5m" in seat.lines[0]
        await seat.press("less_than_sign")
        await seat.sees("back 2m")
        await seat.press("shift+left")
        await seat.sees("back 5m")
        await seat.press("full_stop")
        assert re.search(r"5m +now", seat.lines[0])


async def test_up_and_down_choose_lanes(app):
    async with app(world=WORLD) as seat:
        screen = await _opened(seat)
        order = screen.lanes.state.order
        for key, place in (("j", 1), ("down", 2), ("k", 1), ("G", 3), ("g", 0), ("pagedown", 3), ("up", 2)):
            await seat.press(key)
            assert screen.lanes.state.thread == order[place], key
            line = next(line for line in seat.lines if "►thr_" in line)
            assert seat.dashboard.snapshot.threads[order[place]].id in line


async def test_the_time_window_follows_now_and_shows_new_runs(app):
    async with app(world=WORLD) as seat:
        screen = await _opened(seat)
        first, window = screen.run, screen.lanes.state.window
        await _taken(seat, screen, 120.0)
        assert screen.lanes.state.window.start == pytest.approx(window.start + 120.0, abs=window.step)
        assert screen.lanes.state.scope.live
        assert screen.run is not None
        assert screen.run.created >= first.created


async def test_a_chosen_run_stays_chosen_as_time_passes(app):
    async with app(world=WORLD) as seat:
        screen = await _opened(seat)
        await seat.press("h")
        chosen = screen.run
        await _taken(seat, screen, 60.0)
        assert screen.run.raw_id == chosen.raw_id


async def test_a_tick_without_changes_paints_no_lane(app):
    async with app(world={"threads": 3, "runs": 12, "seed": 2}) as seat:
        screen = await _opened(seat)
        painted = []
        screen.lanes.refresh = lambda *regions, **_: painted.extend(regions)
        screen.tick()
        assert painted == []
        screen.lanes.state.move(1)
        screen.tick()
        assert 0 < len(painted) <= 2 * screen.lanes.lane_rows, (
            "the lane that was left, and the one now chosen"
        )


async def test_enter_opens_the_run_and_esc_returns(app):
    async with app(world=WORLD) as seat:
        screen = await _opened(seat)
        await seat.press("h", "enter")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        assert seat.app.screen.run.raw_id == screen.run.raw_id
        await seat.press("escape")
        await seat.until(lambda: seat.app.screen is screen)
        await seat.sees("Threads × time")


async def test_closing_moves_the_tables_cursor_to_the_chosen_run(app):
    async with app(world=WORLD) as seat:
        for key in ("escape", "q", "t"):
            screen = await _opened(seat)
            await seat.press("j", "h")
            chosen = screen.run
            seat.table.action_first()
            assert seat.table.cursor != chosen.key
            await seat.press(key)
            await seat.until(lambda: seat.app.screen is seat.dashboard)
            await seat.until(lambda chosen=chosen: seat.table.cursor == chosen.key)


async def test_the_timeline_starts_at_the_chosen_run(app):
    async with app(world=WORLD) as seat:
        old = min((run for run in seat.rows if run.created), key=lambda run: run.created)
        seat.table.select(old.key)
        seat.table.touched = True
        screen = await _opened(seat)
        assert screen.run.raw_id == old.raw_id
        window = screen.lanes.state.window
        assert window.start <= old.created < window.end
        assert "back" in seat.lines[0]


async def test_with_a_filter_the_title_says_how_many_runs_are_shown(app):
    async with app(world=WORLD) as seat:
        everything = len(seat.rows)
        await seat.press("slash", *"status:failed", "enter")
        await seat.until(lambda: 0 < len(seat.rows) < everything and seat.table.has_focus)
        failed = len(seat.rows)
        await seat.press("t")
        await seat.sees("Threads × time", f"{failed} of {everything} runs")
        await seat.press("escape", "slash", *" and age>9d", "enter")
        await seat.until(lambda: not len(seat.rows) and seat.table.has_focus)
        await seat.press("t")
        await seat.sees("No run passes the filter")


async def test_a_time_window_without_runs_says_so_and_names_keys(app):
    async with app(world={"threads": 1, "runs": 4, "seed": 3}) as seat:
        done = [run for run in seat.rows if run.status == "completed"]
        await seat.press("slash", *"status:completed", "enter")
        await seat.until(lambda: len(seat.rows) == len(done) and seat.table.has_focus)
        screen = await _opened(seat)
        seat.clock.advance(3 * 3600.0)
        screen.tick()
        await seat.sees(
            "No run in these 10 minutes", "the last one before ended", "- shows more", "< goes back"
        )
        await seat.press("minus", "minus", "minus", "minus")
        await seat.until(lambda: "No run in" not in seat.text)


async def test_during_an_outage_lanes_stay_and_the_age_of_the_data_is_shown(app):
    async with app(world=WORLD) as seat:
        screen = await _opened(seat)
        seat.simulator.stop()
        seat.clock.advance(5.0)
        seat.app.post_message(RefreshRequested())
        poller = seat.app.session.connection.feed
        await seat.until(lambda: all(state.failure for state in poller.snapshot().threads.values()))
        seat.clock.advance(45.0)
        await seat.until(lambda: all(state.failure for state in seat.dashboard.snapshot.threads.values()))
        screen.catch_up()
        await seat.sees("stale 50s", "refuses connections")
        assert any("━" in line for line in seat.lines)


async def test_before_the_first_reply_the_timeline_says_loading(app):
    async with app(world=WORLD, faults=["slow:60"], wait=False) as seat:
        await seat.until(lambda: seat.dashboard.is_mounted)
        seat.app.action_show_screen("timeline")
        await seat.until(lambda: "Loading" in seat.text or "Connecting" in seat.text)


async def test_a_mark_is_drawn_across_all_lanes(app, own_environment, clock):
    async with app(world=WORLD, marks={"v42": 300.0}) as seat:
        await seat.until(lambda: seat.app.session.deploy_marks.marks)
        await seat.press("t")
        await seat.sees("▼ v42")
        assert sum("┃" in line for line in seat.lines) >= 4


@pytest.mark.parametrize("ascii_only", [False, True])
async def test_the_timeline_fits_every_terminal_size(app, ascii_only):
    async with app(world={"threads": 12, "runs": 60, "seed": 4}, ascii=ascii_only) as seat:
        screen = await _opened(seat)
        for size in ((120, 36), (80, 24), (60, 15), (40, 8), (20, 4)):
            await seat.pilot.resize_terminal(*size)
            await seat.until(lambda size=size: len(seat.lines) == size[1] and len(seat.lines[0]) == size[0])
            await seat.until(lambda: len(screen.lanes._rows) == max(1, screen.lanes.size.height))
            await seat.pilot.pause()
            assert len(seat.lines) == size[1]
            assert all(cell_len(line) == size[0] for line in seat.lines), size
            if size[0] < 40:
                continue
            assert screen.run is not None
            assert screen.run.id in seat.lines[-2]
            for key, place in (("G", -1), ("g", 0)):
                await seat.press(key)
                thread = seat.dashboard.snapshot.threads[screen.lanes.state.order[place]]
                pointer = seat.app.glyphs.pointer
                assert thread.id[:6] in next(line for line in seat.lines if f"{pointer}thr" in line)
            if ascii_only:
                assert not set(seat.text) & set("━─═╯┴┯┊│┃╪▂▃▄▅▆▇█●○✓×–►◄")


async def test_a_click_chooses_a_run_and_a_double_click_opens_it(app):
    async with app(world=WORLD) as seat:
        screen = await _opened(seat)
        lanes = screen.lanes
        y = 1 + lanes.lane_rows + 1
        await seat.pilot.click(lanes, offset=(lanes.size.width - 30, y))
        assert lanes.state.thread == lanes.state.order[1]
        run = screen.run
        assert run is not None
        await seat.pilot.click(lanes, offset=(lanes.size.width - 30, y), times=2)
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        assert seat.app.screen.run.raw_id == run.raw_id


async def test_markup_in_ids_and_names_is_shown_as_text(app, simulate):
    faults = [f"text-{kind}" for kind in ("escape", "osc52", "rtl", "markup", "nul", "combining", "emoji")]
    async with app(world=WORLD, faults=faults, wait=False) as seat:
        await seat.until(lambda: len(seat.rows) > 10)
        await _opened(seat)
        await seat.press("minus", "j", "h", "h")
        for line in seat.lines:
            assert cell_len(line) == 140
            assert not [char for char in line if unicodedata.category(char) in {"Cc", "Cf", "Cs"}]


async def test_keys_copy_the_id_of_the_run_and_poll_all_threads(app):
    async with app(world=WORLD) as seat:
        screen = await _opened(seat)
        await seat.press("y")
        await seat.sees(f"Sent {screen.run.id}")
        before = len(seat.simulator.requests)
        await seat.press("r")
        await seat.until(lambda: len(seat.simulator.requests) > before)
