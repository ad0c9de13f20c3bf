"""A whole page of charts on one axis, as text: nothing stands in the wrong cell, in any character set."""

from __future__ import annotations

from datetime import UTC

from flowtui.model.history.coverage import coverage
from flowtui.model.history.past import LIVE, Watched
from flowtui.ui.charts.columns import Columns, up_and_down
from flowtui.ui.charts.periods import Period, gap_cells, period_line
from flowtui.ui.charts.scale import largest, split
from flowtui.ui.charts.signs import ASCII, COLORLESS, UNICODE
from flowtui.ui.charts.ticks import Tick, name_line, release_line, tick_cells
from flowtui.ui.charts.time_axis import TimeAxis, axis_line

EVENING = 1_795_543_200.0  # 2026-11-24 18:00:00 UTC
HOUR = 3600.0
COMPLETED = [None, 4, 5, 6, 5, 4, 4, 5, 6, 7, 8, 7, 6, 5, 4, 1, 1, 2, 4, None, None, 0, 5, 6, 5, 6]
FAILED = [None, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 5, 4, 1, 0, None, None, 0, 0, 0, 0, 0]


def page(signs):
    axis = TimeAxis(EVENING, EVENING + 13 * HOUR, 26, live=True)
    releases = [Tick(EVENING + 7.2 * HOUR, "release-42"), Tick(EVENING + 8.8 * HOUR, "多言語-43")]
    gap = (EVENING + 9.5 * HOUR, EVENING + 10.5 * HOUR)
    watched = [Watched(EVENING, gap[0], LIVE), Watched(gap[1], axis.until, LIVE)]
    found = split(largest(COMPLETED), largest(FAILED), 5)
    both = Columns(COMPLETED, "area-completed"), Columns(FAILED, "area-failed")
    gaps, ticks = gap_cells(axis, coverage(watched, *axis[:2])), tick_cells(axis, releases)
    outage = Period(EVENING + 2 * HOUR, EVENING + 2.4 * HOUR, "API 20m", "warn")
    lines = [
        axis_line(axis, UTC),
        name_line(axis, releases),
        *up_and_down(*both, found.rows, found.top, signs, gaps=gaps, ticks=ticks),
        period_line(axis, [Period(*gap, "nobody, 1h", "warn", gap=True)], signs, solid=True),
        period_line(axis, [outage], signs),
        release_line(axis, releases, signs),
    ]
    return "\n".join("".join(span.text for span in line).rstrip() for line in lines)


def test_a_night():
    shown = (page(UNICODE).splitlines(), page(ASCII).splitlines(), page(COLORLESS).splitlines())
    assert tuple(shown[0]) == (
        "18:00  21:00  00:00    now",
        "     release-42  多言語-43",
        "   ▂    ▂▅█▅▂ ┆  ┆     ▂ ▂",
        " ▄▇█▇▄▄▇█████▇▄  ┆▄   ▇█▇█",
        " █████████████┆▃▃▆█··▁████",
        "   ▅          ▂██▅",
        "              ┆▁▄┆",
        "━━━━━━━ nobody, 1h ··━━━━━",
        "────━ API 20m ────────────",
        "   release-42 ▲  ▲",
    )
    assert tuple(shown[1]) == (
        "18:00  21:00  00:00    now",
        "     release-42  多言語-43",
        "   .    .|#|. !  !     . .",
        " :###::#######:  !:   ####",
        " ##############::|#??_####",
        "   '          xxx'",
        "              !x'!",
        "======= nobody, 1h ??=====",
        "----= API 20m ------------",
        "   release-42 ^  ^",
    )
    assert [place for place, line in enumerate(shown[2]) if line != shown[0][place]] == [2, 3, 4, 5, 6]
    assert shown[2][4] == " ██████████████▄▄▆█··▁████"
