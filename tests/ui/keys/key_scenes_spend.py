"""The keys of the Spend screen, and the key that opens it, as scenes; see `key_scenes`."""

from __future__ import annotations

from pathlib import Path

from flowtui.model.answers.spend.spend import ORDERS
from flowtui.ui.agent.agent_screen import AgentScreen
from flowtui.ui.commands.command_line import CommandLine
from flowtui.ui.spend.spend_screen import SpendScreen
from flowtui.ui.spend.time_ranges import RANGES
from flowtui.ui.widgets.menu import Menu
from flowtui.ui.widgets.order_menu import OrderMenu

from .key_scenes import URL, pressed


async def _spend_screen(seat):
    """Open the screen, and wait until it has several agents."""
    seat.app.action_show_screen("spend")
    await seat.until(lambda: isinstance(seat.app.screen, SpendScreen) and seat.app.screen.is_mounted)
    screen = seat.app.screen
    await seat.until(lambda: len(screen.rows) > 2 and screen.chosen is not None)
    return screen


@pressed("spend")
async def _open_screen(seat, _, press):
    await press()
    await seat.sees("Spend · last 24h", "all agents")


@pressed("spend_down", "spend_up", "spend_first", "spend_last", "spend_page_down", "spend_page_up")
async def _move(seat, key, press):
    screen = await _spend_screen(seat)
    up = key in ("spend_up", "spend_first", "spend_page_up")
    last = len(screen.rows) - 1
    if up:
        screen.action_last()
    await press()
    wanted = {"spend_down": 1, "spend_up": last - 1}.get(key, 0 if up else last)
    await seat.until(lambda: screen.spend_list.place == wanted)


@pressed("spend_by", "spend_by_back")
async def _by(seat, key, press):
    await _spend_screen(seat)
    await press()
    await seat.sees("all models" if key == "spend_by" else "all releases")


@pressed("spend_window", "spend_shorter")
async def _window(seat, key, press):
    screen = await _spend_screen(seat)
    before = screen.time
    await press()
    wanted = before + (1 if key == "spend_window" else -1)
    await seat.until(lambda: screen.time == wanted)
    await seat.sees(f"Spend · last {RANGES[wanted].name}")


@pressed("spend_order")
async def _order(seat, _, press):
    screen = await _spend_screen(seat)
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, OrderMenu) and seat.app.screen.query("#orders"))
    await seat.press("t")
    await seat.until(lambda: screen.order == ORDERS[1])


@pressed("spend_open", "spend_failed")
async def _runs(seat, key, press):
    screen = await _spend_screen(seat)
    agent = screen.chosen.key
    await press()
    await seat.until(lambda: seat.app.screen is seat.dashboard)
    failed = key == "spend_failed"
    await seat.until(lambda: f"agent={agent}" in seat.dashboard.view.text)
    assert ("status:failed" in seat.dashboard.view.text) == failed
    await seat.until(lambda: {run.agent_id for run in seat.rows} <= {agent})
    seat.dashboard.view = seat.dashboard.view.__class__()
    seat.dashboard.threads.follow(seat.dashboard.view.group)
    seat.dashboard.redraw(at_once=True)


@pressed("spend_agent")
async def _agent(seat, _, press):
    screen = await _spend_screen(seat)
    agent = screen.chosen.key
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, AgentScreen))
    assert seat.app.screen.agent == agent


@pressed("spend_browser")
async def _browser(seat, _, press):
    screen = await _spend_screen(seat)
    await seat.until(lambda: screen.run is not None)
    run = screen.run
    await press()
    await seat.until(lambda: seat.visited)
    assert seat.visited.pop() == URL.format(thread_id=run.thread_key, run_id=run.raw_id)


@pressed("spend_copy")
async def _copy(seat, _, press):
    screen = await _spend_screen(seat)
    await press()
    await seat.sees(f"Sent {screen.chosen.key} to the terminal's clipboard")


@pressed("spend_save")
async def _save(seat, _, press):
    await _spend_screen(seat)
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, Menu) and seat.app.screen.query("#menu"))
    await seat.press("m")
    await seat.until(lambda: list(Path.cwd().glob("flowtui-spend-agent-*.md")))


@pressed("spend_name_moment")
async def _mark(seat, _, press):
    await _spend_screen(seat)
    await press()
    await seat.until(
        lambda: isinstance(seat.app.screen, CommandLine) and seat.app.screen.query("CommandInput")
    )
    await seat.until(lambda: seat.app.screen.input.value == "mark ")


@pressed("spend_refresh")
async def _refresh(seat, _, press):
    await _spend_screen(seat)
    before = len(seat.simulator.requests)
    await press()
    await seat.until(lambda: len(seat.simulator.requests) > before)


@pressed("spend_back")
async def _back(seat, _, press):
    await _spend_screen(seat)
    await press()
    await seat.until(lambda: seat.app.screen is seat.dashboard)
