"""The table alone in a small application: the cursor stays on its run and line, and only changes are painted."""

from __future__ import annotations

import random
from contextlib import asynccontextmanager
from functools import cached_property
from typing import ClassVar

import pytest
from textual.app import App

from flowtui.model.columns.context import Context
from flowtui.model.view.ranking import OrderChange
from flowtui.ui.paint.glyphs import UNICODE
from flowtui.ui.paint.theme import Palette
from flowtui.ui.table.cell_style import CellStyle
from flowtui.ui.table.run_table import RunTable

NOW = 1_800_000_000.0
RESTED = 60.0  # seconds without a key, after which the order is not held any more


class Host(App[None]):
    """An application with what the table needs: colours, signs and the time."""

    CSS: ClassVar[str] = "RunTable { height: 1fr; }"
    glyphs = UNICODE
    time = NOW

    def __init__(self):
        super().__init__()
        self.heard = []

    @cached_property
    def palette(self):
        return Palette(self.get_css_variables())

    def now(self):
        return self.time

    def compose(self):
        yield RunTable()

    def on_run_table_opened(self, message):
        self.heard.append(("opened", message.run))

    def on_run_table_sorted(self, message):
        self.heard.append(("sorted", message.column))


@pytest.fixture
def table(a_run):
    """Open a table with runs; `table.show_rows(rows)` shows rows, `table.rest()` lets a minute pass."""

    @asynccontextmanager
    async def open_table(count=40, size=(100, 13)):
        host = Host()
        async with host.run_test(size=size) as pilot:
            table = host.query_one(RunTable)
            table.focus()

            def show_rows(rows):
                table.show(rows, CellStyle(Context(now=NOW), UNICODE, reduced_motion=True))

            table.show_rows = show_rows
            table.rest = lambda: setattr(host, "time", host.time + RESTED)
            table.make = lambda number, status="running", **fields: a_run(
                f"run_{number:04}", status, created=NOW - number % 50, model="llama", **fields
            )
            table.pilot = pilot
            table.show_rows([table.make(number) for number in range(count)])
            await pilot.pause()
            yield table

    return open_table


def _shown(table, line):
    return table.render_line(line + 1).text


async def test_until_the_user_navigates_the_table_follows_new_runs(table):
    async with table() as runs:
        fresh = runs.make(999)
        runs.show_rows([fresh, *runs.rows])
        assert runs.rows[0] == fresh
        assert fresh.id in _shown(runs, 0)


# The model's `test_pinned_order` sees the same rule for more lists.
@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3, 4))])
async def test_the_cursor_keeps_its_run_and_line_while_rows_are_added_moved_and_removed(table, seed):
    dice = random.Random(seed)
    async with table(dice.randint(3, 60)) as runs:
        wanted = list(runs.rows)
        runs.action_move(dice.randint(0, 20))
        for number in range(1000, 1090):
            key, line = runs.cursor, runs.cursor_line
            before = [run.key for run in runs.rows]
            wanted = _later(dice, wanted, runs.make, number)
            rested = dice.random() < 0.5
            if rested:
                runs.rest()
            else:
                runs.action_move(0)
            runs.show_rows(wanted)
            assert runs.cursor == key
            order = [run.key for run in runs.rows]
            if rested:
                keys = [run.key for run in wanted]
                assert [each for each in order if each in keys] == keys
                assert set(order) - set(keys) <= {key}
                top = min(max(0, order.index(key) - line), max(0, len(order) - runs.size.height + 1))
                assert runs.cursor_line == order.index(key) - top
            else:
                assert order == before
                assert runs.cursor_line == line
            assert key[1] in _shown(runs, runs.cursor_line)
            line = runs.cursor_line
            assert len({run.key for run in runs.rows}) == len(runs.rows)
            if dice.random() < 0.3:
                runs.action_move(dice.randint(-15, 15))
            elif dice.random() < 0.3:
                runs.action_apply()
                _check_applied(runs, wanted, key, line)


def _later(dice, rows, make, number):
    """Return the rows of the next update: some are new, moved, gone or changed."""
    rows = list(rows)
    for extra in range(dice.randint(0, 4)):
        rows.insert(dice.randint(0, len(rows)), make(number * 10 + extra))
    for _ in range(dice.randint(0, 3)):
        if len(rows) > 2:
            rows.pop(dice.randrange(len(rows)))
    if dice.random() < 0.3:
        dice.shuffle(rows)
    place = dice.randrange(len(rows))
    rows[place] = rows[place]._replace(total_tokens=number)
    return rows


