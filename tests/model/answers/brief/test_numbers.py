"""The numbers of the brief are those of the rows: each is computed a second way, in random worlds."""

from __future__ import annotations

from collections import Counter, defaultdict
from random import Random
from statistics import median

import pytest

from flowtui.config.values.prices import Price, Prices
from flowtui.model.answers.brief.base import hours_before
from flowtui.model.answers.brief.brief import brief
from flowtui.model.answers.brief.inputs import BriefInput
from flowtui.model.answers.brief.outcomes import columns
from flowtui.model.history.coverage import coverage
from flowtui.model.history.past import LIVE, READ, UNANSWERED, Seen, Watched
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import Run
from flowtui.model.state.marks import Mark
from flowtui.model.stats.usual_times import usual_times

from .brief_world import brief_input
from .nights import World

NOW, DAY = 1_795_600_000.0, 86_400.0
REASONS = [
    Reason(f"reason {number}", source) for number, source in enumerate(("model", "tool a", "tool b", ""))
]
PRICES = Prices({"one": Price(1.0, 3.0), "two": Price(0.5, 0.5)})
ENDS = {"completed": "completed", "failed": "failed", "cancelled": "cancelled"}


def random_run(dice, number):
    status = dice.choices(
        ("completed", "failed", "cancelled", "running", "queued", "unknown"), (60, 20, 6, 4, 4, 6)
    )[0]
    created = NOW - dice.random() ** 2 * 3 * DAY
    started = None if status == "queued" or dice.random() < 0.05 else created + dice.expovariate(0.2)
    end = None if dice.random() < 0.05 else (started or created) + dice.expovariate(1 / 60)
    times = {name: end if status == name else None for name in ENDS}
    prompt, completion = (None if dice.random() < 0.1 else dice.randrange(9000) for _ in range(2))
    total = None if dice.random() < 0.1 else (prompt or 0) + (completion or 0)
    return Run(
        thread_key=f"thr_{dice.randrange(9)}",
        raw_id=f"run_{number}",
        id=f"run_{number}",
        agent_id=dice.choice(("ag_1", "ag_2", "ag_3", "")),
        status=status,
        status_class=status,
        model=dice.choice(("one", "two", "three")),
        is_active=status in ("queued", "running"),
        created=created,
        started=started,
        expires=None,
        **times,
        prompt_tokens=prompt,
        completion_tokens=completion,
        total_tokens=total,
        unreadable=None,
    )


def random_world(seed, size):
    dice = Random(seed)
    rows = [random_run(dice, number) for number in range(size)]
    failed = [run for run in rows if run.status_class == "failed"]
    why = {run.key: dice.choice(REASONS) for run in failed if dice.random() < 0.8}
    cuts = sorted(NOW - dice.random() * 3 * DAY for _ in range(6))
    ways = [dice.choice((LIVE, READ, UNANSWERED)) for _ in cuts]
    spans = [Watched(*each, threads=9) for each in zip(cuts, [*cuts[1:], NOW], ways, strict=True)]
    marks = [Mark(NOW - dice.random() * DAY, f"release-{number}") for number in range(dice.randrange(4))]
    world = World(rows, why, {"ag_1": "one", "ag_2": "two"}, marks, spans=spans)
    return world, brief_input(world, NOW - dice.uniform(0.1, 0.9) * DAY, NOW, begin=cuts[0], prices=PRICES)


def when(run):
    """Return when a run counts, computed in another way than the model does."""
    own = {"completed": run.completed, "failed": run.failed, "cancelled": run.cancelled}.get(run.status_class)
    return run.created if own is None else own


def cost_of(runs):
    """Return the known cost of runs, and whether something is missing."""
    amounts, missing = [], False
    for run in runs:
        price = {"one": (1.0, 3.0), "two": (0.5, 0.5)}.get(run.model)
        tokens = (run.prompt_tokens, run.completion_tokens)
        if price is None or (tokens == (None, None) and run.total_tokens is None):
            missing = True
        elif tokens == (None, None):
            amounts.append(run.total_tokens * min(price) / 1e6)
            missing = missing or price[0] != price[1] or run.status_class == "unknown"
        else:
            amounts.append(sum((each or 0) * rate for each, rate in zip(tokens, price, strict=True)) / 1e6)
            missing = missing or None in tokens or run.status_class == "unknown"
    return (sum(amounts) if amounts else None), missing


def check_spend(spend, runs):
    known = [run.total_tokens for run in runs if run.total_tokens is not None]
    lost = [run for run in runs if run.status_class in ("failed", "cancelled")]
    wasted = [run.total_tokens for run in lost if run.total_tokens is not None]
    assert (spend.runs, spend.reported) == (len(runs), len(known))
    assert spend.tokens == (sum(known) if known else None)
    assert spend.waste.tokens == (sum(wasted) if wasted or not lost else None)
    for total, own in ((spend.costs.total, runs), (spend.costs.wasted, lost)):
        amount, missing = cost_of(own)
        assert total.amount == (None if amount is None else pytest.approx(amount))
        assert total.floor == missing


