"""Findings of a single observation: faults of the simulator over real HTTP, named by `runs -o json`."""

from __future__ import annotations

import json

import pytest

from flowtui.text import short_id

from .conftest import NOW


def seen(flowtui, *words):
    assert flowtui("runs", *words, "--all", "-o", "json") == 0
    return {row["id"]: row["flowtui"]["findings"] for row in json.loads(flowtui.out)["runs"]}


@pytest.fixture
def old(simulator):
    """The newest run of a thread that no longer changes: (thread, run)."""
    thread = next(key for key in simulator.thread_ids() if last_end(simulator, key) < NOW - 1200)
    return thread, simulator.run_ids(thread)[0]


def last_end(simulator, thread):
    number = simulator.world.find_thread(thread)
    timeline = simulator.world.timeline(number)
    return simulator.calendar.epoch(timeline[len(simulator.run_ids(thread)) - 1].ended)


def test_a_healthy_server_gives_no_findings(flowtui):
    assert not any(seen(flowtui).values())


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ("stuck-queued", "queued_long"),
        ("waiting", "waiting_behind"),
        ("still-active", "contradiction"),
        ("negative-durations", "contradiction"),
        ("usage-mismatch", "contradiction"),
    ],
)
def test_a_fault_is_found_only_at_its_own_run(flowtui, simulator, old, fault, name):
    thread, run = old
    simulator.add_fault(f"{fault}:{run}")
    for words in ((), (thread,)):
        found = seen(flowtui, *words)
        assert {key: names for key, names in found.items() if names} == {run: [name]}


@pytest.mark.parametrize(("fault", "verb"), [("inactive", "will not start"), ("pending", "cannot start yet")])
def test_a_queued_run_of_an_agent_that_is_not_active_is_found(flowtui, simulator, old, fault, verb):
    thread, run = old
    assert flowtui("runs", thread, "-o", "json", "--limit", "1") == 0
    (row,) = json.loads(flowtui.out)["runs"]
    simulator.add_fault(f"stuck-queued:{run}")
    assert seen(flowtui, thread)[run] == ["queued_long"]
    simulator.add_fault(f"agent-{fault}:{row['agent_id']}")
    assert {key: names for key, names in seen(flowtui, thread).items() if names} == {
        run: ["agent_not_active"]
    }
    said = f"{fault.capitalize()} agent, so the run {verb}"
    for words in (
        ("runs", thread, "-o", "csv", "--columns", "note", "--filter", "has:agent_not_active"),
        ("run", run, "-t", thread, "-o", "csv"),
        ("run", run, "-t", thread, "-o", "table"),
    ):
        assert flowtui(*words) == 0
        assert said in flowtui.out
    assert flowtui("run", run, "-t", thread, "-o", "json") == 0
    assert json.loads(flowtui.out)["flowtui"]["findings"] == ["agent_not_active"]


@pytest.mark.parametrize("fault", ["agent-status-odd", "agent-status-missing", "bad-agents", "html@agents"])
def test_an_agent_whose_status_says_nothing_is_no_finding(flowtui, simulator, old, fault):
    thread, run = old
    simulator.add_fault(f"stuck-queued:{run}")
    simulator.add_fault(fault)
    assert seen(flowtui, thread)[run] == ["queued_long"]


def test_agents_of_version_1_give_names_and_statuses_as_well(flowtui, simulator, old):
    thread, run = old
    words = ("runs", thread, "-o", "csv", "--columns", "run,agent")
    assert flowtui(*words) == 0
    names = flowtui.out
    simulator.add_fault("agents-v1")
    assert flowtui(*words) == 0
    assert flowtui.out == names
    simulator.add_fault(f"stuck-queued:{run}")
    simulator.add_fault("agent-failed")
    assert seen(flowtui, thread)[run] == ["agent_not_active"]


def test_an_overdue_run_is_found(flowtui, simulator, old):
    thread, run = old
    simulator.add_fault(f"stuck:{run}")
    simulator.add_fault(f"overdue:{run}")
    assert {key: names for key, names in seen(flowtui, thread).items() if names} == {run: ["overdue"]}


def test_the_blocking_run_is_named_in_note_and_column(flowtui, simulator, old):
    thread, run = old
    simulator.add_fault(f"waiting:{run}")
    before = simulator.run_ids(thread)[1]
    words = ("runs", thread, "-o", "csv", "--columns", "run,findings,note", "--filter", "has:waiting_behind")
    assert flowtui(*words, "--all") == 0
    (_, row) = flowtui.out.splitlines()
    assert row.startswith(f'{run},waiting_behind,"waits behind {short_id(before)}, running for ')
    assert " runs" in row
    assert (
        flowtui("runs", thread, "--all", "-o", "csv", "--columns", "run", "--filter", "findings:queued_long")
        == 0
    )
    assert flowtui.out == "run\n"


def test_a_single_run_has_findings_that_need_no_other_runs(flowtui, simulator, old):
    thread, run = old
    simulator.add_fault(f"still-active:{run}")
    assert flowtui("run", run, "-t", thread, "-o", "json") == 0
    assert json.loads(flowtui.out)["flowtui"]["findings"] == ["contradiction"]
