"""Saved views: shown, saved, replaced, deleted, and kept over a restart."""

from __future__ import annotations

import pytest

from flowtui.config.memory.memory import recall
from flowtui.config.values.views import SavedView
from flowtui.ui.filter.views_menu import ViewList
from flowtui.ui.widgets.prompt import Prompt

from ..paint.test_themes import _poor


async def _menu(seat):
    await seat.press("F")
    await seat.until(
        lambda: seat.app.screen.name == "views" and _lines(seat) and _lines(seat)[-1].split()[-1].isdigit()
    )


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


async def test_the_menu_shows_the_number_of_runs_of_each_view(app):
    async with app(world={"runs": 30}) as seat:
        await _menu(seat)
        await seat.until(lambda: all(line.split()[-1].isdigit() for line in _lines(seat)))
        names = _names(seat)
        assert names[:3] == ["all", "active", "problems"]
        counts = [int(line.split()[-1]) for line in _lines(seat)]
        await seat.press("escape")
        for place, (name, count) in enumerate(zip(names, counts, strict=True)):
            await _menu(seat)
            await seat.press(str(place + 1))
            await seat.until(lambda name=name: seat.app.screen is seat.dashboard and name in _title(seat))
            assert len(seat.rows) == count, name
        assert seat.dashboard.view.sort == "tokens"


async def test_the_title_shows_the_name_until_the_view_changes(app):
    async with app() as seat:
        await _menu(seat)
        await seat.press("j", "enter")
        await seat.until(lambda: "Runs · active · all threads" in _title(seat))
        assert "status:active" not in _title(seat)
        await seat.press("s")  # sorts by another column, which changes the view
        await seat.until(lambda: '"status:active"' in _title(seat))
        assert "Runs · active" not in _title(seat)


async def test_a_key_before_the_first_paint_moves_the_cursor_for_good(app):
    async with app() as seat:
        await _menu(seat)
        menu = seat.app.screen
        menu._list.go(0)
        menu._list.action_move(1)
        menu._fit()  # what the menu does after its first paint, which a slow terminal delays
        assert menu._list.place == 1


async def test_a_saved_view_is_there_after_a_restart(app):
    async with app() as seat:
        await seat.press("slash", *"status:completed", "enter", "s")
        await seat.until(lambda: seat.dashboard.view.sort == "status")
        wanted, count = seat.dashboard.view, len(seat.rows)
        await _menu(seat)
        await _save(seat, "my [bold]view[/]")
        await seat.sees("my [bold]view[/] is saved")
        await seat.press("escape")
        await seat.until(lambda: "Runs · my [bold]view[/]" in _title(seat))
        await seat.until(lambda: recall().view == "my [bold]view[/]")
    async with app(wait=False) as seat:
        await seat.until(lambda: len(seat.rows) == count)
        assert seat.dashboard.view == wanted  # the view of the last session
        assert "Runs · my [bold]view[/]" in _title(seat)
        await seat.press("0")
        await seat.until(lambda: recall().view is None)
        await _menu(seat)
        assert _names(seat)[-1] == "my [bold]view[/]"
        await seat.press("7")
        await seat.until(lambda: seat.dashboard.view == wanted)
        assert len(seat.rows) == count


async def test_a_view_keeps_its_number_when_others_are_saved_or_deleted(app):
    async with app() as seat:
        await _menu(seat)
        before = _names(seat)
        for name in ("one", "two", "three"):
            await _save(seat, name)
            await seat.sees(f"{name} is saved")
        assert _names(seat) == [*before, "one", "two", "three"]
        await seat.press("k", "x", "x")
        await seat.sees("two is deleted")
        assert [line.split()[:2] for line in _lines(seat)[-2:]] == [["7", "one"], ["9", "three"]]
    async with app() as seat:
        await _menu(seat)
        assert [line.split()[:2] for line in _lines(seat)[-2:]] == [["7", "one"], ["9", "three"]]
        await seat.press("8")  # no view has this number
        assert seat.app.screen.name == "views"
        await seat.press("9")
        await seat.until(lambda: seat.app.screen is seat.dashboard and "Runs · three" in _title(seat))


async def test_each_profile_has_its_own_views(app):
    async with app(profile="one") as seat:
        await _menu(seat)
        await _save(seat, "mine")
        await seat.sees("mine is saved")
    async with app(profile="other") as seat:
        await _menu(seat)
        assert _names(seat)[0] == "all"


async def test_saving_over_an_existing_view_needs_a_second_enter(app):
    async with app() as seat:
        await _menu(seat)
        await _save(seat, "mine")
        await seat.sees("mine is saved")
        await seat.press("escape", "slash", *"failed", "enter")
        await seat.until(lambda: seat.dashboard.view.text == "failed")
        await _menu(seat)
        await _save(seat, "mine")
        await seat.sees("enter again replaces mine")
        await seat.press("escape")
        await seat.until(lambda: not isinstance(seat.app.focused, Prompt))
        assert "failed" not in _lines(seat)[-1]
        await _save(seat, "mine")
        await seat.sees("enter again replaces mine")
        await seat.press("enter")
        await seat.sees("mine is saved")
        await seat.until(lambda: "failed" in _lines(seat)[-1])
        assert _names(seat).count("mine") == 1


async def test_views_of_the_config_and_built_in_views_cannot_be_replaced_or_deleted(app):
    ours = {"ours": SavedView(name="ours", filter="status:failed")}
    async with app(views=ours) as seat:
        await _menu(seat)
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


async def test_a_saved_view_is_deleted_by_pressing_x_twice(app):
    async with app() as seat:
        await _menu(seat)
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
        await seat.press("escape")
    async with app() as seat:
        await _menu(seat)
        assert "mine" not in _names(seat)


async def test_a_view_with_an_invalid_filter_is_reported_and_not_shown(app):
    broken = {"broken": SavedView(name="broken", filter="nope:1")}
    async with app(views=broken) as seat:
        await _menu(seat)
        assert "cannot be read" in _lines(seat)[0]
        await seat.press("enter")
        await seat.sees("broken cannot be shown")
        assert seat.app.screen.name == "views"


async def test_an_unwritable_state_file_is_reported(app, tmp_path):
    async with app() as seat:
        (tmp_path / "state").write_text("in the way")
        await _menu(seat)
        await _save(seat, "mine")
        await seat.sees("cannot be written")
        assert "mine" not in _names(seat)


async def test_a_view_restores_its_columns_and_its_thread(app):
    async with app(views={"wide": SavedView(name="wide", columns=("created", "tokens"))}) as seat:
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
        await seat.press("8")
        await seat.until(lambda: set(seat.ids) == set(seat.simulator.run_ids(thread)))


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
