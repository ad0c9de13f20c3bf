"""How often threads are polled, within the budget of any minute. In fake time."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from flowtui.errors import NotFoundError
from flowtui.model.state.health import LIVE, thread_health
from flowtui.source.http.concurrency import max_concurrent_polls
from flowtui.source.read import thread_reader

# -- how often


async def test_moving_threads_are_polled_often_and_quiet_ones_rarely(source, clock, start):
    source.add("moving", status="running")
    source.add("quiet")
    await start()
    await clock.advance(300)
    moving, quiet = (
        source.gaps(source.asked("runs", "moving"))[1:],
        source.gaps(source.asked("runs", "quiet"))[1:],
    )
    assert len(moving) > 140
    assert all(1.7 < gap < 2.01 for gap in moving)
    assert all(26.9 < gap < 30.01 for gap in quiet)
    assert max(moving) - min(moving) > 0.05, "jitter"
    assert max(quiet) - min(quiet) > 0.5, "jitter"


async def test_a_thread_that_becomes_quiet_is_polled_rarely(source, clock, start):
    (run,) = source.add("t", status="running")
    poller = await start(threads=["t"])
    await clock.advance(10)
    source.change(run, status="completed")
    await clock.advance(5)
    count = len(source.asked("runs"))
    await clock.advance(20)
    assert len(source.asked("runs")) == count
    assert poller.snapshot().threads["t"].interval == 30.0


async def test_the_interval_can_be_changed(source, clock, start):
    source.add("moving", status="running")
    source.add("quiet")
    poller = await start(interval=20.0)
    assert poller.interval == 20.0
    await clock.advance(50)
    poller.interval = 1.0
    await clock.settle()
    since = clock.elapsed
    await clock.advance(20)
    assert len(source.asked("runs", "moving", since=since)) >= 20
    assert len(source.asked("runs", "quiet", since=since)) <= 1
    assert poller.snapshot().threads["moving"].interval == 1.0
    poller.interval = 60.0
    await clock.advance(1)
    since = clock.elapsed
    await clock.advance(110)
    assert len(source.asked("runs", "moving", since=since)) <= 2
    assert len(source.asked("runs", "quiet", since=since)) <= 3, (
        "a quiet thread is not polled more often than a moving one"
    )


async def test_a_locked_thread_is_polled_often_even_if_its_runs_do_not_change(source, clock, start):
    source.add("t")
    await start()
    await clock.advance(10)
    source.locks["t"] = "run_of_somebody"
    await clock.advance(4)
    since = clock.elapsed
    await clock.advance(10)
    assert len(source.asked("runs", since=since)) >= 4


async def test_an_unchanged_body_is_not_parsed_again(source, clock, start, monkeypatch):
    source.add("t", 3, status="running")
    parsed = []
    parse = thread_reader.parse_runs
    monkeypatch.setattr(thread_reader, "parse_runs", lambda *args: parsed.append(args) or parse(*args))
    poller = await start()
    await clock.advance(5)
    count, runs = len(parsed), poller.snapshot().threads["t"].runs
    asked = len(source.asked("runs"))
    await clock.advance(20)
    assert len(source.asked("runs")) > asked + 8
    assert len(parsed) == count
    assert poller.snapshot().threads["t"].runs is runs


async def test_parallel_polls_leave_a_connection_free(source, clock, start):
    for number in range(12):
        source.add(f"t{number}")
    await start()
    breaker = source.hold()
    await clock.advance(40)
    assert source.most_under_way <= max_concurrent_polls(300) == 4
    breaker.set()


# -- the budget


@pytest.mark.parametrize("budget", [10, 60, 300])
async def test_the_budget_holds_in_any_minute(source, clock, start, budget):
    for number in range(40):
        source.add(f"t{number}", 120, status="running" if number % 2 else "completed")
    poller = await start(budget=budget)
    for _ in range(30):
        await clock.advance(10)
        key = ("t1", "run_t1_0")
        fetch = asyncio.create_task(poller.fetch_run(key))
        source.add("t3", 45)
        await clock.settle()
        fetch.cancel()
        await asyncio.gather(fetch, return_exceptions=True)
    assert source.most_in_a_minute() <= budget
    assert len(source.requests) > budget * 2.5, "the budget is used"


async def test_a_burst_is_allowed(source, clock, start):
    for number in range(20):
        source.add(f"t{number}", 150)
    await start()
    assert len(source.asked("runs")) >= 40, "everything is read at once"


@pytest.mark.slow
async def test_moving_threads_stay_fresh_among_many_quiet_ones(source, clock, start):
    source.add("moving", status="running")
    source.locks["moving"] = "run_moving_0"
    for number in range(800):
        source.add(f"t{number}")
    poller = await start()
    await clock.advance(60)
    looks = source.gaps(source.asked("runs", "moving"))
    assert max(looks) <= 3.0
    await clock.advance(1500)
    assert source.most_in_a_minute() <= 300
    looks = source.gaps(source.asked("runs", "moving"))
    assert sum(gap <= 3 for gap in looks) >= 0.99 * len(looks)
    states = poller.snapshot().threads.values()
    assert all(state.observed is not None for state in states)
    assert all(thread_health(state, clock.now()).word == LIVE for state in states)


async def test_too_many_moving_threads_get_an_equal_longer_interval(source, clock, start):
    for number in range(100):
        source.add(f"t{number:02}", status="running")
    poller = await start()
    await clock.advance(240)
    since = clock.elapsed
    await clock.advance(120)
    times = [request.at for request in source.asked("runs", since=since)]
    assert max(later - earlier for earlier, later in itertools.pairwise(times)) < 12, (
        "polls do not stop for a minute"
    )
    assert source.most_in_a_minute() <= 300
    shown = {round(state.interval) for state in poller.snapshot().threads.values()}
    assert max(source.gaps(source.asked("runs", "t50", since=since))) <= max(shown) + 1
    assert 20 < min(shown) <= max(shown) < 30


async def test_opened_runs_wait_for_the_budget_too(source, clock, start):
    (run,) = source.add("t")
    poller = await start(budget=4, threads=["t"])
    fetch = asyncio.create_task(poller.fetch_run(("t", run)))
    await clock.advance(50)
    assert not fetch.done()
    await clock.advance(60)
    assert (await fetch)["id"] == run
    assert source.most_in_a_minute() <= 4


async def test_opened_runs_raise_their_own_errors(source, clock, start):
    source.add("t")
    poller = await start()
    with pytest.raises(NotFoundError):
        await poller.fetch_run(("t", "run_nobody"))
    assert not poller.stopped
