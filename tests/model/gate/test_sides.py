"""The two sides of a gate in a snapshot: to which of them a run belongs, and whether the base is fully known."""

from __future__ import annotations

import json

from flowtui.model.gate.sides import sides_of, unread
from flowtui.model.run.parsing import parse_runs
from flowtui.model.state.known_runs import Failure, ThreadState, apply_runs
from flowtui.model.state.snapshot import Snapshot

SINCE, COMPARE, NOW = 10_000_000.0, 3600.0, 10_001_000.0


def state(key, *created, whole=True, observed=True):
    rows = [
        {"id": f"{key}-{number}", "created_at": at, "status": "completed", "agent_id": f"agent_{number % 2}"}
        for number, at in enumerate(created)
    ]
    known = ThreadState(key, 3.0)
    if not observed:
        return known
    return apply_runs(known, parse_runs(json.dumps(rows).encode(), key).rows, at=NOW, whole=whole)[0]


def picture(*states, **more):
    return Snapshot(NOW, {each.key: each for each in states}, **{"listed": True, **more})


def times(side):
    return sorted(run.created for run in side.runs)


def test_a_run_belongs_to_the_side_in_whose_window_it_was_created():
    edge = SINCE - COMPARE
    sides = sides_of(
        picture(state("a", SINCE + 5, SINCE, SINCE - 1, edge, edge - 1), state("b", SINCE + 1)),
        SINCE,
        COMPARE,
    )
    assert times(sides.base) == [edge, SINCE - 1]
    assert times(sides.new) == [SINCE, SINCE + 1, SINCE + 5]
    assert (sides.base.since, sides.base.until) == (edge, SINCE)
    assert (sides.new.since, sides.new.until) == (SINCE, NOW)
    assert (sides.undated, sides.missing) == (0, "")


def test_only_wanted_runs_count():
    one, two = state("a", SINCE + 5, SINCE - 5), state("b", SINCE + 6)
    assert times(sides_of(picture(one, two), SINCE, COMPARE, threads=["b"]).new) == [SINCE + 6]
    sides = sides_of(picture(one, two), SINCE, COMPARE, wants=lambda run: run.agent_id == "agent_1")
    assert (times(sides.base), times(sides.new)) == ([SINCE - 5], [])


def test_a_run_without_a_date_is_on_neither_side_but_counted():
    assert sides_of(picture(state("a", SINCE + 5, None)), SINCE, COMPARE).undated == 1


def test_a_run_created_ahead_of_the_estimated_server_time_is_on_the_new_side():
    sides = sides_of(picture(state("a", NOW + 30)), SINCE, COMPARE)
    assert sides.new.until > NOW + 30


def test_the_new_side_ends_at_the_time_of_the_servers_clock():
    assert sides_of(picture(state("a"), clock_offset=50.0), SINCE, COMPARE).new.until == NOW + 50


def test_the_base_is_known_if_the_list_was_read_back_to_the_window():
    back_to = SINCE - COMPARE
    assert unread(picture(state("a", SINCE, back_to - 1, back_to - 9, whole=False)), back_to) == ""
    assert "known for a" in unread(picture(state("a", SINCE, back_to + 1, whole=False)), back_to)
    assert unread(picture(state("a", SINCE, back_to + 1)), back_to) == ""


def test_a_single_wrong_date_does_not_prove_that_the_list_was_read():
    assert unread(picture(state("a", SINCE, 5.0, whole=False)), SINCE - COMPARE) != ""


def test_an_unread_thread_is_named_with_its_error():
    assert "known for a" in unread(picture(state("a", observed=False)), 0.0)
    failed = ThreadState("a", 3.0, failure=Failure("not_found", "GET: 404", NOW))
    assert unread(picture(failed), 0.0).endswith("for a: GET: 404")
    assert unread(picture(), 0.0, ["x"]) == "1 of 1 threads have not been read"
    many = [state(f"t{number}", observed=False) for number in range(5)]
    assert "and 2 more" in unread(picture(*many), 0.0)


def test_without_the_list_of_threads_the_base_is_incomplete():
    assert unread(picture(listed=False), 0.0) == "the list of threads has not been read"
    failure = Failure("server", "GET /v1/threads: 503", NOW)
    assert unread(picture(listed=False, list_failure=failure), 0.0).endswith(": GET /v1/threads: 503")
