"""Refusals and outages, and how polling recovers by itself. In fake time."""

from __future__ import annotations

import json

import pytest

from flowtui.errors import (
    ApiError,
    AuthError,
    ForbiddenError,
    NotFoundError,
    RateLimitedError,
    RejectedError,
    ServerError,
    TransportError,
)
from flowtui.model.state.changes import APPEARED, NOT_SEEN
from flowtui.model.state.health import LIVE, LOST, REFUSED, thread_health
from flowtui.source.http.concurrency import max_concurrent_polls
from flowtui.source.poll.schedule import MAX_BACKOFF

HOUR = 3600.0
DOWN = TransportError("GET /v1/threads: flow.example refuses connections")
REFUSED_401 = AuthError("GET: 401", status=401, hint="Check SEEKR_API_KEY and auth_scheme")


# -- what the server refuses


@pytest.mark.parametrize(
    "error", [REFUSED_401, ForbiddenError("GET: 403", status=403, hint="Check the team")]
)
@pytest.mark.parametrize("where", [("runs", "t3"), ("threads", ""), ("all", "")])
async def test_a_refused_key_stops_everything_until_a_refresh(source, clock, start, error, where):
    for number in range(6):
        source.add(f"t{number}", 250, status="running")
    poller = await start()
    await clock.advance(9)
    source.trouble[where] = error
    await clock.advance(60)
    count = len(source.requests)
    await clock.advance(HOUR)
    assert len(source.requests) == count
    snapshot = poller.snapshot()
    assert error.hint in snapshot.stopped
    assert snapshot.next_poll is None
    assert len(list(snapshot.runs())) == 6 * 250
    assert {thread_health(state, clock.now()).word for state in snapshot.threads.values()} == {REFUSED}
    with pytest.raises(ApiError, match=error.hint):
        await poller.fetch_run(("t0", "run_t0_0"))
    assert len(source.requests) == count
    poller.refresh()
    await clock.advance(1)
    assert count < len(source.requests) <= count + 20
    assert poller.stopped
    source.trouble.clear()
    poller.refresh()
    await clock.advance(3)
    assert poller.snapshot().stopped == ""
    assert {thread_health(state, clock.now()).word for state in poller.snapshot().threads.values()} == {LIVE}


async def test_a_stop_cancels_running_requests(source, clock, start):
    for number in range(3):
        source.add(f"t{number}", 500)
    breaker = source.hold("t0", "t2")
    source.trouble["runs", "t1"] = REFUSED_401
    poller = await start(threads=["t0", "t1", "t2"])
    assert poller.stopped
    assert source.under_way == 0
    count = len(source.requests)
    breaker.set()
    await clock.advance(600)
    assert len(source.requests) == count
    source.trouble.clear()
    poller.refresh()
    await clock.advance(1)
    assert all(len(state.runs) >= 200 for state in poller.snapshot().threads.values())


@pytest.mark.parametrize("error", [REFUSED_401, NotFoundError("404", status=404)])
async def test_a_failure_to_read_agents_stops_nothing(source, clock, start, error):
    source.add("t", status="running")
    source.trouble["agents", ""] = error
    poller = await start()
    await clock.advance(20)
    assert poller.snapshot().stopped == ""
    assert len(source.asked("runs")) > 5
    assert len(source.asked("agents")) == 1


@pytest.mark.parametrize(
    "error", [NotFoundError("GET: 404", status=404), RejectedError("GET: 422", status=422)]
)
async def test_a_missing_thread_is_not_retried_and_the_others_are_polled(source, clock, start, error):
    keys = [f"t{number}" for number in range(5)]
    for key in keys:
        source.add(key, status="running")
    source.trouble["runs", "t2"] = error
    poller = await start(threads=keys)
    await clock.advance(HOUR / 4)
    assert len(source.asked("runs", "t2")) == 1
    assert all(len(source.asked("runs", key)) > 100 for key in keys if key != "t2")
    snapshot = poller.snapshot()
    assert snapshot.threads["t2"].failure.final
    assert thread_health(snapshot.threads["t2"], clock.now()).word == LOST
    assert snapshot.stopped == ""
    del source.trouble["runs", "t2"]
    poller.refresh("t2")
    await clock.advance(0)
    assert poller.snapshot().threads["t2"].failure is None


async def test_an_id_that_no_path_can_hold_fails_its_own_thread_only(source, clock, start):
    from flowtui.errors import UsageError  # noqa: PLC0415

    source.add("t", status="running")
    source.trouble["runs", ".."] = UsageError("'..' is no id")
    poller = await start(threads=["..", "t"])
    await clock.advance(10)
    assert poller.snapshot().threads[".."].failure.final
    assert poller.snapshot().threads["t"].failure is None


