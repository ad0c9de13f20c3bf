"""Layout: zoomed panes, columns that are left out or shifted sideways, and a layout for each size."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from flowtui.model.columns.column_choice import choose
from flowtui.model.columns.columns import COLUMNS, DEFAULT
from flowtui.model.view.view import SORTABLE, View
from flowtui.ui.dashboard.side_layout import SLIM, side_width
from flowtui.ui.keys.bindings import KEYS
from flowtui.ui.table.layout import MARGIN

SIZES = [(158, 38), (120, 36), (80, 24), (60, 15)]
LEFT, RIGHT = ("less_than_sign", "greater_than_sign")


@pytest.fixture
def ids():
    return "short"


def _columns(seat):
    return [slot.column.name for slot in seat.table.slots]


def _room(seat):
    """The cells that the columns take: all that the table has, as the note has what is left over."""
    last = seat.table.slots[-1]
    return last.start + last.width


def _pane(seat, name):
    frame = seat.dashboard.query_one(f"#{name}-frame")
    return frame.region if frame.display and frame.region.area else None


async def test_each_pane_zooms_to_the_whole_screen_and_back(app):
    async with app(size=(140, 40)) as seat:
        await seat.begun()
        agents = len({run.agent_id for run in seat.dashboard.snapshot.runs()})
        await seat.until(lambda: seat.dashboard.side.agents.count == agents + 1)  # and one of all
        seat.dashboard.redraw()
        await seat.pilot.pause()
        before = {name: _pane(seat, name) for name in ("threads", "agents", "runs", "detail", "outcomes")}
        await seat.press("g", *"jjjjj")
        run, line = seat.ids[5], seat.line_of(seat.ids[5])
        for name in ("runs", "detail", "threads", "agents"):
            await seat.press("z")
            await seat.until(lambda name=name: _pane(seat, name).size == (140, 38))
            others = set(before) - {name}
            assert not [other for other in others if _pane(seat, other)]
            await seat.press("z")
            await seat.until(lambda: {name: _pane(seat, name) for name in before} == before)
            assert seat.table.cursor_run.raw_id == run
            await seat.press("tab")
        assert seat.line_of(run) == line


async def test_columns_that_do_not_fit_are_left_out_by_priority_and_the_others_can_be_shifted(app):
    async with app(size=(200, 40)) as seat:
        assert set(_columns(seat)) == {
            "status",
            "run",
            "agent",
            "thread",
            "age",
            "wait",
            "time",
            "tokens",
            "note",
        }
        seen, outcomes = [set(_columns(seat))], seat.dashboard.query_one("#outcomes")
        await seat.until(lambda: "completed" in outcomes.text)
        for part in ("tick", "update"):  # the new size alone has the outcomes drawn again
            setattr(seat.dashboard, part, lambda *_: None)
        for width in (140, 110, 80, 60):
            await seat.pilot.resize_terminal(width, 40)
            await seat.until(
                lambda width=width: (
                    _pane(seat, "runs").width == width - side_width(width)
                    and _room(seat) == seat.table.size.width - MARGIN
                )
            )
            assert set(_columns(seat)) <= seen[-1]
            assert all(cell_len(line) == width for line in seat.lines)
            if width >= SLIM:
                await seat.until(
                    lambda: max(map(cell_len, outcomes.text.splitlines()), default=0) == outcomes.size.width
                )
            seen.append(set(_columns(seat)))
        assert {"status", "run", "age"} <= seen[-1]
        assert "wait" not in seen[2]
        assert not {"wait", "thread", "time", "tokens"} & seen[-1]
        assert "note" in seen[-1]
        for part in ("tick", "update"):
            delattr(seat.dashboard, part)

        narrow = _columns(seat)
        hidden = [name for name in ("thread", "agent", "wait", "time") if name not in narrow]
        found = set()
        for _ in range(12):
            await seat.press(RIGHT)
            found |= set(_columns(seat))
            assert _columns(seat)[:2] == ["status", "run"]
        assert set(hidden) <= found
        for _ in range(12):
            await seat.press(LEFT)
        assert _columns(seat) == narrow


async def test_the_title_of_the_sorted_column_is_not_cut_and_has_a_sign(app):
    async with app(size=(200, 30)) as seat:
        clipped = set()
        seat.dashboard.show_columns(choose((*DEFAULT, "model")))
        for name in SORTABLE:
            seat.dashboard._set_view(View(sort=name))
            await seat.pilot.pause()
            sign = seat.app.glyphs.down if name == "age" else seat.app.glyphs.up
            titles = seat.lines[seat.table.region.y].replace(f" {sign}", sign)
            if f"{COLUMNS[name].title}{sign}" not in titles:
                clipped.add(name)
        assert not clipped


@pytest.mark.parametrize("size", SIZES)
async def test_the_layout_depends_on_the_size_of_the_terminal(app, size):
    async with app(size=size) as seat:
        width, height = size
        lines = seat.lines
        assert all(cell_len(line) == width for line in lines)
        assert (_pane(seat, "outcomes") is not None) == (width >= 72)
        assert (_pane(seat, "agents") is not None) == (width >= 72)
        assert (_pane(seat, "detail") is not None) == (height >= 20)
        assert (_pane(seat, "threads") is not None) == (width >= 72)
        assert width < 72 or (_pane(seat, "threads").height == 1) == (width < 100)
        assert "all 4" in seat.text or "Threads 4" in seat.text or width < 72
        entries = {f"{key.shown} {key.foot}" for key in KEYS if key.foot}
        shown = [entry.strip() for entry in lines[-1].split("   ") if entry.strip()]
        assert set(shown) <= entries  # no entry is cut
        assert "? help" in shown
        rows = seat.table.size.height - 1
        assert rows >= min(len(seat.ids), 8)
        head = lines[seat.table.region.y]
        assert "STATUS" in head
        assert "RUN" in head
        assert "AGE" in head


async def test_the_left_column_comes_back_as_one_line_when_the_terminal_grows(app):
    async with app(size=(60, 15)) as seat:
        for _ in range(2):
            await seat.until(lambda: _pane(seat, "threads") is None)
            await seat.press("j")
            await seat.pilot.resize_terminal(80, 24)
            await seat.sees("thread all", "agent all")
            await seat.pilot.resize_terminal(60, 15)
