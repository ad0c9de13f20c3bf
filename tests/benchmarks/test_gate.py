"""The scores of `benchmarks.gate`, and its worlds, which are as their fields say. No test checks a figure of the gate."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # benchmarks are no part of the package

from benchmarks import gate
from benchmarks.gating.plans import BROKEN, SECTIONS, Plan
from benchmarks.gating.trial import End
from benchmarks.gating.worlds import Agent, World, as_of, history


def test_a_score_counts_wrong_right_and_undecided_and_waits_for_all():
    ends = [End("FAIL", 8), End("FAIL", 12), End("FAIL", 5), End("PASS", 3), End("INCONCLUSIVE", 99)]
    bad = gate.score(Plan("bad", World(), truth=BROKEN), ends)
    assert bad == (0.2, 0.6, 0.2, 12, None)
    assert bad.text() == "20.0% · 12 / — · 20%"
    good = gate.score(Plan("good", World()), ends)
    assert good == (0.6, 0.2, 0.2, None, None)


def test_missed_aims_are_told():
    ends = [End("FAIL", 8)] * 9 + [End("PASS", 3)]
    plan = Plan("bad", World(), truth=BROKEN, median=7, right=0.95)
    assert len(gate.missed(plan, gate.score(plan, ends))) == 3
    easy = plan._replace(promised=False, median=8, right=0.9)
    assert gate.missed(easy, gate.score(easy, ends)) == []


def test_worlds_are_chosen_by_section_or_part_of_a_name():
    assert list(gate.wanted([])) == list(SECTIONS)
    assert list(gate.wanted(["values"])) == ["values"]
    found = [plan.name for _, plans in gate.wanted(["cancelled"]).values() for plan in plans]
    assert found == ["20 % cancelled"]


@pytest.mark.parametrize(
    "world",
    [
        World(failures_now=0.2, base=2_000, new=2_000),
        World(failures_now=0.2, base=8_000, new=8_000, thread=8, ill=0.8),
    ],
)
def test_a_world_has_its_rates_and_threads(world):
    runs = history(world, 1)
    for side, rate in ((runs.base, 0.05), (runs.new, 0.2)):
        assert sum(run.status == "failed" for run in side) / len(side) == pytest.approx(rate, abs=0.03)
        assert set(Counter(run.thread_key for run in side).values()) == {world.thread}
        assert [run.created for run in side] == sorted(run.created for run in side)
    assert len(runs.new) == world.new
    assert history(world, 1) == runs
    assert history(world, 2) != runs


def test_agents_and_active_runs():
    runs = history(World(agents=(Agent(0.0, 1, 0), Agent(1.0, 0, 1)), slow=5.0, timed=True), 1)
    assert {(run.agent_id, run.status) for run in runs.base} == {("agent_0", "completed")}
    assert {(run.agent_id, run.status) for run in runs.new} == {("agent_1", "failed")}
    seen = as_of(runs.new, runs.new[100].created)
    assert len(seen) == 100
    assert {run.status for run in seen} == {"failed", "running"}
    assert all(run.ended is None for run in seen if run.status == "running")
