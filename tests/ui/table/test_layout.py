"""The layout of columns: never beyond the edge, never overlapping, the most important ones stay longest."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from flowtui.model.columns.column_choice import choose
from flowtui.model.columns.columns import COLUMNS, DEFAULT
from flowtui.model.columns.path_columns import find_column
from flowtui.ui.table.layout import fit_columns, lay_out, natural_width, thread_text

ALL = [COLUMNS[name] for name in DEFAULT]
WIDTHS = st.fixed_dictionaries({column.name: st.integers(1, column.width) for column in ALL})
FULL = {column.name: column.width for column in ALL}


@given(WIDTHS, st.integers(24, 300))
def test_columns_stay_inside_the_table_and_apart(widths, cells):
    slots = lay_out(ALL, widths, cells)
    assert slots[-1].start + slots[-1].width <= cells
    for before, after in pairwise(slots):
        assert before.width > 0
        assert after.start > before.start + before.width
    assert [slot.column.name for slot in slots[:2]] == ["status", "run"]
    assert [slot.column for slot in slots] == [
        column for column in ALL if column in [s.column for s in slots]
    ]


def test_the_least_important_columns_are_dropped_first():
    seen = [{slot.column.name for slot in lay_out(ALL, FULL, cells)} for cells in (60, 80, 120, 200)]
    assert {"status", "run"} <= seen[0]
    assert "age" in seen[1]
    assert {"agent", "age", "time"} <= seen[2]
    assert seen[3] == set(DEFAULT)


@pytest.mark.parametrize("name", DEFAULT)
def test_a_column_is_as_wide_as_its_texts_up_to_its_limit(name):
    column = COLUMNS[name]
    assert natural_width(column, []) >= len(column.title)
    assert natural_width(column, ["漢" * 200]) <= max(column.width, len(column.title) + 2)
    short = "漢" * (column.width // 2)
    assert natural_width(column, [short]) >= cell_len(short)


ENV = find_column("meta_data.env")


def _names(columns, cells, **how):
    widths = {**FULL, **{column.name: column.width for column in columns}}
    return [slot.column.name for slot in lay_out(columns, widths, cells, **how)]


@given(st.permutations([*DEFAULT[2:], ENV.name]), st.integers(24, 300), st.integers(1, 9))
def test_columns_are_shown_in_the_given_order_wherever_the_note_is(names, cells, width):
    columns = [*ALL[:2], *(find_column(name) for name in names)]
    slots = lay_out(columns, dict.fromkeys((column.name for column in columns), width), cells)
    shown = [slot.column.name for slot in slots]
    assert [name for name in ("status", "run", *names) if name in shown] == shown
    assert slots[-1].start + slots[-1].width <= cells
    for before, after in pairwise(slots):
        assert after.start > before.start + before.width


def test_the_note_takes_the_remaining_width_wherever_it_is():
    columns = [*ALL[:2], COLUMNS["note"], COLUMNS["age"]]
    slots = lay_out(columns, FULL, 120)
    assert slots[-1].start + slots[-1].width == 119
    assert slots[2].width > 60


def test_a_path_column_is_left_out_by_importance_and_an_explicit_column_last():
    columns = [*ALL[:-1], ENV, ALL[-1]]
    assert ENV.priority == 6
    assert ENV.name not in _names(columns, 90)
    assert ENV.name in _names(columns, 90, explicit={ENV.name})
    both = [*ALL[:2], ENV, find_column("meta_data.region"), COLUMNS["age"]]
    asked = {"meta_data.env", "meta_data.region"}
    assert _names(both, 65, explicit=asked) == ["status", "run", "meta_data.env"]
    assert choose([*DEFAULT, ENV.name]).explicit == {ENV.name}


def test_a_note_with_a_width_of_its_own_keeps_that_width():
    slots = lay_out(ALL, {**FULL, "note": 20}, 200, fixed={"note"})
    assert slots[-1].column.name == "note"
    assert slots[-1].width == 20


def test_a_wide_name_is_narrowed_where_the_note_lacks_some_cells():
    """80 columns show the note whatever the ids and names are; without a note, names keep their width."""
    columns = [COLUMNS[name] for name in DEFAULT]
    for agent in range(8, 17):
        widths = {column.name: column.width for column in columns} | {
            "status": 11,
            "run": 9,
            "agent": agent,
            "age": 5,
            "time": 15,
        }
        slots = {slot.column.name: slot.width for slot in lay_out(columns, widths, 78)}
        assert slots["note"] >= 14, agent
        assert slots["agent"] >= min(agent, 10)
        fixed = {slot.column.name: slot.width for slot in lay_out(columns, widths, 78, fixed=("agent",))}
        assert fixed["agent"] == agent
        narrow = {slot.column.name: slot.width for slot in lay_out(columns, widths, 58)}
        assert narrow["agent"] == agent


def test_the_note_takes_the_slack_and_gets_room_from_names_and_then_from_the_times():
    usual = {"status": 11, "run": 10, "agent": 16, "thread": 7, "age": 5, "wait": 5, "time": 5, "tokens": 8}
    fitted = {cells: fit_columns(ALL, usual, cells) for cells in (58, 78, 92, 125)}
    names = {cells: [slot.column.name for slot in slots] for cells, slots in fitted.items()}
    assert names[58] == ["status", "run", "agent", "age", "note"]
    assert names[78] == ["status", "run", "agent", "age", "time", "note"]
    assert "wait" not in names[92]
    assert names[125] == list(DEFAULT)
    widths = {slot.column.name: slot.width for slot in fitted[125]}
    assert widths["note"] >= 40, "most notes fit"
    assert widths["agent"] == 14
    unnamed = [each for each in ALL if each.name != "agent"]
    alone = {slot.column.name: slot.width for slot in fit_columns(unnamed, usual, 90)}
    assert not {"thread", "wait"} & set(alone), "the note takes the room of the agent"
    assert alone["note"] >= 36
    longer = {slot.column.name: slot.width for slot in fit_columns(ALL, {**usual, "note": 60}, 125)}
    assert longer == widths, "the rows in sight do not change the widths"
    assert {slot.column.name: slot.width for slot in fit_columns(ALL, usual, 160)}["agent"] == 16


def test_the_prefix_of_a_thread_is_left_out_in_its_column():
    assert [
        thread_text(name) for name in ("thr_af291c", "…8f2c41d0", "x", "a-long-prefix_1", "_1", "thr_")
    ] == [
        "af291c",
        "…8f2c41d0",
        "x",
        "a-long-prefix_1",
        "_1",
        "thr_",
    ]
