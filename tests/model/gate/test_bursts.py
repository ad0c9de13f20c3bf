"""Failures of different threads that come together, as in outages: when they count as fewer."""

from __future__ import annotations

import random

import pytest

from flowtui.model.gate import INCONCLUSIVE, Side, judge, parse_gate
from flowtui.model.gate.bursts import NONE, Moment, possible
from flowtui.model.run.row import COMPLETED, FAILED

HOUR = 3_600.0


def moments(seed, runs=200, *, share=0.05, outage=0.0, minutes=1, threads=0):
    """Return runs of two hours. With `outage` they fail only in ill minutes, and this is the share that fails then."""
    chance = random.Random(seed)
    ill = [chance.random() < share / outage if outage else False for _ in range(120 // minutes)]
    found = []
    for number, at in enumerate(sorted(chance.random() * 2 * HOUR for _ in range(runs))):
        rate = outage * ill[int(at / 60 / minutes)] if outage else share
        found.append(Moment(at, f"thr_{number % threads if threads else number}", chance.random() < rate))
    return found


def more(new, base):
    """Return by how many runs an independent one is worth more, on average: new side and base."""
    found = possible(new, base)
    return sum(each.weight * each.new for each in found), sum(each.weight * each.base for each in found)


@pytest.mark.parametrize("sizes", [(200, 200), (20, 50), (200, 1_000), (9, 1_000)])
def test_independent_failures_hardly_ever_count_as_fewer(sizes):
    news, bases = sizes
    found = [possible(moments(f"n{seed}", news), moments(f"b{seed}", bases)) for seed in range(60)]
    assert sum(each != NONE for each in found) <= 3


@pytest.mark.parametrize(("minutes", "low", "high"), [(1, 0.8, 1.8), (5, 3.9, 9.0)])
def test_failures_in_outages_count_as_fewer(minutes, low, high):
    sides = (
        [moments(f"{kind}{seed}", outage=0.5, minutes=minutes) for seed in range(41)] for kind in ("n", "b")
    )
    found = sorted(more(new, base)[0] for new, base in zip(*sides, strict=True))
    assert low < found[20] < high, "0.8 for a minute, 3.9 for five, and up to twice that as lengths may vary"


def test_a_side_with_more_runs_a_minute_has_more_that_tell_the_same():
    new, base = more(moments(1, outage=0.5), moments(2, 1_000, outage=0.5))
    assert 3 * new < base


def test_no_failure_or_a_single_one_says_nothing_of_bursts():
    quiet = [Moment(float(at), f"thr_{at}", hit=False) for at in range(50)]
    one = [run._replace(hit=run.at == 25) for run in quiet]
    assert possible([], []) is possible(quiet, quiet) is possible(one, quiet) is possible(one, one) is NONE


def test_failures_of_one_thread_that_come_together_are_no_outage():
    def ill(side, threads):
        return [
            Moment(at * 1_000.0 + number, f"{side}_{at}", hit=at == 3)
            for at in range(threads)
            for number in range(8)
        ]

    assert possible(ill("new", 7), ill("base", 7)) is NONE


def test_a_gate_does_not_refuse_a_release_for_six_outages_instead_of_three(one_run):
    def side(start, outages):
        ill = {start + 60.0 * (5 + 11 * number) for number in range(outages)}
        runs = []
        for number in range(240):
            at = start + 30.0 * number
            bad = any(since <= at < since + 120.0 for since in ill)
            runs.append(one_run(f"{at}", at, FAILED if bad else COMPLETED))
        return Side(runs, start, start + 2 * HOUR)

    base, new = side(0.0, 3), side(2 * HOUR, 6)
    judged = judge(parse_gate("failure_rate <= base"), base, new, min_runs=20, final=True)
    (row,) = judged.rows
    assert (row.base.n, row.new.n, judged.verdict) == (240, 240, INCONCLUSIVE), (
        "24 failures instead of 12, but 6 outages"
    )
    assert row.new.worth < 120
