"""The sentences as lines: a long reason is cut before the time is."""

from __future__ import annotations

from flowtui.model.answers.brief.wording import Told
from flowtui.ui.brief.items import Style
from flowtui.ui.brief.sentence_lines import _narrow
from flowtui.ui.charts.scale import Scales
from flowtui.ui.charts.signs import UNICODE as SIGNS
from flowtui.ui.paint.glyphs import UNICODE


def test_of_a_long_sentence_the_reason_is_cut_and_the_time_stays():
    told = Told("bad", "KeyError: " + 60 * "x", "04:05 to 06:00", "46 of 71 runs failed", ("none since",))
    style = Style(60, 20, SIGNS, UNICODE, None, Scales())
    first, second = ("".join(span.text for span in line) for line in _narrow(told, style))
    assert first.endswith("x…  04:05 to 06:00")
    assert len(first) == 60
    assert second == "  46 of 71 runs failed; none since"
