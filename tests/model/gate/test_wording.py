"""Texts of a gate: how much independent evidence there is."""

from __future__ import annotations

import pytest

from flowtui.model.gate import Estimate, parse_gate
from flowtui.model.gate.beliefs import rate
from flowtui.model.gate.wording import decided_reason, evidence, sample_size


@pytest.mark.parametrize(
    ("threads", "worth", "said"),
    [
        (9, 40.3, "124 runs on 9 threads, worth about 40"),
        (1, 0.2, "124 runs on 1 thread, worth about 1"),
        (124, 124.0, ""),
        (30, 123.7, ""),
        (None, None, ""),
    ],
)
def test_evidence_is_told_where_runs_are_worth_less_than_their_number(threads, worth, said):
    found = Estimate(0.1, 0.0, 0.2, 124, threads, worth)
    assert evidence(found) == said
    assert sample_size(found) == (f"n=124, worth {said.split()[-1]}" if said else "n=124")
    assert evidence(found._replace(n=0)) == ""


def test_the_reason_of_a_verdict_has_the_evidence():
    leaf = parse_gate("failure_rate <= 5%").comparisons[0]
    bunched = rate(30, 124)._replace(threads=9, worth=40.0)
    assert decided_reason(leaf, "FAIL", bunched, 0.05) == (
        "failure_rate of 124 runs on 9 threads, worth about 40, is 24.2%, surely not <= 5%"
    )
    assert decided_reason(leaf, "FAIL", rate(30, 124), 0.05).startswith("failure_rate of 124 runs is")
