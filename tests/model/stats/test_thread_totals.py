"""Totals of threads add up to the totals over all runs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.config.values.prices import Price, Prices
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.thread_totals import (
    ThreadTotalsCache,
    add_sums,
    durations,
    last_event_time,
    stretched_interval,
    sums,
)

from ...examples import examples

PRICES = Prices({"qwen": Price(2.0, 6.0)})
WORDS = ["queued", "running", "completed", "failed", "canceled", "dreaming"]
at_some_time = st.none() | st.floats(0, 2000)


@st.composite
def threads(draw, a_run):
    found = {}
    for thread in ("thr_1", "thr_2", "thr_3"):
        runs = {}
        for number in range(draw(st.integers(0, 5))):
            dates = {
                n: at for n in ("created", "started", "completed") if (at := draw(at_some_time)) is not None
            }
            tokens = draw(st.none() | st.integers(0, 10**7))
            run = a_run(
                f"run_{number}",
                draw(st.sampled_from(WORDS)),
                model=draw(st.sampled_from(["qwen", "llama"])),
                usage={"total_tokens": tokens} if tokens is not None else None,
                is_active=draw(st.booleans()),
                **dates,
            )
            runs[run.raw_id] = run._replace(thread_key=thread)
        found[thread] = ThreadState(thread, 2.0, runs=runs)
    return found


@given(st.data())
@examples(60)
def test_the_sum_over_threads_is_the_sum_over_runs(a_run, data):
    snapshot = Snapshot(1.0, data.draw(threads(a_run)))
    prices = data.draw(st.sampled_from([None, PRICES]))
    found = ThreadTotalsCache().of(snapshot, prices).values()
    runs = list(snapshot.runs())
    said, wanted = add_sums((own.sums for own in found), prices), sums(runs, prices)
    assert said.totals == wanted.totals
    assert said.waste == wanted.waste
    if prices is not None:
        for one, other in zip(said.costs, wanted.costs, strict=True):
            assert one._replace(amount=None) == other._replace(amount=None)
            assert one.amount == pytest.approx(other.amount)
    assert sorted(time for own in found for time in own.durations) == durations(runs)
    assert max((own.last for own in found if own.last is not None), default=None) == last_event_time(runs)
    for state, own in zip(snapshot.threads.values(), found, strict=True):
        assert own.active == any(run.active for run in state.runs.values())
        assert own.held == state.active_run


def test_only_changed_threads_are_counted_again(fresh, a_run):
    one, _ = apply_runs(fresh(), [a_run()], at=1.0, whole=True)
    other = replace(one, key="thr_2")
    cache = ThreadTotalsCache()
    before = cache.of(Snapshot(1.0, {"thr_1": one, "thr_2": other}))
    changed, _ = apply_runs(one, [a_run(status="completed")], at=2.0, whole=True)
    after = cache.of(Snapshot(2.0, {"thr_1": changed, "thr_2": replace(other, observed=2.0)}))
    assert after["thr_2"] is before["thr_2"]
    assert before["thr_1"].active
    assert not after["thr_1"].active
    assert cache.of(Snapshot(3.0, {"thr_1": changed})).keys() == {"thr_1"}
    assert cache.of(Snapshot(3.0, {"thr_1": changed}), PRICES)["thr_1"].sums.costs is not None


@pytest.mark.parametrize(
    ("wished", "real", "said"), [(2.0, 2.0, None), (2.0, 2.1, None), (2.0, 5.0, 5.0), (0.0, 5.0, None)]
)
def test_an_interval_made_longer_by_the_budget_is_reported(fresh, a_run, wished, real, said):
    state, _ = apply_runs(fresh(), [a_run()], at=1.0, whole=True)
    snapshot = Snapshot(1.0, {"thr_1": replace(state, interval=real)}, interval=wished)
    assert stretched_interval(snapshot, ThreadTotalsCache().of(snapshot)) == said


def test_the_long_interval_of_a_quiet_thread_is_not_reported(fresh, a_run):
    state, _ = apply_runs(fresh(), [a_run(status="completed")], at=1.0, whole=True)
    snapshot = Snapshot(1.0, {"thr_1": replace(state, interval=30.0)}, interval=2.0)
    assert stretched_interval(snapshot, ThreadTotalsCache().of(snapshot)) is None
