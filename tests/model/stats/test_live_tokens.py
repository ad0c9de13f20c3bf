"""Sums of tokens that only spans show."""

from __future__ import annotations

from dataclasses import replace

from flowtui.model.run.span_facts import SpanFacts
from flowtui.model.state.known_runs import apply_runs, apply_span_facts
from flowtui.model.stats.live_tokens import LiveSum, LiveTokens


def test_only_runs_without_reported_usage_count(fresh, a_run):
    rows = [a_run("run_1"), a_run("run_2", usage={"total_tokens": 9}), a_run("run_3")]
    state, _ = apply_runs(fresh(), rows, at=1.0, whole=True)
    counted = SpanFacts("", (), 40, 2)
    state = apply_span_facts(
        state, dict.fromkeys(["run_1", "run_2", "run_9"], counted) | {"run_3": SpanFacts()}
    )
    live = LiveTokens()
    assert live.of({"thr_1": state}) == LiveSum(42, 1)
    assert live.of({"thr_1": state}, lambda run: run.raw_id == "run_2") == LiveSum(None, 0)
    state = apply_span_facts(state, {"run_3": counted})
    assert live.of({"thr_1": state}) == LiveSum(84, 2)
    assert live.of({"thr_1": replace(state, runs={})}) == live.of({}) == LiveSum()


def test_facts_of_runs_that_no_list_shows_are_limited(fresh, a_run):
    state, _ = apply_runs(fresh(), [a_run("run_1")], at=1.0, whole=True)
    state = apply_span_facts(state, {"run_1": SpanFacts("nightly")})
    state = apply_span_facts(state, {f"run_x{n}": SpanFacts() for n in range(1_000)})
    assert len(state.span_facts) < 300
    assert state.span_facts["run_1"].group == "nightly"


def test_known_facts_of_a_run_are_never_lost(fresh):
    state = apply_span_facts(fresh(), {"run_1": SpanFacts("nightly", (("env", "prod"),), 40, None)})
    state = apply_span_facts(state, {"run_1": SpanFacts("", (), 30, 5)})
    assert state.span_facts["run_1"] == SpanFacts("nightly", (("env", "prod"),), 40, 5)
