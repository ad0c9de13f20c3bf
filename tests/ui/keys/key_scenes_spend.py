"""The keys of the token usage screen, and the key that opens it, as scenes; see `key_scenes`."""

from __future__ import annotations

from flowtui.ui.tokens.token_screen import TokenScreen

from .key_scenes import pressed


async def _token_screen(seat):
    """Open the screen, and wait until it has several agents."""
    seat.app.action_show_screen("token_usage")
    await seat.until(lambda: isinstance(seat.app.screen, TokenScreen) and seat.app.screen.is_mounted)
    screen = seat.app.screen
    await seat.until(lambda: len(screen.found) > 2 and screen.usage is not None)
    return screen


@pressed("token_usage")
async def _open_screen(seat, _, press):
    await press()
    await seat.sees("What the tokens were spent on", "all agents")


@pressed("token_down", "token_up", "token_first", "token_last", "token_page_down", "token_page_up")
async def _move(seat, key, press):
    screen = await _token_screen(seat)
    up = key in ("token_up", "token_first", "token_page_up")
    last = len(screen.found) - 1
    if up:
        screen.action_last()
    await press()
    wanted = {"token_down": 1, "token_up": last - 1}.get(key, 0 if up else last)
    await seat.until(lambda: screen.usage_list.place == wanted)
    await seat.sees(f"{seat.app.glyphs.pointer} {screen.found[wanted].name}")


@pressed("token_by", "token_by_back")
async def _by(seat, key, press):
    await _token_screen(seat)
    await press()
    await seat.sees("all models" if key == "token_by" else "all threads")


@pressed("token_window")
async def _window(seat, _, press):
    await _token_screen(seat)
    await press()
    await seat.sees("ended in the last hour")


@pressed("token_open")
async def _runs(seat, _, press):
    screen = await _token_screen(seat)
    agent = screen.usage.key
    await press()
    await seat.until(lambda: seat.app.screen is seat.dashboard)
    await seat.until(lambda: seat.rows and {run.agent_id for run in seat.rows} == {agent})
    seat.dashboard.view = seat.dashboard.view.__class__()
    seat.dashboard.threads.follow(seat.dashboard.view.group)
    seat.dashboard.redraw(at_once=True)


@pressed("token_copy")
async def _copy(seat, _, press):
    screen = await _token_screen(seat)
    await press()
    await seat.sees(f"Sent {screen.usage.key} to the terminal's clipboard")


@pressed("token_refresh")
async def _refresh(seat, _, press):
    await _token_screen(seat)
    before = len(seat.simulator.requests)
    await press()
    await seat.until(lambda: len(seat.simulator.requests) > before)


@pressed("token_back")
async def _back(seat, _, press):
    await _token_screen(seat)
    await press()
    await seat.until(lambda: seat.app.screen is seat.dashboard)
