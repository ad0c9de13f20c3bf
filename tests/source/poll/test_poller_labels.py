"""What the dashboard gets of group and labels over real HTTP: from the spans of the fleet, and of an opened run."""

from __future__ import annotations

import asyncio
import contextlib
import random

import pytest
from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.model.columns.context import Context
from flowtui.model.columns.path_columns import find_column
from flowtui.simulator.server import Simulator
from flowtui.source.http.client import Client
from flowtui.source.poll.poller import Poller

WITHIN = 90.0  # seconds of real time; far more than needed
NOW = 1_800_000_000.0
NAMES = ("group", "label.env", "labels")


@pytest.fixture
def simulator():
    with Simulator(clock=lambda: NOW, threads=4, runs=30) as running:
        yield running


@contextlib.asynccontextmanager
async def polling(simulator, threads=()):
    async with Client(Settings(base_url=simulator.url, request_timeout=30.0), SecretStr("k")) as client:
        options = {"interval": 0.05, "budget": 100_000, "threads": threads, "fleet": not threads}
        poller = Poller(client, rng=random.Random(1), **options)
        loop = asyncio.create_task(poller.run())
        try:
            yield poller
        finally:
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)


async def until(poller, condition):
    """Return the first snapshot that meets a condition."""
    async with asyncio.timeout(WITHIN):
        async with contextlib.aclosing(poller.updates()) as updates:
            async for update in updates:
                if condition(update.snapshot):
                    return update.snapshot
    raise AssertionError("unreachable")


def started(snapshot):
    return [run for run in snapshot.runs() if run.started is not None]


def cells(snapshot, run):
    context = Context(NOW, threads=snapshot.threads)
    return [find_column(name).text(run, context) for name in NAMES]


def loaded(snapshot):
    """Whether every thread and some spans were read."""
    states = snapshot.threads.values()
    return snapshot.listed and all(state.observed for state in states) and bool(read(snapshot))


def read(snapshot):
    """Return the runs that a span has named."""
    return [run for run in snapshot.runs() if run.raw_id in snapshot.threads[run.thread_key].span_facts]


async def test_spans_that_are_read_anyway_fill_the_columns(simulator):
    simulator.add_fault("labels-on-runs")  # so that the truth can be read from the runs
    async with polling(simulator) as poller:
        snapshot = await until(poller, loaded)
        for run in read(snapshot)[:5]:
            truth = dict((await poller.fetch_run(run.key))["meta_data"])
            group, env, labels = cells(snapshot, run)
            assert (group, env) == (truth.pop("group"), truth["env"])
            assert labels.count("=") == len(truth)
        queued = next(run for run in snapshot.runs() if run.started is None)
        assert cells(snapshot, queued) == ["—", "—", "—"]


async def test_runs_whose_spans_have_no_labels_have_none(simulator):
    simulator.add_fault("no-labels")
    async with polling(simulator) as poller:
        snapshot = await until(poller, loaded)
        assert cells(snapshot, read(snapshot)[0]) == ["(none)", "(none)", "(none)"]


async def test_named_threads_are_polled_without_spans_until_a_run_is_opened(simulator):
    thread = simulator.thread_ids()[0]
    async with polling(simulator, [thread]) as poller:
        snapshot = await until(poller, lambda seen: bool(started(seen)))
        run = started(snapshot)[0]
        assert cells(snapshot, run) == ["—", "—", "—"]
        await poller.fetch_spans(run.key)
        snapshot = await until(poller, lambda seen: seen.threads[thread].span_facts)
        assert "—" not in cells(snapshot, run)
        assert list(snapshot.threads[thread].span_facts) == [run.raw_id]
