"""The official SDK reads every list and every single object of the simulator that its version knows.

Runs in a venv for each version, see `.ci/run`. What the code of the versions says:

- up to 0.31.1 a run may be `canceled`, from 0.32.0 on `cancelled`; the calls raise for the other spelling. The simulator
  gets the fault `canceled` for the older ones.
- up to 0.27.0 agents are those of version 1, later of version 2.
- no version asks for the parts of messages, or gives an offset of threads, runs or messages. Parts are asked for without
  the SDK, and read by its class.
"""

import inspect
import json
import urllib.request
from datetime import UTC, datetime
from enum import Enum
from importlib.metadata import version
from itertools import pairwise

import pytest

from flowtui.simulator.server import Simulator

from ..id_styles import ids_for

pytestmark = pytest.mark.sdk
seekrai = pytest.importorskip("seekrai")
pydantic = pytest.importorskip("pydantic")
types = pytest.importorskip("seekrai.types")
runs = pytest.importorskip("seekrai.types.agents.runs")
streaming = pytest.importorskip("seekrai.agent_streaming")

VERSION = tuple(int(part) for part in version("seekrai").split("."))
KNOWN, OTHER = ("canceled", "cancelled") if VERSION < (0, 32) else ("cancelled", "canceled")
"""How this version spells a cancelled run, and the spelling for which it raises."""
AGENTS = "/v1/flow/agents/" if VERSION <= (0, 27, 0) else "/v2/flow/agents/"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
MANY = 2000


@pytest.fixture
def simulator(monkeypatch, request, clock):
    for name in ("SEEKR_API_KEY", "SEEKR_BASE_URL", "SEEKR_TEAM_ID"):
        monkeypatch.delenv(name, raising=False)
    faults = ["canceled"] if KNOWN == "canceled" else []
    ids = ids_for(request.node.nodeid)
    with Simulator(key="k", runs=60, clock=clock, faults=faults, ids=ids) as running:
        yield running


class Sync:
    """The synchronous client with awaitable methods, so that each test checks both clients."""

    sdk = seekrai.SeekrFlow

    def __init__(self, url, key):
        self._client = self.sdk(api_key=key, base_url=url, max_retries=0, timeout=10)

    def __getattr__(self, path):
        async def call(*args, **kwargs):
            target = self._client
            for name in path.split("__"):
                target = getattr(target, name)
            result = target(*args, **kwargs)
            return await result if inspect.iscoroutine(result) else result

        return call

    async def close(self):
        if hasattr(self._client, "close"):  # from 0.32.0 on
            self._client.close()


class Async(Sync):
    sdk = seekrai.AsyncSeekrFlow

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


def raw(simulator, path, body=None):
    headers = {"Authorization": "k", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(simulator.url + path, data, headers)) as answer:
        return json.load(answer)


def unread(found, body):
    """Check that the SDK's object has the values of the answer; return the names that its class does not have."""
    for name, sent in body.items():
        if hasattr(found, name):
            value = getattr(found, name)
            if isinstance(value, datetime):
                assert value == datetime.fromisoformat(sent), name
            elif isinstance(value, Enum):
                assert value.value == sent, name
            else:
                assert plain(value, sent) == sent, name
    return {name for name in body if not hasattr(found, name)}


def plain(value, sent):
    """Return models as objects, without the fields that were not sent."""
    if isinstance(value, list):
        return [plain(item, part) for item, part in zip(value, sent, strict=True)]
    if not isinstance(value, pydantic.BaseModel):
        return value
    dumped = value.model_dump(mode="json")
    return {name: item for name, item in dumped.items() if name in sent or item is not None}


async def test_it_reads_every_thread(connect, simulator):
    client = connect()
    bodies = raw(simulator, "/v1/threads?limit=2000")
    threads = await client.agents__threads__list(limit=MANY)
    assert [unread(thread, body) for thread, body in zip(threads, bodies, strict=True)] == [set()] * 6
    assert {thread.status.value for thread in threads} == {"available", "locked"}
    assert [thread.id for thread in await client.agents__threads__list(limit=2, order="asc")] == [
        body["id"] for body in bodies[:-3:-1]
    ]
    for thread in threads:
        assert await client.agents__threads__retrieve(thread.id) == thread
    # The form with the slash is the SDK's, and the simulator serves it.
    assert {path for _, path, query in simulator.requests if "order=" in query} == {"/v1/threads/"}


