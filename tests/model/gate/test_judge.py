"""Verdicts of the gate: certain and uncertain ones, and judging by agent."""

from __future__ import annotations

import random

import pytest

from flowtui.model.gate import FAIL, INCONCLUSIVE, PASS
from flowtui.model.gate.wording import two_digits
from flowtui.model.reasons.reason import reason_of_failure
from flowtui.model.run.row import RUNNING

GATE = "failure_rate <= base + 2% and p95(duration) <= base * 1.2 and tokens_per_run <= base * 1.5"


def spread(seed, times=1.0):
    chance = random.Random(seed)
    return [chance.lognormvariate(3, 0.7) * times for _ in range(200)]


def test_many_more_failures_fail_the_gate_and_the_reason_names_the_comparison(side, judged):
    found = judged(GATE, side(200, failed=10), side(200, new=True, failed=60))
    assert found.verdict == FAIL
    row = found.rows[0]
    assert (row.metric, row.verdict, row.judged) == ("failure_rate", FAIL, 200)
    assert (row.base.value, row.new.value, row.limit) == pytest.approx((0.05, 0.3, 0.07))
    assert row.limit_low < row.limit < row.limit_high
    assert (
        found.reason
        == row.reason
        == "failed share of 200 judged runs is 30.0%, surely above 7.0% (base + 2%)"
    )
    assert found.needed is None


def test_doubled_durations_and_tokens_fail_the_gate(side, judged):
    base = side(200, took=spread(1), tokens=[round(used) for used in spread(2, 100)])
    slow = side(200, new=True, took=spread(3, 2.5), tokens=[round(used) for used in spread(4, 100)])
    greedy = side(200, new=True, took=spread(5), tokens=[round(used) for used in spread(6, 220)])
    verdicts = [[row.verdict for row in judged(GATE, base, new).rows] for new in (slow, greedy)]
    assert verdicts[0][1] == FAIL
    assert verdicts[1][2] == FAIL
    assert verdicts[0][2] != FAIL
    assert verdicts[1][1] != FAIL


def test_a_large_and_clearly_good_side_passes(side, judged):
    base = side(2000, failed=100, took=spread(1), tokens=900)
    found = judged(GATE, base, side(2000, new=True, failed=60, took=spread(2), tokens=900))
    assert found.verdict == PASS
    assert found.reason == "every limit is surely kept"
    assert found.needed is None


@pytest.mark.parametrize("count", [0, 1, 5, 19])
@pytest.mark.parametrize("final", [True, False])
def test_a_small_sample_never_passes(side, judged, count, final):
    found = judged(
        "failure_rate <= 90% and p50(duration) <= 1h", side(500), side(count, new=True), final=final
    )
    assert found.verdict == INCONCLUSIVE


def test_a_larger_sample_passes_the_same_gate(side, judged):
    text = "failure_rate <= 90% and p50(duration) <= 1h"
    assert judged(text, side(500), side(20, new=True)).verdict == PASS
    assert judged(text, side(500), side(20, new=True), min_runs=21).verdict == INCONCLUSIVE


def test_six_failed_runs_are_enough_to_fail_the_gate(side, judged):
    found = judged(
        "failure_rate <= base + 2%", side(200, failed=10), side(6, new=True, failed=6), final=False
    )
    assert found.verdict == FAIL


def test_an_unchanged_rate_is_inconclusive_and_the_answer_says_how_many_runs_it_takes(side, judged):
    found = judged(GATE, side(200, failed=10, took=spread(1)), side(200, new=True, failed=10, took=spread(2)))
    assert found.verdict == INCONCLUSIVE
    assert found.rows[0].needed > 300
    assert f"about {two_digits(found.rows[0].needed):,} runs a side" in found.rows[0].reason


def test_a_gate_without_margin_says_that_only_a_clear_change_can_be_detected(side, judged):
    found = judged("failure_rate <= base", side(200, failed=10), side(200, new=True, failed=10))
    assert found.verdict == INCONCLUSIVE
    assert found.needed is None
    assert (
        found.rows[0].reason
        == "failure_rate <= base has no margin, so only a clear change can be told: more runs would hardly help"
    )


def test_fewer_runs_are_needed_for_a_larger_effect(side, judged):
    needed = [
        judged("failure_rate <= base + 2%", side(100, failed=5), side(100, new=True, failed=bad)).needed
        for bad in (11, 13)
    ]
    assert needed[0] > needed[1] > 100


