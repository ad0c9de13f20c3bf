"""The first frame looks like the dashboard that replaces it, and keys pressed meanwhile are not lost."""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from flowtui.config.memory.installation_key import installation_key
from flowtui.config.memory.memory import remember
from flowtui.config.settings import Settings
from flowtui.errors import FlowtuiError
from flowtui.model.columns.columns import COLUMNS, DEFAULT
from flowtui.model.run.parsing import parse_runs
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.store.history import open_history
from flowtui.ui.app import opening_rows
from flowtui.ui.app.app import FlowtuiApp
from flowtui.ui.app.first_frame import CONNECTING, FirstFrame
from flowtui.ui.app.welcome import Welcome
from flowtui.ui.commands.help_screen import HelpScreen
from flowtui.ui.dashboard import drawing
from flowtui.ui.dashboard.left_column import LeftColumn

from ... import processes
from ...feeds import raw_run
from ..conftest import KEY

ROOT = Path(__file__).parents[3]


class Watched(FlowtuiApp):
    """Keeps what the first frame draws, and does not load the dashboard before `go_on` is called."""

    frame = ()

    def on_first_paint(self):
        self.frame = self.cells()

    def cells(self):
        """Every cell of the screen: its text and its style."""
        return [
            [(text, segment.style) for segment in strip for text in segment.text]
            for strip in self.screen._compositor.render_strips()
        ]

    @property
    def text(self):
        return ["".join(text for text, _ in line) for line in self.frame]

    def go_on(self):
        self.call_later(self._begin)


@pytest.fixture
def watched(own_environment, clock):
    """Open the application on its first frame: `async with watched(theme="day") as (app, pilot)`.

    The simulator never starts, so the dashboard looks as it does before the first reply.
    """

    @asynccontextmanager
    async def open_app(*, size=(120, 36), demo=True, **settings):
        ended = threading.Event()

        def start():
            ended.wait()
            raise FlowtuiError("it is over")

        app = Watched(
            Settings(tz="utc", **settings), start_demo=start, demo=demo, first_frame=True, now=clock
        )
        try:
            async with app.run_test(size=size) as pilot:
                yield app, pilot
                ended.set()
        finally:
            ended.set()

    return open_app


async def _dashboard(app, pilot):
    """Replace the first frame by the dashboard, and wait until that is drawn."""
    app.go_on()
    while isinstance(app.screen, FirstFrame) or app._first_frame.held or app.queued_keys.busy:
        await pilot.pause()
    while not app.dashboard.is_mounted:
        await pilot.pause()
    await _drawn(app, pilot)


async def _drawn(app, pilot):
    """Wait until the screen is drawn in the size of the terminal, and no longer changes."""
    before = None
    while before != (before := app.cells()) or app.size != (len(before[0]), len(before)):
        for _ in range(4):
            await pilot.pause()


async def _resized(app, pilot, size):
    """Change the size of the terminal, and return all cells that are drawn then."""
    await pilot.resize_terminal(*size)
    while app.screen.size != size:
        await pilot.pause()
    await _drawn(app, pilot)
    return app.cells()


# Every size once, and each look wide and narrow: positions depend on the size only, colours on the look only.
LOOKS = {
    "night": ({}, [(158, 38), (80, 24), (44, 12)]),
    "day": ({"theme": "day"}, [(120, 36), (60, 15)]),
    "ascii": ({"ascii": True}, [(140, 29), (99, 30)]),
    "plain": ({"no_color": True}, [(100, 20), (100, 15), (44, 12)]),
}


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_the_dashboard_has_its_left_column_and_a_wide_message_from_its_first_paint_on(
    watched, monkeypatch, size
):
    plans, widths = [], set()
    lay_out, placeholder = LeftColumn.lay_out, drawing.placeholder

    def laid_out(side, *sizes):
        lay_out(side, *sizes)
        plans.append(side._plan)

    def placed(snapshot, view, trouble, now, cells, **kwargs):
        widths.add(cells)
        return placeholder(snapshot, view, trouble, now, cells, **kwargs)

    monkeypatch.setattr(LeftColumn, "lay_out", laid_out)
    monkeypatch.setattr(drawing, "placeholder", placed)
    async with watched(size=size) as (app, pilot):
        app.dashboard.update(Update(Snapshot(app.now(), {}), ()))  # an answer that comes before the dashboard
        await _dashboard(app, pilot)
        assert all(of == size and all(heights) for of, heights in plans), "the column went and came back"
        assert widths == {app.dashboard.table.size.width}


