"""Lines of the event log: their exact width, the ellipsis, and the date of events that were not today."""

from __future__ import annotations

import re
from datetime import UTC

import pytest

from flowtui.model.events.event_log import (
    AWAY,
    CANCEL,
    FINDING,
    INCIDENT,
    NOTICE,
    OUTAGE,
    RECOVERY,
    RUN,
    Event,
)
from flowtui.model.findings.kinds import FINDINGS
from flowtui.ui.events.rows import detail_line, event_line, time_width, title_line
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import ASCII, UNICODE

NOW = 1_800_000_000.0
EVENTS = [
    Event(RUN, NOW, "failed", "was running, ran 00:07", "run_1", "thr_1", ("t", "r"), "failed", NOW - 2),
    Event(RUN, NOW, "weird?", "was queued", "run_漢字" * 9, "thr_1", ("t", "r"), "unknown"),
    Event(FINDING, NOW, "waiting_behind", "waits behind run_2", "run_1", "thr_1", ("t", "r"), "queued"),
    Event(OUTAGE, NOW, "stale", "connection refused " * 9, threads=5),
    Event(RECOVERY, NOW, "live", "answers after 12s", thread="thr_9", threads=1),
    Event(NOTICE, NOW, "notice", "5 runs failed: a, b, c, …", status="failed"),
    Event(CANCEL, NOW, "cancel", "x"),
    Event(INCIDENT, NOW, "incident", "x"),
    Event(AWAY, NOW, "away", "since 01:12, 43m ago: 12 ended"),
]


def _text(spans):
    return "".join(span.text for span in spans)


@pytest.mark.parametrize("cells", [58, 72, 78, 100, 118, 200])
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind)
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_a_line_has_the_requested_width(event, cells, glyphs):
    spans = event_line(event, cells, 8, glyphs=glyphs, zone=UTC, now=NOW, why="crm 502")
    assert ink.width(spans) == cells
    assert ink.width(title_line(cells, 8)) <= cells
    assert ink.width(detail_line(event, cells, zone=UTC, why="")) == cells


def test_long_text_ends_in_an_ellipsis_and_wide_lines_show_the_times_of_both_observations():
    narrow = _text(event_line(EVENTS[3], 78, 8, glyphs=UNICODE, zone=UTC, now=NOW))
    assert narrow.rstrip().endswith("…")
    assert "5 threads: connection" in narrow
    wide = _text(event_line(EVENTS[0], 134, 8, glyphs=UNICODE, zone=UTC, now=NOW, why="crm 502"))
    assert "× failed" in wide
    assert "ran 00:07: crm 502  between 07:59:58 – 08:00:00" in wide
    assert wide.rstrip().endswith("  thr_1")
    short = _text(event_line(EVENTS[0], 110, 8, glyphs=UNICODE, zone=UTC, now=NOW, why="crm 502"))
    assert "crm 502" in short  # the reason matters more than the exact time
    assert "between" not in short


@pytest.mark.parametrize("name", FINDINGS)
@pytest.mark.parametrize("cells", [58, 78, 118, 156])
def test_there_is_always_a_gap_between_two_columns(name, cells):
    event = EVENTS[2]._replace(word=name, run="run_fbf004")
    text = _text(event_line(event, cells, 8, glyphs=UNICODE, zone=UTC, now=NOW))
    assert f"! {name.replace('_', ' ')} " in text, "cut, or without a gap"
    assert re.search(r"  run_fbf004 +waits behind", text)


def test_titles_are_above_their_columns():
    title, line = (
        _text(title_line(118, 8)),
        _text(event_line(EVENTS[0], 118, 8, glyphs=UNICODE, zone=UTC, now=NOW)),
    )
    assert title.index("RUN") == line.index("run_1")
    assert title.index("THREAD") == line.index("thr_1")
    assert title.index("WHAT") == line.index("×")


def test_an_event_of_another_day_has_its_date():
    yesterday = EVENTS[0]._replace(at=NOW - 86_400)
    assert time_width(yesterday.at, NOW, UTC) > time_width(NOW, NOW, UTC)
    assert "01-14 08:00" in _text(event_line(yesterday, 118, 11, glyphs=UNICODE, zone=UTC, now=NOW))
