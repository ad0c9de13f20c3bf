"""A value with its interval against a limit: where dot, band and limit are drawn."""

from __future__ import annotations

import math

import pytest

from flowtui.ui.charts.interval import LIMIT, Interval, interval_line, limit_cell
from flowtui.ui.charts.signs import ASCII, UNICODE


def _text(found, top=1.0, cells=11, signs=UNICODE):
    return "".join(span.text for span in interval_line(found, top, cells, signs, "bad"))


@pytest.mark.parametrize(
    ("found", "drawn"),
    [
        (Interval(0.5, 0.3, 0.8, 0.1), "─┃─━━●━━━──"),
        (Interval(0.5, None, 0.8, 0.1), "━┃━━━●━━━──"),
        (Interval(0.5, 0.3, None, 0.1), "─┃─━━●━━━━━"),
        (Interval(0.5, limit=0.1), "─┃───●─────"),  # no interval yet
        (Interval(None, limit=0.1), "─┃─────────"),
        (Interval(0.5, 0.3, 0.8), "───━━●━━━──"),
        (Interval(0.5, 0.3, 0.8, 1.5), "───━━●━━━──"),  # the limit is beyond the track
        (Interval(0.1, 0.0, 0.2, 0.1), "●┃━────────"),  # the value is at the limit
        (Interval(0.12, 0.0, 0.2, 0.1), "━┃●────────"),
        (Interval(0.0, 0.0, 0.2, 0.0), "┃●━────────"),
        (Interval(1.0, 0.9, 1.0, 1.0), "─────────●┃"),
        (Interval(7.0, 6.0, 8.0, 0.1), "─┃────────●"),
        (Interval(math.nan, 0.3, 0.8, math.nan), "───━━━━━━──"),
    ],
)
def test_an_interval_is_drawn_on_a_track_with_its_limit(found, drawn):
    assert _text(found) == drawn


def test_it_has_the_colour_of_its_verdict_and_ascii_signs():
    line = interval_line(Interval(0.5, 0.3, 0.8, 0.1), 1.0, 11, UNICODE, "bad")
    assert {span.role for span in line} == {"track", LIMIT, "bad"}
    assert _text(Interval(0.5, 0.3, 0.8, 0.1), signs=ASCII) == "-|-==*===--"
    assert _text(Interval(0.5, 0.3, 0.8, 0.1), cells=0) == ""
    assert len(_text(Interval(0.5, 0.3, 0.8, 0.1), cells=1)) == 1


def test_the_cell_of_a_limit_is_known_only_if_it_is_on_the_track():
    assert limit_cell(0.5, 1.0, 11) == 5
    assert [limit_cell(limit, 1.0, 11) for limit in (None, 1.1, -0.1, math.nan)] == [None] * 4
