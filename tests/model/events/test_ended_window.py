"""The last ended runs of a group, added one by one or many at once."""

from __future__ import annotations

import random

import pytest

from flowtui.model.events.ended_window import Ended, RunWindow, ended_run


def _run(number, at, *, failed=False):
    return Ended(at, ("thr_1", f"run_{number}"), failed, 1.0)


@pytest.mark.parametrize("batch", [1, 7, 50])
def test_it_keeps_the_newest_runs_in_order_and_each_once(batch):
    chance, window, known = random.Random(batch), RunWindow(30), {}
    for _ in range(400 // batch):
        runs = [
            _run(chance.randrange(120), chance.uniform(0, 99), failed=chance.random() < 0.5)
            for _ in range(batch)
        ]
        known.update({run.key: run for run in runs})
        window.add(runs)
        assert window.runs == sorted(window.runs)
        assert window.known == {run.key: run for run in window.runs}
        assert len(window.runs) <= 30
        assert all(known[run.key] == run for run in window.runs)
    assert len(window.runs) == 30


def test_runs_that_come_in_any_order_are_the_newest():
    runs = [_run(number, float(number)) for number in range(200)]
    for size in (1, 60):
        window = RunWindow(50)
        mixed = random.Random(size).sample(runs, len(runs))
        for begin in range(0, len(mixed), size):
            window.add(mixed[begin : begin + size])
        assert window.runs == runs[-50:]
    window.drop(runs[-1].key)
    window.drop(("thr_1", "unknown"))
    assert window.runs == runs[-50:-1]


def test_a_run_without_an_end_is_none_unless_it_was_seen_to_end(a_run):
    assert ended_run(a_run(created=1, started=2)) is None
    assert ended_run(a_run("run_1", "failed", created=1, started=2)) is None
    assert ended_run(a_run("run_1", "failed", created=1, started=2), 9.0) == Ended(
        9.0, ("thr_1", "run_1"), True, 7.0
    )
    assert ended_run(a_run("run_1", "completed", created=1, started=9, completed=5)).seconds is None
