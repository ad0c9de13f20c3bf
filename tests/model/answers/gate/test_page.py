"""What is drawn of an answer: the interval that decides, agents in order, and when the verdict was certain."""

from __future__ import annotations

from flowtui.model.answers.gate.page import PageMaker

from .sides import AGENTS, a_run, an_answer, some_runs


def _page(answer, *, each_agent=True):
    return PageMaker().page(answer, AGENTS, each_agent=each_agent)


def test_the_interval_that_is_drawn_is_on_the_side_of_the_limit_that_the_verdict_says():
    page = _page(an_answer(some_runs(200, 6, new=False), some_runs(200, 120, new=True)))
    [found] = page.metrics
    assert (page.verdict, found.verdict, found.used.n) == ("FAIL", "FAIL", found.row.judged)
    assert found.used.low > 0.2
    assert page.first is found


def test_before_the_first_look_there_is_a_value_and_no_interval():
    page = _page(an_answer(some_runs(200, 6, new=False), some_runs(3, 2, new=True)))
    [found] = page.metrics
    assert (found.used.n, found.used.low, found.used.high) == (3, None, None)
    assert round(found.used.value, 2) == 0.67


def test_each_agent_is_judged_alone_the_worst_first():
    base = some_runs(100, 3, new=False) + some_runs(100, 3, new=False, agent="b")
    new = (
        some_runs(100, 5, new=True)
        + some_runs(60, 50, new=True, agent="b")
        + some_runs(2, 0, new=True, agent="c")
    )
    page = _page(an_answer(base, new))
    assert [(each.agent, each.verdict) for each in page.agents] == [
        ("多言語-concierge", "FAIL"),
        ("triage", "INCONCLUSIVE"),
        ("checkout", "PASS"),
    ]
    assert all(each.row.agent is None for each in page.metrics)
    assert not _page(an_answer(base, new), each_agent=False).agents
    alone = _page(an_answer(base, new, by_agent=True))
    assert not alone.agents
    assert alone.metrics[0].agent == "多言語-concierge"


def test_an_agent_that_fails_by_another_metric_is_named():
    gate = "failure_rate <= 20% and tokens_per_run <= 5000"
    base = some_runs(60, 1, new=False)
    new = some_runs(60, 55, new=True) + [
        a_run(f"new_b_{place}", 1_001.0 + place * 4, agent="b", tokens=90_000 + place) for place in range(60)
    ]
    page = _page(an_answer(base, new, gate))
    assert page.first.leaf.metric == "failure_rate"
    assert {agent: [each.leaf.metric for each in found] for agent, found in page.others.items()} == {
        "多言語-concierge": ["tokens_per_run"]
    }


def test_runs_that_are_missing_leave_nothing_decided():
    page = _page(an_answer(some_runs(200, 6, new=False), some_runs(200, 120, new=True), missing="of thr_1"))
    assert page.verdict == page.metrics[0].verdict == "INCONCLUSIVE"
    assert page.decided is None


def test_the_moment_of_a_verdict_is_looked_up_once():
    judged = PageMaker()
    first = judged.page(
        an_answer(some_runs(60, 2, new=False), some_runs(40, 36, new=True)), AGENTS, each_agent=False
    )
    later = judged.page(
        an_answer(some_runs(60, 2, new=False), some_runs(60, 54, new=True)), AGENTS, each_agent=False
    )
    assert first.decided is later.decided is not None
    good = judged.page(
        an_answer(some_runs(60, 2, new=False), some_runs(90, 0, new=True)), AGENTS, each_agent=False
    )
    assert good.verdict == "PASS"
    assert good.decided is not first.decided
