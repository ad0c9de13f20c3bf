"""Why runs failed: asked once, one at a time, for what is in sight, and told in the row and in the detail pane."""

from __future__ import annotations

import asyncio

import pytest

from flowtui.model.run.parsing import parse_run
from flowtui.ui.dashboard.failure_reasons import MAX_KEPT, FailureReasons

SPAN = {
    "run_id": "run_1",
    "thread_id": "thr_1",
    "is_exception": True,
    "exception_type": "ToolError",
    "span_name": "running tool: crm",
    "message": "502 Bad Gateway",
    "level": 17,
    "start_timestamp": "2026-11-24T12:00:00Z",
    "end_timestamp": "2026-11-24T12:00:01Z",
}


def a_run(run_id="run_1", status="failed"):
    return parse_run({"id": run_id, "status": status}, "thr_1")


class Tracing:
    """Answers with spans, and counts the questions."""

    def __init__(self, spans):
        self.spans = spans
        self.asked = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def fetch_spans(self, key):
        self.asked.append(key)
        await self.may_answer.wait()
        return self.spans

    async def fetch_messages(self, key):
        return [] if key else None


async def test_a_failed_run_is_asked_about_once():
    reasons, tracing = FailureReasons(), Tracing([SPAN])
    run = reasons.next([None, a_run("run_0", "completed"), a_run()], requests=0, budget=300, at=0.0)
    assert run == a_run()
    await reasons.fetch(tracing, run)
    assert "502" in reasons.known[run.key]
    assert reasons.next([a_run()], requests=0, budget=300, at=0.0) is None
    assert tracing.asked == [run.key]


async def test_that_nothing_says_why_is_an_answer_too():
    reasons = FailureReasons()
    await reasons.fetch(Tracing([]), a_run())
    assert reasons.known == {}
    assert reasons.next([a_run()], requests=0, budget=300, at=0.0) is None


async def test_one_question_at_a_time():
    reasons = FailureReasons()
    tracing = Tracing([SPAN])
    tracing.may_answer.clear()
    under_way = asyncio.create_task(reasons.fetch(tracing, a_run()))
    await asyncio.sleep(0)
    assert reasons.next([a_run("run_2")], requests=0, budget=300, at=0.0) is None
    tracing.may_answer.set()
    await under_way
    assert reasons.next([a_run("run_2")], requests=0, budget=300, at=0.0) == a_run("run_2")


def ask(reasons, requests, at):
    return reasons.next([a_run()], requests=requests, budget=300, at=at)


def test_fresh_runs_matter_more_than_old_failures():
    assert ask(FailureReasons(), 270, 0.0) is None
    assert ask(FailureReasons(), 269, 0.0) == a_run()


@pytest.mark.parametrize(("requests", "asked"), [(209, 13), (210, 3), (269, 3)])
def test_where_much_is_used_reasons_come_slowly_but_they_come(requests, asked):
    reasons = FailureReasons()
    assert sum(ask(reasons, requests, float(at)) is not None for at in range(13)) == asked


def test_a_clock_that_was_set_back_stops_no_question():
    reasons = FailureReasons()
    assert ask(reasons, 250, 1000.0)
    assert ask(reasons, 250, 10.0)


async def test_what_was_asked_is_forgotten_in_the_end():
    reasons = FailureReasons()
    for number in range(MAX_KEPT + 1):
        await reasons.fetch(Tracing([]), a_run(f"run_{number}"))
    assert reasons.next([a_run("run_0")], requests=0, budget=300, at=0.0) == a_run("run_0")


async def test_the_row_and_the_detail_pane_say_why(app):
    async with app(size=(158, 38), world={"threads": 4, "runs": 40}) as seat:
        failed = next(run for run in seat.rows if run.status == "failed")
        await seat.choose(failed.raw_id)
        await seat.until(lambda: "error" in seat.lines[seat.line_of(failed.raw_id)])
        await seat.until(lambda: "error" in seat.pane)
