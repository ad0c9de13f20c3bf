"""Threads from the history: what is put back, and that they behave as if flowtui had not been away."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from flowtui.model.run.span_facts import SpanFacts
from flowtui.model.state.changes import APPEARED, CHANGED
from flowtui.model.state.known_runs import (
    Failure,
    apply_failure,
    apply_request,
    apply_runs,
    apply_span_facts,
    apply_thread,
    apply_unchanged,
)
from flowtui.model.state.restoring import put_back

from .test_known_runs import STEPS

AT = 1_000.0
LOOKS = 6


@pytest.fixture
def stored(fresh, a_run):
    """A thread that was last observed at 100, with a running run, as the history gives it back."""
    state, _ = apply_runs(fresh(), [a_run("a", "queued", created=80)], at=90.0, whole=True)
    state, _ = apply_runs(state, [a_run("a", "running", created=80)], at=100.0, whole=True)
    return replace(state, restored=100.0, interval=30.0)


def test_a_thread_is_as_of_its_last_observation_until_the_next_one(stored, a_run):
    state = put_back(stored, None, at=AT, interval=2.0)
    assert (state.restored, state.observed, state.interval) == (100.0, 100.0, 2.0)
    assert state.runs == stored.runs
    assert apply_unchanged(state, at=AT).restored is None
    failed = apply_failure(apply_request(state, AT), Failure("server", "500", since=AT, retry_at=AT + 2))
    assert failed.restored == 100.0
    assert apply_runs(failed, [a_run("a", created=80)], at=AT + 2, whole=True)[0].restored is None


def test_changes_since_then_say_that_they_may_be_old_and_keep_their_true_interval(stored, a_run):
    state = put_back(stored, None, at=AT, interval=2.0)
    rows = [a_run("b", "queued", created=900), a_run("a", "completed", created=80)]
    state, changes = apply_runs(state, rows, at=AT + 1, whole=True)
    assert [(c.kind, c.since, c.at, c.catch_up) for c in changes] == [
        (APPEARED, 100.0, AT + 1, True),
        (CHANGED, 100.0, AT + 1, True),
    ]
    (*_, move) = state.trails["a"].status_changes
    assert (move.before, move.after, move.since, move.at) == ("running", "completed", 100.0, AT + 1)
    _, changes = apply_runs(state, [replace_status(rows[0], a_run), rows[1]], at=AT + 3, whole=True)
    assert [(c.since, c.catch_up) for c in changes] == [(AT + 1, False)]


def replace_status(row, a_run):
    return a_run(row.raw_id, "running", created=row.created)


def test_what_this_start_knows_counts_more_than_the_history(fresh, stored, a_run, a_thread):
    live, _ = apply_runs(fresh(), [a_run("z", created=5)], at=AT, whole=True)
    assert put_back(stored, live, at=AT, interval=2.0) is None
    assert put_back(stored, put_back(stored, None, at=AT, interval=2.0), at=AT, interval=2.0) is None
    listed = apply_thread(fresh(), a_thread("locked", "b"), at=AT - 1)
    listed = apply_span_facts(apply_request(listed, AT - 1), {"b": SpanFacts("nightly")})
    state = put_back(stored, listed, at=AT, interval=30.0)
    assert (state.thread, state.thread_at, state.asked) == (listed.thread, AT - 1, AT - 1)
    assert state.span_facts == {"b": SpanFacts("nightly")}
    assert (state.restored, state.runs, state.interval) == (100.0, stored.runs, listed.interval)
    assert state.lock().held


def test_no_stored_time_lies_in_the_future_and_a_thread_never_observed_is_not_restored(
    fresh, stored, a_thread
):
    ahead = apply_thread(stored, a_thread("available", None), at=5_000.0)
    state = put_back(ahead, None, at=50.0, interval=2.0)
    assert (state.restored, state.observed, state.thread_at) == (50.0, 50.0, 50.0)
    assert (
        put_back(apply_thread(fresh(), a_thread("available", None), at=1.0), None, at=AT, interval=2.0)
        is None
    )


def step_applied(state, step, at, a_run, a_thread):
    """Return the state after a step of `STEPS` at a time, and its changes."""
    if step[0] == "runs":
        rows = [a_run(name, status, created=created) for name, status, created in step[1]]
        return apply_runs(state, rows, at=at, whole=step[2])
    if step[0] == "same":
        return apply_unchanged(state, at=at), []
    if step[0] == "failure":
        return apply_failure(state, Failure("server", "500", since=at, retry_at=at + 1)), []
    return apply_thread(state, a_thread(step[1], step[2]), at=at), []


def kept(state):
    """Return what the history keeps of a state."""
    return replace(state, restored=None, failure=None, asked=None, extras={})


def behave_alike(fresh, a_run, a_thread, before, after):
    live = fresh()
    for at, step in enumerate(before, start=1):
        live, _ = step_applied(live, step, float(at), a_run, a_thread)
    if live.observed is None:
        return
    back = put_back(replace(live, restored=live.observed), None, at=90.0, interval=live.interval)
    assert back.restored == live.observed
    assert kept(back) == kept(live)
    for at, step in enumerate(after[:LOOKS], start=100):
        live, changes = step_applied(live, step, float(at), a_run, a_thread)
        old = back.restored
        back, same = step_applied(back, step, float(at), a_run, a_thread)
        assert kept(back) == kept(live)
        assert list(back.runs) == list(live.runs)
        assert [change._replace(catch_up=False) for change in same] == changes
        assert all(change.catch_up == (old is not None) for change in same)
        assert back.restored == (None if step[0] in ("runs", "same") else old)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(STEPS, STEPS)
def test_a_restored_thread_behaves_like_one_that_was_never_away(fresh, a_run, a_thread, before, after):
    behave_alike(fresh, a_run, a_thread, before, after)


@pytest.mark.slow
@settings(max_examples=400, deadline=None, derandomize=True)
@given(STEPS, STEPS)
def test_400_restored_threads_behave_like_ones_that_were_never_away(fresh, a_run, a_thread, before, after):
    behave_alike(fresh, a_run, a_thread, before, after)


def test_a_restored_thread_is_current_if_it_was_silent_or_is_gone(stored):
    assert not stored.current
    assert replace(stored, silent=True).current
    assert replace(stored, gone=True).current
    back = apply_unchanged(replace(stored, silent=True, gone=True), at=AT)
    assert (back.restored, back.silent, back.gone, back.current) == (None, False, False, True)