@pytest.mark.parametrize(
    "look",
    ["night", "ascii", *(pytest.param(look, marks=pytest.mark.slow) for look in ("day", "plain"))],
)
async def test_what_the_first_frame_draws_is_unchanged_when_the_dashboard_replaces_it(
    watched, monkeypatch, look
):
    settings, sizes = LOOKS[look]
    if settings.get("no_color"):
        monkeypatch.setenv("NO_COLOR", "1")
    async with watched(size=sizes[0], **settings) as (app, pilot):
        frames = {sizes[0]: app.frame}
        for size in sizes[1:]:
            frames[size] = await _resized(app, pilot, size)
        for frame in frames.values():
            lines = ["".join(text for text, _ in line) for line in frame]
            assert "connecting" in lines[0]
            assert any(CONNECTING.strip("… ") in line for line in lines)
        assert isinstance(app.screen, FirstFrame)
        await _dashboard(app, pilot)
        for size, frame in frames.items():
            then = await _resized(app, pilot, size)
            moved = [
                (x, y, cell, then[y][x])
                for y, line in enumerate(frame)
                for x, cell in enumerate(line)
                if y > 0 and cell[0].strip() and cell != then[y][x]
            ]
            assert moved == [], size
            grounds = [[style.bgcolor for _, style in line] for line in frame]
            assert grounds[1:] == [[style.bgcolor for _, style in line] for line in then][1:], size


def remember_runs(settings, at):
    """Write a history: two threads, last seen at `at`; a run of the first was running then."""
    runs = [raw_run(f"run_{n}", ("completed", "failed")[n == 3], at=at - 60 * n) for n in range(1, 6)]
    active = raw_run("run_0", "running", at=at - 30)
    threads = {
        key: apply_runs(
            ThreadState(key, 2.0), parse_runs(json.dumps(raws).encode(), key).rows, at=at, whole=True
        )[0]
        for key, raws in (("thr_1", [active, *runs[:3]]), ("thr_2", runs[3:]))
    }
    history = open_history(settings, SecretStr(KEY), lambda: at)
    assert history.notice.startswith("flowtui now remembers runs, statuses and reasons in ")
    history.recorder.record(Update(Snapshot(at, threads, {"agent_a": "billing"}, listed=True)))
    history.close()


@pytest.mark.slow
async def test_the_newest_remembered_rows_stand_in_the_first_frame_as_the_table_then_shows_them(
    watched, clock, monkeypatch
):
    monkeypatch.setenv("SEEKR_API_KEY", KEY)
    # Nothing answers there: the names of more agents would widen their column.
    nobody = "http://127.0.0.1:9"
    remember_runs(Settings(base_url=nobody), clock() - 3600.0)
    for size in ((120, 36), (80, 24), (60, 15), (158, 38)):
        async with watched(demo=False, base_url=nobody, size=size) as (app, pilot):
            assert "as of 07:00" in app.text[0]
            frame = [line for line in app.text if "run_" in line]
            assert [sign in line for sign, line in zip("●✓✓×✓✓", frame, strict=True)] == [True] * 6
            assert ("00:29" in frame[0]) == (
                size != (60, 15)
            )  # as it was then; narrow rows have the note instead
            await _dashboard(app, pilot)
            while len(app.dashboard.table.rows) < 6:
                await pilot.pause()
            await pilot.pause()
            table = app.dashboard.table
            shown = ["".join(text for text, _ in line) for line in app.cells()]
            note = next((slot.start for slot in table.slots if slot.column.name == "note"), table.size.width)
            part = slice(table.region.x, table.region.x + note - 8)
            rows = [y for y, line in enumerate(app.text) if "run_" in line]
            assert [shown[y][part].replace("━", " ") for y in rows] == [app.text[y][part] for y in rows], size
            titles = app.text[rows[0] - 1]
            assert shown[rows[0] - 1][part] == titles[part]


