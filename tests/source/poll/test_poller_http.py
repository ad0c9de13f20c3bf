"""Client, parsing, known runs and poller together, against the simulator over real HTTP. In real time without sleeps."""

from __future__ import annotations

import asyncio
import contextlib
import random

import pytest
from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.simulator.server import Simulator
from flowtui.source.http.client import Client
from flowtui.source.poll.poller import Poller

from ...id_styles import ids_for

WITHIN = 90.0  # seconds of real time; far more than needed
KEY = "sk-simulated-key"


class WorldTime:
    def __init__(self):
        self.now = 1_800_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def world_time():
    return WorldTime()


@pytest.fixture
def simulator(world_time, request):
    ids = ids_for(request.node.nodeid)
    with Simulator(clock=world_time, key=KEY, threads=4, runs=40, ids=ids) as running:
        yield running


@contextlib.asynccontextmanager
async def polling(simulator, key=KEY, **options):
    async with Client(Settings(base_url=simulator.url, request_timeout=30.0), SecretStr(key)) as client:
        options = {"interval": 0.05, "quiet_interval": 0.1, "budget": 100_000, **options}
        poller = Poller(client, rng=random.Random(1), **options)
        loop = asyncio.create_task(poller.run())
        try:
            yield poller
        finally:
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)


async def until(poller, condition):
    """Return the first snapshot that meets a condition, and the changes until then."""
    changes = []
    async with asyncio.timeout(WITHIN):
        async with contextlib.aclosing(poller.updates()) as updates:
            async for update in updates:
                changes += update.changes
                if condition(update.snapshot):
                    return update.snapshot, changes
    raise AssertionError("unreachable")


def loaded(snapshot):
    states = snapshot.threads.values()
    return snapshot.listed and bool(states) and all(state.observed and not state.failure for state in states)


def known_ids(snapshot):
    return {key: list(state.runs) for key, state in snapshot.threads.items()}


def ids_there(simulator):
    return {key: simulator.run_ids(key) for key in simulator.thread_ids()}


async def test_snapshots_follow_the_simulated_server(simulator, world_time):
    async with polling(simulator) as poller:
        snapshot, _ = await until(poller, loaded)
        assert known_ids(snapshot) == ids_there(simulator)
        assert any(run.active for run in snapshot.runs())
        assert all(state.orphaned is None for state in snapshot.threads.values())
        statuses = {run.key: run.status for run in snapshot.runs()}

        world_time.now += 60
        later, _ = await until(
            poller,
            lambda seen: (
                known_ids(seen) == ids_there(simulator)
                and any(statuses.get(run.key, run.status) != run.status for run in seen.runs())
            ),
        )
        assert not any(state.not_seen or state.went_back for state in later.threads.values())

        (key, (run_id, *_)) = next(iter(known_ids(later).items()))
        whole = await poller.fetch_run((key, run_id))
        assert (whole["id"], whole["thread_id"]) == (run_id, key)
        named, _ = await until(
            poller, lambda seen: {run.agent_id for run in seen.runs()} <= seen.agents.keys()
        )
        assert all(named.agents.values())
        assert named.incidents == ()


async def test_an_outage_keeps_the_rows_and_ends_by_itself(simulator, world_time):
    async with polling(simulator) as poller:
        before, _ = await until(poller, loaded)
        await asyncio.to_thread(simulator.stop)
        down, changes = await until(
            poller, lambda seen: seen.list_failure and all(state.failure for state in seen.threads.values())
        )
        assert known_ids(down) == known_ids(before)
        assert changes == []
        assert "refuses connections" in down.list_failure.message or "broke" in down.list_failure.message
        world_time.now += 30
        await asyncio.to_thread(simulator.start)
        back, _ = await until(
            poller,
            lambda seen: loaded(seen) and not seen.list_failure and known_ids(seen) == ids_there(simulator),
        )
        assert back.incidents == ()


async def test_a_wrong_key_stops_everything(simulator):
    async with polling(simulator, key="sk-some-other-key") as poller:
        snapshot, _ = await until(poller, lambda seen: seen.stopped)
        assert "SEEKR_API_KEY" in snapshot.stopped
        assert "sk-some-other-key" not in snapshot.stopped
        with pytest.raises(Exception, match="SEEKR_API_KEY"):
            await poller.fetch_run(("thr", "run"))
    # The refusal of the list stops polling; the request for agents may have been sent at the same time.
    asked = [path for _, path, _ in simulator.requests]
    assert set(asked) <= {"/v1/threads", "/v2/flow/agents/"}
    assert len(asked) <= 4


async def test_a_missing_thread_affects_no_other(simulator, world_time):
    keys = [*simulator.thread_ids(), "thr_nobody/../../admin"]
    async with polling(simulator, threads=keys) as poller:
        snapshot, _ = await until(
            poller,
            lambda seen: (
                seen.threads[keys[-1]].failure and all(seen.threads[key].observed for key in keys[:-1])
            ),
        )
        assert snapshot.threads[keys[-1]].failure.final
        assert snapshot.stopped == ""
        assert all(snapshot.threads[key].failure is None for key in keys[:-1])
        asked = {path for _, path, _ in simulator.requests if "admin" in path}
        assert asked == {"/v1/threads/thr_nobody%2F..%2F..%2Fadmin/runs"}


@pytest.mark.parametrize("fault", ["server-error:4", "rate-limit-ms:50*3", "truncated-json*4", "html*3"])
async def test_polling_recovers_from_passing_faults(simulator, fault):
    async with polling(simulator) as poller:
        await until(poller, loaded)
        simulator.add_fault(fault)
        await until(poller, lambda seen: any(state.failure for state in seen.threads.values()))
        snapshot, _ = await until(poller, loaded)
        assert known_ids(snapshot) == ids_there(simulator)


@pytest.mark.parametrize(
    "fault",
    [
        "slash-only",
        "to-slash:308",
        *(pytest.param(fault, marks=pytest.mark.slow) for fault in ("bare-only:405", "to-bare")),
    ],
)
async def test_a_slash_at_the_end_of_paths_stops_no_polling_and_counts_in_the_budget(simulator, fault):
    simulator.add_fault(fault)
    async with polling(simulator, fleet=True, interval=60.0, quiet_interval=60.0) as poller:
        snapshot, _ = await until(
            poller, lambda seen: loaded(seen) and seen.agents and seen.coverage.discovering
        )
        assert known_ids(snapshot) == ids_there(simulator)
        assert snapshot.list_failure is None
        await poller.fetch_messages(next(snapshot.runs()).key)
        counted = poller.budget.total
        await poller.calls.client.before_second()  # as the client does before a second request
        assert poller.budget.total == counted + 1
    refused = [
        path
        for _, path, _ in simulator.requests
        if path.endswith("/") == fault.startswith(("bare", "to-bare"))
    ]
    assert refused
    assert len(refused) == len(set(refused))
