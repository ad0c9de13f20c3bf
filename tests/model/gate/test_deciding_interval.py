"""The interval that is drawn of a comparison lies on one side of the limit exactly if the comparison is decided."""

from __future__ import annotations

import random

import pytest

from flowtui.model.gate import FAIL, INCONCLUSIVE, PASS, judge, parse_gate
from flowtui.model.gate.deciding_interval import deciding_interval
from flowtui.model.gate.samples import Side
from flowtui.model.run.parsing import parse_run

BEGIN = 1_800_000_000.0


def runs(number, share, begin, chance):
    found = []
    for at in range(number):
        status = "failed" if chance.random() < share else "completed"
        created = begin + 10 * at
        raw = {"id": f"run_{begin}_{at}", "status": status, "created_at": created, "started_at": created + 1}
        raw |= {f"{status}_at": created + 5 + 10 * chance.random()}
        raw["usage"] = {"total_tokens": int(chance.lognormvariate(8, 0.7))}
        found.append(parse_run(raw, f"thr_{at}"))
    return found


def expected(row, found):
    """Return the verdict that a reader takes from the interval."""
    above = found.low is not None and found.low >= row.limit
    below = found.high is not None and found.high <= row.limit
    fails, passes = (above, below) if "<=" in row.text else (below, above)
    return FAIL if fails else PASS if passes else INCONCLUSIVE


@pytest.mark.parametrize("number", [6, 20, pytest.param(60, marks=pytest.mark.slow)])
@pytest.mark.parametrize("share", [0.02, 0.5])
@pytest.mark.parametrize("final", [False, True])
def test_the_interval_tells_the_verdict(number, share, final):
    chance = random.Random(f"{number} {share} {final}")
    base = Side(runs(80, 0.08, BEGIN, chance), BEGIN, BEGIN + 2000)
    new = Side(runs(number, share, BEGIN + 2000, chance), BEGIN + 2000, BEGIN + 2000 + 10 * number)
    text = (
        "failure_rate <= base + 10% and failure_rate <= 15% and failure_rate >= 2% "
        "and tokens_per_run <= base * 1.5 and p50(duration) <= base * 1.2"
    )
    rows = judge(parse_gate(text), base, new, min_runs=5, final=final).rows
    told = [(row, row.deciding()) for row in rows if row.deciding is not None]
    assert len(told) >= 3
    for row, found in told:
        assert expected(row, found) == row.verdict, (row, found)
        assert found.low is None or found.low <= found.value
        assert found.high is None or found.value <= found.high
        assert found.n == row.judged or final


def test_ends_that_no_level_reaches_are_unknown():
    assert deciding_interval(lambda _: 0.5, lambda _: 0.5, 0.1, 0.2, low_level=0.05, high_level=0.05) == (
        None,
        None,
    )


def test_the_limit_itself_is_on_the_side_of_the_verdict():
    # Certain from the limit on, but not a bit further inside: a search that missed the limit would cross it.
    found = deciding_interval(
        lambda shift: 0.0 if shift <= 0.0 else 1.0, lambda _: 1.0, 0.1, 0.4, low_level=0.05, high_level=0.05
    )
    assert found == (0.1, None)