def _check_applied(runs, wanted, key, line):
    """Check that the newest order is shown, with the cursor on its run and on its line, if the ends of the list allow."""
    keys = [run.key for run in wanted]
    assert [run.key for run in runs.rows] == keys
    page = runs.size.height - 1
    place = keys.index(runs.cursor)
    if key in keys:
        assert runs.cursor == key
    top = min(max(0, place - line), max(0, len(keys) - page))
    assert runs.cursor_line == place - top
    assert runs.cursor[1] in _shown(runs, runs.cursor_line)


async def test_a_waiting_order_is_shown_once_the_cursor_rests(table):
    async with table() as runs:
        runs.action_move(5)
        before = list(runs.rows)
        runs.show_rows([runs.make(999), *before])
        assert list(runs.rows) == before
        assert runs.waiting.new == 1
        runs.rest()
        runs.tick(Context(now=NOW))
        assert len(runs.rows) == len(before) + 1
        assert not runs.waiting


async def test_the_cursor_stops_at_both_ends(table):
    async with table(5) as runs:
        runs.action_move(-3)
        assert runs.cursor_run == runs.rows[0]
        runs.action_page(4)
        assert runs.cursor_run == runs.rows[4]
        runs.action_first()
        assert runs.cursor_run == runs.rows[0]
        runs.action_last()
        assert runs.cursor_run == runs.rows[4]


async def test_an_empty_table_accepts_every_key_and_shows_its_message(table):
    async with table(0) as runs:
        for act in (runs.action_first, runs.action_last, runs.action_open, runs.action_apply):
            act()
        runs.action_move(1)
        assert runs.cursor_run is None
        assert runs.cursor_line is None


async def test_all_rows_may_disappear_and_appear_again(table):
    async with table(5) as runs:
        runs.action_move(2)
        rows = list(runs.rows)
        runs.show_rows([])
        runs.action_apply()
        assert len(runs.rows) == 0
        assert runs.cursor_run is None
        runs.show_rows(rows)
        runs.action_apply()
        assert list(runs.rows) == rows
        assert runs.cursor_run in rows


@pytest.fixture
def painted(monkeypatch):
    """Record the repaints that a table requests: a tuple of regions for each, empty for the whole widget."""

    def record(table):
        asked = []
        monkeypatch.setattr(table, "refresh", lambda *regions, **_: asked.append(regions))
        return asked

    return record


async def test_unchanged_rows_are_not_painted_again(table, painted):
    async with table() as runs:
        asked = painted(runs)
        runs.show_rows(list(runs.rows))
        runs.tick(Context(now=NOW))
        assert asked == []


async def test_hidden_columns_are_announced_and_an_equal_update_repaints_nothing(table, painted):
    async with table(size=(60, 13)) as runs:
        assert len(runs.slots) < 9
        assert runs.show_vertical_scrollbar  # it covers the last cell
        assert runs.render_line(0).text.endswith(UNICODE.right + " ")
        asked = painted(runs)
        runs.show_rows(list(runs.rows))
        assert asked == [], "it painted all again because columns are hidden"
        assert runs.render_line(0).text.endswith(UNICODE.right + " ")


async def test_only_the_line_that_changed_is_painted(table, painted):
    async with table() as runs:
        rows = list(runs.rows)
        asked = painted(runs)
        rows[4] = rows[4]._replace(total_tokens=1234)
        rows[30] = rows[30]._replace(total_tokens=99)  # outside the viewport
        runs.show_rows(rows)
        regions = [region for call in asked for region in call]
        assert regions
        assert all(asked)
        assert {(region.y, region.height) for region in regions} == {(5, 1)}
        assert sum(region.width for region in regions) < runs.size.width


async def test_a_step_of_the_cursor_paints_two_lines(table, painted):
    async with table() as runs:
        asked = painted(runs)
        runs.action_move(1)
        assert all(asked)
        assert {region.y for call in asked for region in call} == {1, 2}


async def test_a_tick_paints_only_cells_that_depend_on_the_time(table, painted):
    async with table() as runs:
        asked = painted(runs)
        runs.tick(Context(now=NOW + 1))
        assert asked
        assert all(asked)
        run = next(slot for slot in runs.slots if slot.column.name == "run")
        for call in asked:
            for region in call:
                assert region.x >= run.start + run.width
                assert region.y > 0


