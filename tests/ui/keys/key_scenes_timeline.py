"""The keys of the timeline of all threads, as scenes; see `key_scenes`."""

from __future__ import annotations

from flowtui.ui.run.run_screen import RunScreen

from .key_scenes import now_for, pressed


async def _timeline(seat):
    """Open the timeline, and wait until it shows threads and has a run under the cursor."""
    seat.app.action_show_screen("timeline")
    screen = seat.app.screen
    await seat.until(lambda: seat.app.screen is screen and screen.is_mounted and screen.query("LaneView"))
    await seat.until(lambda: screen.lanes.state.order and screen.lanes._rows and screen.run is not None)
    return screen


@pressed("lane_earlier", "lane_later")
async def _lane_run(seat, key, press):
    screen = await _timeline(seat)
    newest = screen.run
    if key == "lane_later":
        screen.action_lane_run(-1)
    before = screen.run
    await press()
    await seat.until(lambda: screen.run.key != before.key)
    assert (screen.run.key == newest.key) == (key == "lane_later")
    await seat.sees(screen.run.id)


@pressed("lane_down", "lane_up", "lane_first", "lane_last", "lane_page_down", "lane_page_up")
async def _lane(seat, key, press):
    screen = await _timeline(seat)
    order = screen.lanes.state.order
    up = key in ("lane_up", "lane_first", "lane_page_up")
    if up:
        screen.action_last()
    await press()
    last = len(order) - 1
    wanted = {"lane_down": 1, "lane_up": last - 1}.get(key, 0 if up else last)
    await seat.until(lambda: screen.lanes.state.lane == order[wanted])
    name = seat.dashboard.snapshot.threads[order[wanted]].id
    await seat.sees(f"{seat.app.glyphs.pointer} {name}")


@pressed("lane_group")
async def _group(seat, _, press):
    screen = await _timeline(seat)
    run = screen.run
    await press()
    await seat.sees("Timeline by agent")
    assert screen.run == run
    assert screen.lanes.state.lane == run.agent_id


@pressed("zoom_in", "zoom_out")
async def _zoom(seat, key, press):
    screen = await _timeline(seat)
    await press()
    await seat.sees("5m  now" if key == "zoom_in" else "30m  now")
    assert screen.lanes.state.scope.live


@pressed("scrub_back", "scrub_on", "lane_now")
async def _scrub(seat, key, press):
    screen = await _timeline(seat)
    if key != "scrub_back":
        screen.action_scrub(-0.5)
        await seat.sees("back 5m")
    await press()
    await seat.until(lambda: screen.lanes.state.scope.live == (key != "scrub_back"))
    await seat.sees("back 5m" if key == "scrub_back" else "10m  now")


@pressed("lane_open")
async def _open(seat, _, press):
    screen = await _timeline(seat)
    run = screen.run
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, RunScreen) and seat.app.screen.run.key == run.key)
    await seat.until(lambda: seat.app.screen.is_mounted)


@pressed("lane_copy")
async def _copy(seat, _, press):
    screen = await _timeline(seat)
    await press()
    await seat.sees(f"Sent {screen.run.id} to the terminal's clipboard")


@pressed("lane_refresh")
async def _refresh(seat, _, press):
    await _timeline(seat)
    before = len(seat.simulator.requests)
    await press()
    await seat.until(lambda: len(seat.simulator.requests) > before)


@pressed("lane_back")
async def _back(seat, _, press):
    screen = await _timeline(seat)
    await seat.press(now_for(seat, "lane_earlier"))
    await seat.until(lambda: screen.lanes.state.touched)
    chosen = screen.run.key
    await press()
    await seat.until(lambda: seat.app.screen is seat.dashboard)
    await seat.until(lambda: seat.table.cursor == chosen)
