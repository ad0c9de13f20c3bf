"""Tracks and bars."""

from __future__ import annotations

import pytest

from flowtui.watch.output.formats.tty.signs import ASCII, UNICODE
from flowtui.watch.output.formats.tty.track import Estimate, bar, end_of_track, track


def text(line):
    return "".join(span.text for span in line)


@pytest.mark.parametrize(
    ("numbers", "most", "end"),
    [
        ([0.05, 0.4, None], 1.0, 0.5),
        ([0.95], 1.0, 1.0),
        ([0.0], 1.0, 1.0),
        ([13.2, 22.5], float("inf"), 25.0),
        ([1850.0], float("inf"), 2500.0),
        ([], float("inf"), 1.0),
    ],
)
def test_a_track_ends_at_a_round_number_beyond_everything(numbers, most, end):
    assert end_of_track(numbers, most=most) == pytest.approx(end)


def test_a_track_shows_interval_value_and_limit():
    line = track(Estimate(0.2, 0.1, 0.4), 0.05, 21, UNICODE, end=0.5, tone="failed")
    assert text(line) == "──┃─━━━━●━━━━━━━━────"
    assert [span.tone for span in line] == ["quiet", "head", "quiet", "failed", "quiet"]
    assert text(track(Estimate(0.2, None, 0.4), None, 21, ASCII, end=0.5, tone="")) == "========*========----"
    assert text(track(Estimate(0.2, None, None), 0.9, 21, ASCII, end=0.5, tone="")) == "--------*------------"
    assert text(track(Estimate(None, None, None), None, 5, ASCII, end=0.5, tone="")) == "-----"


@pytest.mark.parametrize(
    ("done", "total", "drawn"),
    [(0, 9, "----"), (1, 900, "=---"), (899, 900, "===-"), (9, 9, "===="), (0, 0, "====")],
)
def test_a_bar_is_full_only_if_all_is_done(done, total, drawn):
    assert text(bar(done, total, 4, "", ASCII)) == drawn
