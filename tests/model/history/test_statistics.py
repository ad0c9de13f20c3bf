"""Statistics over time: each number is computed a second time, in another way, from the rows of random worlds."""

from __future__ import annotations

import random
import statistics as standard
from collections import Counter
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from flowtui.model.history.gone_rows import gone_sums, with_gone
from flowtui.model.history.statistics import Period, moment_of, moments, statistics
from flowtui.model.history.statistics_groups import ONLY_SUMS, groups

from .worlds import DAY, NOW, PRICES, quarter_sums, world

BERLIN = ZoneInfo("Europe/Berlin")
SEEDS = [*range(5), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(5, 50))]
ENDS = ("completed", "failed", "cancelled")


def period_of(seed):
    rng = random.Random(-seed - 1)
    since = NOW - rng.random() * 12 * DAY
    until = NOW if rng.random() < 0.5 else since + rng.random() * (NOW - since)
    return Period(since, until, active=until == NOW)


def end_of(run):
    return {"completed": run.completed, "failed": run.failed, "cancelled": run.cancelled}.get(
        run.status_class
    )


def at_of(run):
    return end_of(run) if end_of(run) is not None else run.created


def counted(runs, period):
    found = []
    for run in runs:
        if run.status_class in ("queued", "running"):
            if period.active:
                found.append(run)
        elif at_of(run) is not None and not at_of(run) < period.since and at_of(run) < period.until:
            found.append(run)
    return found


def price_of(run):
    rates = {"small": (1, 2), "large": (10, 30)}.get(run.model)
    prompt, completion, total = run.prompt_tokens, run.completion_tokens, run.total_tokens
    if rates is None or (prompt, completion, total) == (None, None, None):
        return None
    if prompt is None and completion is None:
        return total * rates[0] / 1e6
    return ((prompt or 0) * rates[0] + (completion or 0) * rates[1]) / 1e6


def known(values):
    there = [value for value in values if value is not None]
    return sum(there) if there else None


def the_other_way(runs):
    """Return every number of the statistics, computed from the rows in another way."""
    count = Counter(run.status_class for run in runs)
    took = [
        end_of(run) - run.started
        for run in runs
        if run.started is not None and end_of(run) is not None and end_of(run) >= run.started
    ]
    lost = [run for run in runs if run.status_class in ("failed", "cancelled")]
    ended = sum(count[word] for word in ENDS)
    return {
        "runs": len(runs),
        **{word: count[word] for word in (*ENDS, "unknown")},
        "active": count["queued"] + count["running"],
        "failure_share": count["failed"] / ended if ended else None,
        "p50": standard.median(took) if took else None,
        "p95": min((t for t in took if sum(o <= t for o in took) >= 0.95 * len(took)), default=None),
        "busy": pytest.approx(sum(took)),
        "timed": len(took),
        "tokens": known(run.total_tokens for run in runs),
        "prompt": known(run.prompt_tokens for run in runs),
        "completion": known(run.completion_tokens for run in runs),
        "reported": sum(run.total_tokens is not None for run in runs),
        "wasted": known(run.total_tokens for run in lost) if lost else 0,
        "cost": pytest.approx(known(price_of(run) for run in runs)),
        "wasted_cost": pytest.approx(known(price_of(run) for run in lost)),
    }


