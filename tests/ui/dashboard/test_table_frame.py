"""What the edge of the table's frame says of the newest release, by what the table shows."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from flowtui.model.columns.context import Context
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.groups import Grouping
from flowtui.model.view.view import View
from flowtui.ui.dashboard.table_frame import TableFrame
from flowtui.ui.paint.glyphs import UNICODE
from flowtui.ui.table.cell_style import CellStyle
from flowtui.ui.table.cells import rule_between

from ...store.remembering import BEGIN, run

MARK = Mark(BEGIN, "v2")
RUNS = [
    run(f"run-{at}", "failed" if at < 0 else "completed", created=BEGIN + at, agent_id="a")
    for at in (50, 40, 30, 20, 10, -10, -20)
]
STATE = ThreadState("thread-1", 2.0, runs={one.raw_id: one for one in RUNS}, whole=True, observed=BEGIN)


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (View(), "v2 10m ago, 5 runs since: 0% failed"),
        (View(Grouping("agent", "a")), "v2 10m ago, 5 runs of a since: 0% failed"),
        (View(text="status:completed"), "v2 10m ago, 5 runs of these since: 0% failed"),
        (View(only="active"), "v2 10m ago"),
        (View(text="age<1h"), "v2 10m ago"),
        (View(text="has:reason"), "v2 10m ago"),
    ],
)
def test_counts_since_a_release_are_left_out_where_they_would_soon_be_wrong(view, said):
    frame = TableFrame(
        SimpleNamespace(settings=SimpleNamespace(ascii=False, no_color=False)), SimpleNamespace()
    )
    context = Context(BEGIN + 600, marks=(MARK,), agents={"a": "a"})
    texts = frame._release(Snapshot(BEGIN + 600, {"thread-1": STATE}, agents={"a": "a"}), view, context)
    assert "".join(span.text for span in texts[0]).removeprefix("┆ ").startswith(said)
    assert len(texts) > 1 or said == "v2 10m ago"


def test_a_rule_marks_the_release_between_the_rows_that_are_there():
    """With active runs only, neighbours may be far apart: the release lies between them all the same."""
    style = CellStyle(Context(BEGIN + 600, marks=(MARK,)), UNICODE)
    for step in (1, 3):
        rows = RUNS[::step]
        ruled = [
            one.created
            for one, other in zip(rows, [*rows[1:], None], strict=True)
            if rule_between(one, other, style)
        ]
        assert len(ruled) == 1
        assert ruled[0] >= MARK.at > rows[[one.created for one in rows].index(ruled[0]) + 1].created
