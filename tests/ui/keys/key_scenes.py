"""The keys of the dashboard as scenes. A scene goes where a key is used, presses it, and checks the effect.

`PRESSED` maps ids of keys to scenes, also to those of the other `key_scenes_` modules. Each scene begins at `home`.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

from textual import events
from textual.keys import _character_to_key

from flowtui.model.view.groups import Grouping
from flowtui.ui.base.messages import RefreshRequested, RunOpened
from flowtui.ui.columns.chooser import ColumnChooser
from flowtui.ui.filter.filter_box import FilterBox
from flowtui.ui.keys import bindings
from flowtui.ui.run.detail_pane import DetailPane
from flowtui.ui.run.run_screen import RunScreen
from flowtui.ui.widgets.line_pane import LinePane
from flowtui.ui.widgets.prompt import Prompt

SIZE = (150, 30)
WIDTH = 115  # cells of the table beside the list of threads
PATIENCE = 90  # seconds
URL = "https://runs.example/{thread_id}/{run_id}"
PRESSED = {}
BY_ID = {key.id: key for key in bindings.KEYS}


def pressed(*ids):
    """Register a scene for the keys with these ids; it is called with the seat, the id and a function that presses the key."""

    def take(scene):
        PRESSED.update(dict.fromkeys(ids, scene))
        return scene

    return take


class Fingers:
    """A seat whose `press` does not wait for the effect of a key, as a pilot does: the scenes wait for it anyway."""

    def __init__(self, seat, visited):
        self._seat = seat
        self.visited = visited

    def __getattr__(self, name):
        return getattr(self._seat, name)

    async def press(self, *names):
        for name in names:
            character = {"slash": "/", "colon": ":"}.get(name, name if len(name) == 1 else None)
            event = events.Key(_character_to_key(name) if len(name) == 1 else name, character)
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


def pane_of(seat):
    return seat.app.screen.query_one(DetailPane)


def reads_run(seat):
    screen = seat.app.screen
    return isinstance(screen, RunScreen) and bool(screen.query(LinePane)) and screen.pane.body.has_focus


async def home(seat):
    """Go back to the dashboard as it is after the start: all runs by age, the cursor on the first."""
    await seat.until(lambda: seat.app.screen.is_mounted)
    while seat.app.screen is not seat.dashboard:
        await seat.app.pop_screen()
    dashboard = seat.dashboard
    for prompt in dashboard.query(Prompt):
        prompt.display = False
    if dashboard.paused:
        dashboard.action_pause()
    dashboard.remove_class("-zoom-threads", "-zoom-runs", "-zoom-detail")
    dashboard.table.clear_selection()
    dashboard.action_all()
    while dashboard.view.group.by != "thread":
        dashboard.action_group()
    dashboard.show_view(replace(dashboard.view, sort="age", descending=False), "")
    dashboard.detail.choose(0)
    dashboard.table.focus()
    dashboard.table.action_columns(-20)
    dashboard.table.action_first()
    seat.app.clear_notifications()
    await seat.until(lambda: dashboard.table.has_focus and dashboard.table.size.width == WIDTH)


async def in_run(seat, tab=0):
    """Open the run screen of a completed run, and wait until all of it is loaded."""
    run = next(run for run in seat.rows if run.status == "completed")
    seat.dashboard.select(run.key)
    await seat.until(lambda: seat.app.session.fetcher.cache.get(run).raw is not None)
    seat.app.post_message(RunOpened(run, tab))
    await seat.until(lambda: reads_run(seat) and pane_of(seat).body.text.strip() and run.id in seat.text)
    await seat.until(lambda: "No run selected" not in pane_of(seat).body.text)


def place(seat):
    return seat.ids.index(seat.table.cursor_run.raw_id)


def now_for(seat, key_id):
    """Return the key for an id: of the config, else the default."""
    return (seat.app.settings.keys or {}).get(key_id, BY_ID[key_id].keys).split(",")[0]


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
    seat.app.post_message(RefreshRequested())
    await seat.until(
        lambda: seat.table.waiting.new == len(seat.world()) - len(seat.ids)
    )  # every thread has answered
    await seat.sees("new", "press . to update")
    await press()
    await seat.until(lambda: not seat.table.waiting and "press . to update" not in seat.text)


@pressed("columns_right", "columns_left")
async def _columns(seat, key, press):
    right = key == "columns_right"
    if not right:
        seat.table.action_columns(1)
    names = [slot.column.name for slot in seat.table.slots]
    await press()
    await seat.until(lambda: [slot.column.name for slot in seat.table.slots] != names)
    now = [slot.column.name for slot in seat.table.slots]
    assert now[:2] == ["status", "run"]


@pressed("choose_columns")
async def _choose_columns(seat, _, press):
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, ColumnChooser))
    await seat.sees("Columns · values of", "completion", "esc keep")


@pressed("thread_down", "thread_up", "thread_first", "thread_last")
async def _threads(seat, key, press):
    seat.threads.focus()
    ids = [None, *seat.app.session.connection.feed.snapshot().threads]
    begin = {"thread_down": 0, "thread_up": 2, "thread_first": 3, "thread_last": 1}[key]
    seat.threads.choose(ids[begin])
    await seat.until(lambda: seat.threads.has_focus and seat.dashboard.view.thread == ids[begin])
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


@pressed("filter")
async def _filter(seat, _, press):
    await press()
    await seat.until(lambda: isinstance(seat.app.focused, Prompt))
    assert seat.app.focused.id == "filter"


@pressed("sort", "invert")
async def _sort(seat, key, press):
    before = seat.ids
    await press()
    if key == "sort":
        await seat.sees("newest first", "queued first")
        await seat.press("s")
    title = "STATUS " if key == "sort" else "AGE "
    await seat.sees(f"{title}{seat.app.glyphs.up}")
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


@pressed("group")
async def _group(seat, _, press):
    seat.threads.choose(seat.simulator.thread_ids()[0])
    await press()
    await seat.until(lambda: seat.dashboard.view.group == Grouping("agent"))
    await seat.sees("Agents", "all agents")
    assert set(seat.ids) >= set(seat.simulator.run_ids(seat.simulator.thread_ids()[0]))


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
    panes = [seat.dashboard.detail.body, *seat.dashboard.side.reachable]
    for pane in (*(panes if key == "next_pane" else panes[::-1]), seat.table):
        await press()
        await seat.until(lambda pane=pane: pane.has_focus)


TAB_KEYS = tuple(
    f"tab_{name}"
    for name in (
        "overview",
        "instructions",
        "tools",
        "messages",
        "timeline",
        "why",
        "usage",
        "diff",
        "raw",
    )
)


@pressed(*TAB_KEYS)
async def _tab(seat, key, press):
    tab = TAB_KEYS.index(key)
    seat.dashboard.detail.choose(tab + 1)
    await press()
    await seat.until(lambda: seat.dashboard.detail.tab == tab)
    assert seat.app.screen is seat.dashboard


@pressed("browser")
async def _browser(seat, _, press):
    run = seat.table.cursor_run
    await press()
    await seat.until(lambda: seat.visited)
    assert seat.visited.pop() == URL.format(thread_id=run.thread_key, run_id=run.raw_id)


@pressed("slower", "faster")
async def _pace(seat, key, press):
    poller = seat.app.session.connection.feed
    poller.interval = 4.0
    await press()
    await seat.until(lambda: poller.interval == (8.0 if key == "slower" else 2.0))
    await seat.sees(f"every {poller.interval:g}s")
    poller.interval = 0.5


@pressed("views")
async def _views(seat, _, press):
    await press()
    await seat.sees("Saved views", "failed in the last hour")
    assert seat.app.screen.name == "views"


@pressed("filter_complete", "filter_next", "filter_previous", "filter_clear")
async def _complete(seat, key, press):
    box = seat.dashboard.query_one(FilterBox)
    await seat.press(now_for(seat, "filter"))
    await seat.until(lambda: box.input.has_focus)
    await seat.press(*"status:")
    await seat.until(lambda: "completed" in box.list.text and box.input.value == "status:")
    first = box.list.text.split()[0]
    await press()
    if key == "filter_clear":
        await seat.until(lambda: not box.input.value)
    elif key == "filter_complete":
        await seat.until(lambda: box.input.value == f"status:{first} ")
    else:
        await seat.press(now_for(seat, "prompt_keep"))
        await seat.until(lambda: box.input.value.startswith("status:") and box.input.value.endswith(" "))
        assert (box.input.value == f"status:{first} ") == (key == "filter_next")
    await seat.until(lambda: seat.dashboard.view.text == box.input.value)
    await seat.pilot.pause()  # the dashboard handles the typed text before the next scene begins
