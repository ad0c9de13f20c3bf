"""What front ends ask of a snapshot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtui.model.state.health import LATE, LIVE, LOADING, LOST, REFUSED, SEEN, STALE, Withheld
from flowtui.model.state.known_runs import (
    Failure,
    ThreadState,
    apply_failure,
    apply_request,
    apply_runs,
    apply_unchanged,
)
from flowtui.model.state.snapshot import Snapshot, Update

AT = 1000.0


@pytest.fixture
def snapshot(a_run):
    threads = {}
    for key in ("t1", "t2"):
        rows = [a_run(name)._replace(thread_key=key) for name in ("b", "a")]
        threads[key], _ = apply_runs(ThreadState(key, interval=2.0), rows, at=AT, whole=True)
    return Snapshot(AT, threads, listed=True, clock_offset=-5.0)


def test_runs_returns_those_of_all_threads_or_of_one(snapshot):
    assert [run.key for run in snapshot.runs()] == [("t1", "b"), ("t1", "a"), ("t2", "b"), ("t2", "a")]
    assert [run.key for run in snapshot.runs("t2")] == [("t2", "b"), ("t2", "a")]
    assert list(snapshot.runs("nowhere")) == []


def test_read_is_true_after_one_answer_or_for_an_empty_list(snapshot):
    assert not Snapshot(AT).read()
    assert Snapshot(AT, listed=True).read()  # there are none
    unread = ThreadState("t9", interval=2.0, failure=Failure("not_found", "404", since=AT))
    assert not Snapshot(AT, {"t9": unread}, listed=True).read()
    threads = {
        "t9": unread,
        **snapshot.threads,
        "t3": apply_unchanged(ThreadState("t3", interval=2.0), at=AT),
    }
    some = Snapshot(AT, threads, listed=True)
    assert some.read()
    assert [some.read(key) for key in ("t1", "t3", "t9", "nowhere")] == [True, True, False, False]


def test_a_run_is_found_by_thread_and_id(snapshot):
    assert snapshot.run(("t2", "a")).key == ("t2", "a")
    assert snapshot.run(("t2", "z")) is None
    assert snapshot.run(("t9", "a")) is None


def test_server_time_adds_the_offset(snapshot):
    assert snapshot.server_time(2000.0) == 1995.0


def test_health_is_the_worst_of_the_threads(snapshot):
    assert snapshot.health(AT + 1).word == LIVE
    silent = apply_request(apply_unchanged(ThreadState("t3", interval=2.0), at=AT - 6), AT - 4)
    assert Snapshot(AT, {**snapshot.threads, "t3": silent}).health(AT).word == LATE


def test_health_gets_worse_between_updates_while_requests_are_held_back(snapshot):
    held = replace(snapshot, withheld=Withheld(AT, "down"))
    assert [held.health(AT + out).word for out in (2.0, 6.0, 9.0, 125.0)] == [LIVE, LATE, STALE, LOST]
    assert held.freshness(AT + 9.0).stale
    assert snapshot.health(AT + 125.0).word == SEEN
    assert not snapshot.freshness(AT + 125.0).stale


@pytest.mark.parametrize(
    ("listed", "failure", "now", "word"),
    [
        (False, None, AT, LOADING),
        (True, None, AT, LIVE),
        (True, None, AT + 500, LIVE),  # an empty list stays live
        (True, Failure("server", "500", since=AT - 1, retry_at=AT + 9), AT, LIVE),
        (True, Failure("server", "500", since=AT - 60, retry_at=AT + 9), AT, STALE),
        (True, Failure("server", "500", since=AT - 121, retry_at=AT + 9), AT, LOST),
        (False, Failure("server", "500", since=AT - 1, retry_at=AT + 9), AT, STALE),
        (False, Failure("server", "500", since=AT - 1, retry_at=AT + 9), AT + 120, LOST),
        (False, Failure("refused", "check the key", since=AT), AT, REFUSED),
        (True, Failure("not_found", "404", since=AT), AT, LOST),
    ],
)
def test_without_threads_health_is_that_of_the_list(listed, failure, now, word):
    health = Snapshot(AT, listed=listed, list_failure=failure).health(now)
    assert health.word == word
    assert bool(health.cause) == (failure is not None and word != LIVE)


def test_during_an_outage_the_last_good_rows_stay(snapshot):
    failing = {
        key: apply_failure(state, Failure("server", "500", since=AT))
        for key, state in snapshot.threads.items()
    }
    broken = Snapshot(AT, failing)
    assert list(broken.runs()) == list(snapshot.runs())
    assert broken.health(AT).word == LOST
    assert Update(broken).changes == ()
