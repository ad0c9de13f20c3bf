"""The keys of the run screen, panes of text and prompts, and those that work everywhere, as scenes; see `key_scenes`."""

from __future__ import annotations

import math
from pathlib import Path

from flowtui.model.reasons.reason import Reason, reason_id
from flowtui.ui.base.messages import RunOpened
from flowtui.ui.commands.help_screen import HelpScreen
from flowtui.ui.commands.palette_screen import PaletteScreen
from flowtui.ui.gate.gate_screen import GateScreen
from flowtui.ui.run.tabs import DIFF, RAW_JSON, WHY
from flowtui.ui.widgets.menu import Menu
from flowtui.ui.widgets.prompt import Prompt

from .key_scenes import TAB_KEYS, URL, in_run, now_for, pane_of, pressed, reads_run


@pressed("line_down", "line_up", "pane_down", "pane_up", "pane_first", "pane_last")
async def _lines(seat, key, press):
    await in_run(seat, tab=RAW_JSON)
    body = pane_of(seat).body
    last = len(body.text.split("\n")) - 1
    assert last > 2 * body.size.height
    up = key in ("line_up", "pane_up", "pane_first")
    if up:
        body.action_last()
    await press()
    step = (
        {"line": 1, "pane": body.size.height - 1}[key.split("_")[0]]
        if key not in ("pane_first", "pane_last")
        else last
    )
    await seat.until(lambda: body.place == (last - step if up else step))
    line = body.text.split("\n")[body.place].strip()
    await seat.sees(line)


@pressed("fold", "fold_all")
async def _fold(seat, _, press):
    await in_run(seat, tab=RAW_JSON)
    body = pane_of(seat).body
    whole = body.text.split()  # compared as words: a scroll bar that appears moves the line breaks
    body.go(next(place for place, line in enumerate(body._doc) if line.fold))
    await press()
    await seat.until(lambda: len(body.text.split()) < len(whole))
    await seat.sees(seat.app.glyphs.folded)
    await press()
    await seat.until(lambda: body.text.split() == whole)


@pressed("find")
async def _find(seat, _, press):
    await in_run(seat)
    await press()
    await seat.until(lambda: isinstance(seat.app.focused, Prompt))
    await seat.sees("find in this pane")


@pressed("find_next", "find_previous")
async def _find_next(seat, key, press):
    await in_run(seat, tab=RAW_JSON)
    body = pane_of(seat).body
    assert body.find("_at") > 3
    places = body._matches()
    body._reach(places[1])
    await press()
    await seat.until(lambda: body.place == places[2 if key == "find_next" else 0])


@pressed("prompt_keep", "prompt_cancel")
async def _prompt(seat, key, press):
    await seat.press(now_for(seat, "filter"))
    await seat.until(lambda: isinstance(seat.app.focused, Prompt))
    await seat.press(*"qxqx")  # a text without completions, so that down keeps it, too
    await seat.until(lambda: seat.dashboard.view.text == "qxqx")
    await press()
    await seat.until(lambda: not isinstance(seat.app.focused, Prompt))
    await seat.until(lambda: seat.dashboard.view.text == ("qxqx" if key == "prompt_keep" else ""))
    await seat.pilot.pause()  # the dashboard handles it before the next scene begins


@pressed("raw")
async def _raw(seat, _, press):
    await press()
    await seat.until(lambda: reads_run(seat) and pane_of(seat).tab == RAW_JSON)
    await seat.sees('"object": "thread.run"')


@pressed("copy", "run_copy")
async def _copy(seat, key, press):
    if key == "run_copy":
        await in_run(seat)
    run = seat.table.cursor_run
    await press()
    await seat.sees(f"Sent {run.id} to the terminal's clipboard")


@pressed(*(key.replace("tab_", "run_") for key in TAB_KEYS))
async def _run_tab(seat, key, press):
    tab = TAB_KEYS.index(key.replace("run_", "tab_"))
    await in_run(seat, tab=(tab + 1) % len(TAB_KEYS))
    await press()
    await seat.until(lambda: pane_of(seat).tab == tab)


@pressed("run_next_tab", "run_previous_tab")
async def _step_tab(seat, key, press):
    await in_run(seat, tab=1)
    await press()
    await seat.until(lambda: pane_of(seat).tab == (2 if key == "run_next_tab" else 0))


@pressed("diff")
async def _diff(seat, _, press):
    marked = seat.rows[3]
    seat.table.selection.toggle(marked.key)
    await press()
    await seat.until(lambda: reads_run(seat) and pane_of(seat).tab == DIFF)
    await seat.sees(f"{seat.app.screen.run.id}", "against", f"{marked.id}", "the selected run")


@pressed("timeline")
async def _timeline(seat, _, press):
    await press()
    await seat.until(lambda: seat.app.screen.name == "timeline")
    await seat.sees(*list(seat.simulator.thread_ids())[:1])


@pressed("run_next", "run_previous")
async def _step_run(seat, key, press):
    await in_run(seat)
    run = seat.app.screen.run
    other = seat.dashboard.neighbour(run.key, 1 if key == "run_next" else -1)
    await press()
    await seat.until(lambda: seat.app.screen.run.key == other.key)
    await seat.sees(other.id, f"run {seat.dashboard.place_of(other.key)[0]} of {len(seat.ids)}")
    await seat.until(lambda: seat.table.cursor == other.key)