def numbers(found):
    return {
        **{name: getattr(found, name) for name in ("runs", *ENDS, "unknown", "active", "failure_share")},
        **{name: getattr(found, name) for name in ("p50", "p95", "busy", "timed")},
        **{name: getattr(found, name) for name in ("tokens", "prompt", "completion", "reported")},
        "wasted": found.waste.tokens,
        "cost": found.costs.total.amount,
        "wasted_cost": found.costs.wasted.amount,
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_every_number_computed_another_way(seed):
    runs, period = world(seed), period_of(seed)
    chosen = [run for run in runs if period.counts(run)]
    assert chosen == counted(runs, period)
    found = statistics(chosen, PRICES)
    assert numbers(found) == the_other_way(chosen)
    assert found.runs == found.completed + found.failed + found.cancelled + found.active + found.unknown


@pytest.mark.parametrize("seed", SEEDS)
def test_groups_are_the_runs_of_their_agent_model_thread_hour_or_day(seed):
    runs, period = world(seed), period_of(seed)
    chosen = counted(runs, period)

    def local(at):
        return datetime.fromtimestamp(at, BERLIN)

    names = {"agent": "agent_id", "model": "model", "thread": "thread_key"}
    for by, name in names.items():
        found = groups(chosen, period, by, prices=PRICES, names={"agent_a": "Ada"}, zone=BERLIN)
        assert {group.key for group in found} == {getattr(run, name) for run in chosen}
        assert [g.statistics.runs for g in found] == sorted((g.statistics.runs for g in found), reverse=True)
        for group in found:
            own = [run for run in chosen if getattr(run, name) == group.key]
            assert numbers(group.statistics) == the_other_way(own)
            assert group.name == ("Ada" if group.key == "agent_a" else group.key or "—")
    for by, shown in (("hour", "%Y-%m-%d %H %z"), ("day", "%Y-%m-%d")):
        found = groups(chosen, period, by, prices=PRICES, names={}, zone=BERLIN)
        assert (found[0].since, found[-1].until) == (period.since, period.until)
        assert all(one.until == other.since for one, other in pairwise(found))
        wanted = Counter(
            local(at_of(run)).strftime(shown)
            for run in chosen
            if run.status_class not in ("queued", "running")
        )
        got = {
            local(group.since).strftime(shown): group.statistics.runs - group.statistics.active
            for group in found
        }
        assert {name: count for name, count in got.items() if count} == wanted
        assert sum(group.statistics.active for group in found[:-1]) == 0
        assert sum(group.statistics.runs for group in found) == len(chosen)


@pytest.mark.parametrize("seed", SEEDS)
def test_runs_of_which_only_sums_are_kept_count_and_percentiles_are_unknown(seed):
    runs = [run for run in world(seed) if end_of(run) is not None]
    rng = random.Random(seed)
    gone = {end_of(run) // 900 for run in runs if rng.random() < 0.3}
    left = [run for run in runs if end_of(run) // 900 not in gone or rng.random() < 0.2]
    sums = gone_sums(quarter_sums(runs), left)
    found, wanted = with_gone(statistics(left, PRICES), sums), the_other_way(runs)
    assert found.gone == len(runs) - len(left)
    same = (
        "runs",
        *ENDS,
        "active",
        "unknown",
        "failure_share",
        "timed",
        "busy",
        "tokens",
        "prompt",
        "completion",
    )
    assert {name: numbers(found)[name] for name in same} == {name: wanted[name] for name in same}
    assert found.waste.tokens == wanted["wasted"]
    if found.gone:
        assert (found.p50, found.p95) == (None, None)
        assert found.costs.total.floor
    else:
        assert found == statistics(left, PRICES)


def test_sums_have_agents_and_hours_but_no_models(a_run):
    runs = world(3)
    ended = [run for run in runs if end_of(run) is not None]
    period = Period(NOW - 11 * DAY, NOW)
    sums = quarter_sums(ended)
    options = {"prices": None, "names": {}, "zone": BERLIN, "gone": sums}
    by_agent = groups([], period, "agent", **options)
    assert {one.key: one.statistics.runs for one in by_agent} == Counter(run.agent_id for run in ended)
    hours = groups([], period, "hour", **options)
    assert sum(one.statistics.runs for one in hours) == len(ended)
    for by in ("model", "thread"):
        (only,) = groups([], period, by, **options)
        assert (only.name, only.key, only.statistics.runs) == (ONLY_SUMS, "", len(ended))
    assert statistics([a_run()], None).costs is None


@pytest.mark.parametrize("seed", SEEDS)
def test_moments_of_many_runs_are_those_of_each(seed):
    rows = world(seed)
    rows += [row._replace(completed=None, failed=None, cancelled=None) for row in rows[:20]]
    rows += [row._replace(completed=None, failed=None, cancelled=row.created) for row in rows[:20]]
    assert moments(rows) == [moment_of(row) for row in rows]
