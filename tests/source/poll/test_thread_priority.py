"""The rules by which a thread is moving, lingering or resting, one by one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtui.model.run.parsing import parse_run
from flowtui.model.run.thread import Thread
from flowtui.model.state.known_runs import ThreadState, apply_runs, apply_thread
from flowtui.source.poll.thread_priority import AFTERGLOW, LINGERING, MOVING, RESTING, priority_of

AT, INTERVAL = 1000.0, 2.0
GLOW = INTERVAL * AFTERGLOW


def seen(status="completed", at=AT, state=None):
    state = state or ThreadState("t", interval=2.0)
    run = parse_run({"id": "r", "status": status, "created_at": "2026-01-01T00:00:00Z"}, "t")
    return apply_runs(state, [run], at=at, whole=True)[0]


def listed(state, status, at, holder="r"):
    return apply_thread(state, Thread("t", "t", status, holder, 0.0, None), at=at)


@pytest.mark.parametrize("status", ["queued", "running"])
def test_a_thread_with_an_active_run_is_moving_even_if_listed_as_available(status):
    assert priority_of(seen(status), INTERVAL) == MOVING
    assert priority_of(listed(seen(status), "available", AT + 1, None), INTERVAL) == MOVING


def test_an_active_run_that_is_not_seen_does_not_count():
    lost = replace(seen("running"), not_seen=frozenset({"r"}), trails={})
    assert priority_of(lost, INTERVAL) == RESTING


def test_a_thread_with_a_lock_newer_than_its_observation_is_moving():
    assert priority_of(listed(seen(), "locked", AT + 1), INTERVAL) == MOVING
    assert priority_of(listed(ThreadState("t", interval=2.0), "locked", AT), INTERVAL) == MOVING


@pytest.mark.parametrize("holder", ["r", "run_unknown", None])
def test_a_locked_thread_without_an_active_run_is_lingering(holder):
    state = seen(at=AT + 2, state=listed(seen(), "locked", AT + 1, holder))
    assert priority_of(state, INTERVAL) == LINGERING


def test_a_thread_stays_moving_for_a_while_after_its_run_has_ended():
    ended = seen(at=AT + 10, state=seen("running"))
    assert priority_of(ended, INTERVAL) == MOVING
    assert priority_of(seen(at=AT + 10 + GLOW - 0.1, state=ended), INTERVAL) == MOVING
    assert priority_of(seen(at=AT + 10 + GLOW, state=ended), INTERVAL) == RESTING


def test_other_threads_are_resting():
    assert priority_of(ThreadState("t", interval=2.0), INTERVAL) == RESTING
    assert priority_of(listed(seen(), "available", AT + 9, None), INTERVAL) == RESTING
