"""The agents of the left column: order, what meets the eye, and columns that stay aligned."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from flowtui.model.answers.recent_runs import Recent
from flowtui.model.columns.context import Context
from flowtui.model.stats.thread_totals import Sums
from flowtui.model.stats.totals import Totals
from flowtui.ui.charts.signs import UNICODE
from flowtui.ui.grouping.agent_rows import AgentColumns, agent_rows
from flowtui.ui.paint import glyphs

NAMES = {"a": "billing", "b": "多言語-concierge", "c": "checkout", "d": "resting"}


def sums(completed, failed, tokens):
    by_class = {"completed": completed, "failed": failed}
    return Sums(Totals(completed + failed, completed, None, None, tokens, by_class))


FOUND = Recent(
    (),
    (),
    {"a": sums(1, 1, 13_950), "b": sums(30, 1, 56_200), "c": sums(20, 9, 1_400_000)},
    sums(51, 11, 1_470_150),
    {"c": 2},
    frozenset("abcd"),
    0.0,
)


def test_those_that_fail_most_come_first_and_those_at_rest_last():
    rows = agent_rows(FOUND, Context(0.0, agents=NAMES), None)
    assert [row.group.name for row in rows] == [
        "all agents",
        "checkout",
        "billing",
        "多言語-concierge",
        "resting",
    ]
    assert [row.loud for row in rows[1:]] == [True, False, False, False], "one failure of two is no news"
    assert [row.lively for row in rows] == [True, True, True, True, False]
    assert rows[0].active == 2
    assert agent_rows(FOUND, Context(0.0), "gone")[-1].group.key == "gone"


@pytest.mark.parametrize("cells", [12, 20, 26, 31, 60])
def test_the_columns_are_aligned_whatever_the_names_are(cells):
    columns = AgentColumns.laid_out(cells)
    lines = [columns.head()]
    for marked in (False, True):
        lines += [
            columns.line(row, 0.5, UNICODE, glyphs.UNICODE, marked=marked)
            for row in agent_rows(FOUND, Context(0.0, agents=NAMES), None)
        ]
    texts = ["".join(span.text for span in line) for line in lines]
    assert {cell_len(text) for text in texts} == {cells if cells >= 20 else 2 + columns.name + 3 + 5}
    if cells == 31:
        assert texts[0] == "  AGENT               FAILED  TOK"[:31] or texts[0].endswith("FAILED  TOK")
        assert texts[2] == "  checkout    2● ━━──  31% 1.4M"
        assert texts[3].endswith("  1 of 2  14k"), "a share of two runs says nothing"
        assert texts[4].endswith("   3%  56k"), "few failures of many runs are a small share"
    if cells == 20:
        assert texts[3].endswith("  1/2")


@pytest.mark.parametrize("cells", [26, 31])
def test_a_gap_stays_before_many_active_runs_and_no_digit_is_cut(cells):
    columns = AgentColumns.laid_out(cells)
    busy = FOUND._replace(active={"c": 57, "b": 1_234})
    for row in agent_rows(busy, Context(0.0, agents=NAMES), None):
        line = columns.line(row, 0.5, UNICODE, glyphs.UNICODE, marked=False)
        text = "".join(span.text for span in line)
        assert cell_len(text) == cells
        assert not row.active or f" {row.active}●" in text
        assert row.group.key is not None or "all agents " in text


def test_of_agents_with_the_same_name_the_end_of_the_id_stays():
    names = {
        "5f0c7a11-0000-4000-8000-00000000a1b2": "research",
        "5f0c7a11-0000-4000-8000-00000000c3d4": "research",
    }
    found = FOUND._replace(known=frozenset(names), agents={})
    for cells, said in ((31, ["researc…1b2", "researc…3d4"]), (60, ["research…1b2", "research…3d4"])):
        columns = AgentColumns.laid_out(cells)
        rows = agent_rows(found, Context(0.0, agents=names), None)[1:]
        texts = [
            "".join(s.text for s in columns.line(row, 0.5, UNICODE, glyphs.UNICODE, marked=False))
            for row in rows
        ]
        assert sorted(text.split()[0] for text in texts) == said
        assert {cell_len(text) for text in texts} == {cells}
