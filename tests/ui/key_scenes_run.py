"""The keys of a run, of panes of text, of prompts and of everywhere, as scenes; see `key_scenes`."""

from __future__ import annotations

from pathlib import Path

from textual.command import CommandPalette

from flowtui.ui.help_screen import HelpScreen
from flowtui.ui.prompt import Prompt

from .key_scenes import in_run, now_for, pane_of, pressed, reads_run


@pressed("line_down", "line_up", "pane_down", "pane_up", "pane_first", "pane_last")
async def _lines(seat, key, press):
    await in_run(seat, tab=4)
    body = pane_of(seat).body
    last = len(body.text.split("\n")) - 1
    assert last > 2 * body.size.height
    up = key in ("line_up", "pane_up", "pane_first")
    if up:
        body.action_bottom()
    await press()
    step = (
        {"line": 1, "pane": body.size.height - 1}[key.split("_")[0]]
        if key not in ("pane_first", "pane_last")
        else last
    )
    await seat.until(lambda: body._cursor == (last - step if up else step))
    line = body.text.split("\n")[body._cursor].strip()
    await seat.sees(line)


@pressed("fold", "fold_all")
async def _fold(seat, _, press):
    await in_run(seat, tab=4)
    body = pane_of(seat).body
    whole = body.text.split()  # a scroll bar that comes or goes breaks the lines elsewhere
    body._move(next(place for place, line in enumerate(body._doc) if line.fold))
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
    await in_run(seat, tab=4)
    body = pane_of(seat).body
    assert body.find("_at") > 3
    places = body._matches()
    body._reach(places[1])
    await press()
    await seat.until(lambda: body._cursor == places[2 if key == "find_next" else 0])


@pressed("prompt_keep", "prompt_cancel")
async def _prompt(seat, key, press):
    await seat.press(now_for(seat, "filter"))
    await seat.until(lambda: isinstance(seat.app.focused, Prompt))
    await seat.press(*"failed")
    await seat.until(lambda: seat.dashboard.view.text == "failed")
    await press()
    await seat.until(lambda: not isinstance(seat.app.focused, Prompt))
    await seat.until(lambda: seat.dashboard.view.text == ("failed" if key == "prompt_keep" else ""))


@pressed("raw")
async def _raw(seat, _, press):
    await press()
    await seat.until(lambda: reads_run(seat) and pane_of(seat).tab == 4)
    await seat.sees('"object": "thread.run"')


@pressed("copy", "run_copy")
async def _copy(seat, key, press):
    if key == "run_copy":
        await in_run(seat)
    run = seat.table.cursor_run
    await press()
    await seat.sees(f"Sent {run.id} to the terminal's clipboard")


@pressed("run_overview", "run_instructions", "run_tools", "run_usage", "run_raw")
async def _run_tab(seat, key, press):
    tab = ("run_overview", "run_instructions", "run_tools", "run_usage", "run_raw").index(key)
    await in_run(seat, tab=(tab + 1) % 5)
    await press()
    await seat.until(lambda: pane_of(seat).tab == tab)


@pressed("run_next_tab", "run_previous_tab")
async def _step_tab(seat, key, press):
    await in_run(seat, tab=1)
    await press()
    await seat.until(lambda: pane_of(seat).tab == (2 if key == "run_next_tab" else 0))


@pressed("run_refresh")
async def _run_refresh(seat, _, press):
    await in_run(seat)
    run = seat.app.screen.run
    path = f"/v1/threads/{run.thread_key}/runs/{run.raw_id}"
    before = len(seat.simulator.requests)
    await press()
    await seat.until(lambda: path in {request[1] for request in list(seat.simulator.requests)[before:]})


@pressed("run_back")
async def _run_back(seat, _, press):
    await in_run(seat)
    await press()
    await seat.until(lambda: seat.app.screen is seat.dashboard)
    assert seat.app.return_code is None


@pressed("palette")
async def _palette(seat, _, press):
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, CommandPalette))
    await seat.sees("next run  (")


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


@pressed("interrupt", "quit")
async def _leave(seat, key, press):
    """Only asks once: leaving itself is at the end of the walk, or there would be no walk."""
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
    seat.app._interrupted = 0.0
