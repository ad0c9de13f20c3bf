"""When the agents are read again because queued runs wait for them."""

import pytest

from flowtui.model.findings.kinds import AGENT_GRACE
from flowtui.model.run.parsing import parse_run
from flowtui.model.state.agent_statuses import AgentStatuses
from flowtui.model.state.changes import APPEARED, CHANGED, DROPPED, NOT_SEEN, Change
from flowtui.source.poll.agent_rereads import LATER, SOON, AgentRereads

CREATED = 1000.0
FINE = AgentStatuses({})
STOPPED = AgentStatuses({"agent_a": "Inactive"})


def change(kind=APPEARED, *, status="queued", agent="agent_a", created=CREATED, number=1):
    raw = {"id": f"run_{number}", "agent_id": agent, "created_at": created, "status": status}
    return Change(kind, None, parse_run(raw, "thr"), None, 0.0)


@pytest.fixture
def rereads():
    return AgentRereads(300)


def test_nothing_is_read_again_without_a_queued_run(rereads):
    rereads.update([change(status="running"), change(status="completed", number=2)])
    assert not rereads.due(STOPPED, CREATED, CREATED + 10 * LATER)


def test_the_first_reading_is_not_asked_for_here(rereads):
    rereads.update([change()])
    assert not rereads.due(AgentStatuses(), float("-inf"), CREATED + LATER)


def test_a_run_that_waits_longer_than_the_grace_asks_once_for_a_newer_status(rereads):
    rereads.update([change()])
    assert not rereads.due(FINE, CREATED - SOON, CREATED + AGENT_GRACE - 1)
    now = CREATED + AGENT_GRACE
    assert rereads.due(FINE, CREATED - SOON, now)
    assert not rereads.due(FINE, CREATED - SOON, now + 1)  # asked already
    assert not rereads.due(FINE, now, now + SOON)  # active: it may wait for another reason
    assert rereads.due(FINE, now, now + LATER)


def test_an_agent_that_is_not_active_is_read_twice_a_minute_while_a_run_waits(rereads):
    rereads.update([change(), change(agent="agent_b", number=2)])
    now = CREATED + 1000
    assert not rereads.due(STOPPED, now - SOON + 1, now)
    assert rereads.due(STOPPED, now - SOON, now)
    rereads.update([change(CHANGED, status="running")])
    assert not rereads.due(STOPPED, now, now + SOON)


@pytest.mark.parametrize("kind", [DROPPED, NOT_SEEN])
def test_a_run_that_is_gone_waits_no_more(rereads, kind):
    rereads.update([change()])
    rereads.update([change(kind)])
    assert not rereads.due(STOPPED, CREATED, CREATED + 10 * LATER)


def test_a_small_budget_makes_readings_rare():
    rereads = AgentRereads(10)
    rereads.update([change()])
    now = CREATED + 1000
    assert not rereads.due(STOPPED, now - 299, now)
    assert rereads.due(STOPPED, now - 300, now)


def test_a_run_without_a_time_of_creation_asks_for_nothing(rereads):
    rereads.update([change(created=None)])
    assert not rereads.due(STOPPED, 0.0, 10 * LATER)