async def test_a_click_selects_a_double_click_opens_and_a_title_sorts(table):
    async with table() as runs:
        await runs.pilot.click(RunTable, offset=(4, 4))
        await runs.pilot.pause()
        assert runs.cursor_run == runs.rows[3]
        assert runs.app.heard == []
        await runs.pilot.double_click(RunTable, offset=(4, 6))
        await runs.pilot.pause()
        assert runs.app.heard == [("opened", runs.rows[5])]
        run = next(slot for slot in runs.slots if slot.column.name == "run")
        await runs.pilot.click(RunTable, offset=(run.start + 1, 0))
        await runs.pilot.pause()
        assert runs.app.heard[1:] == [("sorted", "run")]


def _follow(runs, find):
    look = CellStyle(Context(now=NOW), UNICODE, reduced_motion=True)
    runs.follow(runs.rows.wanted, look, find=find, moved=OrderChange(frozenset(), {}))


async def test_runs_of_a_newer_snapshot_are_looked_up_only_where_the_table_scrolls_to(table):
    async with table() as runs:
        rows = list(runs.rows)
        newer = {run.key: run._replace(total_tokens=7000 + number) for number, run in enumerate(rows)}
        asked = []
        _follow(runs, lambda key: asked.append(key) or newer.get(key))
        await runs.pilot.pause()
        assert {*asked} <= {run.key for run in rows[:13]}, "it looked beyond the window"
        assert "7,003" in _shown(runs, 3)
        runs.action_last()
        await runs.pilot.pause()
        assert "7,039" in _shown(runs, 11)


async def test_the_agent_column_shrinks_only_when_names_arrive(table):
    async with table(size=(120, 13)) as runs:
        run_id = "agent_e8e06455"
        rows = [run._replace(agent_id=run_id) for run in runs.rows]
        runs.show_rows(rows)
        assert runs.width_of("agent") == len(run_id)

        def name(names):
            look = CellStyle(Context(now=NOW, agents=names), UNICODE, reduced_motion=True)
            known = {run.key: run for run in rows}
            runs.follow(runs.rows.wanted, look, find=known.get, moved=OrderChange(frozenset(), {}))
            return runs.width_of("agent")

        assert name({run_id: "billing"}) == len("billing")
        assert "billing" in _shown(runs, 0)
        assert name({run_id: "billing of all"}) == len("billing of all")
        rows = [run._replace(agent_id="b") for run in rows]
        assert name({run_id: "billing of all"}) == len("billing of all")


async def test_a_pinned_row_that_no_longer_matches_shows_its_newest_state_and_leaves(table):
    async with table() as runs:
        rows = list(runs.rows)
        runs.action_move(3)
        known = {run.key: run for run in rows}
        runs.show(
            rows[:5] + rows[6:], CellStyle(Context(now=NOW), UNICODE, reduced_motion=True), find=known.get
        )
        assert runs.rows[5] == rows[5]
        newer = {key: run._replace(total_tokens=4321, status="failed") for key, run in known.items()}
        newer[rows[5].key] = newer[rows[5].key]._replace(status_class="failed")
        _follow(runs, newer.get)
        assert (runs.rows[5].total_tokens, runs.rows[5].status_class) == (4321, "failed")
        assert "× failed" in _shown(runs, 5)
        assert _shown(runs, 5).rstrip().endswith("leaves")
        assert not any("leaves" in _shown(runs, line) for line in (3, 4, 6, 7))


@pytest.mark.parametrize("cells", range(44, 80, 5))
async def test_the_word_leaves_at_the_end_of_a_row_cuts_no_number(table, cells):
    """The rest of 1,234,567 would look like another number."""
    async with table(size=(cells, 13)) as runs:
        rows = [run._replace(total_tokens=1_234_567, status_class="completed") for run in runs.rows]
        runs.show_rows(rows)
        runs.action_move(3)
        shown = "1,234,567" in _shown(runs, 5)
        runs.show(rows[:5] + rows[6:], CellStyle(Context(now=NOW), UNICODE, reduced_motion=True), find=None)
        assert "leaves" in _shown(runs, 5)
        said = [word for word in _shown(runs, 5).split() if "," in word]
        assert said in (["1,234,567"], [])
        assert shown or not said


