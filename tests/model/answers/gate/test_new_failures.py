"""The reasons of failures since a mark: new ones, known ones that go on, and runs without a reason."""

from __future__ import annotations

from flowtui.model.answers.gate.new_failures import failures_since
from flowtui.model.reasons.reason import Reason

from .sides import AGENTS, an_answer, some_runs

TAX, CRM = Reason("'tax_rate' is not in the order"), Reason("crm #")


def test_reasons_are_new_or_go_on_and_say_whose_runs_failed_and_when():
    base, new = (
        some_runs(10, 2, new=False),
        some_runs(20, 10, new=True) + some_runs(4, 4, new=True, agent="b\x1b"),
    )
    failed = [run for run in new if run.status == "failed"]
    reasons = {run.key: TAX for run in failed[:6] + failed[-2:]} | {failed[6].key: CRM}
    reasons[base[0].key] = CRM
    found = failures_since(an_answer(base, new), reasons, AGENTS)
    [one] = found.new
    assert (one.reason, one.runs) == (TAX, 8)
    assert [count for _, count in one.agents] == [6, 2]
    assert one.agents[0][0] == "checkout"
    assert "\x1b" not in one.agents[1][0]
    assert sorted(one.times) == sorted(run.ended for run in failed[:6] + failed[-2:])
    assert found.known == [(CRM, 1)]
    assert (found.failed, found.unexplained, found.unexplained_base) == (14, 5, 1)


def test_without_failures_there_is_nothing():
    found = failures_since(an_answer(some_runs(5, 0, new=False), some_runs(5, 0, new=True)), {}, AGENTS)
    assert found == ([], [], 0, 0, 0)
