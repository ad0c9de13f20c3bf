"""The polling loop: new threads, clocks, races and names. In fake time."""

from __future__ import annotations

import json

import pytest

from flowtui.errors import (
    AuthError,
    NotFoundError,
    ServerError,
)
from flowtui.model.findings.rules import run_findings
from flowtui.model.state.changes import APPEARED
from flowtui.model.state.health import LIVE, thread_health
from flowtui.source.poll.agent_rereads import LATER, SOON
from flowtui.source.poll.turns import AGENTS_AGAIN

from ..conftest import iso

HOUR = 3600.0
REFUSED_401 = AuthError("GET: 401", status=401, hint="Check SEEKR_API_KEY and auth_scheme")


# -- what is found while polling


async def test_a_lock_makes_its_thread_due(source, clock, start, listen):
    source.add("t")
    poller = await start()
    listener = listen(poller)
    await clock.advance(3)
    (run,) = source.add("t", status="running", is_active=True)
    source.locks["t"] = run
    began = clock.elapsed
    await clock.advance(2.01)
    assert source.asked("runs", "t", since=began)
    assert listener.told(run) == [(APPEARED, "running")]


async def test_new_threads_are_found_within_an_interval(source, clock, start):
    source.add("t")
    poller = await start()
    await clock.advance(11)
    source.add("new", 3)
    await clock.advance(2.01)
    assert len(poller.snapshot().threads["new"].runs) == 3


async def test_only_named_threads_are_polled(source, clock, start):
    for key in ("a", "b", "c"):
        source.add(key, status="running")
    poller = await start(threads=["a", "c"])
    await clock.advance(60)
    assert {request.key for request in source.asked("runs")} == {"a", "c"}
    assert set(poller.snapshot().threads) == {"a", "c"}


async def test_named_threads_are_not_read_twice_at_first(source, clock, start):
    source.add("a", 30)
    await start(threads=["a"])
    await clock.advance(5)
    assert [request.offset for request in source.asked("runs")].count(0) == 1


async def test_threads_of_a_list_that_breaks_off_are_polled(source, clock, start):
    source.add("t", status="running")
    body = b'[{"id": "t", "status": "available", "active_run_id": null}, {"id": '
    source.trouble["threads", ""] = body
    poller = await start()
    await clock.advance(30)
    assert len(source.asked("runs", "t")) > 10
    assert poller.snapshot().list_failure.kind == "unreadable"
    assert not poller.snapshot().listed


async def test_the_list_takes_about_one_request_an_interval(source, clock, start):
    for number in range(5):
        source.add(f"t{number}")
    await start()
    await clock.advance(5)
    since = clock.elapsed
    await clock.advance(120)
    assert len(source.asked("threads", since=since)) < 120 / 1.8 + 2 * 4 + 2


async def test_the_whole_list_is_read_now_and_then(source, clock, start):
    for number in range(130):
        source.add(f"t{number}")
    poller = await start()
    await clock.advance(20)
    source.locks["t0"] = "run_t0_0"  # the oldest: not on the first page
    await clock.advance(40)
    assert poller.snapshot().threads["t0"].thread.locked


# -- clocks


@pytest.mark.parametrize(
    ("true", "shown"), [(0.0, 0.0), (1.4, 0.0), (-1.4, 0.0), (90.0, 90.0), (-300.0, -300.0)]
)
async def test_ages_follow_the_servers_clock(source, clock, start, true, shown):
    source.add("t", status="running")
    source.server_offset = true
    poller = await start()
    await clock.advance(30)
    snapshot = poller.snapshot()
    assert snapshot.clock_offset == pytest.approx(shown, abs=0.6)
    assert (snapshot.clock_offset == 0) == (shown == 0)
    assert snapshot.server_time(clock.now()) == pytest.approx(clock.now() + shown, abs=0.6)


async def test_a_change_of_the_wall_clock_does_not_stall_polling(source, clock, start):
    source.add("t", status="running")
    poller = await start()
    clock.step = -7200.0
    since = clock.elapsed
    await clock.advance(20)
    assert len(source.asked("runs", since=since)) >= 9
    assert thread_health(poller.snapshot().threads["t"], clock.now()).word == LIVE


# -- races


async def test_a_refresh_during_a_poll_polls_once_more(source, clock, start):
    (run,) = source.add("t", status="running")
    poller = await start(threads=["t"])
    await clock.advance(5)
    held = source.hold()
    await clock.advance(2)
    count = len(source.asked("runs"))
    source.change(run, status="completed")  # the answer on its way does not have this change
    poller.refresh("t")
    poller.refresh("t")
    await clock.settle()
    assert len(source.asked("runs")) == count
    source.held = None
    held.set()
    await clock.settle()
    assert len(source.asked("runs")) == count + 1
    assert poller.snapshot().run(("t", run)).status == "completed"
    await clock.advance(20)
    assert len(source.asked("runs")) == count + 1


async def test_a_lock_that_appears_while_the_list_is_read_causes_a_poll(source, clock, start):
    source.add("t")
    await start()
    await clock.advance(3)
    count = len(source.asked("runs"))
    held = source.hold()
    await clock.advance(2.5)  # the list was requested, and its answer is held back
    assert source.asked("threads")[-1].at > 1003
    source.held = None
    (run,) = source.add("t", status="running")
    source.locks["t"] = run
    held.set()
    await clock.advance(2.1)
    assert len(source.asked("runs")) >= count + 1


