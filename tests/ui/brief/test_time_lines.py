"""The charts over time: what was read from the API is drawn, too, where nothing is remembered yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from flowtui.model.answers.brief.brief import brief
from flowtui.model.history.coverage import coverage
from flowtui.model.history.past import LIVE, Watched
from flowtui.ui.brief.items import Style
from flowtui.ui.brief.time_lines import time_items
from flowtui.ui.charts.scale import Scales
from flowtui.ui.charts.signs import UNICODE as SIGNS
from flowtui.ui.paint.glyphs import UNICODE

from ...model.answers.brief import nights
from ...model.answers.brief.brief_world import brief_input
from ...model.answers.brief.nights import BEGIN, NOW, SINCE

FIRST = NOW - 600.0


@pytest.mark.parametrize(("reach", "drawn"), [(float("-inf"), True), (NOW, False)])
def test_on_the_first_day_the_chart_shows_what_the_api_knows(reach, drawn):
    watched = coverage([Watched(FIRST, NOW, LIVE)], SINCE, NOW)
    data = replace(brief_input(nights.peaceful(3), SINCE, NOW, begin=BEGIN), begin=FIRST, coverage=watched)
    items = time_items(
        brief(replace(data, reach=reach)), Style(100, 30, SIGNS, UNICODE, UTC, Scales()), rows=1
    )
    (chart,) = [
        line for line in ("".join(part.text for part in item.line) for item in items) if "completed" in line
    ]
    assert ("·" in chart[14:90]) is not drawn
    assert any(sign in chart[14:80] for sign in "▂▃▄▅▆▇█") is drawn
