"""A run against the last completed runs of its agent before it: the range of eight of ten, and what is outside of it."""

from __future__ import annotations

import math

import pytest

from flowtui.config.values.prices import Price, Prices
from flowtui.model.answers.run.earlier import last_completed
from flowtui.model.answers.run.usual import COST, LEAST, RUNS, TIME, TOKENS, WAIT, Metric, against_usual
from flowtui.model.columns.context import Context
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.lineage import Lineage

NOW = 1_800_000_000.0
PRICES = Prices({"*": Price(1.0, 1.0)})


@pytest.fixture
def world(a_run):
    """Return a function that makes runs of one agent and the context that knows them; the last one is the newest."""

    def make(*stories, prices=PRICES):
        runs = []
        for number, (status, took, tokens) in enumerate(stories):
            at = NOW - 1000 + 10 * number
            ends = {} if status in ("running", "queued") else {status: at + 1 + took}
            usage = (
                None
                if tokens is None
                else {"prompt_tokens": tokens, "completion_tokens": 0, "total_tokens": tokens}
            )
            started = {} if status == "queued" else {"started": at + 1}
            runs.append(
                a_run(
                    f"run_{number}",
                    status,
                    created=at,
                    agent_id="agent_1",
                    model="m",
                    usage=usage,
                    **started,
                    **ends,
                )
            )
        state = ThreadState("thr_1", 2.0, runs={run.raw_id: run for run in runs})
        context = Context(now=NOW, threads={"thr_1": state}, lineage=Lineage(runs), prices=prices)
        return runs, context

    return make


def test_usual_is_the_range_of_eight_of_ten_of_the_completed_runs_before_it(world):
    stories = [("completed", took, 100 * took) for took in range(1, 11)]
    runs, context = world(*stories, ("failed", 500, 1), ("failed", 10, 900), ("completed", 999, 999))
    found = against_usual(runs[11], context)
    assert found.runs == 10  # neither failed ones, nor what came later
    assert found.metric(TIME).usual == (1, 9)
    assert found.metric(TIME).unusual
    assert found.metric(TIME).top == 10
    assert found.metric(TOKENS).usual == (100, 900)
    assert not found.metric(TOKENS).unusual
    assert found.metric(WAIT).usual == (1, 1)
    assert found.metric(COST).value == pytest.approx(0.0009)
    assert last_completed(runs[11], context) == runs[9]


def test_only_the_last_runs_count(world):
    stories = [("completed", 900, 1)] * 5 + [("completed", 2, 1)] * RUNS
    runs, context = world(*stories, ("completed", 3, 1))
    found = against_usual(runs[-1], context)
    assert found.runs == RUNS
    assert found.metric(TIME).usual == (2, 2)
    assert found.metric(TIME).unusual


def test_too_few_runs_and_unknown_values_are_not_compared(world):
    few = [("completed", 2, 7)] * (LEAST - 1)
    runs, context = world(*few, ("failed", 900, None), prices=None)
    found = against_usual(runs[-1], context)
    assert found.runs == LEAST - 1
    assert found.metric(COST) is None
    assert found.metric(TOKENS).value is None
    assert all(metric.usual is None and not metric.unusual for metric in found.metrics)


def test_a_value_that_may_grow_is_not_unusual_for_being_small(world):
    runs, context = world(*[("completed", 5000, 70)] * LEAST, ("running", 0, 3), ("queued", 0, None))
    running, queued = (against_usual(run, context) for run in runs[-2:])
    for name in (TIME, TOKENS, COST):
        assert running.metric(name).below
        assert not running.metric(name).unusual
    assert queued.metric(TIME).value is None
    assert queued.metric(WAIT).unusual  # it waits for 900 s, others waited for one


def test_a_wait_is_never_unusually_short():
    low, high = 2.0, 30.0
    for name, unusual in ((WAIT, False), (TIME, True), (TOKENS, True)):
        assert Metric(name, 0.5, (low, high)).unusual is unusual
        assert Metric(name, 31.0, (low, high)).unusual


@pytest.mark.parametrize("tokens", [10**400, -5])
def test_counts_beyond_reason_are_no_crash(world, tokens):
    runs, context = world(*[("completed", 5, tokens)] * LEAST, ("completed", 5, tokens))
    value = against_usual(runs[-1], context).metric(TOKENS).value
    assert value is None or math.isfinite(value) or value == math.inf


def test_a_run_without_an_agent_or_time_has_nothing_before_it(world, a_run):
    _, context = world(*[("completed", 5, 1)] * LEAST)
    for run in (a_run("x", created=NOW), a_run("x", agent_id="agent_1")):
        assert against_usual(run, context).runs == 0
        assert last_completed(run, context) is None
    assert against_usual(a_run("x"), Context(now=NOW)).runs == 0


def test_times_that_are_shown_alike_are_compared_alike():
    for value, usual in ((4.0, (4.7, 6.2)), (6.9, (4.7, 6.2))):
        assert not Metric(TIME, value, usual).unusual
        assert not Metric(TIME, value, usual).below
    assert Metric(TIME, 3.9, (4.7, 6.2)).below
    assert Metric(TIME, 7.0, (4.7, 6.2)).unusual
    assert not Metric(WAIT, 10.4, (2.0, 9.8)).unusual  # 10s beside 2–10s
    assert Metric(WAIT, 11.0, (2.0, 9.8)).unusual
