"""A watched gate: nothing is told while it is undecided, then its verdict and why."""

from __future__ import annotations

import pytest

from flowtui.model.events.gate_watch import GateWatch, verdict_notice
from flowtui.model.events.notices import GATE

from ..answers.gate.sides import an_answer, some_runs


@pytest.mark.parametrize(
    ("new", "failed", "said", "severity"),
    [
        (4, 1, None, None),
        (60, 55, "FAIL since v2: failed share of 60 judged runs is 91.7%, surely above 20%", "error"),
        (90, 0, "PASS since v2: every limit is surely kept", "information"),
    ],
)
def test_the_verdict_is_told_when_it_is_certain(new, failed, said, severity):
    found = an_answer(some_runs(60, 2, new=False), some_runs(new, failed, new=True))
    watch = GateWatch(5.0, found.question)
    notice = verdict_notice(watch, found, 9.0)
    assert watch.name == "since v2: failure_rate <= 20%"
    if said is None:
        assert notice is None
    else:
        assert (notice.kind, notice.text, notice.severity, notice.at) == (GATE, said, severity, 9.0)
        assert notice.title == "Deploy gate: v2"
        record = notice.record()
        assert (record["kind"], record["run_count"], record["rule"]) == ("gate", 0, None)
