"""Samples: which runs of a side count, and in which order."""

from __future__ import annotations

import pytest

from flowtui.model.gate.samples import Side, longest
from flowtui.model.gate.samples import sample as sample_at
from flowtui.model.run.row import COMPLETED, FAILED, QUEUED, RUNNING

NEVER = float("inf")


def sample(side, max_age):
    return sample_at(side, side.until, max_age)


def test_only_runs_created_inside_the_window_count(one_run):
    runs = [
        one_run("early", 99.0),
        one_run("in", 100.0),
        one_run("late", 200.0),
        one_run("no", 150.0)._replace(created=None),
    ]
    assert [run.raw_id for run in sample(Side(runs, 100.0, 200.0), NEVER).settled] == ["in"]


def test_runs_are_in_the_order_of_creation(one_run):
    runs = [one_run(str(at), float(at)) for at in (5, 1, 9, 3)]
    first = sample(Side(runs, 0.0, 10.0), NEVER)
    assert [run.raw_id for run in first.settled] == ["1", "3", "5", "9"]
    assert first == sample(Side(runs[::-1], 0.0, 10.0), NEVER)


def test_a_window_that_ends_before_it_begins_is_empty(one_run):
    found = sample(Side([one_run("1", 5.0)], 10.0, 0.0), NEVER)
    assert (found.settled, found.created, found.belief("failure_rate"), found.belief("runs_per_min")) == (
        (),
        (),
        None,
        None,
    )


def test_ended_runs_created_after_many_active_ones_do_not_count_yet(one_run):
    runs = [one_run(str(at), float(at), RUNNING if at in (30, 31, 32, 33) else COMPLETED) for at in range(60)]
    found = sample(Side(runs, 0.0, 100.0), NEVER)
    assert len(found.settled) == 30
    assert found.waiting == 26
    assert not any(run.active for run in found.settled)


def test_one_run_that_stays_active_does_not_keep_the_others_from_counting(one_run):
    runs = [one_run(str(at), float(at), RUNNING if at == 0 else COMPLETED) for at in range(20)]
    assert len(sample(Side(runs, 0.0, 100.0), NEVER).settled) == 19


def test_runs_that_are_active_for_too_long_are_not_waited_for(one_run):
    base = Side([one_run("b", 0.0, took=9.0)], 0.0, 100.0)
    assert longest(base) == 10.0
    runs = [one_run(str(at), 200.0 + at, RUNNING if at % 2 else COMPLETED) for at in range(20)]
    found = sample(Side(runs, 200.0, 900.0), longest(base))
    assert len(found.settled) == 10
    assert found.belief("failure_rate").n == 10
    slow = found.belief("p95(duration)")
    assert slow.n == 20
    assert slow.value > 600  # their present durations count


def test_quick_failures_do_not_count_before_slow_successes(one_run):
    """One in ten runs fails at once and the others take 100 s, so at first only failures have ended."""
    runs = [
        one_run(str(at), float(at), FAILED, took=0.0)
        if at % 10 == 9
        else one_run(str(at), float(at), RUNNING)
        for at in range(50)
    ]
    found = sample(Side(runs, 0.0, 50.0), NEVER)
    assert len(found.settled) == 0
    assert found.waiting == 5


def test_negative_durations_and_unreported_tokens_are_no_values(one_run):
    runs = [one_run("1", 1.0, took=-5.0, tokens=None), one_run("2", 2.0, took=7.0, tokens=30)]
    found = sample(Side(runs, 0.0, 10.0), NEVER)
    assert (found.belief("p50(duration)").n, found.belief("p50(duration)").value) == (1, 7.0)
    assert (found.belief("tokens_per_run").n, found.belief("tokens_per_run").value) == (1, 30.0)
    assert found.belief("failure_rate").n == 2


def test_active_runs_count_as_arrivals_but_have_no_tokens(one_run):
    found = sample(Side([one_run("1", 30.0, QUEUED), one_run("2", 40.0, RUNNING)], 0.0, 60.0), NEVER)
    assert found.belief("runs_per_min").value == pytest.approx(2.0)
    assert found.belief("tokens_per_run") is None
    assert found.size("failure_rate") == 0


def test_a_run_of_the_base_that_never_ends_is_not_waited_for(one_run):
    base = Side(
        [one_run(str(at), float(at), RUNNING if at > 90 else COMPLETED) for at in range(100)], 0.0, 100.0
    )
    assert len(sample_at(base, 101.0, longest(base)).timed) == 91
    assert len(sample_at(base, 9_000.0, longest(base)).timed) == 100
