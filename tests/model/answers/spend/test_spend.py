"""What was spent: each number is computed a second way from the rows."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict

import pytest

from flowtui.config.values.prices import Price, Prices
from flowtui.model.answers.spend.chosen import (
    dearest,
    half_of_waste,
    rate_since,
    spread_steps,
    steps_as,
    waste_by_reason,
)
from flowtui.model.answers.spend.spend import GROUPINGS, ORDERS, Spender, change, spend
from flowtui.model.answers.spend.spent import Spent, spent, sums_of_rows, whole_sums
from flowtui.model.history.statistics import moment_of
from flowtui.model.run.cost import WASTED, Total, cost, costs, waste

from ....store.remembering import BEGIN, run
from .spend_world import DAY, PRICES, World

STEP = DAY / 240


def _key(row, by, releases):
    if by == "release":
        return str(0 if row.created is None else bisect_right(releases, row.created))
    return {"agent": row.agent_id, "model": row.model, "thread": row.thread_key}[by]


def _grouped(rows, by, releases):
    groups = defaultdict(list)
    for row in rows:
        groups[_key(row, by, releases)].append(row)
    return groups


def _is_sum_of(found: Spent, rows, prices):
    known = [row.total_tokens for row in rows if row.total_tokens is not None]
    assert (found.runs, found.reported) == (len(rows), len(known))
    assert found.tokens == (sum(known) if known else None)
    assert found.per_run == (pytest.approx(sum(known) / len(known)) if known else None)
    wasted = waste(rows)
    assert found.wasted == wasted.tokens
    assert found.wasted_runs - found.wasted_reported == wasted.unreported
    for part, status in (("by_class", "total_tokens"), ("counts", None)):
        for name, number in getattr(found, part).items():
            own = [row for row in rows if row.status_class == name]
            assert number == (sum(row.total_tokens or 0 for row in own) if status else len(own))
    both = costs(rows, prices)
    for own, other in ((found.cost, both.total), (found.wasted_cost, both.wasted)):
        assert own[2:] == other[2:]
        assert own.currency == other.currency
        assert own.amount == (None if other.amount is None else pytest.approx(other.amount))


def _check(world, prices):
    count = [row for row in world.runs if not row.active and moment_of(row) is not None]
    rows = sorted((row for row in count if moment_of(row) >= world.since), key=lambda row: -moment_of(row))
    earlier = [row for row in count if moment_of(row) < world.since]
    middle = len(rows) // 2
    for by in GROUPINGS:
        releases = world.releases if by == "release" else []
        older = sums_of_rows(rows[middle:], by, STEP, releases)
        before = whole_sums(sums_of_rows(earlier, by, STEP, releases))
        found = spend(
            rows[:middle],
            by,
            world.since,
            world.now,
            step=STEP,
            prices=prices,
            releases=releases,
            older=older,
            before=before,
        )
        groups, groups_before = (_grouped(each, by, releases) for each in (rows, earlier))
        assert {row.key for row in found.rows} == set(groups)
        for row in found.rows:
            _is_sum_of(row.now, groups[row.key], prices)
            if by != "release":
                _is_sum_of(row.before, groups_before[row.key], prices)
                _check_change(row, groups[row.key], groups_before[row.key], prices)
            assert sum(row.done.values()) + sum(row.wasted.values()) == (row.now.tokens or 0)
            assert list(found.runs.get(row.key, ())) == [
                each for each in rows[:middle] if each in groups[row.key]
            ]
        _is_sum_of(found.whole.now, rows, prices)
        _is_sum_of(found.whole.before, earlier, prices)
        if found.whole.now.tokens:
            assert math.fsum(found.share(row) or 0 for row in found.rows) == pytest.approx(1)
        for order in ORDERS:
            assert sorted(map(id, found.ordered(order))) == sorted(map(id, found.rows))
        _check_steps(found, rows)
    _check_chosen(rows, world, prices)


def _check_change(row, now, before, prices):
    new, old = (costs(each, prices).total.amount for each in (now, before))
    if new is None or (old is None and before):
        new, old = (sum(each.total_tokens or 0 for each in rows) for rows in (now, before))
    if old:
        assert row.change == pytest.approx(new / old - 1)
    assert row.growth is None or row.growth == pytest.approx((new or 0) - (old or 0))


def _check_steps(found, rows):
    naive = [0, 0, 0, 0]
    first = int(found.since // STEP)
    for row in rows:
        place = (int(moment_of(row) // STEP) - first) // 61
        if row.status_class not in WASTED and 0 <= place < 4:
            naive[place] += row.total_tokens or 0
    assert steps_as(found.whole.done, first, 61, 4) == pytest.approx(naive)


def _check_chosen(rows, world, prices):
    used = [
        row for row in rows if (row.total_tokens, row.prompt_tokens, row.completion_tokens) != (None,) * 3
    ]
    best, amounts = (
        [0.0 if (own := cost(row, prices)) is None else own.amount for row in each]
        for each in (dearest(rows, prices, 9), used)
    )
    assert best == sorted(amounts, reverse=True)[:9]
    failed = [row for row in rows if row.status_class == "failed"]
    for each in waste_by_reason(failed, world.reasons, prices):
        own = [row for row in failed if world.reasons.get(row.key) == each.reason]
        known = [row.total_tokens for row in own if row.total_tokens is not None]
        assert (each.runs, each.tokens) == (len(own), sum(known) if known else None)
        assert each.cost == costs(own, prices).total
    few, of = half_of_waste(rows)
    lost = sorted((row.total_tokens or 0 for row in rows if row.status_class in WASTED), reverse=True)
    assert of == sum(tokens > 0 for tokens in lost)
    if of:
        assert 2 * sum(lost[:few]) >= sum(lost) > 2 * sum(lost[: few - 1])


def test_each_number_is_that_of_the_rows():
    _check(World(1, count=70), PRICES)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 14))
def test_each_number_of_random_worlds_is_that_of_the_rows(seed):
    world = World(seed, count=20 * seed)
    _check(world, PRICES)
    _check(world, None)


def test_nothing_is_spent_without_runs():
    found = spend([], "agent", BEGIN, BEGIN + DAY, step=STEP, prices=PRICES)
    assert (found.rows, found.priced, found.largest) == ([], False, 0)
    assert found.whole.now == spent([], PRICES)
    assert found.whole.now.tokens is None
    assert found.whole.now.wasted == 0
    assert found.whole.now.wasted_share is None


def test_orders_and_rows_without_a_price():
    rows = [
        run("a", agent_id="dear", model="large"),
        run("b", agent_id="most", model="unpriced", total_tokens=900),
        run("c", agent_id="cheap", model="maker/small", total_tokens=500),
        run("d", "failed", agent_id="cheap", model="maker/small"),
        run("e", agent_id="silent", prompt_tokens=None, completion_tokens=None, total_tokens=None),
    ]
    found = spend(rows, "agent", BEGIN, BEGIN + DAY, step=STEP, prices=PRICES)
    keys = {order: [row.key for row in found.ordered(order)] for order in ORDERS}
    assert keys["cost"] == ["most", "dear", "cheap", "silent"], "the mean price puts `most` first"
    assert keys["tokens"] == ["most", "cheap", "dear", "silent"]
    assert keys["wasted"][0] == "cheap"
    assert keys["per run"] == ["most", "cheap", "dear", "silent"]
    free = spend(rows, "agent", BEGIN, BEGIN + DAY, step=STEP, prices=None)
    assert [row.key for row in free.ordered("cost")] == keys["tokens"]


def _spent(runs, tokens, amount=None):
    return Spent(runs, runs, tokens, cost=Total(amount, "USD", priced=runs if amount is not None else 0))


@pytest.mark.parametrize(
    ("now", "before", "changed", "growth"),
    [
        (_spent(20, 100, 3.0), _spent(20, 300, 2.0), 0.5, 1.0),
        (_spent(20, 100), _spent(20, 300, 2.0), pytest.approx(-2 / 3), -200.0),
        (_spent(20, 100, 3.0), Spent(), None, 3.0),
        (_spent(20, None), _spent(20, 300), None, None),
        (_spent(20, 100), None, None, None),
        (_spent(20, 10**400), _spent(20, 1), None, 1e300),
    ],
)
def test_more_than_before_in_money_or_in_tokens(now, before, changed, growth):
    one = Spender("", now, before)
    assert one.change == changed
    assert one.growth == (None if growth is None else pytest.approx(growth))
    assert before is None or change(now, before) == changed


@pytest.mark.parametrize(
    ("now", "before", "marked"),
    [
        ((20, 130), (20, 100), True),
        ((20, 120), (20, 100), False),
        ((9, 130), (20, 100), False),
        ((20, 130), (9, 100), False),
        ((20, 13), (20, 10), False),
    ],
)
def test_only_what_is_clearly_more_and_a_part_of_all_is_marked(now, before, marked):
    found = spend([], "agent", BEGIN, BEGIN + DAY, step=STEP, prices=None)
    whole = Spender("", _spent(99, 500), None)
    one = Spender("a", _spent(*now), _spent(*before))
    object.__setattr__(found, "whole", whole)
    assert found.grown(one) == marked


def test_tokens_an_hour_since_a_release_are_of_whole_steps():
    steps = dict.fromkeys(range(100), 60)
    one = Spender("", Spent(), None, steps, {50: 600})
    rate = rate_since(one, 49.5, 0.0, 100.0, 1.0)
    assert (rate.since, rate.now, rate.before) == (50.0, (60 * 50 + 600) * 3600 / 50, 60 * 3600)
    assert rate_since(one, 99.5, 0.0, 100.0, 1.0) is None
    assert rate_since(one, 0.5, 0.0, 100.0, 1.0).before is None


def test_huge_numbers_are_no_error():
    rows = [
        run("a", total_tokens=10**400, prompt_tokens=10**400),
        run("b", "failed", total_tokens=1, model="large"),
    ]
    found = spend(rows, "agent", BEGIN, BEGIN + DAY, step=STEP, prices=Prices({"*": Price(1.0, 1.0)}))
    (row,) = found.rows
    assert row.now.tokens == 10**400 + 1
    assert row.now.cost.unpriced == 1
    assert [row.key for order in ORDERS for row in found.ordered(order)] == ["agent-1"] * len(ORDERS)
    assert steps_as(row.done, 0, 10**9, 1) == [10.0**18]


def test_steps_are_divided_between_columns_and_none_is_lost():
    steps = {0: 30, 1: 60, 7: 90}
    assert spread_steps(steps, 0, 2, 4) == pytest.approx(steps_as(steps, 0, 2, 4))
    assert spread_steps(steps, 0.0, 1.5, 6) == pytest.approx([60, 30, 0, 0, 45, 45])
    assert spread_steps({0: 6}, -0.5, 0.25, 8) == pytest.approx([0, 0, 1.5, 1.5, 1.5, 1.5, 0, 0])
    assert spread_steps({0: 10**400}, 0.5, 1.0, 1) == pytest.approx([10.0**18 / 2])
    assert sum(spread_steps(steps, -0.3, 0.7, 13)) == pytest.approx(180)
