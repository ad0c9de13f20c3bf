"""The state of the timeline: order of lanes, and how cursor and time window move."""

from __future__ import annotations

import pytest

from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.ui.timeline.state import LaneState

NOW = 100_000.0


@pytest.fixture
def done(a_run):
    """Make a completed run of 20 seconds that started `ago` seconds before now."""

    def make(name, thread, ago):
        begin = NOW - ago
        return a_run(name, "completed", thread, created=begin - 5.0, started=begin, completed=begin + 20.0)

    return make


def _snapshot(*runs, threads=()):
    groups = {key: {} for key in threads}
    for run in runs:
        groups.setdefault(run.thread_key, {})[run.raw_id] = run
    states = {key: ThreadState(key, interval=1.0, runs=group, observed=NOW) for key, group in groups.items()}
    return Snapshot(NOW, threads=states, listed=True)


@pytest.fixture
def state(done, a_run):
    """Three threads with runs: one now, one some minutes ago, one an hour ago; and one thread without runs."""
    state = LaneState()
    state.set_viewport(NOW, 100, 10)
    state.update(
        _snapshot(
            done("old", "thr_old", 3600.0),
            *(done(f"r{place}", "thr_near", 500.0 - 100.0 * place) for place in range(5)),
            done("before", "thr_now", 200.0),
            a_run("now", "running", "thr_now", created=NOW - 30.0, started=NOW - 25.0),
            threads=("thr_none",),
        ),
        None,
    )
    return state


def _at(state):
    return state.lane, state.cursor[1] if state.cursor else None


def test_active_threads_come_first_then_the_most_recent(state):
    assert state.order == ["thr_now", "thr_near", "thr_old", "thr_none"]
    assert state.lane == "thr_now"


def test_lanes_of_threads_that_are_gone_come_last(state, done):
    snapshot = _snapshot(done("old", "thr_old", 3600.0), done("near", "thr_near", 500.0))
    state.update(snapshot, None, {"thr_gone": [done("gone", "thr_gone", 90.0)]})
    assert state.order == ["thr_near", "thr_old", "thr_gone"]


def test_lanes_keep_their_places_and_new_ones_come_on_top(state, done, a_run):
    news = _snapshot(
        done("old", "thr_old", 3600.0),
        done("r", "thr_near", 10.0),
        done("before", "thr_now", 200.0),
        a_run("born", "queued", "thr_born", created=NOW),
        threads=("thr_none",),
    )
    state.update(news, None)
    assert state.order == ["thr_born", "thr_now", "thr_near", "thr_old", "thr_none"]
    state.to_now()
    assert state.order == ["thr_born", "thr_near", "thr_now", "thr_old", "thr_none"]


def test_unchanged_threads_are_not_computed_again(state, done):
    snapshot = _snapshot(done("a", "thr_a", 10.0), done("b", "thr_b", 10.0))
    state.update(snapshot, None)
    before = dict(state.histories)
    other = _snapshot(*snapshot.runs(), done("c", "thr_b", 5.0))
    state.update(other, None)
    assert state.histories["thr_a"] is before["thr_a"]
    assert state.histories["thr_b"] is not before["thr_b"]


def test_with_a_filter_only_threads_with_matching_runs_are_lanes(done):
    state = LaneState()
    state.set_viewport(NOW, 100, 10)
    passing = [done("b", "thr_b", 10.0)]
    state.update(_snapshot(done("a", "thr_a", 10.0), *passing), passing)
    assert state.order == ["thr_b"]


def test_until_the_user_moves_the_cursor_it_follows_the_newest_run(state):
    state.follow_newest()
    assert _at(state) == ("thr_now", "now")
    state.step(-1)
    state.follow_newest()
    assert _at(state) == ("thr_now", "before")


def test_steps_move_the_cursor_from_run_to_run_and_stop_at_the_ends(state):
    state.follow_newest()
    state.move(1)
    assert _at(state) == ("thr_near", "r4")
    for wanted in ("r3", "r2", "r1", "r0", "r0"):
        state.step(-1)
        assert _at(state) == ("thr_near", wanted)
    state.step(1)
    assert _at(state) == ("thr_near", "r1")


