"""Time windows: borders of cells, following the current time, zooming and scrolling."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from flowtui.model.timeline.time_window import ZOOMS, TimeRange, TimeWindow

NOW = 1_800_000_123.4


def test_a_time_on_a_border_belongs_to_the_later_cell_and_the_end_is_outside():
    window = TimeWindow(100.0, 10.0, 5)
    assert window.end == 150.0
    assert [window.cell(at) for at in (99.9, 100.0, 109.9, 110.0, 149.9, 150.0)] == [-1, 0, 0, 1, 4, 5]
    assert window.cell(math.inf) == 5
    assert window.cell(-math.inf) == -1
    assert [window.cell(window.time(cell)) for cell in range(5)] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("span", ZOOMS)
@pytest.mark.parametrize("cells", [1, 2, 37, 97])
def test_a_window_that_follows_now_shows_it_in_the_last_cell_but_one(span, cells):
    window = TimeRange(span).window(NOW, cells)
    assert window.step * window.cells == pytest.approx(span)
    assert window.cell(NOW) == cells - 2


def test_a_window_that_follows_now_moves_by_whole_cells():
    scope, step = TimeRange(600.0), 600.0 / 97
    windows = [scope.window(NOW + seconds / 10, 97) for seconds in range(300)]
    starts = sorted({window.start for window in windows})
    assert len(starts) in (5, 6)  # half a minute covers five cells of six seconds
    assert all(later - earlier == pytest.approx(step) for earlier, later in pairwise(starts))


def test_scrubbing_moves_by_spans_and_forward_until_the_range_follows_now():
    back = TimeRange(600.0).scrubbed(-0.5, NOW)
    assert back.end == NOW - 300.0
    assert not back.live
    assert back.scrubbed(-1, NOW).end == NOW - 900.0
    assert back.scrubbed(0.25, NOW).end == NOW - 150.0
    assert back.scrubbed(0.5, NOW).live
    assert back.scrubbed(9, NOW).live


def test_a_window_around_a_time_centres_it_but_never_passes_now():
    assert TimeRange(600.0).around(NOW - 1000.0, NOW).end == NOW - 700.0
    assert TimeRange(600.0).around(NOW - 10.0, NOW).live


def test_zooming_keeps_the_position_of_the_chosen_time():
    scope, at = TimeRange(600.0, NOW - 1000.0), NOW - 1150.0  # a quarter of the window before its end
    near = scope.zoomed(-1, at, NOW)
    assert near.span == 300.0
    assert near.end is not None
    assert (near.end - at) / near.span == pytest.approx(0.25)
    assert near.zoomed(1, at, NOW) == pytest.approx(scope)


def test_zooming_keeps_following_now_while_the_chosen_time_is_visible():
    assert TimeRange(600.0).zoomed(1, NOW - 590.0, NOW) == TimeRange(1800.0)
    assert TimeRange(600.0).zoomed(-1, NOW - 100.0, NOW) == TimeRange(300.0)
    away = TimeRange(600.0).zoomed(-1, NOW - 500.0, NOW)
    assert away.end is not None
    assert away.end - away.span < NOW - 500.0 < away.end


def test_zooming_stops_at_the_narrowest_and_widest_span():
    assert TimeRange(60.0).zoomed(-1, NOW, NOW).span == 60.0
    assert TimeRange(7 * 86400.0).zoomed(1, NOW, NOW).span == 7 * 86400.0