async def test_it_reads_every_run(connect, simulator):
    client = connect()
    seen = []
    for thread in simulator.thread_ids():
        bodies = raw(simulator, f"/v1/threads/{thread}/runs")
        found = await client.agents__runs__list(thread)
        assert [unread(run, body) for run, body in zip(found, bodies, strict=True)] == [set()] * len(bodies)
        for run in found[::3]:
            assert await client.agents__runs__retrieve(run.id, thread) == run
        seen += found
    assert {run.status for run in seen} == set(runs.RunStatus)
    assert KNOWN in {run.status.value for run in seen}
    assert any(run.usage is None for run in seen)
    assert any(run.expires_at is None for run in seen)


async def test_it_raises_for_the_other_spelling_of_cancelled(connect, simulator):
    client = connect()
    simulator.clear_faults()
    if OTHER == "canceled":
        simulator.add_fault("canceled")
    read = refused = 0
    for thread in simulator.thread_ids():
        bodies = raw(simulator, f"/v1/threads/{thread}/runs")
        if any(body["status"] == OTHER for body in bodies):
            with pytest.raises(pydantic.ValidationError):
                await client.agents__runs__list(thread)
            refused += 1
        else:
            read += len(await client.agents__runs__list(thread))
    assert read
    assert refused


async def test_it_reads_every_message(connect, simulator):
    client = connect()
    kinds = set()
    for thread in simulator.thread_ids():
        bodies = raw(simulator, f"/v1/threads/{thread}/messages?limit=2000")
        found = await client.agents__threads__list_messages(thread, limit=MANY)
        assert [unread(one, body) for one, body in zip(found, bodies, strict=True)] == [set()] * len(bodies)
        assert all((message.run_id is None) is (message.role == "user") for message in found)
        contents = [message.content for message in found]
        kinds |= {type(item).__name__ for content in contents for item in content}
        for message in found[::40]:
            assert await client.agents__threads__retrieve_message(thread, message.id) == message
        oldest = await client.agents__threads__list_messages(thread, limit=3, order="asc")
        assert oldest == found[:-4:-1]
    assert kinds == {"str", "OutputText", "OutputGuardrail"}


def test_its_class_keeps_the_parts_of_messages(simulator):
    kinds, references = set(), set()
    for thread in simulator.thread_ids():
        for body in raw(simulator, f"/v1/threads/{thread}/messages?limit=2000&include_parts=true"):
            message = types.ThreadMessage(**body)
            assert unread(message, body) == set()
            assert message.parts
            kinds |= {part["type"] for part in message.parts}
            references |= {name for part in message.parts for name in part if name.endswith("_ref")}
    assert kinds == {"text", "reasoning", "file", "data", "tool-call", "tool-error", "tool-result"}
    assert references == {"args_ref", "output_ref", "data_ref"}


async def test_it_reads_every_agent_of_the_version_that_it_knows(connect, simulator):
    client = connect()
    bodies = raw(simulator, AGENTS)["data"]
    agents = await client.agents__list_agents()
    newer = {"planner_model_id", "tool_model_id"} if VERSION < (0, 32) else set()
    for agent, body in zip(agents, bodies, strict=True):
        tools = body.pop("tools")
        assert unread(agent, body) == newer
        assert [(tool.id, tool.name) for tool in agent.tools] == [
            (tool["id"], tool["name"]) for tool in tools
        ]
        assert await client.agents__retrieve(agent.id) == agent
    kinds = {type(tool).__name__ for agent in agents for tool in agent.tools}
    assert len(kinds) == 5
    asked = {path for _, path, _ in simulator.requests}
    assert asked == {AGENTS, *(AGENTS + agent.id for agent in agents)}
    for status in ("Inactive", "Pending", "Failed"):
        simulator.clear_faults()
        simulator.add_fault(f"agent-{status.lower()}")
        assert {agent.status.value for agent in await client.agents__list_agents()} == {status}