@pytest.mark.slow
async def test_no_remembered_row_is_painted_without_the_key(watched, clock, monkeypatch, tmp_path):
    command = tmp_path / "key"
    command.write_text(f"#!/bin/sh\necho asked >> {tmp_path}/asked\necho {KEY}\n")
    command.chmod(0o755)
    settings = {"base_url": "http://127.0.0.1:9", "api_key_command": str(command)}
    remember_runs(Settings(**settings), clock() - 3600.0)
    async with watched(demo=False, **settings) as (app, _):
        assert "connecting" in app.text[0]
        assert not any("run_" in line for line in app.text)
        assert not (tmp_path / "asked").exists()
    monkeypatch.setenv("SEEKR_API_KEY", "another-key")
    async with watched(demo=False, base_url=settings["base_url"]) as (app, _):
        assert not any("run_" in line for line in app.text)
    monkeypatch.setenv("SEEKR_API_KEY", KEY)
    async with watched(demo=False, base_url=settings["base_url"], remember=False) as (app, _):
        assert not any("run_" in line for line in app.text)


def test_the_columns_of_the_opening_rows_are_those_of_the_table():
    real = [COLUMNS[name] for name in DEFAULT]
    assert [tuple(each) for each in opening_rows.COLUMNS] == [
        (each.name, each.width, each.priority, each.align, each.least) for each in real
    ]


async def test_the_first_frame_has_the_remembered_theme(watched):
    remember(theme="contrast")
    async with watched() as (app, _):
        assert app.theme == "contrast"
        assert app.frame[2][2][1].bgcolor.name == "#000000"


async def test_keys_pressed_during_the_first_frame_reach_the_dashboard(watched):
    async with watched() as (app, pilot):
        await pilot.press("s", "s", "a", "p")
        assert isinstance(app.screen, FirstFrame)
        await _dashboard(app, pilot)
        assert (app.dashboard.view.sort, app.dashboard.view.only) == ("status", "active")
        assert app.dashboard.paused


async def test_the_help_key_pressed_during_the_first_frame_opens_the_help_later(watched):
    async with watched() as (app, pilot):
        await pilot.press("question_mark")
        await _dashboard(app, pilot)
        assert isinstance(app.screen, HelpScreen)


async def test_q_pressed_during_the_first_frame_quits(watched):
    async with watched() as (app, pilot):
        await pilot.press("q")
        app.go_on()
        while not app.leaving:
            await pilot.pause()
    assert app.return_code == 0


async def test_ctrl_c_twice_during_the_first_frame_quits_at_once(watched):
    async with watched() as (app, pilot):
        await pilot.press("ctrl+c", "ctrl+c")
        while not app.leaving:
            await pilot.pause()
        assert app.return_code == 130
        assert app._session is None


async def test_a_resize_during_the_first_frame_is_painted_and_the_dashboard_has_the_new_size(watched):
    async with watched(size=(80, 24)) as (app, pilot):
        cells = await _resized(app, pilot, (130, 30))
        lines = ["".join(text for text, _ in line) for line in cells]
        assert len(lines[0]) == 130
        assert "Outcomes" in "\n".join(lines)
        before = lines[0]
        assert before.startswith(" flowtui  default simulator  ● connecting")
        await _dashboard(app, pilot)
        assert app.dashboard.size == (130, 30)
        after = "".join(text for text, _ in app.cells()[0])
        assert after.startswith(before[: before.index("connecting")])
        assert after.endswith(before[-10:])


