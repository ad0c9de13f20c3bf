"""The column chooser over real HTTP: changes are visible at once and remembered for the next start."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from flowtui.config.memory.memory import recall, remember
from flowtui.model.columns.column_choice import choose
from flowtui.model.columns.columns import DEFAULT
from flowtui.model.view.view import SORTABLE
from flowtui.ui.base.messages import RefreshRequested
from flowtui.ui.columns.chooser import HINTS, ColumnChooser, column_line
from flowtui.ui.keys.footer import hint_foot
from flowtui.ui.paint.glyphs import ASCII, UNICODE
from flowtui.ui.widgets.order_menu import letters_of
from flowtui.ui.widgets.prompt import Prompt

ENV = "meta_data.env"
WIDE = (200, 40)


def plain(line):
    return "".join(span.text for span in line)


@pytest.mark.parametrize("cells", [30, 58, 94, 200])
@pytest.mark.parametrize("name", ["status", "note", ENV, "meta_data." + "漢" * 30])
def test_a_line_shows_whether_a_column_is_shown_its_width_and_its_text_for_a_run(cells, name):
    choice = choose(None).added(name).widened(name, 2, 10)
    line = column_line(name, choice, "漢字" * 40, UNICODE, cells)
    assert cell_len(plain(line)) <= max(cells, 30)
    assert "12" in plain(line)
    assert plain(line).startswith(" ✓ ")
    assert plain(column_line(name, choice, "", ASCII, cells)).startswith(" x ")


def test_a_column_that_does_not_fit_into_the_table_says_no_room():
    assert "no room" in plain(column_line("wait", choose(None), "", UNICODE, 80, fits=False))
    assert "no room" not in plain(column_line("cost", choose(None), "", UNICODE, 80, fits=False))


@pytest.mark.parametrize("cells", [20, 40, 60, 80, 120])
def test_the_footer_always_says_how_to_close(cells):
    foot = plain(hint_foot(HINTS, cells).line).rstrip()
    assert foot.endswith("esc keep")
    assert cell_len(foot) <= cells


def titles(seat):
    return [slot.column.name for slot in seat.table.slots]


async def opened(seat):
    await seat.press("C")
    await seat.until(lambda: isinstance(seat.app.screen, ColumnChooser) and seat.app.screen.query(Prompt))
    await seat.until(lambda: seat.app.screen.query_one("#columns").place == 2)


@pytest.mark.slow
async def test_each_change_is_visible_in_the_table_at_once_and_impossible_ones_are_explained(app):
    async with app(size=WIDE, faults=["labels-on-runs"]) as seat:
        await seat.until(lambda: seat.app.session.fetcher.cache.get(seat.table.cursor_run).raw is not None)
        await opened(seat)
        assert titles(seat) == list(DEFAULT)
        await seat.press("space")  # hides the agent column, the first after status and run
        await seat.until(lambda: "agent" not in titles(seat))
        await seat.press("j", "space")  # shows the model column
        await seat.until(lambda: titles(seat)[2:4] == ["model", "thread"])
        await seat.press("J")
        await seat.until(lambda: titles(seat)[2:4] == ["thread", "model"])
        await seat.press("K", "K", "K", "K")
        await seat.until(lambda: titles(seat)[2:4] == ["model", "thread"])
        width = next(slot.width for slot in seat.table.slots if slot.column.name == "model")
        await seat.press("greater_than_sign", "greater_than_sign", "less_than_sign", "greater_than_sign")
        await seat.until(lambda: seat.table.slots[2].width == width + 2)
        await seat.sees(f"{width + 2}")
        await seat.press("equals_sign")
        await seat.until(lambda: not seat.dashboard.columns.widths)
        await seat.press("0")
        await seat.until(lambda: titles(seat) == list(DEFAULT))

        # Status and run stay where they are.
        await seat.press("g", "space")
        await seat.sees("status stays where it is")
        await seat.press("J")
        assert titles(seat) == list(DEFAULT)
        await seat.press("G", "x")
        await seat.sees("is not a column of your own")

        # An invalid path is refused, and esc closes the box alone.
        await seat.press("a", *"a", "full_stop", "full_stop", *"b", "enter")
        await seat.sees("is no path")
        assert titles(seat) == list(DEFAULT)
        await seat.press("a", "escape")
        await seat.until(lambda: not seat.app.screen.query_one(Prompt).display)
        assert isinstance(seat.app.screen, ColumnChooser)

        # To add a column that exists moves the cursor to it.
        await seat.press("g", "a", *"tokens", "enter")
        place = seat.dashboard.columns.order.index("tokens")
        await seat.until(lambda: seat.app.screen.query_one("#columns").place == place)
        assert titles(seat) == list(DEFAULT)

        # The paths of the runs that were opened are offered.
        await seat.press("a", *"meta_data", "full_stop", "r", "e", "g")
        await seat.sees("meta_data.region")
        await seat.until(lambda: seat.app.screen.query_one(Prompt)._suggestion == "meta_data.region")
        await seat.press("tab", "enter")
        await seat.until(lambda: "meta_data.region" in titles(seat))

        # So are the labels that runs have.
        await seat.press("a", *"label", "full_stop", "r", "e", "g")
        await seat.until(lambda: seat.app.screen.query_one(Prompt)._suggestion == "label.region")
        await seat.press("tab", "enter")
        await seat.until(lambda: "label.region" in titles(seat))
        # A single word means the label that runs have, before a key of the run.
        await seat.press("a", *"customer", "enter")
        await seat.until(lambda: "label.customer" in titles(seat))


async def the_cells(seat):
    """Return raw id → text in the path column, once every run has one."""

    def cells():
        column = next(slot.column for slot in seat.table.slots if slot.column.name == ENV)
        context = seat.dashboard.cell_context()
        return {run.raw_id: column.text(run, context) for run in seat.rows}

    await seat.until(lambda: len(seat.rows) and "—" not in cells().values())
    return cells()


async def the_truth(seat):
    """Return raw id → value in the JSON that the simulator sends."""
    found = {}
    for run in seat.rows:
        raw = await seat.app.session.connection.feed.fetch_run(run.key)
        found[run.raw_id] = raw["meta_data"]["env"]
    return found


async def test_a_path_column_shows_the_apis_values_sorts_and_is_kept_until_it_is_removed(app):
    async with app(size=WIDE, faults=["labels-on-runs"]) as seat:
        await opened(seat)
        await seat.press("a")
        await seat.sees("a path into the run")
        await seat.press(*"meta_data", "full_stop", *"env", "enter")
        await seat.until(lambda: ENV in titles(seat))
        said = await the_cells(seat)
        assert said == await the_truth(seat)
        assert len(set(said.values())) > 1
        await seat.press("escape")
        await seat.until(lambda: recall().columns is not None)
        assert recall().columns == (*DEFAULT[:-1], ENV, "note")

    remember(columns=["status", "run", ENV, "age"], widths={ENV: 20})
    async with app(size=WIDE, faults=["labels-on-runs"]) as seat:
        await seat.until(lambda: ENV in titles(seat))
        assert await the_cells(seat) == await the_truth(seat)

        # Runs that come later have values, too.
        before = set(seat.ids)
        while set(seat.world()) == before:
            seat.clock.advance(3)
        seat.app.post_message(RefreshRequested())
        await seat.loaded()
        assert set(seat.ids) > before
        cells = await the_cells(seat)
        assert cells == await the_truth(seat)

        # The column sorts.
        await seat.press("s", letters_of([*SORTABLE, ENV])[-1])
        assert seat.dashboard.view.sort == ENV
        await seat.until(lambda: [cells[raw_id] for raw_id in seat.ids] == sorted(cells.values()))
        await seat.sees(f"{ENV.upper()} {seat.app.glyphs.up}")
        assert next(slot.width for slot in seat.table.slots if slot.column.name == ENV) == 20

        # Without it, the path is no longer read, and the table sorts by age.
        await opened(seat)
        place = seat.dashboard.columns.order.index(ENV)
        await seat.press(*"j" * (place - 2), "x")
        await seat.until(lambda: ENV not in titles(seat))
        await seat.until(lambda: seat.app.session.connection.feed.paths == ())
        assert seat.dashboard.view.sort == "age"
        await seat.press("0", "escape")
        await seat.until(lambda: recall().columns is None)


async def test_on_small_screens_the_list_fits_and_a_path_column_is_shown(app):
    remember(columns=[*DEFAULT, ENV])
    async with app(size=(80, 24)) as seat:
        await seat.until(lambda: ENV in titles(seat))
        assert "META_DATA.ENV" in seat.lines[seat.table.region.y]
        for width, height in [(80, 24), (60, 15), (40, 12)]:
            await seat.pilot.resize_terminal(width, height)
            await seat.until(lambda size=(width, height): seat.dashboard.size == size)
            await opened(seat)
            await seat.sees("Columns", "esc keep")
            assert seat.app.screen.query_one("#columns-frame").region.bottom <= height
            assert seat.app.screen.query_one("#columns").size.height >= 2
            await seat.press("escape")
            await seat.until(lambda: seat.app.screen is seat.dashboard)


async def test_hostile_values_are_shown_display_safe(app):
    async with app(size=WIDE, faults=["text-link", "text-nul"]) as seat:
        seat.dashboard.show_columns(seat.dashboard.columns.added("meta_data.customer"))
        await seat.until(lambda: "␛]8;;" in seat.text or "a␀b" in seat.text)
        assert "\x1b" not in seat.text
        assert "\x00" not in seat.text