def test_the_answer_does_not_depend_on_the_order_of_runs(side, judged):
    base, new = (
        side(100, took=spread(1), tokens=[round(used) for used in spread(2, 9)]),
        side(100, new=True, took=spread(3)),
    )
    turned = [one._replace(runs=one.runs[::-1]) for one in (base, new)]
    assert judged(GATE, base, new) == judged(GATE, *turned)


def test_between_two_looks_more_runs_do_not_change_the_verdict(side, judged):
    text, base = "failure_rate <= base + 2%", side(200, failed=10)
    odds = [
        (row.verdict, row.judged)
        for count in (48, 50, 59)
        for row in judged(text, base, side(count, new=True), final=False).rows
    ]
    assert set(odds) == {(INCONCLUSIVE, 48)}


def test_unreported_tokens_are_unknown_and_not_zero(side, judged):
    found = judged("tokens_per_run <= base * 1.5", side(200), side(200, new=True, tokens=None))
    row = found.rows[0]
    assert (found.verdict, row.new.value, row.new.n, row.base.n) == (INCONCLUSIVE, None, 0, 200)
    assert row.reason == "tokens a run is unknown: no ended run reported tokens since"
    silent = judged("tokens_per_run <= base * 1.5", side(200, tokens=None), side(200, new=True)).rows[0]
    assert (silent.verdict, silent.base.value, silent.limit) == (INCONCLUSIVE, None, None)


def test_tokens_known_for_a_few_of_many_runs_never_pass(side, judged):
    found = judged(
        "tokens_per_run <= 1000k",
        side(200),
        side(200, new=True, tokens=[5, *[None] * 19]),
    )
    assert found.rows[0].new.n == 10
    assert found.verdict == INCONCLUSIVE


def test_a_base_of_value_zero_is_still_uncertain(side, judged):
    base = side(200, failed=0)
    assert judged("failure_rate <= base", base, side(200, new=True, failed=1)).verdict == INCONCLUSIVE
    assert judged("failure_rate <= base * 2", base, side(200, new=True, failed=40)).verdict == FAIL
    instant = judged("p50(duration) <= base / base * 5s", side(200, took=0.0), side(200, new=True, took=1.0))
    assert (instant.verdict, instant.rows[0].limit) == (INCONCLUSIVE, None)


def test_without_a_base_only_absolute_limits_decide(side, judged):
    nothing = side(0)
    assert (
        judged("failure_rate <= base + 2%", nothing, side(200, new=True, failed=150)).verdict == INCONCLUSIVE
    )
    assert judged("failure_rate <= 10%", nothing, side(200, new=True, failed=150)).verdict == FAIL


def test_a_metric_can_have_a_lower_limit(side, judged):
    base, new = side(300), side(100, new=True)
    assert judged("runs_per_min >= base * 0.8", base, new).verdict == FAIL
    assert judged("runs_per_min >= base * 0.1", base, new).verdict == PASS
    assert judged("not runs_per_min >= base * 0.8", base, new).verdict == PASS


def test_active_runs_are_not_judged(side, judged):
    new = side(60, new=True, failed=3)
    running = [
        run._replace(raw_id=f"r{run.raw_id}", status_class=RUNNING, completed=None, failed=None)
        for run in side(60, new=True).runs[-3:]
    ]
    with_them = judged(
        GATE, side(200, failed=10), new._replace(runs=[*new.runs, *running], until=1_001.0 + 900)
    )
    assert with_them.rows[0].new.n == 60


def test_if_all_new_runs_hang_the_gate_fails_by_duration(side, judged):
    new = side(60, new=True)
    hung = [run._replace(status_class=RUNNING, completed=None) for run in new.runs]
    found = judged("p95(duration) <= base * 2", side(200), new._replace(runs=hung, until=9_000.0))
    assert found.verdict == FAIL
    assert found.rows[0].new.n == 60


def test_ended_runs_created_after_active_ones_are_reported_as_waiting(side, judged, one_run):
    new = side(10, new=True)
    first = [one_run(f"r{number}", 1_001.0 + number, RUNNING) for number in range(4)]
    base = side(200, took=5_000.0)
    found = judged("failure_rate <= 5% + base * 0", base, new._replace(runs=[*first, *new.runs[1:]]))
    assert (
        found.rows[0].reason
        == "failed share is unknown: 9 runs ended, but those before them are still active"
    )


