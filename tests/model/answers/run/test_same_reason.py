"""How often the reason of a run is known: of runs in memory, of a time range, and what is new of it."""

from __future__ import annotations

from flowtui.model.answers.failures import Count
from flowtui.model.answers.news import FailureNews
from flowtui.model.answers.reason_news import News
from flowtui.model.answers.run.same_reason import known_runs, of_range, with_news
from flowtui.model.columns.context import Context
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.marks import Mark

NOW = 1_800_000_000.0
GONE, OTHER = Reason("agent is away", "tool crm"), Reason("no answer")
MARK = Mark(NOW - 400, "release-42")


def _failed(a_run, number, agent, ago):
    return a_run(f"run_{number}", "failed", created=NOW - ago - 5, failed=NOW - ago, agent_id=agent)


def test_runs_in_memory_with_an_equal_reason_count(a_run):
    runs = [_failed(a_run, number, f"agent_{number % 2}", 10 + number) for number in range(4)]
    reasons = {run.key: Reason("agent is away", "tool crm") for run in runs[:3]} | {runs[3].key: OTHER}
    state = ThreadState("thr_1", 2.0, runs={run.raw_id: run for run in runs})
    context = Context(now=NOW, threads={"thr_1": state}, reasons={**reasons, ("thr_9", "gone"): GONE})
    found = known_runs(runs[0], context)
    assert found.runs == 3
    assert found.agents == [Count("agent_0", 2), Count("agent_1", 1)]
    assert found.times == [NOW - 10, NOW - 11, NOW - 12]
    assert found.first == NOW - 12
    assert known_runs(a_run("other", "failed"), context) is None


def test_a_time_range_says_whether_it_is_new_and_how_many_runs_ended_before(a_run):
    runs = [_failed(a_run, number, "agent_1", 10 + number) for number in range(3)]
    news, begin = News("new", MARK), NOW - 9e5
    found = of_range(GONE, runs, news, begin, {"release-42": 312})
    assert (found.runs, found.news.kind, found.news.mark) == (3, "new", MARK)
    assert (found.ended_before, found.times) == (312, [NOW - 10, NOW - 11, NOW - 12])
    assert of_range(GONE, runs, news, begin, {}).ended_before is None


def test_news_of_another_reason_are_none_of_this_one(a_run):
    run = _failed(a_run, 1, "agent_1", 10)
    state = ThreadState("thr_1", 2.0, runs={run.raw_id: run})
    found = known_runs(run, Context(now=NOW, threads={"thr_1": state}, reasons={run.key: GONE}))
    news = FailureNews("new", 3, (), NOW - 20, NOW - 10, GONE, MARK, NOW - 9e5)
    assert with_news(found, [news]).news.mark == MARK
    assert with_news(found, [news._replace(kind="first", mark=None)]).news.kind == "first"
    assert with_news(found, [news._replace(reason=OTHER), news._replace(kind="more")]) == found