async def test_a_lock_that_the_list_shows_during_a_poll_is_kept(source, clock, start):
    source.add("t")
    poller = await start(threads=["t"])
    await clock.advance(1)
    source.locks["t"] = "run_x"
    held = source.hold()
    poller.refresh("t")
    await clock.settle()
    source.held = None
    held.set()
    await clock.settle()
    assert poller.snapshot().threads["t"].thread.locked


async def test_a_refresh_during_a_refused_request_is_not_lost(source, clock, start):
    """The user corrected the key and pressed r while the last refusal was on its way."""
    source.add("t", status="running")
    poller = await start(threads=["t"])
    await clock.advance(3)
    held = source.hold()
    source.trouble["all", ""] = [REFUSED_401]
    await clock.advance(2.5)
    poller.refresh()
    source.held = None
    held.set()
    await clock.advance(5)
    assert poller.snapshot().stopped == ""
    assert poller.snapshot().threads["t"].failure is None


async def test_a_refresh_of_an_unknown_thread_does_nothing(source, clock, start):
    source.add("t")
    poller = await start()
    poller.refresh("thr_nobody")
    await clock.advance(3)
    assert not source.asked("runs", "thr_nobody")


async def test_a_refresh_polls_everything(source, clock, start):
    for number in range(20):
        source.add(f"t{number}")
    poller = await start()
    await clock.advance(5)
    since = clock.elapsed
    poller.refresh()
    await clock.advance(0.1)
    assert len(source.asked("runs", since=since - 0.01)) == 20


# -- agents


async def test_names_are_fetched_once(source, clock, start):
    source.names = {"agent_a": "checkout"}
    source.add("t", 3, status="running")
    poller = await start(interval=20.0)
    await clock.advance(HOUR)
    source.add("t", 2)
    await clock.advance(HOUR)
    assert len(source.asked("agents")) == 1
    assert poller.snapshot().agents == {"agent_a": "checkout"}


async def test_an_unknown_agent_is_requested_rarely(source, clock, start):
    source.names = {"agent_a": "checkout"}
    source.add("t", status="running")
    poller = await start()
    await clock.advance(2 * AGENTS_AGAIN)
    source.names["agent_b"] = "support"
    source.add("t", agent_id="agent_b")
    await clock.advance(3)
    assert poller.snapshot().agents["agent_b"] == "support"
    for number in range(20):
        source.add("t", agent_id=f"agent_{number}")
        await clock.advance(20)
    requests = source.asked("agents")
    assert min(source.gaps(requests)) >= AGENTS_AGAIN
    assert len(requests) == 3
    await clock.advance(4 * AGENTS_AGAIN)
    assert len(source.asked("agents")) == 4, (
        "names are not requested again for an agent that the server does not know"
    )


async def test_names_are_asked_for_again_after_an_outage(source, clock, start):
    source.names = {"agent_a": "checkout"}
    source.add("t", status="running")
    source.trouble["agents", ""] = [ServerError("500", status=500)] * 2
    poller = await start()
    await clock.advance(60)
    assert poller.snapshot().agents == {"agent_a": "checkout"}


@pytest.mark.parametrize("fleet", [False, True])
async def test_agents_are_read_again_while_a_queued_run_waits_for_one_that_is_not_active(
    source, clock, start, fleet
):
    """The finding comes after the run has waited for a while, and goes soon after the agent was activated."""

    def agents(status):
        return json.dumps({"data": [{"id": "agent_a", "name": "checkout", "status": status}]}).encode()

    def found(poller):
        snapshot = poller.snapshot()
        run = next(run for run in snapshot.runs() if run.status == "queued")
        state = snapshot.threads["t"]
        now = snapshot.server_time(snapshot.at)
        return [finding.text for finding in run_findings(run, now, state, agents=snapshot.agent_statuses)]

    source.trouble["agents", ""] = lambda _: agents("Active")
    poller = await start(fleet=fleet, interval=10.0)
    await clock.advance(60)
    assert len(source.asked("agents")) == 1
    source.add("t", status="queued", created_at=iso(clock.now()), is_active=True)
    source.locks["t"] = "run_t_0"
    source.trouble["agents", ""] = lambda _: agents("Inactive")
    await clock.advance(120)
    assert found(poller) == ["Inactive agent, so the run will not start"]
    assert 3 <= len(source.asked("agents")) <= 5
    source.trouble["agents", ""] = lambda _: agents("Active")
    await clock.advance(SOON + 20)
    assert found(poller) == []
    asked = len(source.asked("agents"))
    await clock.advance(LATER + 20)
    assert len(source.asked("agents")) == asked + 1
    source.trouble["agents", ""] = NotFoundError("404", status=404)
    await clock.advance(3 * LATER)
    assert len(source.asked("agents")) == asked + 2  # refused: not asked again


async def test_an_update_has_the_arrival_time_of_its_first_body(source, clock, start):
    source.add("t")
    poller = await start()
    updates = poller.updates()
    assert (await anext(updates)).received is None  # the current snapshot: no body caused it
    await clock.advance(30)
    came = (await anext(updates)).received
    assert 0 < came <= clock.monotonic()  # of the bodies that arrived since then, the first
    await clock.advance(30)
    assert came < (await anext(updates)).received <= clock.monotonic()
    assert poller.budget.total == len(source.requests)
    await updates.aclose()


async def test_an_update_without_a_body_has_no_arrival_time(source, clock, start):
    source.add("t")
    poller = await start()
    await clock.advance(5)
    updates = poller.updates()
    await anext(updates)
    for what in ("threads", "agents"):
        source.trouble[what, ""] = ServerError("GET: 500", status=500)
    source.trouble["runs", "t"] = ServerError("GET: 500", status=500)
    await clock.advance(5)
    assert (await anext(updates)).received is None
    await updates.aclose()
