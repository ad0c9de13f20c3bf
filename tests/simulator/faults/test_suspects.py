"""Faults that no status shows: rows that were sent stay as they are, and the world is not changed."""

from __future__ import annotations

import pytest

ACTIVE = {"queued", "running"}


class Pulse:
    """The thread that always has an active run."""

    def __init__(self, simulator, api):
        self.add_fault = simulator.add_fault
        self.heal = simulator.clear_faults
        world = simulator.world
        thread = next(number for number in world.live if world.activity(number) == "pulse")
        self.path = f"/v1/threads/{world.thread_id(thread)}/runs"
        self._api = api

    def runs(self):
        """All runs by id, newest first."""
        return {run["id"]: run for run in self._api.get(self.path, params={"limit": 200}).json()}

    def ask(self, run_id):
        """One run, read by its id."""
        return self._api.get(f"{self.path}/{run_id}")


@pytest.fixture
def pulse(simulator, api):
    return Pulse(simulator, api)


@pytest.mark.parametrize(("fault", "status"), [("stuck", "running"), ("stuck-queued", "queued")])
def test_stuck_runs_never_change(clock, pulse, fault, status):
    pulse.add_fault(fault)
    before = {key: run for key, run in pulse.runs().items() if run["status"] == status}
    assert before
    clock.now += 600
    after = pulse.runs()
    assert {key: after[key] for key in before} == before
    assert len(after) > len(before)
    pulse.heal()
    assert not {run["status"] for key, run in pulse.runs().items() if key in before} & ACTIVE


@pytest.mark.parametrize(
    ("fault", "status", "active"),
    [("stuck", "running", True), ("stuck-queued", "queued", True), ("waiting", "queued", False)],
)
def test_a_named_run_gets_the_state_of_the_fault_in_lists_and_alone(pulse, fault, status, active):
    named = list(pulse.runs())[5]
    pulse.add_fault(f"{fault}:{named}")
    run = pulse.runs()[named]
    assert (run["status"], run["is_active"], run["completed_at"], run["expires_at"]) == (
        status,
        active,
        None,
        None,
    )
    assert pulse.ask(named).json() == run


def test_a_waiting_run_is_queued_behind_one_that_never_ends(clock, pulse):
    newest, before, *_ = pulse.runs()
    pulse.add_fault("waiting")
    for _ in range(2):
        there = pulse.runs()
        assert (there[newest]["status"], there[newest]["is_active"]) == ("queued", False)
        assert (there[before]["status"], there[before]["is_active"]) == ("running", True)
        clock.now += 600


def test_only_ended_runs_are_marked_active(pulse):
    honest = pulse.runs()
    pulse.add_fault("still-active")
    for key, run in pulse.runs().items():
        assert run == {
            **honest[key],
            "is_active": honest[key]["status"] not in ACTIVE or honest[key]["is_active"],
        }


def test_a_run_vanishes_after_its_first_answer(pulse):
    honest = list(pulse.runs())
    pulse.add_fault("vanish")
    assert list(pulse.runs()) == honest
    assert list(pulse.runs()) == honest[1:]
    answer = pulse.ask(honest[0])
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found"})
    pulse.heal()
    pulse.add_fault(f"vanish:{honest[4]}")
    assert [list(pulse.runs()) for _ in range(2)] == [honest, [key for key in honest if key != honest[4]]]


def test_tokens_fall_on_every_second_answer_about_a_run_and_still_add_up(pulse):
    run = next(key for key, run in pulse.runs().items() if run["usage"])
    pulse.add_fault(f"tokens-fall:{run}")
    first, second, third = (pulse.runs()[run]["usage"] for _ in range(3))
    assert first == third
    assert second["total_tokens"] == second["prompt_tokens"] + second["completion_tokens"]
    assert second["total_tokens"] < first["total_tokens"]


def test_a_run_that_is_held_by_an_agent_that_is_not_active_has_no_spans(clock, pulse, api):
    pulse.add_fault("agent-inactive")
    before = pulse.runs()
    clock.now += 60
    after = pulse.runs()
    spans = api.post("/v1/observability/spans", json={"limit": 1000}).json()
    traced = {span["run_id"] for span in spans}
    held = {key for key, run in after.items() if run["status"] == "queued"}
    assert held - set(before), "runs came"
    assert not held & traced
    assert traced & set(before), "others have theirs"
