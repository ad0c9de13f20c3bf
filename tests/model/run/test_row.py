"""Rows of runs: status classes, and the durations computed from their times."""

from __future__ import annotations

import itertools

import pytest

from flowtui.model.run.row import (
    CANCELLED,
    COMPLETED,
    FAILED,
    QUEUED,
    RUNNING,
    STATUS_CLASSES,
    UNKNOWN,
    classify,
)

NO_TIMES = {"failed": None, "cancelled": None, "completed": None}
KNOWN = [
    ("queued", QUEUED),
    ("running", RUNNING),
    ("completed", COMPLETED),
    ("failed", FAILED),
    ("canceled", CANCELLED),
    ("cancelled", CANCELLED),
]
UNDOCUMENTED = [
    None,
    "",
    "in_progress",
    "cancelling",
    "expired",
    "requires_action",
    "COMPLETED",
    " completed",
]


@pytest.mark.parametrize(("status", "expected"), KNOWN)
@pytest.mark.parametrize("is_active", [True, False])
@pytest.mark.parametrize("end", ["failed", "cancelled", "completed", None])
def test_a_known_status_decides_the_class(status, expected, is_active, end):
    times = {**NO_TIMES, **({end: 1.0} if end else {})}
    assert classify(status, is_active=is_active, **times) == expected


@pytest.mark.parametrize("status", UNDOCUMENTED)
@pytest.mark.parametrize("ends", list(itertools.product([None, 0.0], repeat=3)))
def test_an_unknown_status_is_terminal_only_if_inactive_with_an_end_time(status, ends):
    failed, cancelled, completed = ends
    times = {"failed": failed, "cancelled": cancelled, "completed": completed}
    order = [(failed, FAILED), (cancelled, CANCELLED), (completed, COMPLETED)]
    expected = next((name for time, name in order if time is not None), UNKNOWN)
    assert classify(status, is_active=False, **times) == expected
    assert classify(status, is_active=True, **times) == UNKNOWN


@pytest.mark.parametrize(("status", "expected"), [*KNOWN, ("weird", UNKNOWN)])
def test_active_and_terminal_exclude_each_other(a_run, status, expected):
    run = a_run(status=status)
    assert run.status_class == expected
    assert run.status_class in STATUS_CLASSES
    assert run.active == (expected in (QUEUED, RUNNING))
    assert run.terminal == (expected in (COMPLETED, FAILED, CANCELLED))


@pytest.mark.parametrize("end", ["failed", "cancelled", "completed"])
@pytest.mark.parametrize("status", UNDOCUMENTED)
def test_a_status_that_follows_from_an_end_time_is_inferred(a_run, status, end):
    run = a_run(status=status, **{end: 1.0})
    assert (run.status_class, run.inferred, run.inferred_from) == (end, True, f"{end}_at")


@pytest.mark.parametrize("status", [word for word, _ in KNOWN])
def test_a_known_status_is_not_inferred(a_run, status):
    run = a_run(status=status, failed=1.0, cancelled=1.0, completed=1.0)
    assert (run.inferred, run.inferred_from) == (False, "")
    assert not a_run(status="weird").inferred


def test_the_key_is_thread_id_and_run_id(a_run):
    assert a_run("run_9").key == ("thr_1", "run_9")


@pytest.mark.parametrize(
    ("status", "times", "ended"),
    [
        ("completed", {"completed": 9, "failed": 5}, 9),
        ("failed", {"completed": 9, "failed": 5}, 5),
        ("canceled", {"cancelled": 7, "completed": 9}, 7),
        (
            "completed",
            {"failed": 5, "cancelled": 4},
            4,
        ),  # the time of its status is missing: the earliest other one
        ("completed", {}, None),
        ("running", {"completed": 9}, None),
        ("weird", {"is_active": True, "completed": 9}, None),
        ("completed", {"completed": 0}, 0),
    ],
)
def test_a_run_ended_at_the_time_that_belongs_to_its_status(a_run, status, times, ended):
    assert a_run(status=status, **times).ended == ended


@pytest.mark.parametrize(
    ("status", "times", "wait"),
    [
        ("queued", {"created": 100}, 50),
        ("queued", {"created": 200}, 0),  # the server's clock is ahead of the local one
        ("running", {"created": 100, "started": 130}, 30),
        ("completed", {"created": 0, "started": 0}, 0),
        ("running", {"created": 100, "started": 90}, None),
        ("running", {"created": 100}, None),
        ("completed", {"created": 100}, None),
        ("queued", {}, None),
    ],
)
def test_wait_is_from_created_to_started(a_run, status, times, wait):
    assert a_run(status=status, **times).wait(150.0) == wait


@pytest.mark.parametrize(
    ("status", "times", "duration"),
    [
        ("running", {"started": 100}, 50),
        ("running", {"started": 200}, 0),
        ("completed", {"started": 100, "completed": 137}, 37),
        ("completed", {"started": 100, "completed": 100}, 0),
        ("completed", {"started": 100, "completed": 90}, None),
        ("completed", {"completed": 90}, None),
        ("completed", {"started": 100}, None),
        ("queued", {"started": 100}, None),
    ],
)
def test_duration_is_from_started_to_the_end(a_run, status, times, duration):
    assert a_run(status=status, **times).duration(150.0) == duration


def test_age_is_never_negative_and_unknown_without_a_creation_time(a_run):
    assert a_run(created=100).age(150.0) == 50
    assert a_run(created=200).age(150.0) == 0
    assert a_run().age(150.0) is None


def test_only_the_row_of_an_element_without_an_id_is_a_placeholder(a_run):
    assert a_run("").placeholder
    assert not a_run("run_1").placeholder
    assert not a_run("run_1", model=5).placeholder
    assert not a_run("unreadable-1").placeholder
