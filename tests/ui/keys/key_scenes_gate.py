"""The keys of the screen of the deploy gate, and those that open it and set a mark, as scenes; see `key_scenes`."""

from __future__ import annotations

from flowtui.ui.commands.command_line import CommandLine
from flowtui.ui.gate.gate_screen import GateScreen
from flowtui.ui.widgets.prompt import Prompt

from .key_scenes import pressed


async def _gate(seat):
    """Open the screen with two marks, and wait for the verdict on the newest."""
    seat.mark("v1", 600.0)
    seat.mark("v2", 300.0)
    seat.app.action_show_screen("gate")
    screen = seat.app.screen
    assert isinstance(screen, GateScreen)
    await seat.until(lambda: {mark.name for mark in seat.app.session.deploy_marks.marks} >= {"v1", "v2"})
    await seat.until(lambda: screen.question is not None and screen.question.mark.name == "v2")
    await seat.until(lambda: screen.current is not None)
    return screen


@pressed("gate")
async def _open(seat, _, press):
    await press()
    await seat.sees("Deploy gate")
    assert isinstance(seat.app.screen, GateScreen)


@pressed("name_moment", "gate_name_moment")
async def _name(seat, key, press):
    if key == "gate_name_moment":
        await _gate(seat)
    await press()
    await seat.until(
        lambda: isinstance(seat.app.screen, CommandLine) and seat.app.screen.query("CommandInput")
    )
    await seat.until(lambda: seat.app.screen.input.value == "mark ")


@pressed("gate_line_down", "gate_line_up", "gate_page_down", "gate_page_up", "gate_first", "gate_last")
async def _move(seat, key, press):
    screen = await _gate(seat)
    screen.by_agent = True
    screen.renew()
    await seat.until(lambda: screen.current is not None and screen.body.max_scroll_y > 3)
    up = key in ("gate_line_up", "gate_page_up", "gate_first")
    if up:
        screen.action_last()
        await seat.until(lambda: screen.body.scroll_offset.y > 3)
    before = screen.body.scroll_offset.y
    await press()
    await seat.until(
        lambda: (screen.body.scroll_offset.y < before) == up and screen.body.scroll_offset.y != before
    )
    end = {"gate_first": 0, "gate_last": screen.body.max_scroll_y}.get(key)
    await seat.until(lambda: end is None or screen.body.scroll_offset.y == end)


@pressed("gate_edit")
async def _edit(seat, _, press):
    screen = await _gate(seat)
    await press()
    await seat.until(lambda: isinstance(screen.focused, Prompt))
    await seat.until(lambda: screen.focused.value.startswith("failure_rate"))


@pressed("gate_older", "gate_newer")
async def _mark(seat, key, press):
    screen = await _gate(seat)
    if key == "gate_newer":
        screen.action_other_mark(-1)
        await seat.until(lambda: screen.question.mark.name == "v1")
    await press()
    await seat.until(lambda: screen.question.mark.name == ("v1" if key == "gate_older" else "v2"))


@pressed("gate_longer", "gate_shorter")
async def _window(seat, key, press):
    screen = await _gate(seat)
    await press()
    await seat.until(lambda: screen.question.compare == (6 if key == "gate_longer" else 1) * 3600)


@pressed("gate_by_agent")
async def _by(seat, _, press):
    screen = await _gate(seat)
    await press()
    await seat.until(lambda: screen.current is not None and screen.current.question.by_agent)


@pressed("gate_open")
async def _runs(seat, _, press):
    screen = await _gate(seat)
    since = screen.question.mark.at
    await press()
    await seat.until(lambda: seat.app.screen is seat.dashboard)
    await seat.until(lambda: seat.dashboard.view.text.startswith("created>="))
    await seat.until(lambda: {run.created >= since for run in seat.rows} <= {True})


@pressed("gate_failures")
async def _failures(seat, _, press):
    await _gate(seat)
    await press()
    await seat.until(lambda: seat.app.screen.name == "failures")


@pressed("gate_copy")
async def _copy(seat, _, press):
    await _gate(seat)
    await press()
    await seat.sees("Sent the gate (", "to the terminal's clipboard")


@pressed("gate_save")
async def _save(seat, _, press):
    await _gate(seat)
    await press()
    await seat.until(lambda: any("gate" in note.message for note in seat.app._notifications))


@pressed("gate_notify")
async def _notify(seat, _, press):
    screen = await _gate(seat)
    assert screen.current.verdict == "INCONCLUSIVE"
    await press()
    await seat.until(lambda: seat.app.session.notifier.watched_gates == [screen.question])


@pressed("gate_refresh")
async def _refresh(seat, _, press):
    await _gate(seat)
    before = len(seat.simulator.requests)
    await press()
    await seat.until(lambda: len(seat.simulator.requests) > before)


@pressed("gate_back")
async def _back(seat, _, press):
    await _gate(seat)
    await press()
    await seat.until(lambda: seat.app.screen is seat.dashboard)