def check(seed, size=400):
    world, data = random_world(seed, size)
    data = extended(data, world)
    found = brief(data)
    runs, active = data.runs, data.active
    count = Counter(run.status_class for run in runs)
    numbers = found.counts
    assert sum(numbers) == numbers.runs == len(runs) + len(active)
    assert numbers[:3] == (count["completed"], count["failed"], count["cancelled"])
    assert (numbers.active, numbers.unknown) == (len(active), count["unknown"])
    ended = [run for run in runs if run.status_class != "unknown" and when(run) is not None]
    check_agents(found, data, runs)
    check_reasons(found, data, ended, world)
    check_times(found, data, ended)
    check_spend(found.spending.now, runs)
    check_spend(found.spending.before, data.before)
    for one in found.spending.agents:
        check_spend(one.now, [run for run in runs if run.agent_id == one.agent_id])
        check_spend(one.before, [run for run in data.before if run.agent_id == one.agent_id])
    check_columns(data, ended)
    assert found.threads == len({run.thread_key for run in (*runs, *active)})
    assert found.unreported == sum(run.total_tokens is None for run in runs)
    check_sentences(found, data, ended)


def extended(data, world):
    """Return the input with the runs that ended at an unknown time, which the world's plain input leaves out."""
    rows = [run for run in world.rows if not run.active and when(run) is not None]
    first, last = hours_before(data.since, data.until)
    return BriefInput(
        **{
            **{name: getattr(data, name) for name in BriefInput.__dataclass_fields__},
            "reasons": world.why,
            "runs": [run for run in rows if data.since <= when(run) < data.until],
            "before": [run for run in rows if first <= when(run) < last],
        }
    )


def check_agents(found, data, runs):
    rows = defaultdict(list)
    for run in runs:
        rows[run.agent_id].append(run)
    assert {one.agent_id for one in found.agents} == set(rows)
    for one in found.agents:
        own = Counter(run.status_class for run in rows[one.agent_id])
        assert (one.completed, one.failed, one.cancelled, one.unknown) == tuple(
            own[word] for word in ("completed", "failed", "cancelled", "unknown")
        )
        assert one.runs == own["completed"] + own["failed"] + own["cancelled"]
        if one.usual is not None:
            assert one.usual == data.usual[one.agent_id]


def check_reasons(found, data, ended, world):
    failed = [run for run in ended if run.status_class == "failed"]
    why = Counter(world.why[run.key] for run in failed if run.key in world.why)
    assert {row.reason: row.runs for row in found.reasons} == why
    assert found.unexplained == len(failed) - why.total()
    for row in found.reasons:
        own = sorted(when(run) for run in failed if world.why.get(run.key) == row.reason)
        assert list(row.times) == own
        before = [
            run.failed
            for run in world.rows
            if world.why.get(run.key) == row.reason and run.failed is not None and run.failed < data.since
        ]
        assert row.seen == (Seen(len(before), min(before), max(before)) if before else None)
        assert row.new == (not before and data.begin < data.since)


def check_times(found, data, ended):
    took = sorted(
        (end - run.started for run in ended if run.started is not None and (end := run.ended) is not None),
        reverse=True,
    )
    assert [one.seconds for one in found.slowest] == took[:3]
    waits = [run.started - run.created for run in ended if run.started is not None]
    assert [one.seconds for one in found.waited] == sorted((one for one in waits if one >= 2), reverse=True)[
        :3
    ]
    ages = [data.now - run.created for run in data.active]
    assert (None if found.open.oldest is None else found.open.oldest.seconds) == max(ages, default=None)
    assert found.open.queued == sum(run.status_class == "queued" for run in data.active)
    for one in found.open.longer:
        own = data.times.waits if one.run.status_class == "queued" else data.times.durations
        assert one.seconds > own[one.run.agent_id].slow


def check_columns(data, ended):
    found = columns(data, 7)
    for word in ("completed", "failed", "cancelled"):
        known = [run for run in ended if run.status_class == word]
        assert sum(getattr(one, word) for one in found) == len(known)
        for one in found[:-1]:
            inside = [run for run in known if one.since <= when(run) < one.until]
            assert getattr(one, word) == len(inside)


def check_sentences(found, data, ended):
    by_key = {run.key: run for run in ended}
    for one in found.sentences:
        own = [by_key[key] for key in one.keys]
        if one.kind in ("release", "reason", "agent", "more", "quiet"):
            assert one.count == len(own) == sum(run.status_class == "failed" for run in own)
            assert one.count <= one.runs
        if one.kind in ("gap", "outage"):
            ways = (UNANSWERED,) if one.kind == "outage" else (READ, "gap")
            parts = data.coverage.outages if one.kind == "outage" else data.coverage.parts
            spans = [part for part in parts if part.how in ways]
            inside = [run for run in ended if any(part.since <= when(run) < part.until for part in spans)]
            assert one.count == len(inside)
        if one.kind == "slow":
            took = [
                run.completed - run.started
                for run in ended
                if run.agent_id == one.agent_ids[0]
                and run.status_class == "completed"
                and None not in (run.started, run.completed)
            ]
            assert (one.runs, one.median) == (len(took), pytest.approx(median(took)))
            assert one.count == sum(each > one.limit for each in took)


@pytest.mark.parametrize("seed", [1, 2])
def test_each_number_is_that_of_the_rows(seed):
    check(seed, 200)


@pytest.mark.slow
def test_each_number_is_that_of_the_rows_in_fifty_worlds():
    for seed in range(100, 150):
        check(seed, 900)


def test_coverage_and_usual_times_are_those_that_the_input_was_given():
    world, data = random_world(5, 50)
    assert data.coverage == coverage(world.spans, data.since, data.until)
    earlier = [run for run in world.rows if run.terminal and run.ended is not None and run.ended < data.since]
    assert data.times == usual_times(earlier)
