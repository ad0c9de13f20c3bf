"""The official SDK against the simulator. Runs in its own venv with seekrai.

Its RunStatus knows one spelling of `cancelled`, and its calls raise for runs with the other: those are read without the SDK.
"""

import inspect
import json
import urllib.request
from datetime import UTC, datetime

import pytest

from flowtui.simulator.server import Simulator

from ..id_styles import ids_for

pytestmark = pytest.mark.sdk
seekrai = pytest.importorskip("seekrai")
pydantic = pytest.importorskip("pydantic")
RunStatus = pytest.importorskip("seekrai.types.agents.runs").RunStatus
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
def simulator(monkeypatch, request):
    for name in ("SEEKR_API_KEY", "SEEKR_BASE_URL", "SEEKR_TEAM_ID"):
        monkeypatch.delenv(name, raising=False)
    now = 1_800_000_000.0
    with Simulator(key="k", runs=60, clock=lambda: now, ids=ids_for(request.node.nodeid)) as running:
        yield running


class Sync:
    """The synchronous client with awaitable methods, so that each test checks both clients."""

    def __init__(self, url, key):
        self._client = seekrai.SeekrFlow(api_key=key, base_url=url, max_retries=0, timeout=10)

    def __getattr__(self, path):
        return Call(self._client, path)

    async def close(self):
        if hasattr(self._client, "close"):  # from 0.32.0 on
            self._client.close()


class Call:
    def __init__(self, client, path):
        self._client, self._path = client, path

    async def __call__(self, *args, **kwargs):
        target = self._client
        for name in self._path.split("__"):
            target = getattr(target, name)
        result = target(*args, **kwargs)
        return await result if inspect.iscoroutine(result) else result


class Async(Sync):
    def __init__(self, url, key):
        self._client = seekrai.AsyncSeekrFlow(api_key=key, base_url=url, max_retries=0, timeout=10)

    async def close(self):
        if hasattr(self._client, "aclose"):
            await self._client.aclose()


@pytest.fixture(params=[Sync, Async])
async def connect(request, simulator):
    clients = []

    def connect(key="k"):
        clients.append(request.param(simulator.url, key))
        return clients[-1]

    yield connect
    for client in clients:
        await client.close()


def raw(simulator, path):
    request = urllib.request.Request(simulator.url + path, headers={"Authorization": "k"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


async def test_the_sdk_reads_threads_and_messages(connect, simulator):
    client = connect()
    threads = await client.agents__threads__list(limit=4)
    assert [thread.id for thread in threads] == simulator.thread_ids()[:4]
    assert (await client.agents__threads__retrieve(threads[0].id)) == threads[0]
    messages = await client.agents__threads__list_messages(threads[0].id, limit=6, order="asc")
    assert len(messages) == 6
    assert (await client.agents__threads__retrieve_message(threads[0].id, messages[2].id)) == messages[2]
    kinds = set()
    for thread in simulator.thread_ids():
        messages = await client.agents__threads__list_messages(thread, limit=999)
        assert all((message.run_id is None) is (message.role == "user") for message in messages)
        contents = [message.content for message in messages if isinstance(message.content, list)]
        kinds |= {type(item).__name__ for content in contents for item in content}
    assert kinds == {"OutputText", "OutputGuardrail"}


@pytest.mark.parametrize("spelling", ["cancelled", "canceled"])
async def test_the_sdk_reads_runs_unless_one_has_a_status_that_it_does_not_know(connect, simulator, spelling):
    """Up to 0.31.1 it knows only `canceled`, from 0.32.0 on only `cancelled`."""
    client = connect()
    if spelling == "canceled":
        simulator.add_fault("canceled")
    known = spelling in {status.value for status in RunStatus}
    read = refused = 0
    for thread in simulator.thread_ids():
        bodies = raw(simulator, f"/v1/threads/{thread}/runs")
        if not known and any(body["status"] == spelling for body in bodies):
            with pytest.raises(pydantic.ValidationError):
                await client.agents__runs__list(thread)
            refused += 1
        else:
            assert [run.id for run in await client.agents__runs__list(thread)] == [
                body["id"] for body in bodies
            ]
        for body in bodies:
            if known or body["status"] != spelling:
                run = await client.agents__runs__retrieve(body["id"], thread)
                assert (run.id, run.status.value, run.is_active) == (
                    body["id"],
                    body["status"],
                    body["is_active"],
                )
                read += 1
    assert read > 20
    assert bool(refused) is not known


async def test_the_sdk_reads_agents(connect):
    client = connect()
    agents = await client.agents__list_agents()
    assert {"triage", "billing"} <= {agent.name for agent in agents}
    assert (await client.agents__retrieve(agents[1].id)) == agents[1]


async def test_the_sdk_reads_spans(connect, simulator):
    client = connect()
    recent = await client.observability__query_spans()
    assert len(recent.spans) == 100
    one = recent.spans[7]
    found = await client.observability__query_spans(min_start_time=LONG_AGO, run_id=one["run_id"], limit=3)
    assert {span["run_id"] for span in found.spans} == {one["run_id"]}
    whole = await client.observability__retrieve_span(one["span_id"])
    assert whole["span_id"] == one["span_id"]


async def test_the_sdk_cancels_a_run(connect, simulator):
    client = connect()
    thread = next(each for each in await client.agents__threads__list() if each.active_run_id)
    run = await client.agents__runs__retrieve(thread.active_run_id, thread.id)
    answer = await client.agents__runs__cancel(run.agent_id, run.id, thread.id)
    assert answer == {"status": "canceled", "run_id": run.id}


async def test_a_wrong_key_is_the_sdks_own_error_with_the_request_id(connect):
    client = connect("wrong")
    with pytest.raises(seekrai.error.AuthenticationError) as caught:
        await client.agents__threads__list()
    assert caught.value.http_status == 401
    assert caught.value.request_id.endswith("-SIM")


async def test_an_unknown_id_is_the_sdks_own_error(connect):
    client = connect()
    with pytest.raises(seekrai.error.InvalidRequestError) as caught:
        await client.agents__threads__retrieve("thr_000000")
    assert caught.value.http_status == 404


async def test_the_sdk_follows_a_run(connect, simulator):
    client = connect()
    world, kinds = simulator.world, set()
    for thread in range(world.threads):
        for number in range(min(4, world.timeline(thread).count(-1.0))):
            if world.timeline(thread)[number].ended > 0:
                continue
            run = world.run_id(thread, number), world.thread_id(thread)
            stream = await client.agents__runs__attach(*run)
            events = [event async for event in stream] if hasattr(stream, "__aiter__") else list(stream)
            assert events[-1]["type"] == "finish"
            kinds |= {event["type"] for event in events}
    assert {"text-delta", "tool-input-available", "tool-output-available", "data-nestedToolEvent"} <= kinds
