"""Findings: named with their evidence, and never from what a normal race can make."""

from __future__ import annotations

import pytest

from flowtui.model.findings import (
    CONTRADICTION,
    NOT_SEEN,
    ORPHAN_LOCK,
    OVERDUE,
    WENT_BACK,
    Finding,
    run_findings,
    thread_findings,
)
from flowtui.model.store import see_runs, see_same, see_thread


def names(findings):
    return [finding.name for finding in findings]


@pytest.mark.parametrize(
    ("status", "expires", "now", "found"),
    [
        ("running", 100, 100.0, False),
        ("running", 100, 100.5, True),
        ("queued", 100, 161.0, True),
        ("completed", 100, 161.0, False),
        ("weird", 100, 161.0, False),
        ("running", None, 161.0, False),
        ("running", 0, 161.0, True),
    ],
)
def test_point_7_past_its_expiry_and_still_active_is_overdue(a_run, status, expires, now, found):
    assert names(run_findings(a_run(status=status, expires=expires), now)) == ([OVERDUE] if found else [])


@pytest.mark.parametrize(
    ("observed", "offset", "found"),
    [(99.0, 0.0, False), (101.0, 0.0, True), (99.0, 5.0, True), (101.0, -5.0, False)],
)
def test_an_outage_is_no_evidence_that_a_run_is_overdue(fresh, a_run, observed, offset, found):
    state, _ = see_runs(fresh(), [a_run(expires=100)], at=observed, whole=True)
    assert names(run_findings(a_run(expires=100), 5000.0, state, offset)) == ([OVERDUE] if found else [])


@pytest.mark.parametrize(
    ("created", "started", "completed", "found"),
    [(10, 11, 12, []), (10, 9, 12, [CONTRADICTION]), (10, 11, 10, [CONTRADICTION])],
)
def test_times_out_of_order_are_a_finding(a_run, created, started, completed, found):
    run = a_run(status="completed", created=created, started=started, completed=completed)
    assert names(run_findings(run, 100.0)) == found


def test_point_7_overdue_says_by_how_much(a_run):
    assert run_findings(a_run(expires=100), 161.0) == (Finding(OVERDUE, "overdue by 1m 01s"),)


def test_what_only_repeated_looks_show(fresh, a_run):
    state, _ = see_runs(fresh(), [a_run("a", "completed"), a_run("b")], at=1.0, whole=True)
    state, _ = see_runs(state, [a_run("a", "running")], at=3.0, whole=True)
    assert names(run_findings(state.runs["a"], 4.0, state)) == [WENT_BACK]
    assert names(run_findings(state.runs["b"], 4.0, state)) == [NOT_SEEN]
    assert run_findings(state.runs["a"], 4.0) == ()


# --- point 10: orphan locks ------------------------------------------------------------------------


@pytest.fixture
def look(a_run, a_thread):
    """Fold a story into a state: `T` is a look at the thread, `R` one at its runs, `=` an unchanged one."""

    def fold(state, *story):
        for at, kind, *rest in story:
            if kind == "T":
                state = see_thread(state, a_thread(*rest), at=at)
            elif kind == "=":
                state = see_same(state, at=at)
            else:
                rows = [a_run(*text.split(":")) for text in rest[0].split()]
                state, _ = see_runs(state, rows, at=at, whole="partial" not in rest)
        return state

    return fold


LOCKS = [
    (("locked", None), "a:completed", "locked by no run"),
    (("locked", "ghost"), "a:completed", "locked by a run it does not list"),
    (("locked", "a"), "a:completed", "locked by a, which has completed"),
    (("locked", "a"), "a:failed", "locked by a, which has failed"),
    (("locked", "a"), "a:canceled", "locked by a, which has been cancelled"),
]


@pytest.mark.parametrize(("lock", "rows", "text"), LOCKS)
def test_point_10_a_lock_without_an_active_run_is_an_orphan_once_both_looks_confirm_it(
    fresh, look, lock, rows, text
):
    state = look(fresh(), (10.0, "T", *lock), (10.5, "R", rows))
    assert thread_findings(state) == ()
    for confirmed in (
        look(state, (12.5, "T", *lock), (12.5, "R", rows)),
        look(state, (13.0, "="), (14.0, "T", *lock)),
    ):
        assert thread_findings(confirmed) == (Finding(ORPHAN_LOCK, text),)
        assert (ORPHAN_LOCK in names(run_findings(confirmed.runs["a"], 20.0, confirmed))) == (lock[1] == "a")


