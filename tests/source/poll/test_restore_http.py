"""A minute away over real HTTP: what the spans of the gap name is read, and nothing is missed on the silent threads."""

from __future__ import annotations

import asyncio
import contextlib
import random
from dataclasses import replace

import pytest
from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.simulator.server import Simulator
from flowtui.source.clock import Clock
from flowtui.source.http.client import Client
from flowtui.source.poll.poller import Poller

WITHIN = 90.0  # seconds of real time; far more than needed
AWAY = 60.0


class WorldClock(Clock):
    """Shows the time of the simulated world. Waits take real time."""

    def __init__(self):
        self.at = 1_800_000_000.0

    def now(self):
        return self.at


@contextlib.asynccontextmanager
async def polling(simulator, clock, states=(), until=None):
    async with Client(Settings(base_url=simulator.url, request_timeout=30.0), SecretStr("k")) as client:
        poller = Poller(client, rng=random.Random(1), clock=clock, budget=100_000, fleet=True)
        poller.restore(states, {}, until)
        loop = asyncio.create_task(poller.run())
        try:
            yield poller
        finally:
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)


async def when(poller, condition):
    """Return the first snapshot that meets a condition, and the changes until then."""
    changes = []
    async with asyncio.timeout(WITHIN), contextlib.aclosing(poller.updates()) as updates:
        async for update in updates:
            changes += update.changes
            if condition(update.snapshot):
                return update.snapshot, changes
    raise AssertionError


@pytest.mark.slow
async def test_after_a_minute_away_all_that_moved_is_read_and_silent_threads_wait():
    clock = WorldClock()
    with Simulator(clock=clock.now, threads=60, runs=600) as simulator:
        async with polling(simulator, clock) as poller:
            before, _ = await when(
                poller, lambda seen: seen.listed and all(state.observed for state in seen.threads.values())
            )
        stored = [replace(state, restored=state.observed) for state in before.threads.values()]
        left = clock.at
        clock.at += AWAY
        async with polling(simulator, clock, stored, left) as poller:
            seen, changes = await when(poller, lambda seen: seen.caught_up)
        assert seen.caught_up == (left, left + AWAY)
        silent = {key for key, state in seen.threads.items() if state.silent}
        assert silent, "the world of this seed has quiet threads"
        assert all(seen.threads[key].restored == left for key in silent)
        assert {key: list(state.runs)[:10] for key, state in seen.threads.items()} == {
            key: simulator.run_ids(key)[:10] for key in simulator.thread_ids()
        }
        moved = {change.after.thread_key for change in changes if change.catch_up}
        assert moved
        assert not moved & silent
        assert seen.incidents == ()