async def test_a_run_missing_in_the_snapshot_keeps_its_last_state(table):
    async with table() as runs:
        rows = list(runs.rows)
        runs.action_move(3)
        known = {run.key: run for run in rows[:5] + rows[6:]}
        runs.show(
            rows[:5] + rows[6:], CellStyle(Context(now=NOW), UNICODE, reduced_motion=True), find=known.get
        )
        assert runs.rows[5] == rows[5]
        assert "leaves" in _shown(runs, 5)
        runs.rest()
        runs.tick(Context(now=NOW))
        assert rows[5].key not in runs.rows.order


async def test_a_run_under_the_cursor_that_left_is_removed_after_the_cursor_moved_and_rested(table):
    async with table() as runs:
        rows = list(runs.rows)
        runs.action_move(3)
        fewer = rows[:3] + rows[4:]
        runs.rest()
        runs.show_rows(fewer)
        for _ in range(3):
            runs.rest()
            runs.tick(Context(now=NOW))
            assert runs.cursor_run == rows[3]
            assert "leaves" in _shown(runs, 3)
            assert runs.waiting.gone == 1
        runs.action_move(1)
        runs.tick(Context(now=NOW))
        assert rows[3].key in runs.rows.order
        runs.rest()
        runs.tick(Context(now=NOW))
        assert list(runs.rows) == fewer
        assert runs.cursor_run == rows[4]


async def test_while_the_user_is_busy_or_the_table_is_paused_nothing_moves(table):
    async with table() as runs:
        rows = list(runs.rows)
        newer = [runs.make(999), *rows]
        runs.action_move(2)
        runs.rest()
        runs.busy = lambda: True
        runs.show_rows(newer)
        assert list(runs.rows) == rows
        runs.busy = lambda: False
        runs.paused = True
        runs.tick(Context(now=NOW))
        assert list(runs.rows) == rows
        runs.action_first()
        assert list(runs.rows) == rows
        runs.paused = False
        runs.tick(Context(now=NOW))
        assert list(runs.rows) == newer


async def test_a_paused_table_keeps_its_order_until_the_new_one_is_applied(
    table,
):
    async with table() as runs:
        rows = list(runs.rows)
        runs.paused = True
        newer = [runs.make(999), rows[0]._replace(total_tokens=4321), *rows[1:]]
        runs.show_rows(newer)
        assert [run.key for run in runs.rows] == [run.key for run in rows]
        assert runs.rows[0].total_tokens == 4321
        runs.action_apply()
        assert list(runs.rows) == newer


@pytest.mark.slow  # the model's test_pinned_order sees the bound
async def test_during_a_long_pause_few_of_the_removed_runs_are_kept(table):
    async with table() as runs:
        runs.paused = True
        look = CellStyle(Context(now=NOW), UNICODE, reduced_motion=True)
        order, known = [run.key for run in runs.rows], {run.key: run for run in runs.rows}
        for number in range(1_500):
            run = runs.make(10_000 + number)
            moved = OrderChange(frozenset(), {run.key: run})
            runs.follow(list(order), look, find=known.get, moved=moved)
        assert len(runs.rows._left) < 1_200


async def test_a_watched_run_has_a_sign_before_it(table):
    async with table() as runs:
        key = runs.rows[2].key
        runs.tick(Context(now=NOW), frozenset({key}))
        assert _shown(runs, 2).startswith(UNICODE.watched)
        assert not _shown(runs, 1).startswith(UNICODE.watched)
        runs.selection.toggle(key)
        assert _shown(runs, 2).startswith(UNICODE.selected)


async def test_a_new_run_causes_no_new_layout_and_the_last_row_can_be_reached(table, monkeypatch):
    async with table() as runs:
        laid_out = []
        refresh = runs.refresh
        monkeypatch.setattr(
            runs, "refresh", lambda *regions, **how: laid_out.append(how) or refresh(*regions, **how)
        )
        fresh = [runs.make(number) for number in range(900, 920)]
        runs.show_rows([*fresh, *runs.rows])
        await runs.pilot.pause()
        assert not any(how.get("layout") for how in laid_out)
        assert runs.vertical_scrollbar.window_virtual_size == len(runs.rows) + 1
        runs.action_last()
        await runs.pilot.pause()
        assert runs.rows[-1].id in _shown(runs, 11)
        runs.show_rows(fresh[:5])
        runs.action_apply()
        await runs.pilot.pause()
        assert not runs.show_vertical_scrollbar
        assert runs.virtual_size.height == 6
