"""The faults in cancel calls: each changes cancel calls and no other requests."""

import httpx
import pytest

from flowtui.simulator.faults import FAULTS

NAMES = sorted(name for name in FAULTS if name.startswith("cancel-"))


@pytest.fixture
def run(simulator, api, clock):
    """The path of a run that stays active for some seconds; moves the clock until there is one."""
    world = simulator.world
    for _ in range(300):
        now = simulator.calendar.now()
        for thread in range(world.threads):
            plan = world.timeline(thread).holder(now)
            if plan is not None and plan.status(now) == "running" and plan.ended > now + 5:
                return f"/v1/threads/{world.thread_id(thread)}/runs/{world.run_id(thread, plan.number)}"
        clock.now += 1
    raise AssertionError("no run lasts")


def cancel(api, run, **options):
    return api.post(f"{run}/cancel", json={"agent_id": "any"}, **options)


def test_an_ignored_cancel_call_is_answered_and_changes_nothing(simulator, api, run, clock):
    simulator.add_fault("cancel-ignored")
    before = api.get(run).json()
    assert cancel(api, run).json()["status"] == "canceled"
    clock.now += 2
    after = api.get(run).json()
    assert after["status"] == before["status"]
    assert after["cancelled_at"] is None


def test_cancel_late_takes_effect_after_the_run_has_ended(simulator, api, run, clock):
    simulator.add_fault("cancel-late")
    assert cancel(api, run).status_code == 200
    clock.now += 1000
    assert api.get(run).json()["status"] in {"completed", "failed"}


def test_a_short_delay_still_cancels_the_run(simulator, api, run, clock):
    simulator.add_fault("cancel-late:1")
    cancel(api, run)
    clock.now += 1.5
    assert api.get(run).json()["status"] in {"queued", "running"}
    clock.now += 1
    assert api.get(run).json()["status"] == "cancelled"


@pytest.mark.parametrize(
    ("fault", "status"), [("cancel-refused", 409), ("cancel-refused:403", 403), ("cancel-refused:200", 409)]
)
def test_a_refused_cancel_call_changes_nothing(*, simulator, api, run, clock, fault, status):
    simulator.add_fault(fault)
    answer = cancel(api, run)
    assert (answer.status_code, answer.json()["detail"]) == (status, "This run cannot be cancelled")
    clock.now += 2
    assert api.get(run).json()["cancelled_at"] is None


@pytest.mark.parametrize("fault", ["cancel-timeout", "cancel-reset"])
def test_a_cancel_call_without_an_answer_still_cancels_the_run(simulator, api, run, clock, fault):
    simulator.add_fault(fault)
    with pytest.raises(httpx.HTTPError):
        cancel(api, run, timeout=0.3)
    api.get(run)  # by then the earlier request was handled
    clock.now += 2
    assert api.get(run).json()["status"] == "cancelled"


@pytest.mark.parametrize("name", NAMES)
def test_cancel_faults_change_no_other_requests(simulator, api, run, name):
    thread = run.rpartition("/")[0]
    before = [api.get(path).content for path in (run, thread, "/v1/threads", "/v2/flow/agents/")]
    simulator.add_fault(name)
    assert [api.get(path).content for path in (run, thread, "/v1/threads", "/v2/flow/agents/")] == before


def test_other_faults_accept_the_scope_cancel(simulator, api, run):
    simulator.add_fault("unavailable@cancel*1")
    assert api.get(run).status_code == 200
    assert cancel(api, run).status_code == 503
    assert cancel(api, run).status_code in {200, 409}
