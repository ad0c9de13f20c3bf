"""Failed runs by reason: each number counted a second way, from the rows."""

from __future__ import annotations

from collections import Counter
from datetime import UTC

import pytest

from flowtui.config.values.prices import Price, Prices
from flowtui.model.answers.failures import ORDERS, GroupCache, failures
from flowtui.model.answers.reason_facts import reason_facts
from flowtui.model.answers.reason_news import Memory, news_words
from flowtui.model.history.past import Seen
from flowtui.model.reasons.reason import VERSION, Reason
from flowtui.model.state.marks import Mark

from ...store.remembering import BEGIN, run
from .failing_world import REASONS, World

WORLDS = [*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 50))]
BAD = REASONS[0]


def end_of(row):
    """Return by which time a run counts, read in another way than the code does."""
    own = {"completed": row.completed, "failed": row.failed, "cancelled": row.cancelled}.get(row.status_class)
    return row.created if own is None else own


def found_in(world, **more):
    memory = Memory(world.marks, BEGIN - 9e6, world.seen())
    runs = world.count_in(world.since, world.now)
    return failures(runs, world.since, world.now, world.reasons, memory=memory, active=world.active, **more)


@pytest.mark.parametrize("seed", WORLDS)
def test_each_number_is_that_of_the_rows(seed):
    world = World(seed)
    rows = [row for row in world.runs if row.active or world.since <= end_of(row) < world.now]
    found, failed = found_in(world), [row for row in rows if row.status_class == "failed"]
    outcomes = found.outcomes
    counted = world.count_in(world.since, world.now)
    assert found == found_in(world, failed=[row for row in counted if row.status_class == "failed"])
    assert found == found_in(world, failed=counted), "they are searched if their number is wrong"
    assert outcomes.all == len(rows)
    assert outcomes.all == sum(outcomes)
    assert outcomes.failed == len(failed) == sum(len(one.runs) for one in found.reasons)
    assert outcomes.ended == sum(row.status_class in ("completed", "failed", "cancelled") for row in rows)
    if outcomes.ended:
        assert outcomes.failed_share == pytest.approx(len(failed) / outcomes.ended)
    why = {row.key: known.text if (known := world.reasons.get(row.key)) else None for row in failed}
    assert found.unexplained == list(why.values()).count(None)
    assert found.known == len(set(why.values()) - {None})
    for one in found.reasons:
        text = None if one.reason is None else one.reason.text
        own = [row for row in failed if why[row.key] == text]
        assert Counter(row.key for row in one.runs) == Counter(row.key for row in own)
        assert one.share == pytest.approx(len(own) / len(failed))
        assert one.ended_share == pytest.approx(len(own) / outcomes.ended)
        assert (one.first, one.last) == (min(map(end_of, own)), max(map(end_of, own)))
        assert one.times() == sorted(map(end_of, own), reverse=True)
        for what, read in (("agent", "agent_id"), ("thread", "thread_key"), ("model", "model")):
            assert dict(one.by(what)) == Counter(getattr(row, read) for row in own)
        assert dict(one.releases(world.marks)) == Counter(release(row, world.marks) for row in own)
        if one.reason is not None:
            told = world.seen().get(one.reason)
            assert (one.news.seen, one.news.kind == "before") == (told, told is not None)
            if one.news.kind == "new":
                assert min(row.created for row in own) >= one.news.mark.at


def release(row, marks):
    before = [mark for mark in marks if mark.at <= row.created]
    return max(before).name if before else ""


@pytest.mark.parametrize("seed", WORLDS[:1] + WORLDS[3:13])
def test_groups_by_agent_have_the_same_runs_and_each_order_the_same_rows(seed):
    world = World(seed)
    whole = found_in(world)
    for by in ("agent", "model", "thread"):
        parts = found_in(world, by=by)
        assert sum(one.share for one in parts.reasons) == pytest.approx(1 if whole.outcomes.failed else 0)
        for one in whole.reasons:
            own = [each for each in parts.reasons if each.reason == one.reason]
            assert {each.key: len(each.runs) for each in own} == dict(one.by(by))
            assert {each.news for each in own} == {one.news}
    for order in ORDERS:
        rows = whole.in_order(order).reasons
        assert {one.reason for one in rows} == {one.reason for one in whole.reasons}
        assert [one.reason is None for one in rows] == sorted(one.reason is None for one in rows)
        known = [one for one in rows if one.reason is not None]
        if order == "count":
            assert [len(one.runs) for one in known] == sorted((len(one.runs) for one in known), reverse=True)
        elif order == "last":
            assert [one.last for one in known] == sorted((one.last for one in known), reverse=True)
        else:
            kinds = [("new", "first", "", "before").index(one.news.kind) for one in known]
            assert kinds == sorted(kinds)