# -- outages


@pytest.mark.parametrize(
    "troubles",
    [
        [ServerError("500", status=500)] * 3,
        [RateLimitedError("429", status=429)],
        [RateLimitedError("429", status=429, retry_after=7.0)] * 2,
        [b"<html>", b'[{"id":'],
    ],
)
async def test_polling_recovers_by_itself(source, clock, start, listen, troubles):
    source.add("t", 3, status="running")
    poller = await start(threads=["t"])
    listener = listen(poller)
    await clock.advance(5)
    source.trouble["runs", "t"] = list(troubles)
    await clock.advance(40)
    pictures = [update.snapshot for update in listener.updates]
    failed = [(picture.at, picture.threads["t"].failure) for picture in pictures]
    failed = [(at, failure) for at, failure in failed if failure is not None]
    assert {failure.attempts for _, failure in failed} == set(range(1, len(troubles) + 1))
    assert all(failure.retry_at > failure.since for _, failure in failed)
    assert all(len(picture.threads["t"].runs) == 3 for picture in pictures)
    assert source.trouble["runs", "t"] == []
    assert poller.snapshot().threads["t"].failure is None
    assert thread_health(poller.snapshot().threads["t"], clock.now()).word == LIVE


async def test_failures_have_a_start_and_a_count(source, clock, start):
    source.add("t", status="running")
    source.trouble["runs", "t"] = ServerError("500", status=500)
    poller = await start(threads=["t"])
    began = clock.now()
    await clock.advance(120)
    failure = poller.snapshot().threads["t"].failure
    assert failure.since == began
    assert failure.attempts == len(source.asked("runs"))


async def test_retry_after_holds_all_requests_even_on_refresh(source, clock, start):
    for number in range(3):
        source.add(f"t{number}", status="running")
    poller = await start()
    await clock.advance(6)
    source.trouble["runs", "t1"] = [RateLimitedError("429", status=429, retry_after=100.0)]
    await clock.advance(3)
    began = source.requests[-1].at
    count = len(source.requests)
    poller.refresh()
    await clock.advance(90)
    assert len(source.requests) <= count + max_concurrent_polls(300)
    assert poller.snapshot().next_poll == pytest.approx(clock.now() + began + 100 - clock.elapsed, abs=3)
    await clock.advance(12)
    assert all(source.asked("runs", f"t{number}", since=began + 99) for number in range(3))


async def test_retry_after_is_kept_up_to_its_limit(source, clock, start):
    source.add("t", status="running")
    await start()
    await clock.advance(5)
    source.trouble["runs", "t"] = [RateLimitedError("429", status=429, retry_after=1e9)]
    await clock.advance(2.5)
    count = len(source.requests)
    await clock.advance(303)
    assert len(source.requests) > count


@pytest.mark.parametrize("threads", [1, 100])
async def test_an_hour_of_outage_costs_few_requests_and_ends_by_itself(source, clock, start, threads):
    for number in range(threads):
        source.add(f"t{number}", 2, status="running" if number % 3 else "completed")
    poller = await start()
    await clock.advance(120)
    source.trouble["all", ""] = DOWN
    began = clock.elapsed
    await clock.advance(HOUR)
    assert 60 < len([request for request in source.requests if request.at > began]) < 250
    snapshot = poller.snapshot()
    assert len(list(snapshot.runs())) == 2 * threads
    assert {thread_health(state, clock.now()).word for state in snapshot.threads.values()} == {LOST}
    assert DOWN.message in snapshot.health(clock.now()).cause
    source.trouble.clear()
    await clock.advance(75 + threads)
    assert {thread_health(state, clock.now()).word for state in poller.snapshot().threads.values()} == {LIVE}
    assert poller.snapshot().list_failure is None
    assert source.most_in_a_minute() <= 300


@pytest.mark.parametrize("threads", [2, 5, 50])
async def test_after_an_hour_all_threads_are_live_within_one_probe_interval(source, clock, start, threads):
    """No probe waits longer than `MAX_BACKOFF`, and its answer makes all threads due."""
    for number in range(threads):
        source.add(f"t{number}", 2, status="running")
    poller = await start()
    await clock.advance(30)
    source.trouble["all", ""] = DOWN
    await clock.advance(HOUR)
    began = clock.elapsed
    source.trouble.clear()
    while poller.snapshot().outage is not None:
        await clock.advance(0.5)
    assert clock.elapsed - began <= MAX_BACKOFF
    await clock.advance(poller.interval)
    assert {thread_health(state, clock.now()).word for state in poller.snapshot().threads.values()} == {LIVE}
    assert poller.snapshot().list_failure is None


