"""What both sides tell together: the spread of values, bursts, and how much a sample is worth."""

from __future__ import annotations

import random

import pytest

from flowtui.model.gate.likeness import Tally
from flowtui.model.gate.pooling import _of_percentile, natures, seen
from flowtui.model.gate.samples import Side, sample

NEVER = float("inf")


def samples(one_run, base, new, threads=()):
    sides = []
    for start, values in ((0.0, base), (1_000.0, new)):
        runs = [
            one_run(
                f"{start}_{at}",
                start + at,
                tokens=value,
                thread=threads[at % len(threads)] if threads else None,
            )
            for at, value in enumerate(values)
        ]
        sides.append(sample(Side(runs, start, start + 1_000.0), 2_000.0, NEVER))
    return sides


def test_a_small_base_learns_from_the_new_side_how_widely_tokens_are_spread(one_run):
    chance = random.Random(2)
    wide = [round(chance.lognormvariate(8, 1.2)) for _ in range(200)]
    base, new = samples(one_run, [3_000, 3_100, 2_900] * 7, wide)
    (only,) = natures("tokens_per_run", new, base, None, compared=True)
    assert only.base.spread == only.new.spread > 0.8
    alone = base.belief("tokens_per_run")
    both = seen("tokens_per_run", new, base)[1]
    assert both.value == alone.value
    assert both.high - both.low > 5 * (alone.high - alone.low)


def test_with_one_run_a_thread_each_run_is_worth_one(one_run):
    base, new = samples(one_run, [1_000] * 50, [1_000] * 30)
    for metric in ("failure_rate", "p95(duration)", "tokens_per_run"):
        one, two = seen(metric, new, base)
        assert (one.threads, one.worth, two.threads, two.worth) == (30, 30.0, 50, 50.0)


def test_runs_of_few_threads_are_worth_fewer(one_run):
    base, new = samples(one_run, list(range(1_000, 1_060)), list(range(1_000, 1_060)), "ab")
    for metric in ("failure_rate", "p50(duration)", "tokens_per_run"):
        one, two = seen(metric, new, base)
        assert (one.threads, one.n, two.threads) == (2, 60, 2)
        assert 1 <= one.worth < 60
        assert one.worth == pytest.approx(two.worth)


def test_one_thread_alone_is_compared_with_itself_so_each_run_counts(one_run):
    base, new = samples(one_run, [1_000] * 50, [1_000] * 30, "a")
    one, two = seen("failure_rate", new, base)
    assert (one.threads, one.worth, two.threads, two.worth) == (1, 30.0, 1, 50.0)


def test_bursts_of_the_base_make_runs_per_minute_less_certain(one_run):
    even = [one_run(f"e{at}", 1_000.0 + 10.0 * at) for at in range(100)]
    bursts = [one_run(f"b{at}", 100.0 * (at // 10) + at % 10) for at in range(100)]
    base = sample(Side(bursts, 0.0, 1_000.0), 2_000.0, NEVER)
    new = sample(Side(even, 1_000.0, 2_000.0), 2_000.0, NEVER)
    (only,) = natures("runs_per_min", new, base, None, compared=True)
    assert only.new.bursts == only.base.bursts > 2
    found = seen("runs_per_min", new, base)[0]
    assert (found.threads, found.worth) == (None, None)
    assert found.high - found.low > 1.4 * (new.belief("runs_per_min").high - new.belief("runs_per_min").low)


def test_a_thread_on_one_side_is_a_burst_of_runs(one_run):
    def arrivals(name, since, thread):
        return [one_run(f"{name}{at}", since + 10.0 * at, thread=f"{thread}{at % 5}") for at in range(100)]

    def bursts(first, second):
        base = sample(Side(arrivals("b", 0.0, first), 0.0, 1_000.0), 2_000.0, NEVER)
        new = sample(Side(arrivals("n", 1_000.0, second), 1_000.0, 2_000.0), 2_000.0, NEVER)
        (only,) = natures("runs_per_min", new, base, None, compared=True)
        assert only.new.bursts == only.base.bursts
        return only.new.bursts

    assert bursts("before", "after") == 20.0
    assert bursts("same", "same") == 1.0


def test_values_of_few_threads_are_worth_less_for_a_percentile_than_for_a_rate():
    few = Tally(((10, 2, 1), (10, 5, 2), (10, 9, 1)))
    assert few.worth(0.5) == pytest.approx(40 / 5.5)
    assert _of_percentile(few, 0.5) == pytest.approx(40 / 5.5 * 3 / 4)
    assert _of_percentile(few, 0.0) == few.worth(0.0) == 40.0
    assert _of_percentile(Tally(((10, 5, 1),)), 0.97) == 1.0
    assert _of_percentile(Tally(), 0.5) == 0.0
