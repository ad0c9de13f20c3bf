"""The keys of the screen of failures, and the key that opens it, as scenes; see `key_scenes`."""

from __future__ import annotations

from pathlib import Path

from flowtui.model.reasons.reason import Reason
from flowtui.ui.agent.agent_screen import AgentScreen
from flowtui.ui.failures.failure_screen import FailureScreen
from flowtui.ui.gate.gate_screen import GateScreen
from flowtui.ui.run.run_screen import RunScreen
from flowtui.ui.widgets.menu import Menu
from flowtui.ui.widgets.prompt import Prompt

from .key_scenes import pressed


async def _failures(seat):
    """Open the screen, with a reason of its own for each failed run, so that there are several."""
    failed = [run for run in seat.rows if run.status_class == "failed"]
    fetcher = seat.app.session.reason_fetcher
    fetcher.known = {run.key: Reason(f"cause {run.raw_id}", "tool crm") for run in failed}
    seat.app.action_show_screen("failures")
    await seat.until(lambda: isinstance(seat.app.screen, FailureScreen) and seat.app.screen.is_mounted)
    screen = seat.app.screen
    await seat.until(lambda: screen.answered and screen.counts.runs is not None)
    await seat.until(lambda: screen.found.known > 1 and screen.chosen is not None and screen.chosen.reason)
    screen.tick()
    return screen


@pressed("failures")
async def _open_screen(seat, _, press):
    await press()
    await seat.sees("Failures · ", "ended run")


@pressed("reason_down", "reason_up", "reason_first", "reason_last", "reason_page_down", "reason_page_up")
async def _move(seat, key, press):
    screen = await _failures(seat)
    up = key in ("reason_up", "reason_first", "reason_page_up")
    last = screen.reason_list.count - 1
    if up:
        screen.action_last()
    await press()
    wanted = {"reason_down": 1, "reason_up": last - 1}.get(key, 0 if up else last)
    await seat.until(lambda: screen.reason_list.place == wanted)
    await seat.sees(f"{wanted + 1} of {last + 1}")


@pressed("reason_open")
async def _runs(seat, _, press):
    screen = await _failures(seat)
    wanted = {run.raw_id for run in screen.chosen.runs}
    await press()
    await seat.until(lambda: seat.app.screen is seat.dashboard)
    await seat.until(lambda: set(seat.ids) == wanted)


@pressed("reason_why")
async def _why(seat, _, press):
    screen = await _failures(seat)
    run = screen.chosen.runs[0]
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, RunScreen) and seat.app.screen.run.key == run.key)


@pressed("reason_notify")
async def _notify(seat, _, press):
    await _failures(seat)
    notifier = seat.app.session.notifier
    before = set(notifier.watched_reasons)
    await press()
    await seat.until(lambda: set(notifier.watched_reasons) != before)


@pressed("reason_agent")
async def _agent(seat, _, press):
    await _failures(seat)
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, AgentScreen))


@pressed("reason_copy")
async def _copy(seat, _, press):
    await _failures(seat)
    await press()
    await seat.sees("Sent the reason (")


@pressed("reason_order")
async def _order(seat, _, press):
    screen = await _failures(seat)
    await press()
    await seat.sees("new ones first")
    await seat.press("n")
    await seat.until(lambda: screen.order == "new")


@pressed("reason_shorter", "reason_longer")
async def _range(seat, key, press):
    screen = await _failures(seat)
    if key == "reason_longer":
        screen.action_span(-2)
    before = screen.range.seconds
    await press()
    await seat.until(lambda: screen.range.seconds != before)
    assert (screen.range.seconds > before) == (key == "reason_longer")


@pressed("reason_filter")
async def _filter(seat, _, press):
    screen = await _failures(seat)
    await press()
    await seat.until(lambda: isinstance(screen.focused, Prompt))


@pressed("reason_gate")
async def _gate(seat, _, press):
    await _failures(seat)
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, GateScreen))


@pressed("reason_save")
async def _save(seat, _, press):
    await _failures(seat)
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, Menu) and seat.app.screen.query("#menu"))
    await seat.press("m")
    await seat.until(lambda: list(Path.cwd().glob("flowtui-failures-*.md")))


@pressed("reason_refresh")
async def _refresh(seat, _, press):
    await _failures(seat)
    before = len(seat.simulator.requests)
    await press()
    await seat.until(lambda: len(seat.simulator.requests) > before)


@pressed("reason_back")
async def _back(seat, _, press):
    await _failures(seat)
    await press()
    await seat.until(lambda: seat.app.screen is seat.dashboard)
