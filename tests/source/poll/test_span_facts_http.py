"""Labels and live tokens over real HTTP: the poller reads them from the spans that it reads anyway."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.model.run.row import RUNNING
from flowtui.model.run.span_facts import shown_tokens
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.live_tokens import LiveTokens
from flowtui.simulator.server import Simulator
from flowtui.source.http.client import Client
from flowtui.source.poll.poller import Poller

NOW = 1_800_000_000.0


@contextlib.asynccontextmanager
async def polling(*faults: str, fleet: bool = True) -> AsyncIterator[tuple[Simulator, Poller]]:
    with Simulator(clock=lambda: NOW, threads=6, runs=60, faults=faults) as simulator:
        settings = Settings(base_url=simulator.url, request_timeout=30.0)
        async with Client(settings, SecretStr("any-key")) as client:
            named = [] if fleet else simulator.thread_ids()[:1]
            poller = Poller(client, threads=named, budget=100_000, fleet=fleet, rng=random.Random(1))
            loop = asyncio.create_task(poller.run())
            try:
                yield simulator, poller
            finally:
                loop.cancel()
                await asyncio.gather(loop, return_exceptions=True)


async def when(poller: Poller, condition: object) -> Snapshot:
    async with asyncio.timeout(90.0), contextlib.aclosing(poller.updates()) as updates:
        async for update in updates:
            if condition(update.snapshot):  # type: ignore[operator]
                return update.snapshot
    raise AssertionError


def all_read(snapshot: Snapshot) -> bool:
    return snapshot.listed and all(state.read for state in snapshot.threads.values())


def labelled(snapshot: Snapshot) -> bool:
    return all_read(snapshot) and any(state.span_facts for state in snapshot.threads.values())


async def test_labels_and_live_tokens_come_with_the_spans_that_are_read_anyway():
    async with polling() as (simulator, poller):
        snapshot = await when(poller, labelled)
        running = [run for run in snapshot.runs() if run.status_class == RUNNING]
        assert running, "the world of this seed has running runs"
        assert {run.total_tokens for run in running} == {None}, "usage is null until a run has ended"
        facts = {key: state.span_facts for key, state in snapshot.threads.items()}
        known = [
            (run, facts[run.thread_key][run.raw_id])
            for run in snapshot.runs()
            if run.raw_id in facts[run.thread_key]
        ]
        assert {"env", "region", "release", "customer"} <= {name for name, _ in known[0][1].labels}
        assert {found.group for _, found in known} <= {"nightly-eval", "default_group"}
        counted = [shown_tokens(run, found) for run, found in known if run.status_class == RUNNING]
        assert any(tokens.at_least and tokens.total for tokens in counted)
        live = LiveTokens().of(snapshot.threads)
        assert live.tokens == sum(tokens.total or 0 for tokens in counted if tokens.at_least)
        spans = [path for _, path, _ in simulator.requests if "spans" in path]
        assert len(spans) == 1, "no request was made for labels or tokens alone"


async def test_counts_of_an_ended_run_add_up_to_its_usage():
    async with polling() as (_, poller):
        snapshot = await when(poller, labelled)
        ended = next(
            run
            for run in snapshot.runs()
            if run.status_class == "completed" and run.total_tokens and run.started
        )
        await poller.fetch_spans(ended.key)
        facts = poller.snapshot().threads[ended.thread_key].span_facts[ended.raw_id]
        assert facts.total_tokens == ended.total_tokens


async def test_an_opened_run_tells_its_labels_where_spans_are_not_read_otherwise():
    async with polling(fleet=False) as (simulator, poller):
        snapshot = await when(poller, all_read)
        (state,) = snapshot.threads.values()
        assert not state.span_facts
        run = next(run for run in snapshot.runs() if run.started is not None)
        update = asyncio.create_task(when(poller, labelled))
        await poller.fetch_spans(run.key)
        assert set((await update).threads[state.key].span_facts) == {run.raw_id}
        assert len([path for _, path, _ in simulator.requests if "spans" in path]) == 1


@pytest.mark.parametrize("fault", ["usage-while-running", "labels-on-runs"])
async def test_the_older_ways_of_a_server_are_read_as_well(fault: str):
    async with polling(fault) as (_, poller):
        snapshot = await when(poller, labelled)
        running = [run for run in snapshot.runs() if run.status_class == RUNNING]
        if fault == "usage-while-running":
            assert any(run.total_tokens for run in running)
        else:
            raw = await poller.fetch_run(running[0].key)
            assert "env" in raw["meta_data"]
