"""What the timeline reads of the history, and what it draws of it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC

from flowtui.model.history.memory_reach import MemoryReach
from flowtui.model.history.past import LIVE, UNANSWERED, Watched
from flowtui.model.run.parsing import parse_runs
from flowtui.model.state.health import Coverage
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.timeline.lanes import lane, thread_history
from flowtui.model.timeline.time_window import TimeWindow
from flowtui.ui.paint import glyphs, time_axis
from flowtui.ui.timeline import past_window
from flowtui.ui.timeline.labels import legend_row
from flowtui.ui.timeline.past_window import not_in_memory, read_window
from flowtui.ui.timeline.rows import LaneContext, LaneName, axis_row, lane_rows
from flowtui.ui.timeline.signs import ASCII, UNICODE

from ...past import ListPast

START = 1_795_521_600.0  # 2026-11-24 12:00:00 UTC
WINDOW = TimeWindow(START, 60.0, 60)


def _rows(thread, *created, took=30):
    raws = [
        {
            "id": f"{thread}{place}",
            "created_at": at,
            "started_at": at,
            "completed_at": at + took,
            "status": "completed",
        }
        for place, at in enumerate(created)
    ]
    return list(parse_runs(json.dumps(raws).encode(), thread).rows)


def _read(past, start=START, end=WINDOW.end, *, offset=0.0, until=math.inf):
    return read_window(past, start, end, clock_offset=offset, until=until)


def test_runs_that_reach_into_the_time_are_read_and_a_bounded_number_of_them(monkeypatch):
    rows = [
        *_rows("a", START + 90, START + 60, START - 7000),
        *_rows("b", START - 7300),
        *_rows("c", START - 90_000, took=90_060),
    ]
    past = ListPast(rows, [Watched(START - 100_000, START + 9_999, LIVE)])
    found = _read(past)
    # A run that ended in the window counts however long ago it began; else it must have begun within two hours before.
    assert {key: [run.raw_id for run in runs] for key, runs in found.runs.items()} == {
        "a": ["a0", "a1", "a2"],
        "c": ["c0"],
    }
    assert found.holds(START, WINDOW.end)
    assert not found.holds(START - 1, WINDOW.end)
    monkeypatch.setattr(past_window, "MOST", 1)
    cut = _read(past)
    assert (cut.whole_from, cut.holds(START, WINDOW.end)) == (START + 90, False)
    assert cut.holds(START + 90, WINDOW.end)
    assert {most for what, *_, most in past.asked if what == "runs"} == {5_001, 2}


def test_times_of_the_history_are_shown_by_the_servers_clock():
    spans = [Watched(START, START + 600, LIVE), Watched(START + 1200, WINDOW.end + 100, LIVE)]
    found = _read(ListPast(spans=spans), offset=100.0, until=WINDOW.end + 50)
    assert found.begin == START + 100
    (gap,) = found.unwatched(WINDOW)
    assert gap[:3] == (START + 700, START + 1300, "gap")
    # From the start of flowtui on, it is watched: nobody needs to remember that.
    spans = [Watched(START, START + 600, LIVE)]
    assert [part[:2] for part in _read(ListPast(spans=spans), until=START + 900).unwatched(WINDOW)] == [
        (START + 600, START + 900)
    ]
    assert _read(ListPast()).begin is None


def _snapshot(*states):
    return Snapshot(START, {state.key: state for state in states}, listed=True)


def _state(key, *created, whole=False):
    return apply_runs(ThreadState(key, 2.0), _rows(key, *created), at=START, whole=whole)[0]


def test_what_is_in_memory_is_not_drawn_twice():
    known, remembered = MemoryReach(), _rows("a", 300, 200, 100)
    part = _snapshot(_state("a", 300, 200))
    assert known.of(part) == 200
    assert known.of(_snapshot(_state("a", 300, 200, whole=True))) == -math.inf
    assert known.of(_snapshot(_state("a", 300, 200), _state("b", 900))) == 900
    loaded = _read(ListPast([*remembered, *_rows("gone", 150)], [Watched(0, 400, LIVE)]), 0, 400)
    for fleet, gone in ((False, {}), (True, {"gone": [150.0]})):
        snapshot = replace(part, coverage=Coverage(fleet=fleet))
        found = {
            key: [run.created for run in runs] for key, runs in not_in_memory(loaded, snapshot, None).items()
        }
        assert found == {"a": [100.0], **gone}
    assert not_in_memory(loaded, part, lambda run: run.created > 100) == {}


# -- signs and words -------------------------------------------------------------------------------------------


def _context(signs, rows=2):
    spans = [
        Watched(START, START + 600, LIVE),
        Watched(START + 1800, START + 3000, UNANSWERED, "HTTP 502"),
        Watched(START + 3000, START + 9000, LIVE),
    ]
    parts = tuple(_read(ListPast(spans=spans)).unwatched(WINDOW))
    kind = glyphs.ASCII if signs is ASCII else glyphs.UNICODE
    ticks = time_axis.ticks(WINDOW, UTC)
    return LaneContext(WINDOW, START + 9_000, kind, signs, 18, rows, (), ticks, parts)


def _text(row):
    return "".join(span.text for span in row.spans)


def test_times_that_nobody_watched_have_signs_and_words():
    for signs in (UNICODE, ASCII):
        context = _context(signs)
        assert f"{signs.unwatched} not watched" in _text(axis_row(context))
        assert f"{signs.unanswered} no answer" in _text(axis_row(context))
        legend = _text(legend_row(context))
        assert f"{signs.unwatched * 2} not watched" in legend
        assert f"{signs.unanswered * 2} no answer" in legend
        rows = _rows("a", START + 1500, took=600)
        history = thread_history(rows)
        first, second = lane_rows(
            lane(history, WINDOW, START + 9_000),
            history,
            LaneName("a", 0, 0, None, ""),
            context,
            None,
            chosen=False,
        )
        drawn = [_text(row)[19:] for row in (first, second)]
        assert set(drawn[1][10:30]) <= {signs.unwatched, signs.grid}
        assert set(drawn[1][30:50]) <= {signs.unanswered, signs.grid}
        assert signs.unwatched not in drawn[1][:10] + drawn[1][50:]
        assert drawn[0][25:35] == signs.run * 10  # what is known of that time is drawn over it
    roles = {span.role for span in axis_row(_context(UNICODE)).spans if "no answer" in span.text}
    assert roles == {"bad"}


def test_without_a_history_nothing_is_drawn_as_unwatched():
    context = _context(UNICODE)
    plain = LaneContext(
        *(getattr(context, name) for name in ("window", "now", "glyphs", "signs", "names", "rows"))
    )
    assert "watched" not in _text(axis_row(plain)) + _text(legend_row(plain))