@pytest.mark.parametrize(("lock", "rows", "_text"), LOCKS)
@pytest.mark.parametrize(
    "more",
    [
        ["T"],
        ["R"],
        ["R", "R", "R"],
        ["T", "T", "T"],
    ],
)
def test_point_10_one_kind_of_look_alone_confirms_nothing(fresh, look, lock, rows, _text, more):
    state = look(fresh(), (10.0, "T", *lock), (10.5, "R", rows))
    for step, kind in enumerate(more, start=1):
        state = look(state, (10.5 + 30 * step, "T", *lock) if kind == "T" else (10.5 + 30 * step, "R", rows))
    assert thread_findings(state) == ()


def test_point_10_both_looks_within_an_interval_confirm_nothing(fresh, look):
    lock = ("locked", "a")
    state = look(fresh(), (10.0, "T", *lock), (10.5, "R", "a:completed"))
    assert thread_findings(look(state, (12.4, "T", *lock), (60.0, "R", "a:completed"))) == ()
    assert thread_findings(look(state, (60.0, "T", *lock), (12.4, "R", "a:completed"))) == ()


RACES = {
    "thread page read just before the run ended": [
        (10.0, "T", "locked", "a"),
        (10.1, "R", "a:completed"),
        (12.1, "R", "a:completed"),
        (14.1, "="),
        (40.0, "T", "available", None),
    ],
    "another run took the lock since": [
        (10.0, "T", "locked", "a"),
        (10.1, "R", "a:completed"),
        (38.0, "="),
        (40.0, "T", "locked", "b"),
        (40.1, "R", "b:running a:completed"),
    ],
    "thread page names a run that the runs page is too old for": [
        (10.0, "R", "a:completed"),
        (40.0, "T", "locked", "b"),
        (42.0, "R", "b:running a:completed"),
        (70.0, "T", "locked", "b"),
    ],
    "run ended, next one started, every time between two looks": [
        (10.0, "T", "locked", "a"),
        (11.0, "R", "a:completed"),
        (20.0, "T", "locked", "b"),
        (21.0, "R", "b:completed a:completed"),
        (30.0, "T", "locked", "c"),
        (31.0, "R", "c:completed b:completed a:completed"),
        (40.0, "T", "available", None),
    ],
    "the holder is on a page not read yet": [
        (10.0, "R", "z:completed", "partial"),
        (11.0, "T", "locked", "a"),
        (20.0, "R", "z:completed", "partial"),
        (30.0, "T", "locked", "a"),
        (40.0, "R", "z:completed", "partial"),
    ],
    "an unknown status may well be alive": [
        (10.0, "T", "locked", "a"),
        (11.0, "R", "a:requires_action"),
        (40.0, "T", "locked", "a"),
        (41.0, "="),
    ],
    "the runs were never read": [(10.0, "T", "locked", None), (40.0, "T", "locked", None)],
    "a healthy lock": [
        (10.0, "T", "locked", "a"),
        (11.0, "R", "a:running"),
        (40.0, "T", "locked", "a"),
        (41.0, "="),
    ],
    "free, with a leftover name": [
        (10.0, "T", "available", "a"),
        (11.0, "R", "a:completed"),
        (40.0, "T", "available", "a"),
        (41.0, "="),
    ],
}


@pytest.mark.parametrize("story", RACES.values(), ids=RACES.keys())
def test_point_10_a_normal_race_is_never_an_orphan_lock(fresh, look, story):
    state = fresh()
    for step in story:
        state = look(state, step)
        assert thread_findings(state) == (), f"at {step}"
        for run in state.runs.values():
            assert ORPHAN_LOCK not in names(run_findings(run, step[0], state))


def test_point_10_an_orphan_lock_that_is_released_or_taken_again_is_none(fresh, look):
    lock = ("locked", "a")
    orphan = look(fresh(), (10.0, "T", *lock), (10.5, "R", "a:failed"), (40.0, "T", *lock), (41.0, "="))
    assert thread_findings(orphan)
    assert thread_findings(look(orphan, (70.0, "T", "available", None))) == ()
    assert thread_findings(look(orphan, (70.0, "T", "locked", "b"))) == ()
    assert thread_findings(look(orphan, (70.0, "R", "a:running"))) == ()