@pytest.mark.parametrize("seed", WORLDS)
def test_facts_of_a_reason_are_those_of_its_runs(seed):
    world = World(seed)
    runs, found = world.count_in(world.since, world.now), found_in(world)
    prices = Prices({"small": Price(1.0, 2.0)})
    for one in found.reasons:
        facts = reason_facts(one, runs, world.since, marks=world.marks, prices=prices)
        begin = max(world.since, one.news.mark.at if one.news.mark else 0)
        ended = [row for row in runs if row.terminal and end_of(row) >= begin]
        assert facts.who_since == begin
        for each in facts.who:
            assert each.of == sum(row.agent_id == each.agent_id for row in ended)
            assert each.runs == sum(row.agent_id == each.agent_id for row in one.runs) <= each.of
        tokens = [row.total_tokens for row in one.runs if row.total_tokens is not None]
        assert facts.waste.tokens == (sum(tokens) if tokens else None)
        priced = [row for row in one.runs if row.model == "small" and row.prompt_tokens is not None]
        amount = sum(row.prompt_tokens + 2 * row.completion_tokens for row in priced) / 1e6
        assert facts.costs.total.amount == (pytest.approx(amount) if priced else None)
        assert facts.costs.total.floor == (len(priced) < len(one.runs))
        models = {row.model for row in one.runs}
        alone = len(models) == 1 and len({row.model for row in runs}) > 1
        assert facts.model == (models.pop() if alone else "")


def told(marks=(), begin=BEGIN - 9e5, seen=(), looked_up=None, rows=None):
    rows = rows or [run("late", "failed", created=BEGIN + 60), run("early", "failed", created=BEGIN + 30)]
    memory = Memory(marks, begin, {BAD: Seen(*seen)} if seen else {}, looked_up)
    found = failures(rows, BEGIN, BEGIN + 100, {row.key: BAD for row in rows}, memory=memory)
    return news_words(found.reasons[0].news, begin, BEGIN + 100, UTC)


def test_a_reason_is_new_since_a_mark_only_if_nothing_earlier_is_known():
    mark = Mark(BEGIN + 20, "release-42")
    assert told([mark]) == "new since release-42"
    assert told([mark], seen=(3, BEGIN - 2e5, BEGIN - 1e5)) == "seen before, 5 Nov"
    assert told([mark], seen=(3, BEGIN - 900, BEGIN - 600)) == "seen before, 21:10"
    assert told([mark._replace(at=BEGIN + 31)]) == "first in the 10 days remembered"
    assert told([mark._replace(at=BEGIN - 90_000)]) == "first in the 10 days remembered", "long ago"
    assert told([mark], begin=BEGIN + 25) == "", "the history began after the mark"
    assert told([mark], begin=BEGIN + 5) == "new since release-42"
    assert told([mark], begin=None) == told([mark], looked_up=frozenset()) == ""
    early = run("before", "failed", created=BEGIN + 10)._replace(failed=BEGIN + 25)
    assert told([mark], rows=[early]).startswith("first"), "its run was created before the mark"


def test_reasons_of_older_rules_are_folded_again_and_newer_ones_stay_apart():
    rows = [run(f"r{number}", "failed") for number in range(3)]
    reasons = {
        rows[0].key: Reason("order 17 failed", "model", VERSION - 1),
        rows[1].key: Reason("order # failed", "model"),
        rows[2].key: Reason("order # failed", "model", VERSION + 1),
    }
    found = failures(rows, BEGIN, BEGIN + 100, reasons, memory=Memory())
    assert sorted(len(one.runs) for one in found.reasons) == [1, 2]
    assert (found.known, found.unexplained) == (2, 0)


def test_nothing_ended_and_nothing_failed():
    none = failures([], BEGIN, BEGIN + 9, {}, memory=Memory(), active=2)
    assert (none.reasons, none.outcomes.all, none.outcomes.failed_share) == ([], 2, None)
    good = failures([run("a")], BEGIN, BEGIN + 9, {}, memory=Memory())
    assert (good.reasons, good.outcomes.failed_share) == ([], 0.0)


def test_groups_that_are_kept_equal_those_of_all_runs():
    runs = [
        run(str(number), status="failed", status_class="failed", failed=BEGIN - number // 2)
        for number in range(12)
    ]
    reasons = {each.key: REASONS[number % 2] for number, each in enumerate(runs) if number % 5}
    cache = GroupCache()
    for shown, known in (
        (runs[6:], reasons),
        ([*runs[2:4], *runs[6:]], reasons),
        (runs, reasons),
        (runs[1:], reasons),
        (runs[1:], {**reasons, runs[5].key: REASONS[0]}),
    ):
        ordered = sorted(shown, key=lambda each: (each.failed, each.key), reverse=True)
        assert cache.grouped(ordered, known) == GroupCache().grouped(ordered, known)
