"""The table while its order is held: the run under the cursor keeps its line while rows are added, moved and removed."""

from __future__ import annotations

import random
from contextlib import asynccontextmanager
from typing import ClassVar

import pytest
from textual.app import App
from textual.widgets import Static

from flowtui.model.columns.context import Context
from flowtui.model.view.pinned_order import NOTHING, waiting
from flowtui.ui.paint.glyphs import UNICODE
from flowtui.ui.paint.theme import Palette
from flowtui.ui.table.cell_style import CellStyle
from flowtui.ui.table.run_table import REST, RunTable

NOW = 1_800_000_000.0


class Host(App[None]):
    """A table with a widget above it, so that line numbers of table and screen differ."""

    CSS: ClassVar[str] = "RunTable { height: 1fr; } Static { height: 2; }"
    glyphs = UNICODE

    def __init__(self):
        super().__init__()
        self.time = NOW
        self.palette = Palette(self.get_css_variables())

    def now(self):
        return self.time

    def compose(self):
        yield Static("above")
        yield RunTable()


class Reader:
    """A table and the rows to show in it next."""

    def __init__(self, host, a_run):
        self.host = host
        self.table = host.query_one(RunTable)
        self.wanted = []
        self._a_run = a_run
        self._made = 0

    def make(self):
        self._made += 1
        return self._a_run(f"run_{self._made:05}", "running", created=NOW - self._made % 90, model="llama")

    def look(self):
        """Show the wanted rows."""
        self.table.show(self.wanted, CellStyle(Context(now=self.host.time), UNICODE, reduced_motion=True))

    def key(self):
        """Extend the hold as a key of the table does."""
        self.table._moved_at = self.host.time

    def rest(self):
        self.host.time += REST + 1

    @property
    def keys(self):
        return [run.key for run in self.wanted]

    @property
    def order(self):
        return list(self.table.rows.order)

    def drawn_on(self, run_id):
        """Return the line of the table in which a run is drawn; None if it is not."""
        lines = [self.table.render_line(y).text for y in range(self.table.size.height)]
        found = [y for y, line in enumerate(lines) if f" {run_id} " in line]
        return found[0] if found else None

    def change(self, dice):
        """Add, remove and move random rows."""
        for _ in range(dice.choice((0, 0, 1, 3))):
            self.wanted.insert(dice.randint(0, len(self.wanted)), self.make())
        for _ in range(dice.choice((0, 0, 1, 4))):
            if len(self.wanted) > 1:
                self.wanted.pop(dice.randrange(len(self.wanted)))
        for _ in range(dice.choice((0, 0, 2))):
            moving = self.wanted.pop(dice.randrange(len(self.wanted)))
            self.wanted.insert(dice.randint(0, len(self.wanted)), moving)


@pytest.fixture
def reading(a_run):
    @asynccontextmanager
    async def open_table(count=40, size=(100, 16)):
        host = Host()
        async with host.run_test(size=size):
            reader = Reader(host, a_run)
            reader.wanted = [reader.make() for _ in range(count)]
            reader.look()
            yield reader

    return open_table


# One seed runs always; the model's `test_pinned_order` sees the same rule for more lists.
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3))])
async def test_the_run_under_the_cursor_keeps_its_line_while_keys_are_pressed(reading, seed):
    dice = random.Random(seed)
    async with reading(dice.randint(4, 70)) as reader:
        table = reader.table
        table.action_move(dice.randint(1, 30))
        selected = table.cursor_run.raw_id
        line = reader.drawn_on(selected)
        assert line is not None
        for _ in range(200):
            reader.change(dice)
            rested = dice.random() < 0.5
            if rested:
                reader.rest()
            reader.look()
            if dice.random() < 0.3:
                table.tick(Context(now=reader.host.time))
            assert table.cursor_run.raw_id == selected
            assert reader.drawn_on(selected) is not None
            if not rested:
                assert reader.drawn_on(selected) == line
            line = reader.drawn_on(selected)
            waits = waiting(reader.order, reader.keys)
            assert table.waiting == waits
            if dice.random() < 0.15:
                table.action_apply()
                assert reader.order == reader.keys
                assert table.waiting == NOTHING
            if dice.random() < 0.2:
                table.action_move(dice.randint(-9, 9))
            reader.key()
            selected, line = table.cursor_run.raw_id, reader.drawn_on(table.cursor_run.raw_id)
            assert line is not None


