"""A chart on the screen: an update repaints the cells that changed, and no others."""

from __future__ import annotations

from textual._compositor import ChopsUpdate

from flowtui.config.settings import Settings
from flowtui.ui.base.app_base import AppBase
from flowtui.ui.charts.columns import Columns, columns
from flowtui.ui.charts.signs import UNICODE
from flowtui.ui.charts.time_axis import TimeAxis
from flowtui.ui.paint import ink
from flowtui.ui.terminal.partial_paint import PartialUpdate
from flowtui.ui.widgets.chart_pane import ChartPane

CELLS, ROWS = 90, 4
NOW = 1_795_521_600.0


class Host(AppBase):
    """Shows a chart pane, and notes what is repainted and how many bytes are written for it."""

    def __init__(self):
        super().__init__(Settings(), lambda: NOW, None)
        self.written, self.painted = 0, []

    def compose(self):
        yield ChartPane()

    def _display(self, screen, renderable):
        if type(renderable) is ChopsUpdate:
            update = PartialUpdate(renderable.chops, renderable.spans, renderable.chop_ends)
            self.written += len(update.render_segments(self.console).encode())
            self.painted += renderable.spans
        super()._display(screen, renderable)


def chart(values):
    return columns(Columns(values, "area-completed"), ROWS, 8, UNICODE)


async def test_a_live_update_repaints_only_its_column():
    host = Host()
    async with host.run_test(size=(100, 20)) as pilot:
        pane = host.query_one(ChartPane)
        values = [cell % 7 + 1.0 for cell in range(CELLS)]
        pane.show(chart(values))
        await pilot.pause()
        host.written, host.painted = 0, []
        values[-1] += 2
        pane.show(chart(values))
        await pilot.pause()
        assert {(first, end) for _, first, end in host.painted} == {(CELLS - 1, CELLS)}
        assert host.written < 100
        host.written, host.painted = 0, []
        pane.show(chart(values))
        await pilot.pause()
        assert (host.written, host.painted) == (0, [])
        assert pane.text.splitlines() == ["".join(span.text for span in line) for line in chart(values)]
        # Fewer lines: what was below is removed.
        pane.show(chart(values)[:1])
        await pilot.pause()
        assert {y for y, *_ in host.painted} == {1, 2, 3}
        assert "█" not in "".join(strip.text for strip in host.screen._compositor.render_strips()[1:])


def test_a_new_cell_of_the_axis_moves_the_columns_once():
    spans = []
    for second in range(0, 120, 10):
        axis = TimeAxis.rolling(3600, NOW + second, CELLS)
        spans.append(axis)
    assert len(set(spans)) <= 4  # 120 seconds at 40 seconds a cell


def test_of_blocks_only_those_that_differ_count_as_changed():
    before, after = ink.line(("▁▁▂▃█", "a")), ink.line(("▁▁▅▃█", "a"))
    assert ink.changed(before, after, 5) == (2, 3)
    # Another colour in the middle: spans are cut otherwise, cells are the same.
    assert ink.changed(before, ink.line(("▁▁", "a"), ("▂", "b"), ("▃█", "a")), 5) == (2, 3)
    assert ink.changed(ink.line(("▁漢▂", "a")), ink.line(("▁漢▃", "a")), 4) == (0, 4)
