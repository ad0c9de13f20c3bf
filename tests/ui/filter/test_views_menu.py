"""Saved views: shown, saved, replaced, deleted, and kept over a restart."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager

import pytest

from flowtui.config.memory.memory import recall
from flowtui.config.settings import Settings
from flowtui.config.values.views import SavedView
from flowtui.model.columns.column_choice import choose
from flowtui.model.columns.context import Context
from flowtui.model.view.view import View
from flowtui.ui.app.app import _STYLES
from flowtui.ui.base.app_base import AppBase
from flowtui.ui.filter.saved_views import SavedViewsMenu
from flowtui.ui.filter.views_menu import ViewList
from flowtui.ui.paint.theme import DEFAULT
from flowtui.ui.widgets.prompt import Prompt

from ...feeds import ListFeed, raw_run
from ..paint.test_themes import _poor

_PATIENCE = 90.0  # seconds of real time until a test gives up; enough on a very busy machine


@pytest.fixture
def ids():
    return "short"


class Dashboard:
    """What the menu knows of the dashboard: a view, its name and columns, and two runs."""

    def __init__(self, app):
        feed = ListFeed()
        feed.read("thr_1", raw_run("run_2", "failed"), raw_run("run_1"))
        self.app, self.snapshot, self.now = app, feed.snapshot(), feed.clock.now()
        self.view, self.view_name, self.columns = View(), "", choose(None)

    def cell_context(self):
        return Context(now=self.now)

    def name_view(self, name):
        self.view_name = name

    def show_view(self, view, name):
        self.view, self.view_name = view, name

    def show_columns(self, choice):
        self.columns = choice


class MenuSeat:
    """A small application in which the menu can be opened, again and again, over one dashboard."""

    def __init__(self, app, pilot):
        self.app, self.pilot = app, pilot
        self.dashboard = Dashboard(app)

    @property
    def text(self):
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    async def until(self, condition):
        deadline = time.monotonic() + _PATIENCE
        while not condition():
            assert time.monotonic() < deadline, (
                f"the condition never became true; the screen shows:\n{self.text}"
            )
            await self.pilot.pause()

    async def sees(self, *words):
        await self.until(lambda: all(word in self.text for word in words))

    async def press(self, *keys):
        for key in keys:
            await self.pilot.press(key)
            await self.until(lambda: not self.app.queued_keys.busy)

    async def open(self, **settings):
        """Open the menu as a start of flowtui with these settings does: it reads the state file."""
        SavedViewsMenu(self.dashboard, Settings(**settings)).open()
        await self.until(lambda: _counted(self))

    async def close(self):
        await self.press("escape")
        await self.until(lambda: len(self.app.screen_stack) == 1)


@pytest.fixture
def small(own_environment):
    """Open the small application: `async with small() as seat`."""

    @asynccontextmanager
    async def open_app():
        app = AppBase(Settings(), lambda: 0.0, str(_STYLES))
        app.theme = DEFAULT
        async with app.run_test(size=(110, 30), notifications=True) as pilot:
            yield MenuSeat(app, pilot)

    return open_app


async def _menu(seat):
    await seat.press("F")
    await seat.until(lambda: _counted(seat))


def _counted(seat):
    """Whether the menu is open and the runs of its views were counted."""
    screen = seat.app.screen
    lines = _lines(seat) if screen.name == "views" and screen.query(ViewList) else []
    return lines and lines[-1].split()[-1].isdigit()


def _lines(seat):
    """The lines of the menu."""
    return seat.app.screen.query_one(ViewList).text.splitlines()


def _names(seat):
    return [line[4:].split("  ")[0].strip() for line in _lines(seat)]


async def _save(seat, name):
    await seat.press("s")
    await seat.until(lambda: isinstance(seat.app.focused, Prompt))
    seat.app.focused.value = name
    await seat.press("enter")


def _title(seat):
    return next(line for line in seat.lines if "Runs · " in line)


async def _the_title_shows_the_name_until_the_view_changes(seat):
    await _menu(seat)
    await seat.press("j", "enter")
    await seat.until(lambda: "Runs · active · all threads" in _title(seat))
    assert "status:active" not in _title(seat)
    await seat.press("s", "s")  # another order changes the view
    await seat.until(lambda: '"status:active"' in _title(seat))
    assert "Runs · active" not in _title(seat)


async def _the_menu_shows_the_number_of_runs_of_each_view(seat):
    await _menu(seat)
    await seat.until(lambda: all(line.split()[-1].isdigit() for line in _lines(seat)))
    names = _names(seat)
    assert names[:3] == ["all", "active", "problems"]
    counts = [int(line.split()[-1]) for line in _lines(seat)]
    for place, (name, count) in enumerate(zip(names, counts, strict=True)):
        if place:
            await _menu(seat)
        await seat.press(str(place + 1))
        await seat.until(lambda name=name: seat.app.screen is seat.dashboard and name in _title(seat))
        assert len(seat.rows) == count, name
    assert seat.dashboard.view.sort == "tokens"


@pytest.mark.slow
async def test_the_menu_shows_saves_and_restores_views_of_the_dashboard_also_after_a_restart(app):
    wide = {"wide": SavedView(name="wide", columns=("created", "tokens"))}
    async with app(size=(120, 24), world={"runs": 30}, profile="prod") as seat:
        await _the_title_shows_the_name_until_the_view_changes(seat)
        await _the_menu_shows_the_number_of_runs_of_each_view(seat)
        await _menu(seat)
        await seat.press("1")
        await seat.until(lambda: seat.app.screen is seat.dashboard and seat.dashboard.view.sort == "age")
        await seat.press("slash", *"status:completed", "enter", "s", "s")
        await seat.until(lambda: seat.dashboard.view.sort == "status")
        wanted, count = seat.dashboard.view, len(seat.rows)
        assert 0 < count < 30
        await _menu(seat)
        await _save(seat, "my [bold]view[/]")
        await seat.sees("my [bold]view[/] is saved")
        await seat.press("escape")
        await seat.until(lambda: "Runs · my [bold]view[/]" in _title(seat))
        await seat.until(lambda: recall("prod").view == "my [bold]view[/]")
    async with app(size=(120, 24), world={"runs": 30}, profile="prod", views=wide, wait=False) as seat:
        await seat.until(lambda: len(seat.rows) == count)
        assert seat.dashboard.view == wanted  # the view of the last session
        assert "Runs · my [bold]view[/]" in _title(seat)
        await seat.press("0")
        await seat.until(lambda: recall("prod").view is None)
        await _menu(seat)
        assert _names(seat)[-1] == "my [bold]view[/]"
        await seat.press("8")
        await seat.until(lambda: seat.dashboard.view == wanted)
        assert len(seat.rows) == count
        await seat.press("0")
        await seat.loaded()
        await _a_view_restores_its_columns_and_its_thread(seat)


async def _a_view_restores_its_columns_and_its_thread(seat):
    thread = seat.simulator.thread_ids()[1]
    seat.threads.choose(thread)
    await seat.until(lambda: seat.dashboard.view.thread == thread)
    await _menu(seat)
    await _save(seat, "that thread")
    await seat.sees("that thread is saved")
    await seat.press("escape", "0")
    await seat.until(lambda: seat.dashboard.view.thread is None)
    await _menu(seat)
    await seat.press("1")
    await seat.until(lambda: seat.dashboard.columns.names == ("status", "run", "created", "tokens"))
    await seat.sees("CREATED")
    await _menu(seat)
    await seat.press("9")
    await seat.until(lambda: set(seat.ids) == set(seat.simulator.run_ids(thread)))


async def test_a_key_before_the_first_paint_moves_the_cursor_for_good(small):
    async with small() as seat:
        await seat.open()
        menu = seat.app.screen
        menu._list.go(0)
        menu._list.action_move(1)
        menu._fit()  # what the menu does after its first paint, which a slow terminal delays
        assert menu._list.place == 1


async def test_views_are_saved_replaced_and_deleted_and_keep_their_numbers(small):
    async with small() as seat:
        await seat.open()
        for check in (
            _a_saved_view_is_deleted_by_pressing_x_twice,
            _a_view_keeps_its_number_when_others_are_saved_or_deleted,
            _saving_over_an_existing_view_needs_a_second_enter,
        ):
            await check(seat)
            await seat.close()
            await seat.open()


async def _a_view_keeps_its_number_when_others_are_saved_or_deleted(seat):
    before = _names(seat)
    for name in ("one", "two", "three"):
        await _save(seat, name)
        await seat.sees(f"{name} is saved")
    assert _names(seat) == [*before, "one", "two", "three"]
    await seat.press("k", "x", "x")
    await seat.sees("two is deleted")
    assert [line.split()[:2] for line in _lines(seat)[-2:]] == [["7", "one"], ["9", "three"]]
    await seat.close()
    await seat.open()
    assert [line.split()[:2] for line in _lines(seat)[-2:]] == [["7", "one"], ["9", "three"]]
    await seat.press("8")  # no view has this number
    assert seat.app.screen.name == "views"
    await seat.press("9")
    await seat.until(lambda: len(seat.app.screen_stack) == 1 and seat.dashboard.view_name == "three")
    await seat.open()


async def _saving_over_an_existing_view_needs_a_second_enter(seat):
    await _save(seat, "mine")
    await seat.sees("mine is saved")
    await seat.close()
    seat.dashboard.show_view(View(text="failed"), "")
    await seat.open()
    await _save(seat, "mine")
    await seat.sees("enter again replaces mine")
    await seat.press("escape")
    await seat.until(lambda: not isinstance(seat.app.focused, Prompt))
    line = next(line for line in _lines(seat) if "mine" in line)
    assert "failed" not in line
    await _save(seat, "mine")
    await seat.sees("enter again replaces mine")
    await seat.press("enter")
    await seat.sees("mine is saved")
    await seat.until(lambda: "failed" in next(line for line in _lines(seat) if "mine" in line))
    assert _names(seat).count("mine") == 1


async def _a_saved_view_is_deleted_by_pressing_x_twice(seat):
    await _save(seat, "mine")
    await seat.sees("mine is saved")
    await seat.press("x")
    await seat.sees("x again deletes mine")
    await seat.press("k", "j", "x")  # after another key, x asks again
    await seat.sees("x again deletes mine")
    assert _names(seat)[-1] == "mine"
    await seat.press("x")
    await seat.sees("mine is deleted")
    assert "mine" not in _names(seat)
    await seat.close()
    await seat.open()
    assert "mine" not in _names(seat)


async def test_each_profile_has_its_own_views(small):
    async with small() as seat:
        await seat.open(profile="one")
        await _save(seat, "mine")
        await seat.sees("mine is saved")
        await seat.close()
        await seat.open(profile="other")
        assert _names(seat)[0] == "all"
        assert "mine" not in _names(seat)
        await seat.close()
        await seat.open(profile="one")
        assert _names(seat)[-1] == "mine"


async def test_views_of_the_config_and_built_in_views_cannot_be_replaced_or_deleted(small):
    async with small() as seat:
        await seat.open(views={"ours": SavedView(name="ours", filter="status:failed")})
        assert _names(seat)[:2] == ["ours", "all"]
        for name, where in (("ours", "in the config file"), ("all", "built in")):
            await _save(seat, name)
            await seat.sees(f"{name} is {where}: choose another name")
            await seat.press("enter", "escape")
            await seat.until(lambda: not isinstance(seat.app.focused, Prompt))
            await seat.press("x", "x")
            await seat.sees(f"{name} is {where}, and stays")
            await seat.press("j")
        assert _names(seat)[:2] == ["ours", "all"]


async def test_a_view_with_an_invalid_filter_and_an_unwritable_state_file_are_reported(small, tmp_path):
    async with small() as seat:
        await seat.open(views={"broken": SavedView(name="broken", filter="nope:1")})
        assert "cannot be read" in _lines(seat)[0]
        await seat.press("enter")
        await seat.sees("broken cannot be shown")
        assert seat.app.screen.name == "views"
        await seat.close()
        (tmp_path / "state").write_text("in the way")
        await seat.open()
        await _save(seat, "mine")
        await seat.sees("cannot be written")
        assert "mine" not in _names(seat)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 15)])
async def test_the_menu_fits_every_screen_and_is_readable_in_every_theme(app, size):
    async with app(size=size) as seat:
        await _menu(seat)
        await seat.press("s")
        await seat.until(lambda: isinstance(seat.app.focused, Prompt))
        await seat.pilot.pause()
        frame = seat.app.screen.query_one("#views-frame").region
        assert frame.x >= 0
        assert frame.right <= size[0]
        assert frame.bottom <= size[1]
        assert seat.app.screen.query_one("#views-said").region.bottom < frame.bottom
        seat.app.screen.styles.background = (
            "black"  # hides the dashboard beside the menu, of which no text is checked
        )
        poor = {}
        for name in seat.app.theme_names if size[0] == 80 else ():
            seat.app.theme = name
            await seat.pilot.pause()
            poor[name] = _poor(seat)
        assert not {name: words for name, words in poor.items() if words}
