"""Live text over real HTTP: twenty ugly streams, one request of the budget each, and nothing that changes what is polled."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from contextlib import aclosing

import pytest
from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.errors import ApiError, NotFoundError
from flowtui.model.messages.live_part import MAX_TEXT
from flowtui.model.messages.live_text import MAX_PARTS
from flowtui.simulator.server import Simulator
from flowtui.source.http import attach
from flowtui.source.http.client import Client
from flowtui.source.poll.poller import Poller

from ...clocks import JumpingClock
from ...faults.raw_server import RawServer, says_and_hangs_up

KEY = "sk-simulated-key"
NOW = 1_800_000_000.0
LIMIT = 3 << 20  # bytes of a stream

UGLY = {
    "": "",
    "attach-stall": "nothing has come",
    "attach-cut": "broke off",
    "attach-cut:0": "broke off",
    "attach-no-done": "",
    "attach-garbage": "",
    "attach-unknown": "",
    "attach-endless": "larger than",
    "attach-huge:1.5": "",
    "attach-huge:4": "larger than",
    "attach-bytes": "",
    "attach-from-now": "",
    "attach-twice": "",
    "attach-lines": "",
    "attach-hostile": "",
    "attach-refused": "404",
    "attach-refused:405": "405",
    "attach-refused:501": "501",
    "attach-refused:503": "503",
    "text-plain@attach": "no plain event stream",
    "html@attach": "no plain event stream",
    "gzip-bomb@attach": "no plain event stream",
    "endless@attach": "larger than",
    "redirect@attach": "302",
    "reset@attach": "broke off",
    "rate-limit@attach": "429",
}
"""Fault → what ends the stream; "": its own end."""
ASKED_AGAIN = {
    *("", "attach-stall", "attach-cut", "attach-cut:0", "attach-no-done", "attach-garbage", "attach-unknown"),
    *(
        "attach-endless",
        "attach-huge:1.5",
        "attach-huge:4",
        "attach-bytes",
        "attach-from-now",
        "attach-twice",
    ),
    *(
        "attach-lines",
        "attach-hostile",
        "attach-refused:503",
        "endless@attach",
        "reset@attach",
        "rate-limit@attach",
    ),
}
"""The faults after which the server may be asked for another stream."""


@pytest.fixture(scope="module")
def simulator():
    with Simulator(clock=lambda: NOW, key=KEY, threads=4, runs=40) as running:
        yield running


@pytest.fixture
def ended(simulator):
    """The keys of completed runs."""
    world, found = simulator.world, []
    for thread in range(world.threads):
        for number in range(world.timeline(thread).count(0.0)):
            plan = world.timeline(thread)[number]
            if plan.outcome == "completed" and plan.ended < 0:
                found.append((world.thread_id(thread), world.run_id(thread, number)))
    return found


class Clock(JumpingClock):
    """Waits take no time."""

    async def wait(self, _event, seconds):
        self.elapsed += seconds
        await asyncio.sleep(0)


@pytest.fixture
async def poller(simulator, monkeypatch):
    monkeypatch.setattr(attach, "MAX_STREAM", LIMIT)
    async with Client(Settings(base_url=simulator.url, request_timeout=30.0), SecretStr(KEY)) as client:
        yield Poller(client, clock=Clock(), budget=100)
    simulator.clear_faults()


async def follow(poller, key):
    """Return the last reader, and the error that ended the stream."""
    reader, number = None, 0
    try:
        async with aclosing(poller.attach(key)) as stream:
            async for reader in stream:
                number += 1
                if number % 20 == 1:
                    live = reader.text()
                    assert len(live.parts) <= MAX_PARTS
                    assert all(sum(map(len, part.lines)) <= MAX_TEXT for part in live.parts)
    except ApiError as error:
        return reader, error
    return reader, None


@pytest.mark.parametrize("fault", UGLY)
async def test_ugly_streams_end_with_their_reason_and_change_nothing_else(
    simulator, poller, ended, fault, monkeypatch
):
    key = ended[0]
    before, good = poller.snapshot(), await poller.fetch_run(key)
    if fault:
        simulator.add_fault(fault)
    spent = poller.traffic().total
    with monkeypatch.context() as patch:
        if fault == "attach-stall":
            patch.setattr(attach, "IDLE", 0.1)
        reader, error = await follow(poller, key)
    assert (UGLY[fault] in str(error)) if UGLY[fault] else error is None
    assert poller.traffic().total == spent + 1
    assert KEY not in str(error)
    live = reader.text() if reader is not None else None
    if fault in ("attach-garbage", "attach-huge:1.5", "attach-unknown"):
        assert live.unreadable or live.unknown
    if fault in (
        "attach-no-done",
        "attach-bytes",
        "attach-twice",
        "attach-lines",
        "attach-unknown",
        "attach-huge:1.5",
    ):
        simulator.clear_faults()
        whole, _ = await follow(poller, key)
        assert [part for part in live.parts if "half half" not in str(part.lines)] == [*whole.text().parts]
    assert await poller.fetch_run(key) == good
    assert poller.snapshot().threads == before.threads == {}
    simulator.clear_faults()
    asked = len(simulator.requests)
    _, again = await follow(poller, key)
    assert len(simulator.requests) - asked == (fault in ASKED_AGAIN)
    assert (again is None) == (fault in ASKED_AGAIN)


async def test_a_refusal_counts_for_the_connection_and_costs_one_request(simulator, poller, ended):
    simulator.add_fault("attach-refused")
    errors = [(await follow(poller, key))[1] for key in ended[:3]]
    assert isinstance(errors[0], NotFoundError)
    assert [error.retryable for error in errors] == [False] * 3
    assert poller.traffic().total == 1


async def test_after_a_stream_a_404_counts_for_its_run_only(simulator, poller, ended):
    assert (await follow(poller, ended[0]))[1] is None
    simulator.add_fault("attach-refused")
    assert isinstance((await follow(poller, ended[1]))[1], NotFoundError)
    simulator.clear_faults()
    assert (await follow(poller, ended[2]))[1] is None


async def test_a_key_that_comes_letter_by_letter_is_masked():
    letters = [{"type": "text-delta", "id": "0", "delta": letter} for letter in f"the key is {KEY}."]
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in letters) + "data: [DONE]\n\n"
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
    async with (
        RawServer(says_and_hangs_up((head + body).encode())) as server,
        Client(Settings(base_url=server.url), SecretStr(KEY)) as client,
    ):
        reader, error = await follow(Poller(client, clock=Clock()), ("t", "r"))
    assert error is None
    assert [part.lines for part in reader.text().parts] == [("the key is ***.",)]


async def test_a_stopped_poller_opens_no_stream(poller, ended):
    poller.stopped = "the key was refused"
    assert "the key was refused" in str((await follow(poller, ended[0]))[1])
    assert poller.traffic().total == 0


async def test_a_flood_is_read_slowly_and_within_bounded_memory(simulator, poller, ended, monkeypatch):
    monkeypatch.setattr(attach, "MAX_STREAM", 2 << 20)
    simulator.add_fault("attach-endless")
    tracemalloc.start()
    try:
        reader, error = await follow(poller, ended[0])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "larger than 2 MiB" in str(error)
    assert poller.clock.elapsed >= 1.5
    assert reader.text().earlier > 0
    assert peak < 8 << 20


async def test_one_request_waits_for_the_budget(simulator, poller, ended):
    for _ in range(poller.budget.limit):
        poller.budget.take(0.0)
    await follow(poller, ended[0])
    assert poller.clock.elapsed >= 1
