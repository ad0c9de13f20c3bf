"""Pages of messages through client and poller, against the simulator over real HTTP, read as the messages pane does."""

from __future__ import annotations

import asyncio
import json

import pytest
from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.errors import ApiError, UnreadableError
from flowtui.model.messages.conversation import neighbours
from flowtui.model.run.parsing import parse_run
from flowtui.simulator.server import Simulator
from flowtui.source.http.client import Client
from flowtui.source.poll.poller import Poller
from flowtui.text import short_id
from flowtui.ui.run.conversations import INTERVAL, Conversations

from ...id_styles import ids_for

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
    with Simulator(clock=world_time, key=KEY, threads=3, runs=80, ids=ids) as running:
        yield running


@pytest.fixture
async def poller(simulator):
    async with Client(Settings(base_url=simulator.url), SecretStr(KEY)) as client:
        yield Poller(client, budget=1_000)


@pytest.fixture
def thread(simulator):
    return max(simulator.thread_ids(), key=lambda each: len(simulator.run_ids(each)))


async def runs_of(poller, thread):
    answer = await poller.calls.client.runs(thread, limit=1_000)
    return [parse_run(raw, thread) for raw in json.loads(answer.body)]


async def test_message_pages_have_parts_and_count_against_the_budget(poller, thread):
    whole = await poller.fetch_message_page(thread, 10_000, 0)
    assert len(whole) > 100
    assert all(message["parts"] for message in whole)
    joined = []
    while page := await poller.fetch_message_page(thread, 100, len(joined)):
        joined += page
    assert joined == whole
    assert poller.budget.used(poller.clock.monotonic()) == 2 + -(-len(whole) // 100)


async def test_an_incomplete_page_is_an_error(poller, simulator, thread):
    for fault in ("html", "truncated-json", "body", "unavailable"):
        simulator.clear_faults()
        simulator.add_fault(f"{fault}@messages")
        with pytest.raises(ApiError):
            await poller.fetch_message_page(thread, 20, 0)
    simulator.clear_faults()
    simulator.add_fault("html@messages")
    with pytest.raises(UnreadableError, match=f"Messages of {short_id(thread)}:"):
        await poller.fetch_message_page(thread, 20, 0)


async def test_after_a_stop_no_messages_are_requested(poller, simulator, thread):
    poller.stopped = "The key was not accepted"
    with pytest.raises(ApiError, match="not accepted"):
        await poller.fetch_message_page(thread, 20, 0)
    assert not simulator.requests


async def with_owners(simulator, poller, thread):
    """Return all messages of a thread; those of users name the run that answers them, which the API leaves out."""
    simulator.add_fault("user-run-id")
    whole = await poller.fetch_message_page(thread, 10_000, 0)
    simulator.clear_faults()
    return whole


async def test_each_run_of_a_thread_has_exactly_its_own_messages(poller, simulator, thread, world_time):
    whole = await with_owners(simulator, poller, thread)
    talks = Conversations(poller.fetch_message_page, world_time)
    runs = await runs_of(poller, thread)
    for run in runs:
        await talks.fetch(run)
        talk = talks.get(run, neighbours(run, runs, whole=True)).value
        mine = [message["id"] for message in whole if message["run_id"] == run.raw_id]
        assert [message.raw_id for message in talk.messages] == mine[::-1]
        assert talk.complete
        assert not talk.probable


async def test_an_active_run_is_followed_to_its_end(poller, simulator, thread, world_time):
    run = next(run for run in await runs_of(poller, thread) if run.active)
    talks = Conversations(poller.fetch_message_page, world_time)
    await talks.fetch(run)
    seen = len(talks.get(run).value.messages)
    async with asyncio.timeout(90):
        while run.active:
            world_time.now += INTERVAL
            run = parse_run(await poller.fetch_run(run.key), thread)
            assert talks.needs_fetch(run, world_time.now)
            await talks.fetch(run)
            assert len(talks.get(run).value.messages) >= seen
            seen = len(talks.get(run).value.messages)
    assert not talks.needs_fetch(run, world_time.now)
    whole = await with_owners(simulator, poller, thread)
    mine = [message for message in whole if message["run_id"] == run.raw_id]
    talk = talks.get(run, neighbours(run, await runs_of(poller, thread), whole=True)).value
    assert [message.raw_id for message in talk.messages] == [one["id"] for one in mine[::-1]]


@pytest.mark.parametrize(
    "fault", ["cap-limit", "shifting", "unstable-order", "duplicate-rows", "null-elements"]
)
async def test_a_server_with_odd_pages_loses_no_message(poller, simulator, thread, world_time, fault):
    whole = await poller.fetch_message_page(thread, 10_000, 0)
    run = (await runs_of(poller, thread))[12]
    simulator.add_fault(f"{fault}@messages")
    talks = Conversations(poller.fetch_message_page, world_time)
    await talks.fetch(run)
    for _ in range(20):
        await talks.more(run)
    talk = talks.get(run).value
    mine = [message["id"] for message in whole if message["run_id"] == run.raw_id]
    found = [message.raw_id for message in talk.messages if message.run == run.raw_id]
    assert sorted(found) == sorted(mine)