async def test_it_reads_spans(connect, simulator):
    client = connect()
    recent = (await client.observability__query_spans()).spans
    assert len(recent) == 100
    everything = raw(
        simulator, "/v1/observability/spans", {"min_start_datetime": LONG_AGO.isoformat(), "limit": MANY}
    )
    assert {span["kind"] for span in everything} == {"span", "pending_span", "log", "span_event"}
    found = await client.observability__query_spans(min_start_time=LONG_AGO, limit=MANY)
    assert found.spans == everything
    pages = [
        (await client.observability__query_spans(min_start_time=LONG_AGO, limit=5, offset=offset)).spans
        for offset in (0, 5)
    ]
    assert pages[0] + pages[1] == everything[:10]
    for span in everything[:: len(everything) // 10]:
        whole = await client.observability__retrieve_span(span["span_id"])
        assert {name: whole[name] for name in span} == span
    assert await client.observability__retrieve_span("unknown") is None


async def test_it_narrows_a_query_of_spans(connect):
    client = connect()
    everything = (await client.observability__query_spans(min_start_time=LONG_AGO, limit=MANY)).spans
    for name in ("run_id", "thread_id", "agent_id", "trace_id", "group", "metadata"):
        answered = "seekr_metadata" if name == "metadata" else name
        value = everything[len(everything) // 2][answered]
        found = await client.observability__query_spans(min_start_time=LONG_AGO, limit=MANY, **{name: value})
        assert found.spans == [span for span in everything if span[answered] == value], name
        assert 0 < len(found.spans) < len(everything), name


async def attach(client, run, thread, after_first=lambda: None):
    """Return all events of a run's stream. `after_first` is called once the first has come."""
    stream = await client.agents__runs__attach(run, thread)
    if hasattr(stream, "__aiter__"):
        first = await anext(stream)
        after_first()
        return [first, *[event async for event in stream]]
    first = next(stream)
    after_first()
    return [first, *stream]


async def test_it_reads_the_stream_of_every_run_that_has_ended(connect, simulator, capsys):
    client = connect()
    kinds = set()
    for thread in simulator.thread_ids():
        for body in raw(simulator, f"/v1/threads/{thread}/runs?limit=4"):
            if body["started_at"] is None or body["is_active"] or body["status"] == "running":
                continue
            events = await attach(client, body["id"], thread)
            assert (events[0]["type"], events[-1]["type"]) == ("start", "finish")
            kinds |= {event["type"] for event in events}
            streaming.AgentStreaming(iter(events)).pretty_print(show_nested_context=True)
            printed = capsys.readouterr().out
            assert "unknown event" not in printed
            path = f"/v1/threads/{thread}/messages?limit=200"
            texts = [
                message["content"][0]["text"]
                for message in raw(simulator, path)
                if message["run_id"] == body["id"] and isinstance(message["content"], list)
            ]
            assert all(text in printed for text in texts)
    assert {"reasoning-delta", "text-delta", "tool-input-available", "tool-output-available"} <= kinds
    assert "data-nestedToolEvent" in kinds


async def test_it_follows_a_running_run_to_its_end(connect, simulator, clock):
    client = connect()
    bodies = [body for id_ in simulator.thread_ids() for body in raw(simulator, f"/v1/threads/{id_}/runs")]
    run = next(body for body in bodies if body["status"] == "running")

    def later():
        clock.now += 3600

    events = await attach(client, run["id"], run["thread_id"], later)
    assert (events[0]["type"], events[-1]["type"]) == ("start", "finish")
    assert (await client.agents__runs__retrieve(run["id"], run["thread_id"])).is_active is False
    steps = [event["type"] for event in events if event["type"].endswith("-step")]
    assert all(
        pair in {("start-step", "finish-step"), ("finish-step", "start-step")} for pair in pairwise(steps)
    )


async def test_it_cancels_a_run(connect):
    client = connect()
    thread = next(each for each in await client.agents__threads__list() if each.active_run_id)
    run = await client.agents__runs__retrieve(thread.active_run_id, thread.id)
    answer = await client.agents__runs__cancel(run.agent_id, run.id, thread.id)
    assert answer == {"status": "canceled", "run_id": run.id}


async def test_a_wrong_key_is_its_own_error_with_the_request_id(connect):
    client = connect("wrong")
    with pytest.raises(seekrai.error.AuthenticationError) as caught:
        await client.agents__threads__list()
    assert caught.value.http_status == 401
    assert caught.value.request_id.endswith("-SIM")


async def test_it_warns_of_what_the_server_calls_deprecated(connect, simulator):
    client = connect()
    simulator.add_fault("deprecated")
    with pytest.warns(DeprecationWarning, match="scheduled for removal on Mon, 01 Feb 2027"):
        await client.agents__threads__list()


async def test_an_unknown_id_is_its_own_error(connect):
    client = connect()
    with pytest.raises(seekrai.error.InvalidRequestError) as caught:
        await client.agents__threads__retrieve("thr_000000")
    assert caught.value.http_status == 404
