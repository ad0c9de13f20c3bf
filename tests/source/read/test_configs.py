"""Fingerprints of configurations are computed for new runs, once for each."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from dataclasses import replace

import pytest
from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.errors import TransportError, UnreadableError
from flowtui.model.run.fingerprint import fingerprint
from flowtui.model.state.changes import APPEARED
from flowtui.simulator.server import Simulator
from flowtui.source.http.client import Client
from flowtui.source.poll.poller import Poller
from flowtui.source.read import thread_reader as reading_module

WITHIN = 90.0  # seconds of real time; far more than is needed
CONFIG = {"model": "llama", "temperature": 0.2, "instructions": "Be kind"}


@pytest.fixture
def asked(monkeypatch):
    """Return the wanted runs of each page whose heavy fields were parsed."""
    pages = []
    whole = reading_module.fingerprints

    def note(body, wanted):
        pages.append(sorted(wanted))
        return whole(body, wanted)

    monkeypatch.setattr(reading_module, "fingerprints", note)
    return pages


async def test_a_new_run_gets_a_fingerprint_at_once(source, looks, asked):
    source.add("t", 3, **CONFIG)
    await looks.look()
    assert looks.state.configs == dict.fromkeys(looks.state.runs, fingerprint(CONFIG))
    (new,) = source.add("t", **{**CONFIG, "temperature": 0.3})
    await looks.look()
    assert asked[-1] == [new]
    assert looks.state.configs[new] == fingerprint({**CONFIG, "temperature": 0.3})
    assert len(looks.state.configs) == 4


async def test_an_unchanged_body_and_a_changed_one_without_new_runs_compute_nothing(source, looks, asked):
    (run, *_) = source.add("t", 3, status="running", **CONFIG)
    await looks.look()
    await looks.look()
    asked.clear()
    configs = looks.state.configs
    await looks.look()
    source.change(run, status="completed")
    await looks.look()
    assert looks.changes
    assert asked == []
    assert looks.state.configs is configs


async def test_each_run_is_hashed_once_however_many_pages_show_it(source, looks, asked):
    source.add("t", 20, **CONFIG)
    await looks.look()
    source.add("t", 150, **CONFIG)
    await looks.look()
    wanted = [raw_id for page in asked for raw_id in page]
    assert len(wanted) == len(set(wanted)) == 170
    assert set(looks.state.configs) == set(looks.state.runs)


async def test_a_failed_fingerprint_is_not_retried(source, looks, asked):
    source.add("t", 2)
    await looks.look()
    assert set(looks.state.configs.values()) == {""}
    asked.clear()
    source.change("run_t_0", status="failed")
    await looks.look()
    assert asked == []


async def test_elements_without_an_id_get_no_fingerprint(source, looks, asked):
    for reason in ("a", "b"):
        source.trouble["runs", "t"] = [json.dumps([{"id": None, "model": reason}]).encode()]
        await looks.look()
    assert len(looks.state.runs) == 1
    assert asked == []
    assert looks.state.configs == {}


async def test_an_incomplete_page_keeps_fingerprints_of_readable_runs(source, looks):
    (run,) = source.add("t", **CONFIG)
    body = json.dumps(source.runs_of["t"])[:-1] + ', {"id": "run_x", "mod'
    source.trouble["runs", "t"] = [body.encode()]
    with pytest.raises(UnreadableError):
        await looks.look()
    assert looks.state.configs == {run: fingerprint(CONFIG)}


async def test_a_failed_later_page_keeps_fingerprints_of_the_first(source, looks):
    source.add("t", 150, **CONFIG)
    source.trouble["runs", "t"] = [None, TransportError("reset")]
    with pytest.raises(TransportError):
        await looks.look()
    assert len(looks.state.configs) == len(looks.state.runs) == 100


async def test_a_run_that_is_requested_alone_gets_a_fingerprint(source, looks):
    (deep,) = source.add("t", status="running", **CONFIG)
    source.add("t", 150, **CONFIG)
    await looks.look()
    state = looks.state
    configs = {raw_id: mark for raw_id, mark in state.configs.items() if raw_id != deep}
    looks.observer.states["t"] = replace(state, configs=configs)
    requests, _ = await looks.look()
    assert [request.what for request in requests] == ["runs", "run"]
    assert looks.state.configs[deep] == fingerprint(CONFIG)


async def test_a_new_run_has_the_same_fingerprint_as_the_run_requested_alone():
    time = [1_800_000_000.0]
    with Simulator(clock=lambda: time[0], key="k", threads=2, runs=10, ids="uuid") as simulator:
        async with Client(Settings(base_url=simulator.url), SecretStr("k")) as client:
            poller = Poller(client, rng=random.Random(1), interval=0.05, quiet_interval=0.1, budget=100_000)
            loop = asyncio.create_task(poller.run())
            try:
                snapshot, new = await _first_new_run(poller, time)
                whole = await poller.fetch_run(new.key)
            finally:
                loop.cancel()
                await asyncio.gather(loop, return_exceptions=True)
    assert snapshot.threads[new.thread_key].configs[new.raw_id] == fingerprint(whole) != ""
    for state in snapshot.threads.values():
        assert set(state.configs) == set(state.runs)
        assert all(state.configs.values())


async def _first_new_run(poller, time):
    """Advance the simulator until a new run appears on a thread that was read before; return the snapshot and the run."""
    async with asyncio.timeout(WITHIN), contextlib.aclosing(poller.updates()) as updates:
        async for update in updates:
            states = update.snapshot.threads.values()
            if not (update.snapshot.listed and states and all(state.observed for state in states)):
                continue
            for change in update.changes:
                if change.kind == APPEARED and change.since is not None:
                    return update.snapshot, change.after
            time[0] += 20
    raise AssertionError("unreachable")
