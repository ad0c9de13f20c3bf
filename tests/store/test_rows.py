"""Rows of the table `run` become runs column by column; what flowtui did not write is damage."""

from __future__ import annotations

import math

import pytest

from flowtui.model.run.row import UNKNOWN
from flowtui.store.faults import DamagedError
from flowtui.store.rows import columns_of, runs_of, word_numbers

TEXTS = {1: "agent-1", 2: "completed", 3: "maker/model"}
ROW = ("thr", "run", 1, 2, 2, 3, 0, 10.0, 11.0, None, None, None, 12.0, 5, 6, 11, None)
RAW_ID, AGENT, CLASS, FLAGS, CREATED, PROMPT, UNREADABLE = 1, 2, 4, 6, 7, 13, 16


def row(**places):
    """A row with other values at some places, such as `at_7=None`."""
    values = list(ROW)
    for name, value in places.items():
        values[int(name.removeprefix("at_"))] = value
    return tuple(values)


def runs(*rows, **options):
    return runs_of(columns_of(rows), TEXTS, **options)


def test_rows_become_runs_in_their_order_and_are_display_safe():
    long = "x" * 2_000
    rows = [
        row(),
        row(at_1="\x1b[2J"),
        row(at_1=long, at_4=99, at_6=1, at_16="usage:\n\x07"),
        row(at_7=0.0, at_13=None),
    ]
    found = runs(*rows)
    assert [run.raw_id for run in found] == ["run", "\x1b[2J", long, "run"]
    assert (found[0].id, found[0].agent_id, found[0].status, found[0].model) == ("run", *TEXTS.values())
    assert "\x1b" not in found[1].id
    assert len(found[2].id) == 1_000
    assert (found[2].status_class, found[2].is_active) == (UNKNOWN, True)
    assert "\x07" not in found[2].unreadable
    assert found[0][8:] == ROW[7:]
    assert (found[3].created, found[3].prompt_tokens) == (0.0, None)
    for alone, run in zip(rows, found, strict=True):
        assert runs(alone) == [run]
    assert word_numbers(columns_of(rows)) == {1, 2, 3}
    assert (runs(), word_numbers([])) == ([], set())


def test_a_thread_may_be_told_by_its_number():
    assert runs((7, *ROW[1:]), threads={7: "thr"}) == runs(ROW)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, None),
        (RAW_ID, b"run"),
        (RAW_ID, None),
        (AGENT, 9),
        (CLASS, "2"),
        (FLAGS, None),
        (CREATED, "yesterday"),
        (CREATED, math.inf),
        (CREATED, -1e15),
        (PROMPT, 1.5),
        (PROMPT, "5"),
        (UNREADABLE, 3),
    ],
)
def test_what_flowtui_does_not_write_is_damage(place, value):
    with pytest.raises(DamagedError):
        runs(row(), row(**{f"at_{place}": value}))
