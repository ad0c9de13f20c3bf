"""Every key of the README's table, pressed: what must be seen afterwards stands here, one entry for each id.

`PRESSED` maps the id of a key to a scene: it sets up where the key is used, presses it, and looks. The scenes run
once with every spelling of every key, and once more under a config that gives every id another key.
"""

from __future__ import annotations

import asyncio
import time
import webbrowser
from pathlib import Path

import pytest
from textual import events
from textual.command import CommandPalette

from flowtui.ui import keys
from flowtui.ui.detail_pane import DetailPane
from flowtui.ui.help_screen import HelpScreen
from flowtui.ui.lines import Lines
from flowtui.ui.prompt import Prompt
from flowtui.ui.run_screen import RunScreen

SIZE = (150, 30)
WIDTH = 122  # cells of the table beside the list of threads
PATIENCE = 15  # seconds
URL = "https://runs.example/{thread_id}/{run_id}"
PRESSED = {}
BY_ID = {key.id: key for key in keys.KEYS}


def pressed(*ids):
    """Say which keys a scene is for; it is called with the seat, the id and what is to be pressed."""

    def take(scene):
        PRESSED.update(dict.fromkeys(ids, scene))
        return scene

    return take


class Fingers:
    """Somebody at the keyboard who does not wait after each key, as a pilot does; looks come after the press anyway."""

    def __init__(self, seat, visited):
        self._seat = seat
        self.visited = visited

    def __getattr__(self, name):
        return getattr(self._seat, name)

    async def press(self, *names):
        for name in names:
            character = {"slash": "/", "colon": ":"}.get(name, name if len(name) == 1 else None)
            event = events.Key(name, character)
            event.set_sender(self.app)
            self.app._driver.send_message(event)

    async def until(self, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if self.app._exception is not None:
                raise self.app._exception
            assert time.monotonic() < deadline, f"it never came true; the screen says:\n{self.text}"
            await asyncio.sleep(0.004)

    async def sees(self, *words):
        await self.until(lambda: all(word in self.text for word in words))


def _pane(seat):
    return seat.app.screen.query_one(DetailPane)


def _reads_run(seat):
    screen = seat.app.screen
    return isinstance(screen, RunScreen) and bool(screen.query(Lines)) and screen.pane.body.has_focus


async def home(seat):
    """Back to the dashboard as it is at first: all runs by age, the cursor on the first, nothing narrowed."""
    await seat.until(lambda: seat.app.screen.is_mounted)
    while seat.app.screen is not seat.dashboard:
        await seat.app.pop_screen()
    dashboard = seat.dashboard
    for prompt in dashboard.query(Prompt):
        prompt.display = False
    if dashboard.paused:
        dashboard.action_pause()
    dashboard.remove_class("-zoom-threads", "-zoom-runs", "-zoom-detail")
    dashboard.action_all()
    while dashboard.view.sort != "age":
        dashboard.action_sort()
    if dashboard.view.descending:
        dashboard.action_invert()
    dashboard.detail.choose(0)
    dashboard.table.focus()
    dashboard.table.action_columns(-20)
    dashboard.table.action_first()
    seat.app.clear_notifications()
    await seat.until(lambda: dashboard.table.has_focus and dashboard.table.size.width == WIDTH)


async def in_run(seat, tab=0):
    """On the run screen of a completed run, the whole of which is there."""
    run = next(run for run in seat.rows if run.status == "completed")
    seat.dashboard.select(run.key)
    await seat.until(lambda: seat.app.opened.get(run).raw is not None)
    seat.app.open_run(run, tab)
    await seat.until(lambda: _reads_run(seat) and _pane(seat).body.text.strip() and run.id in seat.text)
    await seat.until(lambda: "No run selected" not in _pane(seat).body.text)


def place(seat):
    return seat.ids.index(seat.table.cursor_run.raw_id)


@pressed("down", "last", "half_down", "page_down")
async def _down(seat, key, press):
    await press()
    page = seat.table.size.height - 1
    rows = {"down": 1, "last": 99, "half_down": page // 2, "page_down": page}[key]
    await seat.until(lambda: place(seat) == min(rows, len(seat.ids) - 1))


@pressed("up", "first", "half_up", "page_up")
async def _up(seat, key, press):
    seat.table.action_last()
    last = len(seat.ids) - 1
    await press()
    page = seat.table.size.height - 1
    rows = {"up": 1, "first": last, "half_up": page // 2, "page_up": page}[key]
    await seat.until(lambda: place(seat) == max(0, last - rows))


@pressed("open")
async def _open(seat, _, press):
    run = seat.table.cursor_run
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
    assert seat.app.screen.run.key == run.key


@pressed("apply")
async def _apply(seat, _, press):
    while set(seat.world()) == set(seat.ids):
        seat.clock.advance(3)
    seat.table.action_move(2)
    seat.app.refresh_runs(None)
    await seat.sees("new", ". applies")
    await press()
    await seat.until(lambda: not seat.table.waiting and ". applies" not in seat.text)


@pressed("columns_right", "columns_left")
async def _columns(seat, key, press):
    right = key == "columns_right"
    seat.table.action_columns(0 if right else 2)
    names = [slot.column.name for slot in seat.table.slots]
    await press()
    await seat.until(lambda: [slot.column.name for slot in seat.table.slots] != names)
    now = [slot.column.name for slot in seat.table.slots]
    assert now[:2] == ["status", "run"]
    assert ("thread" in names, "thread" in now) == ((True, False) if right else (False, False))
    if not right:
        assert "agent" in now


@pressed("thread_down", "thread_up", "thread_first", "thread_last")
async def _threads(seat, key, press):
    seat.threads.focus()
    ids = [None, *seat.app.connection.poller.snapshot().threads]
    begin = {"thread_down": 0, "thread_up": 2, "thread_first": 3, "thread_last": 1}[key]
    seat.threads.choose(ids[begin])
    await seat.until(lambda: seat.threads.has_focus)
    await press()
    end = {"thread_down": 1, "thread_up": 1, "thread_first": 0, "thread_last": len(ids) - 1}[key]
    await seat.until(lambda: seat.dashboard.view.thread == ids[end])
    wanted = {
        run
        for thread in (seat.simulator.thread_ids() if not end else [ids[end]])
        for run in _runs(seat, thread)
    }
    await seat.until(lambda: set(seat.ids) <= wanted)


def _runs(seat, thread):
    return seat.simulator.run_ids(thread)


@pressed("thread_open")
async def _to_runs(seat, _, press):
    seat.threads.focus()
    await seat.until(lambda: seat.threads.has_focus)
    await press()
    await seat.until(lambda: seat.table.has_focus)


@pressed("line_down", "line_up", "pane_down", "pane_up", "pane_first", "pane_last")
async def _lines(seat, key, press):
    await in_run(seat, tab=4)
    body = _pane(seat).body
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
    body = _pane(seat).body
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
    body = _pane(seat).body
    assert body.find("_at") > 3
    places = body._matches()
    body._reach(places[1])
    await press()
    await seat.until(lambda: body._cursor == places[2 if key == "find_next" else 0])


@pressed("filter")
async def _filter(seat, _, press):
    await press()
    await seat.until(lambda: isinstance(seat.app.focused, Prompt))
    assert seat.app.focused.id == "filter"


@pressed("prompt_keep", "prompt_cancel")
async def _prompt(seat, key, press):
    await seat.press(_now(seat, "filter"))
    await seat.until(lambda: isinstance(seat.app.focused, Prompt))
    await seat.press(*"failed")
    await seat.until(lambda: seat.dashboard.view.text == "failed")
    await press()
    await seat.until(lambda: not isinstance(seat.app.focused, Prompt))
    await seat.until(lambda: seat.dashboard.view.text == ("failed" if key == "prompt_keep" else ""))


@pressed("sort", "invert")
async def _sort(seat, key, press):
    before = seat.ids
    await press()
    title = "STATUS" if key == "sort" else "AGE"
    await seat.sees(f"{title} {seat.app.glyphs.down if key == 'sort' else seat.app.glyphs.up}")
    view = seat.dashboard.view
    assert (view.sort, view.descending) == (("status", False) if key == "sort" else ("age", True))
    assert sorted(seat.ids) == sorted(before)
    assert seat.ids != before


@pressed("active", "problems")
async def _only(seat, key, press):
    before = seat.ids
    await press()
    await seat.sees(f"{key} only")
    kept = {"active": ("queued", "running"), "problems": ("failed",)}[key]
    assert {run.status for run in seat.rows} <= {*kept}
    await press()
    await seat.until(lambda: seat.ids == before)


@pressed("all", "back")
async def _back(seat, key, press):
    before = seat.ids
    seat.dashboard.action_only("problems")
    seat.threads.choose(seat.simulator.thread_ids()[0])
    await seat.until(lambda: seat.dashboard.view.thread is not None)
    assert seat.ids != before
    await press()
    if key == "back":
        await seat.until(lambda: seat.dashboard.view.only == "all")
        assert seat.dashboard.view.thread is not None
        await press()
    await seat.until(lambda: seat.ids == before)


@pressed("pause")
async def _pause(seat, _, press):
    await press()
    await seat.sees("paused")
    await press()
    await seat.until(lambda: "paused" not in seat.text)


@pressed("refresh", "refresh_all")
async def _refresh(seat, key, press):
    threads = seat.simulator.thread_ids()
    if key == "refresh":
        seat.threads.choose(threads[0])
        threads = threads[:1]
    await seat.until(lambda: set(seat.ids) <= set(seat.world()))
    before = len(seat.simulator.requests)
    await press()
    paths = {f"/v1/threads/{thread}/runs" for thread in threads}
    await seat.until(lambda: paths <= {request[1] for request in list(seat.simulator.requests)[before:]})


@pressed("zoom")
async def _zoom(seat, _, press):
    narrow = seat.table.size.width
    await press()
    await seat.until(lambda: seat.table.size.width == SIZE[0] - 2)
    await press()
    await seat.until(lambda: seat.table.size.width == narrow)


@pressed("next_pane", "previous_pane")
async def _panes(seat, key, press):
    panes = [seat.dashboard.detail.body, seat.threads]
    for pane in (*(panes if key == "next_pane" else panes[::-1]), seat.table):
        await press()
        await seat.until(lambda pane=pane: pane.has_focus)


@pressed("tab_overview", "tab_instructions", "tab_tools", "tab_usage", "tab_raw")
async def _tab(seat, key, press):
    tab = ("tab_overview", "tab_instructions", "tab_tools", "tab_usage", "tab_raw").index(key)
    seat.dashboard.detail.choose(tab + 1)
    await press()
    await seat.until(lambda: seat.dashboard.detail.tab == tab)
    assert seat.app.screen is seat.dashboard


@pressed("raw")
async def _raw(seat, _, press):
    await press()
    await seat.until(lambda: _reads_run(seat) and _pane(seat).tab == 4)
    await seat.sees('"object": "thread.run"')


@pressed("browser")
async def _browser(seat, _, press):
    run = seat.table.cursor_run
    await press()
    await seat.until(lambda: seat.visited)
    assert seat.visited.pop() == URL.format(thread_id=run.thread_key, run_id=run.raw_id)


@pressed("slower", "faster")
async def _pace(seat, key, press):
    poller = seat.app.connection.poller
    poller.interval = 4.0
    await press()
    await seat.until(lambda: poller.interval == (8.0 if key == "slower" else 2.0))
    await seat.sees(f"every {poller.interval:g}s")
    poller.interval = 0.5


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
    await seat.until(lambda: _pane(seat).tab == tab)


@pressed("run_next_tab", "run_previous_tab")
async def _step_tab(seat, key, press):
    await in_run(seat, tab=1)
    await press()
    await seat.until(lambda: _pane(seat).tab == (2 if key == "run_next_tab" else 0))


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
    seat.app.exit = lambda *codes, **named: left.append(codes[0])
    await press()
    if key == "interrupt":
        await seat.sees("ctrl+c to quit")
        assert not left
        await press()
    await seat.until(lambda: left)
    assert left[0] == (130 if key == "interrupt" else 0)
    del seat.app.exit
    seat.app._interrupted = 0.0


def test_every_key_has_a_scene():
    assert set(PRESSED) == set(BY_ID)


def _now(seat, key_id):
    """What is pressed for an id, as the config has it."""
    return (seat.app.settings.keys or {}).get(key_id, BY_ID[key_id].keys).split(",")[0]


@pytest.fixture
def seat_for_keys(app, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    visited = []
    monkeypatch.setattr(webbrowser, "open", lambda url, **_: visited.append(url))

    def open_app(**settings):
        return app(size=SIZE, run_url=URL, world={"runs": 24}, **settings)

    open_app.visited = visited
    return open_app


async def _walk(seat, spellings, visited):
    seat = Fingers(seat, visited)
    for key in keys.KEYS:
        for spelling in spellings(key):
            await home(seat)
            await seat.until(lambda: not isinstance(seat.app.focused, Prompt))
            for picture in Path.cwd().glob("flowtui-*.svg"):
                picture.unlink()

            async def press(spelling=spelling):
                await seat.press(spelling)

            try:
                await PRESSED[key.id](seat, key.id, press)
            except BaseException as error:
                error.add_note(f"key {key.id}, pressed as {spelling}")
                raise


async def test_every_key_does_what_the_table_says_in_every_spelling(seat_for_keys):
    async with seat_for_keys() as seat:
        await _walk(seat, lambda key: key.keys.split(","), seat_for_keys.visited)


OTHERS = dict(
    zip(
        BY_ID,
        [f"{held}f{number}" for held in ("", "shift+", "ctrl+", "ctrl+shift+") for number in range(1, 21)],
        strict=False,
    )
)


async def test_every_key_can_be_given_another_by_its_id(seat_for_keys):
    assert set(OTHERS) == set(BY_ID)
    async with seat_for_keys(keys=OTHERS) as seat:
        await _walk(seat, lambda key: [OTHERS[key.id]], seat_for_keys.visited)
        await home(Fingers(seat, []))
        await seat.press("j", "q", "slash")  # the old ones do nothing now
        assert place(seat) == 0
        assert seat.app.return_code is None
        assert not isinstance(seat.app.focused, Prompt)
