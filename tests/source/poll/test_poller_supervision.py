"""Updates of subscribers, restarts of the loop, and a clean end. In fake time."""

from __future__ import annotations

import asyncio
import gc

import pytest

from flowtui.model.state.changes import APPEARED, CHANGED
from flowtui.source.poll.poller import Poller

HOUR = 3600.0


# -- subscribers


async def test_each_subscriber_gets_every_change_once(source, clock, start, listen):
    (run,) = source.add("t", status="queued")
    poller = await start()
    listeners = [listen(poller) for _ in range(3)]
    await clock.advance(4)
    for status in ("running", "completed"):
        source.change(run, status=status)
        await clock.advance(4)
    late = listen(poller)
    await clock.advance(40)
    for listener in listeners:
        assert listener.told(run) == [(CHANGED, "running"), (CHANGED, "completed")]
    assert late.changes == []
    assert late.updates[0].snapshot.run(("t", run)).status == "completed"


async def test_changes_of_the_first_load_are_published(source, clock, listen):
    source.add("t", 3)
    poller = Poller(source, clock=clock)
    listener = listen(poller)
    await clock.settle()
    loop = asyncio.create_task(poller.run())
    await clock.settle()
    assert sorted(change.kind for change in listener.changes) == [APPEARED] * 3
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)


async def test_a_slow_subscriber_gets_one_update_for_many_changes(source, clock, start):
    (run,) = source.add("t", status="queued")
    poller = await start()
    updates = poller.updates()
    first = await anext(updates)
    assert first.changes == ()
    for status in ("running", "failed"):
        source.change(run, status=status)
        await clock.advance(5)
    new = source.add("t", 2)
    await clock.advance(40)
    second = await anext(updates)
    told = [(change.kind, change.after.raw_id) for change in second.changes]
    assert told == [(CHANGED, run), (CHANGED, run), (APPEARED, new[1]), (APPEARED, new[0])]
    assert second.snapshot.at == clock.now()
    waiting = asyncio.ensure_future(anext(updates))
    await asyncio.sleep(0)
    assert not waiting.done(), "no update without a change"
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await updates.aclose()


async def test_a_subscriber_that_leaves_is_removed(source, clock, start, listen):
    source.add("t")
    poller = await start()

    async def look_once():
        async for _ in poller.updates():
            break

    await look_once()
    gc.collect()
    await clock.settle()
    assert len(poller._subscribers._subscribers) == 0
    listener = listen(poller)
    await clock.settle()
    assert len(poller._subscribers._subscribers) == 1
    listener.task.cancel()
    await clock.settle()
    assert len(poller._subscribers._subscribers) == 0


async def test_snapshots_are_frozen(source, clock, start):
    source.add("t", status="running")
    poller = await start()
    before = poller.snapshot()
    source.add("t")
    source.add("other")
    await clock.advance(10)
    assert list(before.threads) == ["t"]
    assert len(before.threads["t"].runs) == 1


# -- supervision


async def test_a_killed_loop_is_reported_and_started_again(source, clock, start, listen):
    source.add("t", status="running")
    poller = await start()
    listener = listen(poller)
    await clock.settle()
    told = len(listener.updates)
    first = poller.tasks["poller"]
    first.cancel()
    await clock.settle()
    assert poller.snapshot().incidents == ("poller restarted: it was stopped",)
    assert len(listener.updates) > told
    since = clock.elapsed
    await clock.advance(5)
    assert poller.tasks["poller"] is not first
    assert source.asked("runs", since=since)


async def test_a_loop_that_raises_is_reported_and_started_again(source, clock, start, monkeypatch):
    source.add("t", status="running")
    poller = await start()

    def broken(_now):
        raise ZeroDivisionError("key_of_somebody")

    with monkeypatch.context() as patch:
        patch.setattr(poller.schedule, "pop", broken)
        await clock.advance(30)
    incidents = poller.snapshot().incidents
    assert 20 <= len(incidents) <= 31, "one restart a second"
    assert set(incidents) == {"poller restarted: ZeroDivisionError"}
    since = clock.elapsed
    await clock.advance(5)
    assert source.asked("runs", since=since)


async def test_an_internal_error_in_a_poll_is_reported_and_retried(source, clock, start, listen):
    for key in ("a", "b"):
        source.add(key, status="running")
    poller = await start()
    await clock.advance(3)
    listener = listen(poller)
    source.trouble["runs", "a"] = [KeyError("secret")]
    await clock.advance(20)
    snapshot = next(update.snapshot for update in listener.updates if update.snapshot.incidents)
    assert snapshot.incidents == ("a poll of runs failed: KeyError",)
    assert "KeyError" in snapshot.threads["a"].failure.message
    assert snapshot.threads["b"].failure is None
    assert len(snapshot.threads["a"].runs) == 1
    assert poller.snapshot().threads["a"].failure is None
    assert "secret" not in str(poller.snapshot().incidents)
    assert max(source.gaps(source.asked("runs", "b"))) < 2.1


async def test_the_list_of_incidents_is_bounded(source, clock, start):
    source.add("t", status="running")
    source.trouble["runs", "t"] = KeyError("x")
    poller = await start()
    await clock.advance(HOUR)
    snapshot = poller.snapshot()
    assert len(snapshot.incidents) == 20
    assert snapshot.incident_count > 20


@pytest.mark.parametrize("busy", [True, False])
async def test_cancelling_ends_at_once_and_leaves_no_task(source, clock, busy):
    for number in range(8):
        source.add(f"t{number}", 300)
    before = asyncio.all_tasks()
    poller = Poller(source, clock=clock, budget=20)
    loop = asyncio.create_task(poller.run())
    if busy:
        source.hold()
    await clock.advance(3)
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    assert loop.cancelled()
    assert asyncio.all_tasks() == before
    count = len(source.requests)
    await clock.advance(HOUR)
    assert len(source.requests) == count


async def test_cancelling_ends_at_once_before_a_restart(source, clock):
    before = asyncio.all_tasks()
    poller = Poller(source, clock=clock)
    loop = asyncio.create_task(poller.run())
    await clock.settle()
    poller.tasks["poller"].cancel()
    await clock.settle()
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    assert asyncio.all_tasks() == before


async def test_polling_can_run_again_after_cancelling(source, clock):
    source.add("t", status="running")
    poller = Poller(source, clock=clock, threads=["t"])
    breaker = source.hold()
    loop = asyncio.create_task(poller.run())
    await clock.settle()
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    breaker.set()
    loop = asyncio.create_task(poller.run())
    await clock.settle()
    assert len(poller.snapshot().threads["t"].runs) == 1
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
