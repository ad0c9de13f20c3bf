"""Odds are kept from one judgement to the next."""

from __future__ import annotations

import random

import pytest

from flowtui.model.gate import Side, judge, odds, parse_gate
from flowtui.model.gate.odds import KeptOdds

TEXT = (
    "failure_rate <= base + 10% and p95(duration) <= base * 2 and tokens_per_run <= base * 1.5 "
    "and runs_per_min >= base / 2"
)


def told(judgement):
    return judgement, [row.deciding and row.deciding() for row in judgement.rows]


@pytest.mark.parametrize("by_agent", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_kept_odds_change_no_judgement(both, side, by_agent):
    gate, kept, chance = parse_gate(TEXT), KeptOdds(), random.Random(5)
    took, tokens = ([chance.lognormvariate(mean, 0.7) for _ in range(41)] for mean in (2, 8))
    base, new = (
        both(side(30, new=new, failed=3, took=took, tokens=tokens, agent=agent) for agent in "ab")
        for new in (False, True)
    )
    for number in (5, 8, 20, 21, 30, 31, 59, 60):  # also fewer than before, and another base
        for known in (base, base._replace(runs=base.runs[: 2 * number])):
            for final in (False, True):
                ask = {"min_runs": 5, "by_agent": by_agent, "final": final}
                now = Side(new.runs[::2][:number] + new.runs[1::2][:number], new.since, new.until)
                assert told(judge(gate, known, now, kept=kept, **ask)) == told(judge(gate, known, now, **ask))


def test_a_run_that_reaches_no_look_costs_no_new_odds(side, monkeypatch):
    gate, kept, asked = parse_gate(TEXT.partition(" and runs")[0]), KeptOdds(), []
    compute = odds.odds_of
    monkeypatch.setattr(odds, "odds_of", lambda *of, final: asked.append(of) or compute(*of, final=final))
    base, new = side(40, failed=3), side(40, new=True)
    for number, computed in ((5, 3), (6, 3), (7, 6), (8, 6), (9, 9)):
        judgement = judge(
            gate, base, new._replace(runs=new.runs[:number]), min_runs=5, final=False, kept=kept
        )
        assert len(asked) == computed
        assert judgement.rows[0].new.n == number, "the estimates are those of all runs"
