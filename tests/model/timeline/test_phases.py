"""Phases of a run, as far as its times tell them."""

from __future__ import annotations

import pytest

from flowtui.model.run.row import QUEUED, RUNNING, UNKNOWN
from flowtui.model.state.changes import MAX_TRAILS
from flowtui.model.state.known_runs import apply_runs
from flowtui.model.timeline.phases import (
    Phase,
    duration_text,
    phases,
    runs_around,
    status_history,
    trails_full,
    waited_behind,
)

NOW = 1_800_000_000.0


def test_an_ended_run_has_its_phases(a_run):
    run = a_run(status="failed", created=NOW - 50, started=NOW - 48, failed=NOW - 8)
    found = phases(run, NOW)
    assert (found.queued, found.running, found.ended) == (2, 40, NOW - 8)
    assert found.parts == (
        Phase(QUEUED, NOW - 50, NOW - 48),
        Phase(RUNNING, NOW - 48, NOW - 8),
    )
    assert found.extent == (NOW - 50, NOW - 8)
    assert found.contradictions == ()


def test_the_last_phase_of_an_active_run_reaches_to_now(a_run):
    queued = phases(a_run(status="queued", created=NOW - 50), NOW)
    assert queued.parts == (Phase(QUEUED, NOW - 50, NOW),)
    assert (queued.queued, queued.running, queued.ended) == (50, None, None)
    running = phases(a_run(created=NOW - 50, started=NOW - 40), NOW)
    assert running.parts[-1] == Phase(RUNNING, NOW - 40, NOW)
    assert running.running == 40


def test_without_a_start_time_the_phase_is_unknown(a_run):
    for run in (
        a_run(status="cancelled", created=NOW - 50, cancelled=NOW - 10),
        a_run(status="running", created=NOW - 50),
    ):
        assert [part.kind for part in phases(run, NOW).parts] == [UNKNOWN]
        assert phases(run, NOW).queued is None


def test_without_times_there_are_no_phases(a_run):
    found = phases(a_run(status="completed"), NOW)
    assert found.extent is None
    assert (found.queued, found.running, found.ended) == (None, None, None)


def test_without_a_creation_time_the_running_phase_is_known(a_run):
    found = phases(a_run(status="completed", started=NOW - 40, completed=NOW - 10), NOW)
    assert found.queued is None
    assert found.parts == (Phase(RUNNING, NOW - 40, NOW - 10),)


def test_an_unknown_status_gives_an_unknown_phase(a_run):
    run = a_run(status="in_progress", created=NOW - 50, started=NOW - 40)
    assert phases(run, NOW).parts[-1] == Phase(UNKNOWN, NOW - 40, NOW)
    assert phases(run, NOW).running is None


@pytest.mark.parametrize(
    ("fields", "doubt"),
    [
        (
            {"created": NOW - 5, "started": NOW - 9, "completed": NOW},
            "It started 4.0s before it was created.",
        ),
        ({"created": NOW - 9, "started": NOW - 5, "completed": NOW - 8}, "It ended 3.0s before it started."),
        ({"created": NOW - 5, "completed": NOW - 9}, "It ended 4.0s before it was created."),
        (
            {"created": NOW + 30, "started": NOW + 31},
            "Its latest time is 31s ahead of the server's own clock.",
        ),
    ],
)
def test_contradicting_times_are_reported_and_not_corrected(a_run, fields, doubt):
    found = phases(a_run(status="completed", **fields), NOW)
    assert found.contradictions == (doubt,)
    assert all(part.since <= part.until for part in found.parts)


def test_a_clock_slightly_ahead_is_no_contradiction(a_run):
    found = phases(a_run(created=NOW - 1, started=NOW + 1), NOW)
    assert found.contradictions == ()
    assert found.running == 0


def test_observations_are_dated_by_the_server_clock(a_run, fresh):
    state, _ = apply_runs(fresh(), [a_run(status="queued")], at=100, whole=True)
    state, _ = apply_runs(state, [a_run(status="running")], at=102, whole=True)
    seen = status_history(a_run(status="running"), state, 1000.0)
    assert (seen.first, seen.status, seen.known) == (1100, "queued", False)
    assert [(move.before, move.after, move.since, move.at) for move in seen.status_changes] == [
        ("queued", "running", 1100, 1102)
    ]


def test_a_run_that_had_ended_has_a_history_once_it_is_active_again(a_run, fresh):
    ended = a_run(status="completed", completed=50)
    state, _ = apply_runs(fresh(), [ended], at=100, whole=True)
    assert status_history(ended, state, 0) is None
    assert not trails_full(state)
    again = a_run(status="running")
    state, _ = apply_runs(state, [again], at=102, whole=True)
    assert status_history(again, state, 0).known


def test_the_first_status_is_unknown_if_a_trail_may_have_lost_changes(a_run, fresh):
    state = fresh()
    for at in range(80):
        state, _ = apply_runs(state, [a_run(status=("queued", "running")[at % 2])], at=at, whole=True)
    assert status_history(a_run(), state, 0).status is None


def test_trails_full_is_true_if_a_trail_may_have_been_deleted(a_run, fresh):
    rows = [a_run(f"run_{number}", status="queued") for number in range(MAX_TRAILS + 1)]
    state, _ = apply_runs(fresh(), rows, at=100, whole=True)
    assert trails_full(state)


def _thread(a_run, fresh):
    rows = [
        a_run(
            f"run_{number}",
            "completed",
            created=NOW + number,
            started=NOW + number,
            completed=NOW + number + 5,
        )
        for number in range(9, -1, -1)
    ]
    return rows, apply_runs(fresh(), rows, at=NOW, whole=True)[0]


def test_three_newer_and_three_older_runs_are_shown_newest_first(a_run, fresh):
    rows, state = _thread(a_run, fresh)
    found = runs_around(rows[4], state, NOW)
    assert [lane.run.raw_id for lane in found] == [f"run_{number}" for number in (8, 7, 6, 5, 4, 3, 2)]
    assert [lane.run.raw_id for lane in found if lane.own] == ["run_5"]
    assert runs_around(rows[0], state, NOW)[0].run.raw_id == "run_9"


def test_a_run_without_neighbours_is_alone(a_run):
    run = a_run(created=NOW)
    assert [lane.run for lane in runs_around(run, None, NOW)] == [run]


def test_neighbours_without_times_are_left_out(a_run, fresh):
    rows = [a_run("run_b"), a_run("run_a", created=NOW)]
    state, _ = apply_runs(fresh(), rows, at=NOW, whole=True)
    assert [lane.run.raw_id for lane in runs_around(rows[1], state, NOW)] == ["run_a"]


def test_waited_behind_lists_the_runs_that_ran_while_this_one_was_queued(a_run, fresh):
    waits = a_run("run_c", created=NOW - 30, started=NOW - 10)
    front = a_run("run_b", "completed", created=NOW - 60, started=NOW - 60, completed=NOW - 11)
    early = a_run("run_a", "completed", created=NOW - 90, started=NOW - 90, completed=NOW - 70)
    state, _ = apply_runs(fresh(), [waits, front, early], at=NOW, whole=True)
    assert waited_behind(waits, state, NOW) == [(front, 19)]
    assert waited_behind(early, state, NOW) == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0s"),
        (1.24, "1.2s"),
        (9.9, "9.9s"),
        (4.97, "4.9s"),  # 00:04 elsewhere
        (9.97, "9.9s"),
        (10.0, "10s"),
        (75, "1m 15s"),
        (-1, "—"),
        (None, "—"),
    ],
)
def test_short_durations_have_tenths(seconds, text):
    assert duration_text(seconds) == text
