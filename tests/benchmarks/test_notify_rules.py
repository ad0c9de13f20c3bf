"""The benchmark of rules plays the same rule as the dashboard: both begin with the same runs."""

from __future__ import annotations

import random
from itertools import islice

import pytest

from benchmarks.notify_rules import Rule, alike, independent, wrong_days
from flowtui.config.values.notify_rules import parse_rule
from flowtui.model.columns.context import Context
from flowtui.model.events.rules import RuleTracker
from flowtui.model.run.parsing import parse_run
from flowtui.model.state.changes import APPEARED, Change
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot, Update

_BEGAN = 1_800_000_000.0


@pytest.mark.slow
@pytest.mark.parametrize("world", [independent, alike])
def test_the_dashboard_tells_of_the_same_runs(world):
    rule, runs = Rule(0.1, 20), 3_000
    failed = list(islice(world(0.2, random.Random(3)), runs))
    tracker = RuleTracker([parse_rule("failed share of each agent over 10 % in the last 20 runs")], _BEGAN)
    snapshot = Snapshot(_BEGAN, {"t": ThreadState("t", 2.0, observed=_BEGAN)}, listed=True)
    tracker.take(Update(snapshot), Context(_BEGAN))
    told = []
    for number, hit in enumerate(failed):
        at, status = _BEGAN + 1 + number, "failed" if hit else "completed"
        raw = {"id": f"run_{number}", "status": status, "agent_id": "a", "created_at": at, f"{status}_at": at}
        change = Change(APPEARED, None, parse_run(raw, "t"), at - 1, at)
        notices = tracker.take(Update(snapshot, (change,)), Context(at))
        told += [number for notice in notices if notice.level == "error"]
    assert told == [number for number, begun in enumerate(rule.begins(iter(failed))) if begun]
    assert told


@pytest.mark.slow
def test_a_rule_is_wrong_on_few_of_a_thousand_days():
    rule, chance = Rule(0.1, 20), random.Random(5)
    assert wrong_days(rule, 1_000, independent(0.1, chance)) <= 50
    assert wrong_days(rule, 1_000, independent(0.05, chance)) <= 1