async def test_without_a_key_the_first_frame_is_the_welcome_screen(watched):
    async with watched(demo=False) as (app, pilot):
        assert isinstance(app.screen, Welcome)
        assert any("There is no API key here yet." in line for line in app.text)
        await pilot.press("enter")
        while app._session is None or app.screen is not app.dashboard:
            await pilot.pause()


async def test_rows_appear_after_the_first_frame(watched, simulate, monkeypatch, key):
    world = simulate(key=key)
    monkeypatch.setenv("SEEKR_API_KEY", key)
    async with watched(demo=False, base_url=world.url) as (app, pilot):
        assert not world.requests
        await _dashboard(app, pilot)
        while not len(app.dashboard.table.rows):
            await pilot.pause()


LATE = (
    *("pydantic", "httpx", "uvicorn", "starlette", "zoneinfo", "sqlite3", "hashlib"),
    *("flowtui.source", "flowtui.simulator", "flowtui.ui.widgets"),
)
LATE_HERE = (
    *(
        "flowtui.model.query.query",
        "flowtui.model.state.snapshot",
        "flowtui.model.view.view",
        "flowtui.ui.dashboard.dashboard",
    ),
    *(
        "flowtui.ui.run.run_screen",
        "flowtui.ui.commands.help_screen",
        "flowtui.ui.commands.palette",
        "flowtui.config.crash",
    ),
    *("flowtui.ui.app.connection", "flowtui.ui.app.session"),
    *("flowtui.ui.run.detail_pane", "flowtui.ui.table.run_table"),
)
PROBE = """
import sys
from flowtui.cli import arguments
from flowtui.cli.handlers import screens
from flowtui.config.settings import Settings
from flowtui.ui.app.profiles import Profiles
from flowtui.ui.app.start import FlowtuiApp

def painted(self):
    self._first_frame._reader.join()
    print(*sys.modules, file=sys.__stdout__, flush=True)
    self.exit(0)

FlowtuiApp.on_first_paint = painted
settings = Settings(base_url="http://127.0.0.1:9")
FlowtuiApp(settings, first_frame=True, profiles=Profiles(list, lambda _: settings)).run(headless=True)
"""


def test_no_slow_module_is_imported_before_the_first_frame(tmp_path):
    """Nor SQLite, as nothing is remembered yet."""
    installation_key(tmp_path / "flowtui" / "installation.key")
    done = processes.run(
        [sys.executable, "-c", PROBE],
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(tmp_path), "SEEKR_API_KEY": KEY},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = done.stdout.split()
    assert {"flowtui.ui.app.first_frame", "flowtui.store.files.location"} <= set(loaded)
    assert [name for name in loaded if name.startswith((*LATE, *LATE_HERE))] == []


WHOLE = """
import asyncio, sys
from flowtui.config.settings import Settings
from flowtui.simulator.server import Simulator
from flowtui.ui.app.app import FlowtuiApp

async def main(remember):
    with Simulator(threads=2, runs=4) as world:
        app = FlowtuiApp(Settings(base_url=world.url, remember=remember), first_frame=True)
        async with app.run_test() as pilot:
            while app._session is None or len(app.dashboard.table.rows) < 4:
                await pilot.pause()

asyncio.run(main(sys.argv[1] == "on"))
print(*sys.modules)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("history", "database"), [("off", False), ("on", True)])
def test_no_database_is_imported_where_no_history_is_wanted(tmp_path, history, database):
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(tmp_path), "SEEKR_API_KEY": KEY}
    done = processes.run(
        [sys.executable, "-c", WHOLE, history], env=environ, capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    assert "flowtui.ui.app.remembering" in loaded
    assert [name for name in loaded if name.startswith(("sqlite3", "_sqlite3"))] == (
        ["_sqlite3", "sqlite3.dbapi2", "sqlite3"] if database else []
    )
    assert any(tmp_path.rglob("*.db")) is database
