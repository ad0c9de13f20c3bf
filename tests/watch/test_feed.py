"""Watches of a feed that is no poller: a list of updates, without HTTP and without requests."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtui.errors import AuthError, ServerError
from flowtui.model.feed import EVERYTHING
from flowtui.watch.options import Options

from ..feeds import ListFeed, raw_run

A = Options(threads=("thr_a",), output="jsonl")


@pytest.fixture
def feed(clock):
    feed = ListFeed(clock)
    feed.read("thr_a", raw_run("run_1", "running"))
    return feed


def ends(feed, *runs):
    return lambda: feed.read("thr_a", *runs)


@pytest.mark.parametrize(("status", "code"), [("completed", 0), ("failed", 1), ("cancelled", 5)])
async def test_the_exit_code_follows_from_the_status_of_the_last_update(status, code, feed, clock, judged):
    clock.at(20, ends(feed, raw_run("run_1", status)))
    result = await judged(feed, A)
    assert (result.code, result.summary["exit"], clock.elapsed) == (code, code, 20)
    (moved,) = result.named("run.status")
    assert (moved["from"], moved["to"]) == ("running", status)
    assert result.named("watch.started")[0]["budget"] == 300


async def test_a_watch_waits_for_runs_that_later_updates_show(feed, clock, judged):
    clock.at(10, ends(feed, raw_run("run_2", "queued"), raw_run("run_1", "running")))
    clock.at(20, ends(feed, raw_run("run_2", "running"), raw_run("run_1", "completed")))
    clock.at(50, ends(feed, raw_run("run_2", "completed"), raw_run("run_1", "completed")))
    result = await judged(feed, replace(A, expect=2))
    assert (result.code, clock.elapsed) == (0, 50)
    assert result.summary["counts"]["completed"] == 2


async def test_a_short_outage_is_survived(feed, clock, judged):
    clock.at(10, lambda: feed.fail("thr_a", ServerError("GET: 500: trouble", status=500)))
    clock.at(30, ends(feed, raw_run("run_1", "completed")))
    result = await judged(feed, A)
    assert result.code == 0
    told = [event["event"] for event in result.events if event["event"].startswith("poll.")]
    assert told == ["poll.error", "poll.recovered"]


async def test_a_long_outage_ends_the_watch(feed, clock, judged):
    clock.at(10, lambda: feed.fail("thr_a", ServerError("GET: 500: trouble", status=500)))
    result = await judged(feed, A)
    assert result.code == 3
    assert clock.elapsed == pytest.approx(10 + A.give_up_after, abs=0.1)
    assert feed.asked == [("refresh", None)] * 2, "before it gives up, it asks for a fresh answer"


async def test_a_failure_that_no_retry_can_help_ends_the_watch_at_once(feed, clock, judged):
    clock.at(10, lambda: feed.fail("thr_a", AuthError("GET: 401: key", status=401), retry_in=None))
    result = await judged(feed, A)
    assert (result.code, clock.elapsed) == (3, pytest.approx(10, abs=0.5))
    assert "401" in result.summary["reason"]


async def test_a_watch_of_a_feed_that_cannot_fetch_concludes_without_reasons(feed, clock, judged):
    assert feed.can == frozenset()
    clock.at(20, ends(feed, raw_run("run_1", "failed")))
    result = await judged(feed, A)
    assert result.code == 1
    assert result.named("run.status")[0]["reason"] is None
    (failed,) = result.summary["failed"]
    assert (failed["run_id"], failed["reason"]) == ("run_1", None)


async def test_a_feed_that_can_fetch_gives_the_reason(clock, judged):
    feed = ListFeed(clock, can=EVERYTHING)
    feed.read("thr_a", raw_run("run_1", "running"))
    feed.spans["thr_a", "run_1"] = [
        {"run_id": "run_1", "is_exception": True, "message": "crm 502", "level": 17}
    ]
    clock.at(20, ends(feed, raw_run("run_1", "failed")))
    result = await judged(feed, A)
    assert "crm 502" in result.summary["failed"][0]["reason"]


async def test_a_snapshot_of_a_profile_that_is_not_polled_any_more_ends_the_watch(feed, clock, judged):
    clock.at(15, lambda: feed.change(stopped="GET: 401: the key was revoked"))
    result = await judged(feed, A)
    assert result.code == 3
    assert "revoked" in result.summary["reason"]
