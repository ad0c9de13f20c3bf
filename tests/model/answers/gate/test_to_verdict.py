"""How many more runs an undecided comparison takes, and how long they take to come."""

from __future__ import annotations

import pytest

from flowtui.model.answers.gate.page import PageMaker
from flowtui.model.answers.gate.to_verdict import more_runs, to_verdict

from .sides import AGENTS, an_answer, some_runs


def _waiting(base, new, gate="failure_rate <= 20%", **options):
    answer = an_answer(base, new, gate, **options)
    page = PageMaker().page(answer, AGENTS, each_agent=False)
    return to_verdict(answer, page.metrics[0])


def test_more_runs_at_the_present_rate_take_a_time():
    found = _waiting(some_runs(200, 20, new=False), some_runs(60, 9, new=True), until=1_300.0)
    assert (found.done, found.per_minute) == (60, 12.0)
    assert found.needed > 60
    assert found.more == found.needed - 60
    assert found.seconds == found.more / 12.0 * 60
    assert found.measured.row.leans == "PASS"


def test_too_little_time_gives_no_rate():
    found = _waiting(some_runs(200, 20, new=False), some_runs(8, 2, new=True), until=1_040.0)
    assert (found.per_minute, found.seconds) == (None, None)


def test_a_small_base_takes_more_new_runs_or_is_too_small():
    gate = "failure_rate <= base + 10%"
    wide = _waiting(some_runs(900, 90, new=False, step=1.0), some_runs(60, 9, new=True), gate)
    small = _waiting(some_runs(60, 6, new=False), some_runs(60, 9, new=True), gate)
    assert not wide.base_short
    assert wide.needed < 1_000
    assert (small.base_short, small.needed, small.more) == (True, None, None)


def test_a_decided_comparison_waits_for_nothing_and_so_does_one_with_missing_runs():
    base, bad = some_runs(100, 3, new=False), some_runs(100, 90, new=True)
    assert _waiting(base, bad) is None
    assert _waiting(base, some_runs(8, 2, new=True), missing="of thr_1") is None


@pytest.mark.parametrize(
    ("gate", "which"),
    [
        ("failure_rate <= 20%", max),
        ("failure_rate <= 20% and cancel_rate <= 2%", max),  # both are needed for a pass
        ("failure_rate <= 8% and cancel_rate <= 0.1%", min),  # the first leans to a fail, which is enough
        ("failure_rate <= 20% and p95(duration) <= base * 1.5", None),  # the base is too small for the second
    ],
)
def test_the_verdict_of_a_gate_takes_what_its_comparisons_take(gate, which):
    answer = an_answer(some_runs(60, 3, new=False), some_runs(30, 4, new=True), gate)
    metrics = PageMaker().page(answer, AGENTS, each_agent=False).metrics
    waiting = [to_verdict(answer, each) for each in metrics]
    wanted = None if which is None else which(each.more for each in waiting if each.more)
    assert more_runs(answer, metrics) == wanted
    decided = an_answer(some_runs(60, 3, new=False), some_runs(100, 90, new=True), gate)
    assert more_runs(decided, PageMaker().page(decided, AGENTS, each_agent=False).metrics) is None
