"""The cost of the ledger depends on changes, not on the number of watched runs or findings."""

from __future__ import annotations

import pytest

from flowtui.model.findings.kinds import CONTRADICTION
from flowtui.model.run.parsing import parse_run
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.watch import ledger as ledger_module
from flowtui.watch.judge.facts import Facts, condition
from flowtui.watch.judge.verdict import judge
from flowtui.watch.ledger import Ledger
from flowtui.watch.options import ALL, Options

NOW = 1_800_000_000.0
PICTURE = Snapshot(NOW, threads={"thr_1": ThreadState("thr_1", interval=2.0)})


def run(name, status="completed", **fields):
    raw = {"id": name, "status": status, "created_at": NOW - 50, "started_at": NOW - 100, **fields}
    return parse_run(raw, "thr_1")


def ledger_of(*runs):
    ledger = Ledger()
    for each in runs:
        ledger.put(each, 0.0)
    return ledger


def test_findings_of_ended_runs_are_not_computed_again(monkeypatch):
    judged = []
    real = ledger_module.rules.run_findings
    monkeypatch.setattr(
        ledger_module.rules,
        "run_findings",
        lambda each, *rest, **more: judged.append(each) or real(each, *rest, **more),
    )
    ledger = ledger_of(*(run(f"run_{number}") for number in range(50)))
    assert len(ledger.update_findings(PICTURE, list(ledger.runs))) == 50
    for _ in range(10):
        assert ledger.update_findings(PICTURE, [("thr_1", "run_7")]) == []
    assert len(judged) == 60
    assert {finding.name for found in ledger.findings.values() for finding in found} == {CONTRADICTION}


def test_failures_are_not_listed_before_the_end(monkeypatch):
    ledger = ledger_of(run("run_1", "failed"), run("run_2", "running"))
    monkeypatch.setattr(Ledger, "failures", lambda *_: pytest.fail("the failures were gone through"))
    assert judge(Facts(ledger=ledger, elapsed=1.0), Options(until=ALL, follow=True)) is None


@pytest.mark.parametrize(("words", "met"), [({"overdue"}, True), ({"failed"}, False), ({"missing"}, False)])
def test_a_run_that_counts_as_a_failure_is_not_waited_for(words, met):
    late = run("run_2", "running", created_at=NOW - 120, expires_at=NOW - 1)
    ledger = ledger_of(run("run_1"), late)
    ledger.update_findings(PICTURE, list(ledger.runs))
    assert ledger.given_up(frozenset(words)) == met
    assert condition(Facts(ledger=ledger, elapsed=1.0), Options(until=ALL, fail_on=frozenset(words))) is met
