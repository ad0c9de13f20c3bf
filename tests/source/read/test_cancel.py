"""Cancelling a run, the only request that changes data: in the client, in the poller, and over real HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from dataclasses import replace
from typing import NamedTuple

import httpx
import pytest
from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.errors import (
    ApiError,
    AuthError,
    DeadlineError,
    ForbiddenError,
    NotFoundError,
    RateLimitedError,
    RejectedError,
    ServerError,
    TransportError,
    UnreadableError,
    UsageError,
)
from flowtui.model.events.cancellation import ASKED, CANCELLED, FINISHED_FIRST, NOT_SENT, REFUSED, UNKNOWN
from flowtui.simulator.server import Simulator
from flowtui.source.http.client import Client
from flowtui.source.poll.poller import Poller

from ...id_styles import ids_for

KEY = "sk-very-secret-0123"
WITHIN = 90.0  # seconds of real time; far more than is needed


def client_of(handler, **fields):
    settings = Settings(
        **{"base_url": "https://api.test", "request_timeout": 30.0, "allow_actions": True, **fields}
    )
    return Client(settings, SecretStr(KEY), transport=httpx.MockTransport(handler))


async def failure(handler, **fields):
    async with client_of(handler, **fields) as client:
        with pytest.raises(ApiError) as caught:
            await client.cancel("thr_1", "run_1", "agent_1")
    assert not caught.value.retryable
    return caught.value


# -- the client


async def test_cancelling_sends_one_post_with_the_raw_agent_id():
    sent = []

    def answer(request):
        sent.append(request)
        return httpx.Response(200, json={"status": "canceled", "run_id": "run/2"})

    async with client_of(answer) as client:
        reply = await client.cancel("thr_1", "run/2", "agent\x1b\ud800 1")
    assert json.loads(reply.body)["status"] == "canceled"
    (request,) = sent
    assert (request.method, str(request.url)) == (
        "POST",
        "https://api.test/v1/threads/thr_1/runs/run%2F2/cancel",
    )
    assert json.loads(request.content) == {"agent_id": "agent\x1b\ud800 1"}
    assert request.headers["content-type"] == "application/json"
    assert request.headers["authorization"] == KEY


async def test_a_read_only_client_sends_nothing():
    sent = []
    async with client_of(sent.append, allow_actions=False) as client:
        with pytest.raises(UsageError, match="--allow-actions"):
            await client.cancel("thr_1", "run_1", "agent_1")
    assert sent == []


@pytest.mark.parametrize("name", ["", ".", ".."])
async def test_ids_that_no_path_can_hold_are_refused_before_a_request(name):
    sent = []
    async with client_of(sent.append) as client:
        for ids in ((name, "run_1"), ("thr_1", name)):
            with pytest.raises(UsageError):
                await client.cancel(*ids, "agent_1")
    assert sent == []


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
async def test_a_cancel_with_a_server_error_is_uncertain_and_not_retried(status):
    sent = []
    error = await failure(lambda request: sent.append(request) or httpx.Response(status))
    assert isinstance(error, ServerError)
    assert error.uncertain
    assert "may have arrived all the same: look at the run before" in str(error)
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RejectedError),
        (401, AuthError),
        (403, ForbiddenError),
        (404, NotFoundError),
        (409, RejectedError),
        (422, RejectedError),
        (429, RateLimitedError),
    ],
)
async def test_a_refused_cancel_is_not_reported_as_uncertain_and_not_retried(status, kind):
    sent = []
    error = await failure(
        lambda request: sent.append(request) or httpx.Response(status, json={"detail": "No"})
    )
    assert isinstance(error, kind)
    assert not error.uncertain
    assert "may have arrived" not in str(error)
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("broken", "uncertain"),
    [
        (httpx.ReadError("x"), True),
        (httpx.WriteError("x"), True),
        (httpx.RemoteProtocolError("Server disconnected without sending a response."), True),
        (httpx.ConnectError("x"), False),
        (httpx.ProxyError("x"), False),
    ],
)
async def test_after_a_broken_connection_a_cancel_is_uncertain_if_it_may_have_arrived(broken, uncertain):
    def fail(_request):
        raise broken

    error = await failure(fail)
    assert isinstance(error, TransportError)
    assert error.uncertain is uncertain
    assert ("may have arrived all the same" in str(error)) is uncertain
    assert KEY not in str(error)


async def test_a_cancel_without_an_answer_in_time_is_uncertain():
    async def never(_request):
        await asyncio.Event().wait()

    error = await failure(never, request_timeout=0.05)
    assert isinstance(error, DeadlineError)
    assert error.uncertain
    assert "may have arrived all the same" in str(error)


async def test_a_cancel_with_an_unreadable_answer_is_uncertain():
    error = await failure(lambda _: httpx.Response(200, content=b"x" * 2048), max_body_mb=0.001)
    assert error.uncertain


async def test_other_requests_keep_their_hints_and_are_retried():
    async with client_of(lambda _: httpx.Response(500)) as client:
        with pytest.raises(ServerError) as caught:
            await client.run("thr_1", "run_1")
    assert (caught.value.uncertain, caught.value.retryable) == (False, True)


# -- the poller, in fake time


class Accepted(NamedTuple):
    body: bytes = b'{"status": "canceled"}'
    server_time: float | None = None
    elapsed: float = 0.0


@pytest.fixture
def cancels(source, clock):
    """Make the source accept cancel requests; return the list of their arguments. Its `effect` is called for each."""

    class Cancels(list):
        effect = None

    taken = Cancels()

    async def cancel(thread_id, run_id, agent_id):
        taken.append((thread_id, run_id, agent_id, clock.elapsed))
        if taken.effect is not None:
            taken.effect(run_id)
        return Accepted()

    source.cancel = cancel
    return taken


async def test_a_run_is_read_cancelled_once_and_observed_again(source, clock, start, cancels):
    (run,) = source.add("t", status="running", agent_id="agent\x1b[2J")
    cancels.effect = lambda run_id: source.change(run_id, status="canceled")
    poller = await start(interval=30)
    await clock.advance(5)
    began = clock.elapsed
    answer = await poller.cancel_run(("t", run))
    assert (answer.word, answer.at) == (ASKED, clock.now())
    assert [each[:3] for each in cancels] == [("t", run, "agent\x1b[2J")]
    assert [request.what for request in source.requests if request.at >= began] == ["run"]
    await clock.advance(0.1)
    assert source.asked("runs", "t", since=began - 0.01)
    assert poller.snapshot().run(("t", run)).status_class == "cancelled"


@pytest.mark.parametrize(
    ("status", "word", "status_class"),
    [
        ("completed", FINISHED_FIRST, "completed"),
        ("failed", FINISHED_FIRST, "failed"),
        ("canceled", CANCELLED, "cancelled"),
    ],
)
async def test_an_ended_run_is_not_cancelled(*, source, clock, start, cancels, status, word, status_class):
    (run,) = source.add("t", status="running")
    poller = await start(interval=30)
    await clock.advance(5)
    source.change(run, status=status)
    answer = await poller.cancel_run(("t", run))
    assert (answer.word, answer.status) == (word, status_class)
    assert cancels == []
    await clock.advance(0.1)
    assert poller.snapshot().run(("t", run)).status == status


@pytest.mark.parametrize(
    "trouble", [TransportError("GET: refused"), NotFoundError("GET: 404", status=404), b"<html>", b"[]"]
)
async def test_an_unreadable_run_is_not_cancelled(source, clock, start, cancels, trouble):
    (run,) = source.add("t", status="running")
    poller = await start()
    await clock.advance(5)
    source.trouble["run", run] = trouble
    answer = await poller.cancel_run(("t", run))
    assert answer.word == NOT_SENT
    assert answer.explanation
    assert cancels == []


@pytest.mark.parametrize("agent", [None, "", 7, ["agent_1"]])
async def test_a_run_without_an_agent_is_not_cancelled(source, clock, start, cancels, agent):
    (run,) = source.add("t", status="running", agent_id=agent)
    poller = await start()
    answer = await poller.cancel_run(("t", run))
    assert (answer.word, cancels) == (NOT_SENT, [])
    assert "names no agent" in answer.explanation


async def test_after_a_refused_key_no_cancel_is_sent(source, clock, start, cancels):
    (run,) = source.add("t", status="running")
    poller = await start()
    await clock.advance(5)
    source.trouble["all", ""] = AuthError("GET: 401", status=401)
    await clock.advance(5)
    before = len(source.requests)
    answer = await poller.cancel_run(("t", run))
    assert (answer.word, cancels, len(source.requests)) == (NOT_SENT, [], before)
    assert "401" in answer.explanation


def uncertain(error):
    error.uncertain = True
    return error


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (RejectedError("POST: 409", status=409), REFUSED),
        (RejectedError("POST: 422", status=422), REFUSED),
        (NotFoundError("POST: 404", status=404), REFUSED),
        (ForbiddenError("POST: 403", status=403), REFUSED),
        (AuthError("POST: 401", status=401), REFUSED),
        (RateLimitedError("POST: 429", status=429), REFUSED),
        (uncertain(ServerError("POST: 502", status=502)), UNKNOWN),
        (uncertain(DeadlineError("POST: late")), UNKNOWN),
        (uncertain(TransportError("POST: reset")), UNKNOWN),
        (uncertain(UnreadableError("POST: gzip")), UNKNOWN),
        (TransportError("POST: refused"), NOT_SENT),
        (UsageError("flowtui is read-only"), NOT_SENT),
    ],
)
async def test_an_error_of_a_cancel_is_returned_and_polling_goes_on(
    *, source, clock, start, cancels, error, word
):
    def fail(_run_id):
        raise error

    (run,) = source.add("t", status="running")
    cancels.effect = fail
    poller = await start()
    await clock.advance(5)
    answer = await poller.cancel_run(("t", run))
    assert answer.word == word
    assert str(error) in answer.explanation
    assert len(cancels) == 1
    began = clock.elapsed
    await clock.advance(60)
    assert len(cancels) == 1
    assert not poller.snapshot().stopped
    assert source.asked("runs", "t", since=began)


@pytest.mark.parametrize("status", [404, 409, 422])
async def test_a_refusal_after_the_run_ended_reports_its_end(source, clock, start, cancels, status):
    def ended(run_id):
        source.change(run_id, status="completed")
        raise RejectedError(f"POST: {status}", status=status)

    (run,) = source.add("t", status="running")
    cancels.effect = ended
    poller = await start()
    answer = await poller.cancel_run(("t", run))
    assert (answer.word, answer.status) == (FINISHED_FIRST, "completed")


async def test_cancelling_keeps_the_request_budget(source, clock, start, cancels):
    ids = source.add("t", 3, status="running")
    poller = await start(budget=10, interval=0.5)
    await clock.advance(30)
    assert poller.budget.used(clock.monotonic()) == 10
    asking = [asyncio.create_task(poller.cancel_run(("t", run))) for run in ids]
    await clock.advance(1)
    assert cancels == []
    await clock.advance(120)
    assert {(await each).word for each in asking} == {ASKED}
    times = sorted([request.at for request in source.requests] + [each[3] for each in cancels])
    assert all(sum(at - 60 < other <= at for other in times) <= 10 for at in times)


# -- over real HTTP


class WorldTime:
    now = 1_800_000_000.0

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
async def polling(simulator, *, patience=30.0, **fields):
    """Poll with a client whose deadline is `patience` for cancel calls only."""
    settings = Settings(base_url=simulator.url, **{"allow_actions": True, "request_timeout": 30.0, **fields})
    hasty = replace(settings, request_timeout=patience)
    async with Client(settings, SecretStr(KEY)) as client, Client(hasty, SecretStr(KEY)) as canceller:
        client.cancel = canceller.cancel
        poller = Poller(client, rng=random.Random(1), interval=0.05, quiet_interval=0.1, budget=100_000)
        loop = asyncio.create_task(poller.run())
        try:
            yield poller
        finally:
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)


@pytest.fixture
def lasting(simulator, world_time):
    """The key of a run that goes on for some seconds; time moves until there is one."""
    world = simulator.world
    for _ in range(300):
        now = simulator.calendar.now()
        for thread in range(world.threads):
            plan = world.timeline(thread).holder(now)
            if plan is not None and plan.status(now) == "running" and plan.ended > now + 5:
                return world.thread_id(thread), world.run_id(thread, plan.number)
        world_time.now += 1
    raise AssertionError("no run lasts")


async def status_of(poller, key, wanted, *, since=0.0):
    """Return once an observation that began at `since` or later shows this status."""
    async with asyncio.timeout(WITHIN), contextlib.aclosing(poller.updates()) as updates:
        async for update in updates:
            run = update.snapshot.run(key)
            if run is None or run.status_class != wanted:
                continue
            if (update.snapshot.threads[key[0]].observed or 0.0) >= since:
                return


async def status_later(poller, key, wanted, world_time):
    """Let a cancel call take effect in the simulator, and wait for an observation after that."""
    await poller.fetch_run(
        key
    )  # once this is answered, the simulator has received the cancel call, whose answer the client may have given up
    world_time.now += 1.5
    await status_of(poller, key, wanted, since=poller.clock.now())


def posts(simulator):
    return [path for method, path, _ in simulator.requests if method == "POST" and path.endswith("/cancel")]


async def test_a_run_is_cancelled(simulator, lasting, world_time):
    async with polling(simulator) as poller:
        assert (await poller.cancel_run(lasting)).word == ASKED
        await status_later(poller, lasting, "cancelled", world_time)
    assert len(posts(simulator)) == 1


@pytest.mark.parametrize(
    ("fault", "word", "status"),
    [
        ("cancel-refused", REFUSED, "running"),
        ("cancel-refused:403", REFUSED, "running"),
        ("cancel-refused:422", REFUSED, "running"),
        ("cancel-ignored", ASKED, "running"),
        ("cancel-late", ASKED, "running"),
        ("cancel-reset", UNKNOWN, "cancelled"),
        ("cancel-timeout", UNKNOWN, "cancelled"),
    ],
)
async def test_each_other_reaction_of_the_server_gives_its_word_and_status(
    *, simulator, lasting, world_time, fault, word, status
):
    simulator.add_fault(fault)
    async with polling(simulator, patience=0.5 if fault == "cancel-timeout" else 30.0) as poller:
        assert (await poller.cancel_run(lasting)).word == word
        await status_later(poller, lasting, status, world_time)
    assert len(posts(simulator)) == 1


async def test_a_run_that_has_ended_gets_no_request(simulator, lasting, world_time):
    async with polling(simulator) as poller:
        await status_of(poller, lasting, "running")
        world_time.now += 1000
        assert (await poller.cancel_run(lasting)).word in (FINISHED_FIRST, CANCELLED)
    assert posts(simulator) == []


async def test_a_read_only_client_sends_only_reading_requests(simulator, lasting):
    async with polling(simulator, allow_actions=False) as poller:
        await status_of(poller, lasting, "running")
        answer = await poller.cancel_run(lasting)
        await poller.fetch_spans(lasting)
        await poller.fetch_messages(lasting)
    assert answer.word == NOT_SENT
    assert "--allow-actions" in answer.explanation
    assert {(method, method == "POST" and path) for method, path, _ in simulator.requests} == {
        ("GET", False),
        ("POST", "/v1/observability/spans"),
    }
