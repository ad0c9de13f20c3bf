"""Each number of the agent page, computed a second way from the rows of random worlds."""

from __future__ import annotations

from collections import Counter

import pytest

from flowtui.model.answers.agent.known_time import KnownTime
from flowtui.model.answers.agent.page import AgentFacts, PageMaker
from flowtui.model.answers.agent.time_ranges import MARGIN, RANGES
from flowtui.model.answers.agent.usual import METRICS, Earlier
from flowtui.model.history.coverage import coverage
from flowtui.model.history.past import LIVE, Watched

from ...history.worlds import NOW, PRICES
from .worlds import AgentWorld, between, count, dollars, middle, moment, near, ranked, share, some, values_of

DAYS = (0.2, 1.5, 4.0, 20.0)
"""For each range, the days over which the runs of a world are spread."""


def facts_of(world, chosen):
    since = NOW - chosen.seconds
    begin = since - chosen.before
    known = KnownTime(coverage([Watched(begin, NOW, LIVE)], begin, NOW), None, NOW)
    rows = sorted(between(world.own(), begin, since), key=moment, reverse=True)
    return AgentFacts(
        chosen=chosen,
        runs=world.ended(since - chosen.seconds * MARGIN),
        earlier=Earlier(rows, begin, since, known, PRICES),
        coverage=coverage([Watched(begin, NOW, LIVE)], begin, NOW),
        watched_until=NOW,
        reasons=world.reasons,
        releases=world.releases,
        prices=PRICES,
    )


def usual_of(rows, seconds, chosen, since):
    """Return length and usual range of each metric: the first length with enough stretches, see `usual.py`."""
    for length in chosen.stretches:
        count_of = int(chosen.before / length)
        parts = [between(rows, since - length * (n + 1), since - length * n) for n in range(count_of)]
        busy = [part for part in parts if count(part, "completed", "failed", "cancelled") >= 5]
        if length == seconds:
            break
    found = {}
    for metric in METRICS:
        if metric == "cost":
            usable = [p for p in parts if all(dollars(run) is not None or not run_tokens(run) for run in p)]
        else:
            usable = parts if metric == "tokens" else busy
        values = [v for part in usable if (v := values_of(part, length)[metric]) is not None]
        found[metric] = (
            (ranked(values, 0.1), middle(values), ranked(values, 0.9)) if len(values) >= 12 else None
        )
    return len(busy) >= 12, found


def run_tokens(run):
    return any(n is not None for n in (run.total_tokens, run.prompt_tokens, run.completion_tokens))


def check(seed, place, cells):
    chosen, world = RANGES[place], AgentWorld(seed, DAYS[place])
    since = NOW - chosen.seconds
    page = PageMaker(PRICES).page(facts_of(world, chosen), NOW, cells)
    rows = between(world.own(), since, float("inf"))
    assert NOW < page.grid.until <= NOW + page.grid.step
    assert page.grid.since <= since == page.grid.begin < page.grid.since + page.grid.step
    assert page.grid.step <= chosen.seconds * MARGIN
    assert page.grid.cells <= max(cells, 13)

    # all together
    numbers = page.numbers
    counts = [numbers.completed, numbers.failed, numbers.cancelled, numbers.unknown]
    assert counts == [count(rows, name) for name in ("completed", "failed", "cancelled", "unknown")]
    assert numbers.runs == sum(counts) == len(rows)
    assert numbers.tokens == some(run.total_tokens for run in rows)
    assert numbers.reported == sum(run.total_tokens is not None for run in rows)
    lost = [run for run in rows if run.status_class in ("failed", "cancelled")]
    assert (numbers.waste.tokens or 0) == sum(run.total_tokens or 0 for run in lost)
    assert near(numbers.costs.total.amount, some(map(dollars, rows)))
    assert page.runs(9) == sorted(rows, key=lambda run: (moment(run), run.key), reverse=True)[:9]

    # each bucket
    for at, bucket in enumerate(page.buckets):
        begin = page.grid.since + page.grid.step * at
        end = begin + page.grid.step if at < page.grid.cells - 1 else float("inf")
        own, seconds = between(world.own(), begin, end), page.grid.step
        wanted = values_of(own, seconds)
        assert bucket.numbers.runs == len(own)
        assert near(bucket.numbers.failure_share, wanted["failed"])
        assert near(bucket.numbers.p50, wanted["p50"])
        assert near(bucket.numbers.p95, wanted["p95"])
        assert near(page.tokens(bucket), wanted["tokens"])
        assert near(page.cost(bucket), wanted["cost"])
        assert not bucket.gap

    # the last stretch, against what was usual
    stretch = page.compared.last
    enough, usual = usual_of(world.own(), stretch.seconds, chosen, since)
    assert stretch.seconds == chosen.stretches[0] or enough
    if stretch.seconds != chosen.stretches[0]:
        assert not usual_of(world.own(), chosen.stretches[0], chosen, since)[0]
    last = between(rows, NOW - stretch.seconds, float("inf"))
    for metric, value in values_of(last, stretch.seconds).items():
        found = page.compared.metrics[metric]
        assert near(found.value, value)
        if usual[metric] is None:
            assert found.usual is None
            assert (found.outside, found.times) == (0, None)
        else:
            low, mid, high = usual[metric]
            assert all(map(near, found.usual[:3], (low, mid, high)))
            above, below = value is not None and value > high, value is not None and value < low
            few = metric in ("failed", "p50", "p95") and sum(run.terminal for run in last) < 5
            assert found.few == few
            assert found.outside == (0 if few else 1 if above else -1 if below and not found.floor else 0)
            assert near(found.times, value / mid if mid and value is not None else None)
    whole = between(world.own(), since - chosen.seconds, since)
    assert near(share(whole), page.before.numbers.failure_share)
    assert near(some(map(dollars, whole)), page.before.numbers.costs.total.amount)

    # its reasons
    failed = [run for run in rows if run.status_class == "failed"]
    told = Counter(world.reasons[run.key] for run in failed if run.key in world.reasons)
    assert {use.reason: len(use.runs) for use in page.reasons.uses} == told
    assert len(page.reasons.unexplained) + told.total() == len(failed) == numbers.failed
    for use in page.reasons.uses:
        ends = [moment(run) for run in failed if world.reasons.get(run.key) == use.reason]
        assert (use.first, use.last, sum(use.trend)) == (min(ends), max(ends), len(ends))
    return any(usual.values()), bool(told)


@pytest.mark.parametrize("seed", range(3))
def test_every_number_a_second_way(seed):
    found = [check(seed * 100 + n, n, (96, 50, 14)[seed % 3]) for n in range(4)]
    assert any(reasons for _, reasons in found)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(50))
def test_every_number_a_second_way_in_many_worlds(seed):
    check(seed, seed % 4, 12 + seed * 2)


def test_there_are_worlds_with_a_usual_range():
    assert check(7, 0, 30)[0]
