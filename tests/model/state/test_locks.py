"""Locks of threads: the newer of list and runs counts, and an old lock shows its age."""

from __future__ import annotations

import pytest

from flowtui.model.state.known_runs import apply_runs, apply_thread, apply_unchanged
from flowtui.model.state.locks import FREE, Lock


@pytest.fixture
def story(fresh, a_run, a_thread):
    """Return a function that applies observations to a state.

    `T` is a row in the list of threads, `R` an answer with the thread's runs, `=` the same answer as before.
    """

    def fold(*looks):
        state = fresh()
        for at, kind, *rest in looks:
            if kind == "T":
                state = apply_thread(state, a_thread(*rest), at=at)
            elif kind == "=":
                state = apply_unchanged(state, at=at)
            else:
                rows = [a_run(*text.split(":")) for text in rest[0].split()]
                state, _ = apply_runs(state, rows, at=at, whole=True)
        return state

    return fold


LOCKED, AVAILABLE = ("locked", "a"), ("available", None)
CASES = {
    "nothing is known": ([], FREE),
    "the list alone": ([(1.0, "T", *LOCKED)], Lock(held=True, at=1.0)),
    "a run that had ended after the list": ([(1.0, "T", *LOCKED), (46.0, "R", "a:completed")], FREE),
    "a run that was active after the list": (
        [(1.0, "T", *AVAILABLE), (46.0, "R", "a:queued")],
        Lock(held=True, at=46.0),
    ),
    "an unchanged answer is newer, too": (
        [(1.0, "T", *LOCKED), (2.0, "R", "a:running"), (46.0, "=")],
        Lock(held=True, at=46.0),
    ),
    "the list after the runs, locked": (
        [(1.0, "R", "a:completed"), (2.0, "T", "locked", "b")],
        Lock(held=True, at=2.0),
    ),
    "the list after the runs, free": ([(1.0, "R", "a:running"), (2.0, "T", *AVAILABLE)], FREE),
    "a list that says nothing of locks": (
        [(1.0, "R", "a:running"), (2.0, "T", "", None)],
        Lock(held=True, at=1.0),
    ),
    "locked by no run, seen once": ([(1.0, "T", "locked", None), (2.0, "R", "a:completed")], FREE),
    "an orphan that list and runs confirm": (
        [(1.0, "T", *LOCKED), (2.0, "R", "a:completed"), (5.0, "T", *LOCKED), (6.0, "=")],
        Lock(held=True, at=5.0),
    ),
    "an orphan that is released": (
        [(1.0, "T", *LOCKED), (2.0, "R", "a:completed"), (5.0, "T", *LOCKED), (6.0, "T", *AVAILABLE)],
        FREE,
    ),
    "a run that is not seen any more": (
        [(1.0, "T", *AVAILABLE), (2.0, "R", "a:running"), (3.0, "R", "b:completed")],
        FREE,
    ),
}


@pytest.mark.parametrize(("looks", "lock"), CASES.values(), ids=CASES)
def test_the_newer_observation_decides_whether_a_thread_is_locked(story, looks, lock):
    state = story(*looks)
    assert state.lock() == lock
    active = any(run.active for run in state.runs.values())
    assert state.lock(active=active) == lock


def test_a_lock_shows_its_age_after_ten_seconds_or_two_intervals():
    lock = Lock(held=True, at=100.0)
    assert [lock.is_old(now, 2.0) for now in (100.0, 110.0, 110.1)] == [False, False, True]
    assert [lock.is_old(now, 30.0) for now in (160.0, 161.0)] == [False, True]
    assert lock.text(105.0, 2.0) == "locked"
    assert lock.text(145.0, 2.0) == "locked as of 45s ago"
    assert Lock(held=True).text(145.0, 2.0) == "locked"
    assert not FREE.is_old(999.0, 1.0)
    assert FREE.text(999.0, 1.0) == ""


@pytest.mark.parametrize(
    ("looks", "holder"),
    [
        ([(1.0, "T", *LOCKED)], "a"),
        ([(1.0, "T", *LOCKED), (2.0, "R", "a:running")], "a"),
        ([(1.0, "T", *LOCKED), (2.0, "R", "a:completed b:queued")], None),
        ([(1.0, "T", *LOCKED), (2.0, "R", "b:queued")], "a"),
        ([(1.0, "R", "a:running"), (2.0, "T", *AVAILABLE)], None),
        ([(1.0, "R", "a:running b:queued"), (2.0, "T", "locked", "b")], "b"),
        ([(1.0, "T", *LOCKED), (2.0, "R", "a:completed"), (5.0, "T", *LOCKED), (6.0, "=")], "a"),
    ],
)
def test_the_newer_observation_names_the_lock_holder(story, looks, holder):
    assert story(*looks).active_run == holder