async def test_while_the_user_navigates_the_order_is_pinned_and_pending_changes_are_counted(reading):
    async with reading() as reader:
        reader.table.action_move(4)
        before = reader.order
        reader.wanted = [reader.make(), reader.make(), *reader.wanted[1:-1], reader.wanted[0]]
        reader.look()
        assert reader.order == before
        assert reader.table.waiting == (2, 1, 1)
        assert reader.table.waiting.text == "2 new, 1 would move, 1 would go"
        reader.table.action_apply()
        assert reader.order == reader.keys
        assert not reader.table.waiting


async def test_the_row_under_the_cursor_stays_until_the_order_is_applied(reading):
    async with reading() as reader:
        reader.table.action_move(5)
        gone = reader.table.cursor_run
        line = reader.drawn_on(gone.raw_id)
        reader.wanted = [run for run in reader.wanted if run.key != gone.key]
        reader.rest()
        reader.look()
        assert reader.table.cursor_run == gone
        assert reader.drawn_on(gone.raw_id) == line
        assert reader.table.waiting.gone == 1
        reader.table.action_apply()
        assert reader.drawn_on(gone.raw_id) is None
        assert reader.table.cursor_run is not None
        assert reader.drawn_on(reader.table.cursor_run.raw_id) == line


async def test_on_one_of_the_first_rows_the_newest_order_is_shown_five_seconds_after_the_last_key(reading):
    async with reading(10) as reader:  # all rows are in sight, so the table cannot scroll
        reader.table.action_move(2)
        selected = reader.table.cursor_run
        reader.wanted = [reader.make(), reader.make(), *reader.wanted[1:]]
        reader.look()
        assert reader.drawn_on(selected.raw_id) == 3
        reader.host.time += REST - 1
        reader.table.tick(Context(now=reader.host.time))
        assert reader.order != reader.keys
        reader.host.time += 1
        reader.table.tick(Context(now=reader.host.time))
        assert reader.order == reader.keys
        assert reader.table.cursor_run == selected
        assert reader.drawn_on(selected.raw_id) == 4


async def test_rows_show_updates_while_the_order_is_pinned(reading):
    async with reading() as reader:
        reader.table.action_move(2)
        changed = reader.wanted[6]._replace(total_tokens=4321)
        reader.wanted = [reader.make(), *reader.wanted]
        reader.wanted[7] = changed
        reader.look()
        assert reader.table.rows.run(changed.key).total_tokens == 4321
        line = reader.drawn_on(changed.raw_id)
        assert "4,321" in reader.table.render_line(line).text


async def test_g_goes_to_the_newest_run_and_then_follows_new_runs(reading):
    async with reading() as reader:
        reader.table.action_move(9)
        reader.wanted = [reader.make(), *reader.wanted]
        reader.look()
        assert reader.table.waiting
        reader.table.action_first()
        assert reader.order == reader.keys
        assert not reader.table.waiting
        assert reader.table.cursor_line == 0
        for _ in range(30):
            newest = reader.make()
            reader.wanted = [newest, *reader.wanted]
            reader.look()
            assert reader.drawn_on(newest.raw_id) == 1
        assert not reader.table.waiting


async def test_the_cursor_stays_in_sight_while_the_table_follows_new_runs(reading):
    async with reading() as reader:
        reader.table.action_first()
        for _ in range(30):
            reader.wanted = [reader.make(), *reader.wanted]
            reader.look()
            assert reader.table.cursor_line is not None


async def test_the_last_run_keeps_its_line_too(reading):
    async with reading(60) as reader:
        reader.table.action_last()
        last = reader.table.cursor_run
        line = reader.drawn_on(last.raw_id)
        for _ in range(10):
            reader.wanted = [reader.make(), *reader.wanted]
            reader.rest()
            reader.look()
            assert reader.drawn_on(last.raw_id) == line
        assert reader.order == reader.keys  # the table can scroll, so no change has to wait