def test_one_bad_agent_fails_the_gate_although_all_runs_together_are_fine(side, both, judged):
    base = both(side(400, failed=8, agent=name) for name in "abcd")
    new = both(
        side(60 if name == "d" else 400, new=True, failed=20 if name == "d" else 0, agent=name)
        for name in "abcd"
    )
    text = "failure_rate <= base + 2%"
    assert judged(text, base, new).verdict != FAIL
    found = judged(text, base, new, by_agent=True, agents={"d": "billing"})
    assert found.verdict == FAIL
    assert [row.agent for row in found.rows if row.verdict == FAIL] == ["billing"]
    assert found.reason.startswith("billing: failed share of 60 judged runs is 33.3%")


def test_an_agent_with_few_runs_blocks_a_pass_and_is_named(side, both, judged):
    text, base = "p50(duration) <= base * 2", both(side(100, agent=name) for name in "ab")
    found = judged(
        text, base, both([side(100, new=True, agent="a"), side(3, new=True, agent="b")]), by_agent=True
    )
    assert (found.verdict, found.reason) == (INCONCLUSIVE, "too few runs of b")
    gone = judged(text, base, side(100, new=True, agent="a"), by_agent=True)
    assert (gone.verdict, gone.reason) == (INCONCLUSIVE, "too few runs of b")
    assert (
        judged(text, base, both(side(100, new=True, agent=name) for name in "ab"), by_agent=True).verdict
        == PASS
    )


def test_an_agent_without_a_base_blocks_no_pass_but_can_fail_an_absolute_limit(side, both, judged):
    base, good, bad = (
        side(100, agent="a"),
        side(100, new=True, agent="a"),
        side(100, new=True, failed=60, agent="b"),
    )
    found = judged("p50(duration) <= base * 2", base, both([good, bad]), by_agent=True)
    assert found.verdict == PASS
    assert found.rows[1].reason.startswith("b: p50 time is unknown: no run")
    assert (
        judged(
            "p50(duration) <= base * 2 and failure_rate <= 10%", base, both([good, bad]), by_agent=True
        ).verdict
        == FAIL
    )
    assert judged("p50(duration) <= base * 2", base, bad, by_agent=True).verdict == INCONCLUSIVE


def test_no_runs_at_all_are_inconclusive(side, judged):
    for by_agent in (False, True):
        assert judged(GATE, side(0), side(0, new=True), by_agent=by_agent).verdict == INCONCLUSIVE


def test_a_new_reason_of_failures_is_reported_with_its_count(side, judged):
    base, new = side(100, failed=2), side(100, new=True, failed=4)
    failed = [[run.key for run in one.runs if run.failed is not None] for one in (base, new)]
    reasons = {
        failed[0][0]: reason_of_failure("timeout after 30 s"),
        failed[1][0]: reason_of_failure("timeout after 99 s"),
        **dict.fromkeys(failed[1][1:], reason_of_failure("crm 502")),
    }
    found = judged(GATE, base, new, reasons=reasons)
    assert [(one.text, one.runs) for one in found.new_reasons] == [("crm 502", 3)]
    assert found.unexplained == 1


def test_the_reason_says_how_many_of_the_ended_runs_are_judged(side, judged):
    base = side(200, failed=20)
    row = judged("failure_rate <= base + 30%", base, side(17, new=True), final=False).rows[0]
    assert (row.new.n, row.judged) == (17, 15)
    assert row.reason == (
        "failed share looks kept, but a pass takes 20 judged runs; 15 of 17 ended runs are judged so far"
    )
    even = judged("failure_rate <= base + 30%", base, side(19, new=True), final=False).rows[0]
    assert even.reason.endswith("a pass takes 20 judged runs; 19 of 19 ended runs are judged so far")


def test_the_reason_for_an_unjudged_mean_names_the_needed_runs_only_while_there_are_fewer(side, judged):
    base = side(60)
    few = judged("tokens_per_run <= base * 1.5", base, side(9, new=True), final=False).rows[0]
    near = judged("tokens_per_run <= base * 1.5", base, side(11, new=True), final=False).rows[0]
    assert few.reason == "tokens a run is not judged yet: 9 ended runs, and it takes 10"
    assert near.reason == "tokens a run is not judged yet: 11 ended runs, and it will be judged soon"
