"""What the history says of a gate's base, and from when on the API must be asked."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from flowtui.model.gate import past_base as module
from flowtui.model.gate.past_base import API, HISTORY, NO_PAST, past_base
from flowtui.model.gate.sides import sides_of, unread
from flowtui.model.history.past import LIVE, READ, UNANSWERED, Reach, Watched
from flowtui.model.run.parsing import parse_runs
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.state.left_runs import NONE_LEFT
from flowtui.model.state.snapshot import Snapshot

from ...past import ListPast

BEGIN, SINCE, NOW = 10_000.0, 20_000.0, 21_000.0
ALL = (Watched(0.0, NOW, LIVE),)
GAP = (Watched(0.0, 9_000.0, LIVE), Watched(15_000.0, NOW, LIVE))
WHOLE = Reach(NOW, True, float("inf"))


def rows(thread, *created, status="completed"):
    raws = [{"id": f"{thread}-{at:.0f}", "created_at": at, "status": status} for at in created]
    return list(parse_runs(json.dumps(raws).encode(), thread).rows)


def base(*runs, spans=ALL, until=SINCE, offset=0.0, **reached):
    past = ListPast(runs, spans, reached=reached or {"a": WHOLE})
    return past_base(past, BEGIN, SINCE, until, clock_offset=offset)


def times(found, thread="a"):
    return [run.created for run in found.runs.get(thread, ())]


def test_the_history_counts_where_a_thread_was_read_back_to_the_begin_of_the_window():
    found = base(*rows("a", 9_000, 12_000, 19_000, 20_500))
    assert (times(found), found.floors, found.why) == ([19_000.0, 12_000.0], {"a": SINCE}, "")
    assert found.watched == (10_000.0, 0.0, 0.0, 0.0)
    assert base(*rows("a", 12_000), a=Reach(NOW, False, BEGIN)).floors == {"a": SINCE}
    assert base(*rows("a", 12_000), a=Reach(NOW, False, BEGIN + 1)).floors == {}


@pytest.mark.parametrize(
    ("spans", "floor"),
    [
        ([Watched(0, 15_300, LIVE)], 15_000),
        ([Watched(0, 15_000, LIVE), Watched(15_000, NOW, READ)], SINCE),
        ([Watched(0, 15_300, LIVE), Watched(15_301, NOW, LIVE)], 15_000),
        # What a start reads afterwards ends a moment before its first look at all threads, which shows that moment, too.
        ([Watched(0, 14_000, LIVE), Watched(14_000, 15_000, READ), Watched(15_001, NOW, LIVE)], SINCE),
        ([Watched(0, 14_000, LIVE), Watched(14_000, 15_300, READ), Watched(15_306, NOW, LIVE)], 15_000),
        # An outage that ended was read afterwards; what happened in one before a gap was read by nobody.
        ([Watched(0, 14_000, LIVE), Watched(14_000, 15_000, UNANSWERED), Watched(15_000, NOW, LIVE)], SINCE),
        ([Watched(0, 14_300, LIVE), Watched(14_300, 15_000, UNANSWERED), Watched(16_000, NOW, LIVE)], 14_000),
    ],
)
def test_from_the_first_hole_on_the_api_is_asked(spans, floor):
    found = base(*rows("a", 11_000, 14_500, 19_000), spans=spans)
    assert found.floors == {"a": floor}
    assert times(found) == [at for at in (19_000.0, 14_500.0, 11_000.0) if at < floor]


def test_a_thread_counts_until_its_last_reading_and_its_oldest_run_that_had_not_ended():
    found = base(*rows("a", 11_000, 16_000), a=Reach(15_000, True, 0.0))
    assert found.floors == {"a": 15_000 - 300}
    found = base(*rows("a", 11_000, 16_000), *rows("a", 13_000, status="running"))
    assert (found.floors, times(found)) == ({"a": 13_000}, [11_000.0])
    assert base(*rows("a", 11_000), a=Reach(9_000, True, 0.0)).floors == {}


def test_times_of_readings_are_those_of_the_local_clock():
    found = base(*rows("a", 11_000), offset=500.0, a=Reach(15_000, True, 0.0))
    assert found.floors == {"a": 15_000 + 500 - 300}
    assert base(*rows("a", 11_000), spans=[Watched(9_600, NOW, LIVE)], offset=-500.0).floors == {"a": SINCE}
    late = [Watched(0.0, 9_400, LIVE), Watched(9_600, NOW, LIVE)]
    assert base(*rows("a", 11_000), spans=late).floors == {"a": SINCE}
    assert base(*rows("a", 11_000), spans=late, offset=500.0).floors == {}  # nobody watched at its begin


def test_what_a_thread_had_when_the_history_began_was_read_then():
    found = base(*rows("a", 9_000, 11_000), spans=[Watched(12_000, NOW, LIVE)])
    assert (found.floors, times(found)) == ({"a": SINCE}, [11_000.0])
    assert found.watched == (8_000.0, 2_000.0, 0.0, 0.0)


def test_why_the_base_comes_from_the_api_alone(monkeypatch):
    assert base(spans=()) is NO_PAST
    young = base(*rows("a", 13_000), spans=[Watched(12_000, NOW, LIVE)], a=Reach(NOW, False, 12_500.0))
    assert young.why == "no thread is remembered back to the start of the window before the mark"
    unwatched = base(*rows("a", 11_000), spans=[Watched(0, 9_000, LIVE), Watched(12_000, NOW, LIVE)])
    assert unwatched.why == "nobody watched at the start of the window before the mark"
    assert base(a=Reach(NOW, False, NOW)).why.startswith("no thread is remembered")
    late = "clocks may differ, so the history counts only up to 5m before it was last read"
    assert base(*rows("a", 11_000), a=Reach(10_200, True, 0.0)).why == late
    assert base(*rows("a", 11_000), spans=[Watched(0, 10_200, LIVE)]).why == late
    monkeypatch.setattr(module, "MOST", 2)
    many = base(*rows("a", 11_000, 12_000, 13_000))
    assert (many.why, many.floors) == ("more than 2 runs are remembered of this window", {})


# -- in the sides ----------------------------------------------------------------------------------------------


def picture(thread, *runs, whole=False):
    state, _ = apply_runs(ThreadState(thread, 3.0), runs, at=NOW, whole=whole)
    return Snapshot(NOW, {thread: state}, listed=True)


def test_remembered_runs_are_on_the_side_of_their_date_and_known_ones_win():
    remembered = rows("a", 9_500, 11_000, 12_000, 13_000)
    known = rows("a", 12_500, 13_000, 20_500, status="failed")
    found = base(*remembered, a=Reach(14_000, True, 0.0))
    sides = sides_of(picture("a", *known), SINCE, SINCE - BEGIN, past=found)
    assert sorted(run.created for run in sides.base.runs) == [11_000, 12_000, 12_500, 13_000]
    assert {run.created for run in sides.base.runs if run.status == "failed"} == {12_500, 13_000}
    assert [run.created for run in sides.new.runs] == [20_500]
    assert (sides.remembered, sides.base_from) == (2, HISTORY)


def test_a_thread_must_be_read_back_to_its_floor_alone():
    found = base(*rows("a", 11_000), a=Reach(14_300, True, 0.0))
    read = rows("a", 13_000, 13_500, 20_500)
    assert unread(picture("a", *read), BEGIN, past=found) == ""
    assert "known for a" in unread(picture("a", *read), BEGIN)
    assert "known for a" in unread(picture("a", *rows("a", 14_500, 20_500)), BEGIN, past=found)
    assert "known for b" in unread(picture("b", *rows("b", 14_500, 20_500)), BEGIN, past=found)


def test_without_a_history_the_base_comes_from_the_api():
    sides = sides_of(picture("a", *rows("a", 11_000), whole=True), SINCE, SINCE - BEGIN)
    assert (sides.remembered, sides.base_from) == (0, API)


@pytest.mark.parametrize(
    ("spans", "remembered", "missing"),
    [
        (ALL, (11_000, 12_000, 13_000, 20_300), ""),
        (GAP, (11_000, 12_000, 13_000, 20_300), ""),
        (GAP, (11_000, 12_000, 20_300), "have left memory"),
        (GAP, (), "have left memory"),
    ],
)
def test_runs_that_have_left_memory_are_taken_from_the_history_if_it_has_them_all(spans, remembered, missing):
    state, _ = apply_runs(
        ThreadState("a", 3.0), rows("a", 9_000, 11_000, 12_000, 13_000, 20_300, 20_500), at=NOW, whole=True
    )
    kept, gone = "a-20500", [run for run in state.runs.values() if run.created < 20_400]
    state = replace(
        state,
        runs={kept: state.runs[kept]},
        left=NONE_LEFT.plus(sorted(gone, key=lambda run: run.created), {run.raw_id for run in gone}),
    )
    snapshot = Snapshot(NOW, {"a": state}, listed=True)
    found = base(*rows("a", *remembered), spans=spans, until=NOW, a=Reach(NOW, False, 30_000.0))
    sides = sides_of(snapshot, SINCE, SINCE - BEGIN, past=found)
    assert missing in sides.missing
    assert bool(sides.missing) == bool(missing)
    if not missing:
        assert sorted(run.created for run in sides.base.runs) == [11_000, 12_000, 13_000]
        assert sorted(run.created for run in sides.new.runs) == [20_300, 20_500]
        assert sides.remembered == 3