@pressed("run_older")
async def _older(seat, _, press):
    await in_run(seat, tab=3)
    run = seat.app.screen.run
    await seat.until(lambda: seat.app.session.fetcher.cache.conversations.get(run).value is not None)
    asked = []
    real = seat.app.session.fetcher.cache.conversations.more
    seat.app.session.fetcher.cache.conversations.more = lambda run: asked.append(run) or real(run)
    await press()
    await seat.until(lambda: asked == [run])
    seat.app.session.fetcher.cache.conversations.more = real


@pressed("select", "select_range")
async def _mark(seat, key, press):
    first, _, third, *_ = seat.rows
    if key == "select_range":
        seat.table.selection.toggle(first.key)
        seat.table.action_move(2)
    await press()
    await seat.until(lambda: len(seat.table.selection) == (1 if key == "select" else 3))
    await seat.sees("1 selected" if key == "select" else "3 selected")
    assert (first if key == "select" else third).key in seat.table.selection


@pressed("copy_menu", "run_copy_menu")
async def _copy_menu(seat, key, press):
    if key == "run_copy_menu":
        await in_run(seat)
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, Menu))
    await seat.sees("Copy of", "curl")


@pressed("export")
async def _export(seat, _, press):
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, Menu))
    await seat.sees(f"Export {len(seat.ids)} runs")


@pressed("run_report")
async def _report(seat, _, press):
    await in_run(seat)
    await press()
    await seat.until(lambda: list(Path.cwd().glob("flowtui-run*.md")))
    await seat.sees("Saved the report")


@pressed("cancel", "run_cancel")
async def _cancel(seat, key, press):
    if key == "run_cancel":
        await in_run(seat)
    await press()
    await seat.sees("flowtui is read-only")


@pressed("run_browser")
async def _run_browser(seat, _, press):
    await in_run(seat)
    run = seat.app.screen.run
    await press()
    await seat.until(lambda: seat.visited)
    assert seat.visited.pop() == URL.format(thread_id=run.thread_key, run_id=run.raw_id)


@pressed("run_refresh")
async def _run_refresh(seat, _, press):
    await in_run(seat)
    run = seat.app.screen.run
    path = f"/v1/threads/{run.thread_key}/runs/{run.raw_id}"
    before = len(seat.simulator.requests)
    await press()
    await seat.until(lambda: path in {request[1] for request in list(seat.simulator.requests)[before:]})


async def _in_failed(seat):
    """Open a failed run whose reason is known; return the run and the reason."""
    run = next(run for run in seat.rows if run.status_class == "failed")
    reason = Reason(f"cause {run.raw_id}", "tool crm")
    fetcher = seat.app.session.reason_fetcher
    fetcher.known = {**fetcher.known, run.key: reason}
    seat.app.post_message(RunOpened(run, WHY))
    await seat.until(lambda: reads_run(seat) and seat.app.screen.run.key == run.key)
    return run, reason


@pressed("run_failures")
async def _same_reason(seat, _, press):
    run, _ = await _in_failed(seat)
    await press()
    await seat.until(lambda: seat.app.screen is seat.dashboard and seat.ids == [run.raw_id])


@pressed("run_gate")
async def _gate(seat, _, press):
    await in_run(seat)
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, GateScreen))


@pressed("run_notify")
async def _notify(seat, _, press):
    _, reason = await _in_failed(seat)
    watching = seat.app.session.notifier
    await press()
    await seat.until(lambda: watching.watched_reasons == {reason_id(reason)})
    await press()
    await seat.until(lambda: not watching.watched_reasons)


@pressed("run_back")
async def _run_back(seat, _, press):
    await in_run(seat)
    await press()
    await seat.until(lambda: seat.app.screen is seat.dashboard)
    assert seat.app.return_code is None


@pressed("palette")
async def _palette(seat, _, press):
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, PaletteScreen))
    await seat.sees("In the table of runs", "next run")


@pressed("help")
async def _help(seat, _, press):
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, HelpScreen))
    await seat.sees("open the run")


@pressed("screenshot")
async def _screenshot(seat, _, press):
    await press()
    await seat.until(lambda: list(Path.cwd().glob("flowtui-*.svg")))
    await seat.sees("Saved")


@pressed("measure")
async def _measure(seat, _, press):
    await press()
    await seat.sees("key to paint", "to terminal")
    await press()
    await seat.until(lambda: "key to paint" not in seat.text)


@pressed("suspend")
async def _suspend(seat, _, press):
    """Only checks that the action is called; tests on a pseudo-terminal check its effect."""
    stopped = []
    seat.app.action_suspend_process = lambda: stopped.append(True)
    await press()
    await seat.until(lambda: stopped)
    del seat.app.action_suspend_process


@pressed("interrupt", "quit")
async def _leave(seat, key, press):
    """Only checks the exit code: if the application really ended, no other scene could follow."""
    left = []
    seat.app.exit = lambda *codes, **_named: left.append(codes[0])
    await press()
    if key == "interrupt":
        await seat.sees("ctrl+c to quit")
        assert not left
        await press()
    await seat.until(lambda: left)
    assert left[0] == (130 if key == "interrupt" else 0)
    del seat.app.exit
    seat.app._interrupted = -math.inf


@pressed("profile")
async def _profile(seat, _, press):
    await press()
    await seat.sees("The demo has no profiles")
