"""Which columns stand where: never beyond the edge, never over each other, what matters stays longest."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from flowtui.model.columns import COLUMNS, DEFAULT
from flowtui.ui.table_layout import lay_out, natural_width

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


def test_the_columns_that_matter_least_go_first():
    seen = [{slot.column.name for slot in lay_out(ALL, FULL, cells)} for cells in (60, 80, 120, 200)]
    assert {"status", "run"} <= seen[0]
    assert "age" in seen[1]
    assert {"agent", "age", "time"} <= seen[2]
    assert seen[3] == set(DEFAULT)


@pytest.mark.parametrize("name", DEFAULT)
def test_a_column_wants_what_its_texts_take_but_not_more_than_its_limit(name):
    column = COLUMNS[name]
    assert natural_width(column, []) >= len(column.title)
    assert natural_width(column, ["漢" * 200]) <= max(column.width, len(column.title) + 2)
    short = "漢" * (column.width // 2)
    assert natural_width(column, [short]) >= cell_len(short)
