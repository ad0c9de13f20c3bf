"""Reasons of failed runs: each fetched once, one at a time, for visible runs; shown in the row and the detail pane."""

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
    """Stands for the API: returns `spans`, and records the runs for which they were requested."""

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


async def test_a_failed_run_is_fetched_once():
    reasons, tracing = FailureReasons(), Tracing([SPAN])
    run = reasons.next([None, a_run("run_0", "completed"), a_run()], requests=0, budget=300, at=0.0)
    assert run == a_run()
    await reasons.fetch(tracing, run)
    assert "502" in reasons.known[run.key]
    assert reasons.next([a_run()], requests=0, budget=300, at=0.0) is None
    assert tracing.asked == [run.key]


async def test_a_run_without_a_reason_is_not_fetched_again():
    reasons = FailureReasons()
    await reasons.fetch(Tracing([]), a_run())
    assert reasons.known == {}
    assert reasons.next([a_run()], requests=0, budget=300, at=0.0) is None


async def test_only_one_fetch_runs_at_a_time():
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


def test_no_reason_is_fetched_if_90_percent_of_the_request_budget_is_used():
    assert ask(FailureReasons(), 270, 0.0) is None
    assert ask(FailureReasons(), 269, 0.0) == a_run()


@pytest.mark.parametrize(("requests", "asked"), [(209, 13), (210, 3), (269, 3)])
def test_reasons_are_fetched_slowly_if_70_percent_of_the_request_budget_is_used(requests, asked):
    reasons = FailureReasons()
    assert sum(ask(reasons, requests, float(at)) is not None for at in range(13)) == asked


def test_a_clock_set_back_does_not_stop_fetches():
    reasons = FailureReasons()
    assert ask(reasons, 250, 1000.0)
    assert ask(reasons, 250, 10.0)


async def test_only_the_last_runs_are_remembered_as_fetched():
    reasons = FailureReasons()
    for number in range(MAX_KEPT + 1):
        await reasons.fetch(Tracing([]), a_run(f"run_{number}"))
    assert reasons.next([a_run("run_0")], requests=0, budget=300, at=0.0) == a_run("run_0")


async def test_row_and_detail_pane_show_the_reason(app):
    async with app(size=(158, 38), world={"threads": 4, "runs": 40}) as seat:
        failed = next(run for run in seat.rows if run.status == "failed")
        await seat.choose(failed.raw_id)
        await seat.until(lambda: "error" in seat.lines[seat.line_of(failed.raw_id)])
        await seat.until(lambda: "error" in seat.pane)
