"""Reasons of failed runs: each fetched once, one at a time, for visible runs; shown in the row and the detail pane."""

from __future__ import annotations

import asyncio

import pytest

from flowtui.model.feed import FETCH
from flowtui.model.run.parsing import parse_run
from flowtui.model.state.snapshot import Snapshot
from flowtui.ui.dashboard.failure_reasons import MAX_KEPT, FailureReasons

from ...feeds import ListFeed
from ..services import FakeServices

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


@pytest.fixture
def ids():
    return "short"


def a_run(run_id="run_1", status="failed"):
    return parse_run({"id": run_id, "status": status}, "thr_1")


class SlowFeed(ListFeed):
    """A feed that has details, and answers once `may_answer` is set."""

    def __init__(self):
        super().__init__(can=[FETCH])
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def fetch_spans(self, key, offset=0, *, oldest_first=False):
        spans = await super().fetch_spans(key, offset, oldest_first=oldest_first)
        await self.may_answer.wait()
        return spans


class Desk:
    """Fetches reasons through `feed`, which has a reason for run_1 alone, with a fake of the application's services."""

    def __init__(self, *, connected=True, **options):
        self.services, self.feed = FakeServices(), SlowFeed()
        self.feed.spans[a_run().key] = [SPAN]
        self.reasons = FailureReasons(self.services.start, **options)
        if connected:
            self.reasons.connect(self.feed)

    @property
    def asked(self):
        """The runs whose spans were fetched."""
        return [key for what, key in self.feed.asked if what == "fetch_spans"]

    @property
    def started(self):
        """The run whose reason is about to be fetched; None without one."""
        works = self.services.started
        return works[0].work.args[0] if works else None

    def next(self, *runs, requests=0, at=0.0):
        """Ask for the next fetch. Nothing is fetched yet; `started` tells the run."""
        self.services.started.clear()
        self.reasons.fetch_next(runs, Snapshot(at, requests=requests, budget=300))
        return self.started


async def test_a_failed_run_is_fetched_once():
    desk = Desk()
    run = desk.next(None, a_run("run_0", "completed"), a_run(None), a_run())
    assert run == a_run()
    await desk.services.work("reasons")
    assert desk.reasons.known[run.key].text == "502 Bad Gateway"
    assert desk.next(a_run()) is None
    assert desk.asked == [run.key]


async def test_a_run_without_a_reason_is_not_fetched_again():
    desk = Desk()
    assert desk.next(a_run("run_2"))
    await desk.services.work()
    assert desk.reasons.known == {}
    assert desk.next(a_run("run_2")) is None
    assert desk.asked == [a_run("run_2").key]


async def test_only_one_fetch_runs_at_a_time():
    desk = Desk()
    desk.feed.may_answer.clear()
    under_way = asyncio.create_task(desk.reasons.fetch(a_run()))
    await asyncio.sleep(0)
    assert desk.next(a_run("run_2")) is None
    desk.feed.may_answer.set()
    await under_way
    assert desk.next(a_run("run_2")) == a_run("run_2")


async def test_a_fetch_that_was_interrupted_is_repeated():
    desk = Desk()
    desk.feed.may_answer.clear()
    under_way = asyncio.create_task(desk.reasons.fetch(a_run()))
    await asyncio.sleep(0)
    under_way.cancel()
    with pytest.raises(asyncio.CancelledError):
        await under_way
    assert desk.next(a_run()) == a_run()


async def test_nothing_is_fetched_without_a_connection_or_a_snapshot():
    desk = Desk(connected=False)
    assert desk.next(a_run()) is None
    await desk.reasons.fetch(a_run())
    desk.reasons.connect(desk.feed)
    desk.reasons.fetch_next([a_run()], None)
    assert desk.started is None
    assert desk.next(a_run()) == a_run()
    assert desk.asked == []


async def test_a_private_text_is_hidden():
    desk = Desk(redact=True)
    await desk.reasons.fetch(a_run())
    hidden = desk.reasons.known[a_run().key]
    assert "502" not in "".join(map(str, hidden))
    assert "redacted" in hidden.text


def test_no_reason_is_fetched_if_90_percent_of_the_request_budget_is_used():
    assert Desk().next(a_run(), requests=270) is None
    assert Desk().next(a_run(), requests=269) == a_run()


@pytest.mark.parametrize(("requests", "asked"), [(209, 13), (210, 3), (269, 3)])
def test_reasons_are_fetched_slowly_if_70_percent_of_the_request_budget_is_used(requests, asked):
    desk = Desk()
    found = [desk.next(a_run(), requests=requests, at=float(at)) for at in range(13)]
    assert sum(run is not None for run in found) == asked


def test_a_clock_set_back_does_not_stop_fetches():
    desk = Desk()
    assert desk.next(a_run(), requests=250, at=1000.0)
    assert desk.next(a_run(), requests=250, at=10.0)


async def test_only_the_last_runs_are_remembered_as_fetched():
    desk = Desk()
    for number in range(MAX_KEPT + 1):
        await desk.reasons.fetch(a_run(f"run_x{number}"))
    assert desk.next(a_run(f"run_x{MAX_KEPT}")) is None
    assert desk.next(a_run("run_x0")) == a_run("run_x0")


async def test_row_and_detail_pane_show_the_reason(app):
    async with app(size=(158, 38), world={"threads": 4, "runs": 40}) as seat:
        failed = next(run for run in seat.rows if run.status == "failed")
        await seat.choose(failed.raw_id)
        fetcher = seat.app.session.reason_fetcher
        await seat.until(lambda: failed.key in fetcher.known)
        start = fetcher.known[failed.key].text[:12]  # it fits into both
        await seat.until(lambda: start in seat.lines[seat.line_of(failed.raw_id)])
        await seat.until(lambda: start in seat.pane)