@pytest.mark.parametrize("threads", [1, 50])
async def test_during_an_outage_one_probe_at_a_time_is_sent(source, clock, start, threads):
    for number in range(threads):
        source.add(f"t{number}", status="running")
    poller = await start()
    await clock.advance(30)
    assert poller.snapshot().outage is None
    source.trouble["all", ""] = DOWN
    began = clock.now()
    await clock.advance(60)
    outage = poller.snapshot().outage
    assert (outage.kind, outage.cause) == (DOWN.kind, DOWN.message)
    assert began <= outage.since <= began + poller.interval
    since, source.most_under_way = clock.elapsed, 0
    await clock.advance(HOUR)
    assert source.most_under_way == 1
    # Pauses are random up to a minute: about one request every half minute, for all threads together.
    assert HOUR / MAX_BACKOFF <= len([r for r in source.requests if r.at > since]) <= 4 * HOUR / MAX_BACKOFF
    assert poller.snapshot().outage.since == outage.since
    source.trouble["all", ""] = REFUSED_401
    poller.refresh()
    await clock.settle()
    assert poller.stopped
    assert poller.snapshot().outage is None, "a refusal is an answer"


@pytest.mark.parametrize("threads", [3, 40])
async def test_the_first_answer_after_an_outage_polls_all_threads(source, clock, start, threads):
    for number in range(threads):
        source.add(f"t{number}", status="running")
    poller = await start()
    for seconds in (600, 700, 800):
        source.trouble["all", ""] = DOWN
        await clock.advance(seconds)
        source.trouble.clear()
        while poller.breaker.tripped:
            await clock.advance(0.1)
        await clock.advance(1)
        assert all(state.failure is None for state in poller.snapshot().threads.values())
        assert poller.snapshot().list_failure is None


async def test_final_errors_are_no_outage(source, clock, start):
    keys = list("abcdefghi")
    for key in keys:
        source.add(key)
        source.trouble["runs", key] = ServerError("500", status=500)
    source.trouble["runs", "e"] = NotFoundError("404", status=404)
    source.trouble["threads", ""] = ServerError("500", status=500)
    poller = await start(threads=keys)
    assert len(source.asked("runs")) == 9
    assert poller.breaker.tripped, "the 404 of e is an answer; after it four threads and the list fail"
    source.trouble["threads", ""] = NotFoundError("404", status=404)
    poller.refresh()
    await clock.settle()
    assert not poller.breaker.tripped


async def test_failures_of_some_threads_do_not_hold_the_others(source, clock, start):
    bad, good = [f"bad{number}" for number in range(8)], [f"good{number}" for number in range(3)]
    for key in bad + good:
        source.add(key, status="running")
    for key in bad:
        source.trouble["runs", key] = ServerError("500", status=500)
    await start()
    await clock.advance(30)
    since = clock.elapsed
    await clock.advance(600)
    assert all(max(source.gaps(source.asked("runs", key, since=since))) < 5 for key in good)
    assert all(len(source.asked("runs", key, since=since)) < 60 for key in bad), (
        "each has a backoff of its own"
    )


async def test_a_refresh_sends_a_request_during_an_outage(source, clock, start):
    source.add("t", status="running")
    poller = await start()
    source.trouble["all", ""] = DOWN
    await clock.advance(HOUR)
    source.trouble.clear()
    poller.refresh()
    await clock.settle()
    assert poller.snapshot().threads["t"].failure is None


async def test_a_truncated_body_keeps_rows_and_is_reported(source, clock, start, listen):
    source.add("t", 10, status="running")
    poller = await start(threads=["t"])
    listener = listen(poller)
    await clock.advance(5)
    (new,) = source.add("t")
    body = json.dumps(source.runs_of["t"]).encode()
    source.trouble["runs", "t"] = [body[:-20]] * 2
    await clock.advance(30)
    states = [update.snapshot.threads["t"] for update in listener.updates]
    broken = [state for state in states if state.failure is not None]
    assert {state.failure.kind for state in broken} == {"unreadable"}
    assert {len(state.runs) for state in broken} == {11}
    assert poller.snapshot().threads["t"].failure is None
    assert listener.told(new) == [(APPEARED, "completed")]
    assert not [change for change in listener.changes if change.kind == NOT_SEEN]
