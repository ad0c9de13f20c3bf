"""The keys of the brief, and the key that opens it, as scenes; see `key_scenes`."""

from __future__ import annotations

from pathlib import Path

from flowtui.ui.brief.brief_screen import BriefScreen
from flowtui.ui.commands.command_line import CommandLine
from flowtui.ui.keys import bindings

from .key_scenes import pressed

SCREENS = {
    "brief_failures": bindings.FAILURES,
    "brief_spend": bindings.SPEND,
    "brief_timeline": bindings.TIMELINE,
    "brief_gate": bindings.GATE,
    "brief_agent": bindings.AGENT,
}


async def _brief(seat):
    """Open the screen, and wait until its range is read."""
    seat.app.action_show_screen("brief")
    await seat.until(lambda: isinstance(seat.app.screen, BriefScreen) and seat.app.screen.is_mounted)
    screen = seat.app.screen
    await seat.until(lambda: screen.answered and screen.view.stop is not None)
    return screen


@pressed("brief")
async def _open(seat, _, press):
    await press()
    await seat.sees("Brief · ", "Rests on ")


@pressed("brief_down", "brief_up", "brief_first", "brief_last", "brief_page_down", "brief_page_up")
async def _move(seat, key, press):
    screen = await _brief(seat)
    stops = screen.view._page_shown.stops
    up = key in ("brief_up", "brief_first", "brief_page_up")
    if up:
        screen.view.action_last()
    before = screen.view.stop
    await press()
    if key in ("brief_first", "brief_last"):
        await seat.until(lambda: screen.view.stop == stops[0 if up else -1])
    else:
        await seat.until(lambda: screen.view.stop != before)
        assert (stops.index(screen.view.stop) < stops.index(before)) == up


@pressed("brief_next", "brief_previous")
async def _range(seat, key, press):
    screen = await _brief(seat)
    screen.range = 2
    await press()
    await seat.until(lambda: screen.range == (3 if key == "brief_next" else 1))
    await seat.sees("last 7d, " if key == "brief_next" else "last night, ")
    await seat.until(lambda: screen.answered)


@pressed("brief_open")
async def _run(seat, _, press):
    screen = await _brief(seat)
    stops = screen.view._page_shown.stops
    screen.view.go(next(place for place, stop in enumerate(stops) if stop.target.agent))
    await press()
    await seat.until(lambda: seat.app.screen.name == bindings.AGENT)


@pressed(*SCREENS)
async def _other_screen(seat, key, press):
    await _brief(seat)
    await press()
    await seat.until(lambda: seat.app.screen.name == SCREENS[key])


@pressed("brief_copy")
async def _copy(seat, _, press):
    await _brief(seat)
    await press()
    await seat.sees("the brief")


@pressed("brief_save")
async def _save(seat, _, press):
    await _brief(seat)
    await press()
    await seat.until(lambda: list(Path.cwd().glob("flowtui-brief*.md")))
    for path in Path.cwd().glob("flowtui-brief*.md"):
        path.unlink()


@pressed("brief_name_moment")
async def _name(seat, _, press):
    await _brief(seat)
    await press()
    await seat.until(
        lambda: isinstance(seat.app.screen, CommandLine) and seat.app.screen.query("CommandInput")
    )


@pressed("brief_refresh")
async def _refresh(seat, _, press):
    await _brief(seat)
    before = len(seat.simulator.requests)
    await press()
    await seat.until(lambda: len(seat.simulator.requests) > before)


@pressed("brief_back")
async def _back(seat, _, press):
    await _brief(seat)
    await press()
    await seat.until(lambda: seat.app.screen is seat.dashboard)