def test_a_step_to_a_run_out_of_sight_moves_the_window(state):
    state.move(2)
    assert _at(state) == ("thr_old", None), "no run of it is in sight"
    state.step(-1)
    assert _at(state) == ("thr_old", "old")
    assert not state.scope.live
    assert state.window.start < NOW - 3600.0 < state.window.end


def test_a_step_from_a_time_window_without_runs_goes_to_the_next_run(state):
    state.move(1)
    state.scrub(-2.0)
    assert _at(state) == ("thr_near", None)
    state.step(1)
    assert _at(state) == ("thr_near", "r0")


def test_moving_to_another_lane_keeps_the_time(state):
    state.move(1)
    state.step(-1)
    state.step(-1)
    assert _at(state) == ("thr_near", "r2")  # which ran 300 seconds ago
    state.move(-1)
    assert _at(state) == ("thr_now", "before")
    state.move(-5)
    assert state.lane == "thr_now"


def test_the_timeline_starts_at_the_chosen_run_however_old_it_is(done):
    old = done("old", "thr_old", 3600.0)
    state = LaneState(old.key)
    state.set_viewport(NOW, 100, 10)
    state.update(_snapshot(old, done("new", "thr_new", 10.0)), None)
    assert _at(state) == ("thr_old", "old")
    assert state.window.start < NOW - 3600.0 < state.window.end
    assert not state.scope.live


def test_the_time_window_ends_now_if_the_chosen_run_is_inside(done):
    near = done("near", "thr_near", 300.0)
    state = LaneState(near.key)
    state.set_viewport(NOW, 100, 10)
    state.update(_snapshot(near), None)
    assert state.scope.live
    state.follow_newest()
    assert _at(state) == ("thr_near", "near")


def test_zooming_keeps_the_run_under_the_cursor_in_sight(state):
    state.follow_newest()
    state.move(1)
    for zoom in (-1, -1, -1, 1, 1, 1, 1, -1):
        state.zoom(zoom)
        assert _at(state)[1] == "r4"
        assert state.window.start <= state.segment.until < state.window.end


def test_scrubbing_moves_the_cursor_to_a_run_in_sight(state):
    state.follow_newest()
    state.move(1)
    state.scrub(-0.5)
    # the time window ends 300 seconds ago, when the run was still queued
    assert _at(state) == (
        "thr_near",
        "r2",
    )
    state.scrub(-0.5)
    assert _at(state) == ("thr_near", None)
    state.scrub(0.5)
    assert _at(state)[0] == "thr_near"
    assert state.segment.since < state.window.end


def test_scrubbing_back_stops_before_the_first_run(state):
    for _ in range(100):
        state.scrub(-0.5)
    start = state.window.start
    assert start < NOW - 3605.0 < state.window.end + state.scope.span
    state.scrub(-0.5)
    assert state.window.start == start
    for _ in range(100):
        state.scrub(0.5)
    assert state.scope.live


def test_runs_in_the_same_cell_as_the_run_under_the_cursor_are_returned(done):
    state = LaneState()
    state.set_viewport(NOW, 100, 10)
    state.update(_snapshot(*(done(f"r{place}", "thr_a", 100.0 + place / 10) for place in range(5))), None)
    state.follow_newest()
    state.zoom(1)
    state.zoom(1)
    state.zoom(1)
    assert len(state.runs_in_cell()) == 5


def test_the_lane_with_the_cursor_is_always_visible(done):
    state = LaneState()
    state.set_viewport(NOW, 100, 4)
    state.update(_snapshot(*(done(f"r{place}", f"thr_{place}", 10.0 + place) for place in range(20))), None)
    for step in (1, 1, 1, 1, 7, -3, -20, 99):
        state.move(step)
        assert state.lane in state.in_sight
    state.move(-state.page)
    assert state.lane == "thr_15"
    assert len(state.in_sight) == 4
