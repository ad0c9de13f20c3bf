"""Each finding, caused by a fault over real HTTP, fails a watch with `--fail-on finding`. Server and client share a clock.

A run that never ends keeps each watch going, so that only the finding can end it.
"""

from __future__ import annotations

import json

import pytest

from flowtui.cli import main
from flowtui.simulator.server import Simulator
from flowtui.simulator.world.records import run_record
from flowtui.text import short_id

from ..clocks import WaitingClock, watch_requests

NOW = 1_794_000_000.0


class Quiet:
    """A simulator whose time the watch moves, and a thread that no longer changes, with its runs, newest first."""

    def __init__(self):
        self.clock = WaitingClock(NOW)
        self.simulator = Simulator(seed=7, threads=5, runs=100, clock=self.clock.now, ids="uuid")
        world = self.simulator.world
        self.thread = next(
            key for key in self.simulator.thread_ids() if world.activity(world.find_thread(key)) == "quiet"
        )
        self.runs = self.simulator.run_ids(self.thread)


@pytest.fixture
def quiet():
    world = Quiet()
    with world.simulator:
        yield world


@pytest.fixture
def watch(quiet, capsys, tmp_path, monkeypatch):
    """Return a function that watches the quiet thread until there is a finding, and returns (exit code, events)."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))
    watch_requests(monkeypatch)

    def run(*words):
        environ = {"SEEKR_API_KEY": "k", "SEEKR_BASE_URL": quiet.simulator.url, "FLOWTUI_CONFIG": ""}
        given = ("watch", quiet.thread, "--fail-on", "finding", "--fail-fast", "-o", "jsonl", *words)
        patience = ("--give-up-after", "24h", "--timeout", "2h")
        code = main(
            [*given, *patience, "--interval", "2", "--budget", "100000/min"], environ, clock=quiet.clock
        )
        out, err = capsys.readouterr()
        assert err == ""
        return code, [json.loads(line) for line in out.splitlines()]

    return run


FINDINGS = [
    # faults, with {a} the newest run and {b} the one before it; the finding
    (["stuck:{a}"], "stalled"),
    (["stuck-queued:{a}"], "queued_long"),
    (["waiting:{a}"], "waiting_behind"),
    (["stuck:{a}", "overdue:{a}"], "overdue"),
    (["stuck:{b}", "still-active:{a}"], "contradiction"),
    (["stuck:{b}", "negative-durations:{a}"], "contradiction"),
    (["stuck:{b}", "usage-mismatch:{a}"], "contradiction"),
    (["stuck:{a}", "tokens-fall:{a}"], "contradiction"),
    (["stuck:{b}", "vanish:{a}"], "vanished"),
    (["stuck:{b}", "status-backwards:{a}"], "went_back"),  # also overdue, as the run is old
]


@pytest.mark.parametrize(("faults", "name"), FINDINGS, ids=[" ".join(row[0]) for row in FINDINGS])
def test_a_fault_is_found_and_fails_the_watch(quiet, watch, faults, name):
    newest, before = quiet.runs[:2]
    for fault in faults:
        quiet.simulator.add_fault(fault.format(a=newest, b=before))
    code, events = watch()
    assert code == 1
    found = [event for event in events if event["event"] == "run.finding"]
    assert (newest, name) in {(event["run_id"], event["finding"]) for event in found}
    assert {event["finding"] for event in found} <= {name, "overdue"}
    (failure_words,) = (each for each in events[-1]["failed"] if each["run_id"] == newest)
    assert failure_words["because"] == "finding"
    assert failure_words["reason"] in {event["text"] for event in found}


def test_a_run_of_an_agent_that_is_not_active_is_a_finding_and_part_of_the_reason(quiet, watch):
    newest = quiet.runs[0]
    world = quiet.simulator.world
    thread = world.find_thread(quiet.thread)
    plan = world.timeline(thread)[len(quiet.runs) - 1]
    agent = run_record(world, thread, plan, quiet.simulator.calendar, 0.0)["agent_id"]
    quiet.simulator.add_fault(f"stuck-queued:{newest}")
    quiet.simulator.add_fault(f"agent-inactive:{agent}")
    code, events = watch()
    (found,) = (event for event in events if event["event"] == "run.finding")
    assert (found["run_id"], found["finding"]) == (newest, "agent_not_active")
    assert found["text"] == "Inactive agent, so the run will not start"
    assert (code, events[-1]["decided"]) == (1, f"1 finding: {short_id(newest)}")
    code, events = watch("--run", newest, "--fail-on", "failed", "--stall", "3m")
    assert (code, events[-1]["reason"]) == (
        7,
        f"nothing moved for 3m 00s: {short_id(newest)}; 1 queued; 1 waits for an agent that is not active: {short_id(newest)}",
    )


def test_an_orphan_lock_is_a_finding_of_the_thread(quiet, watch):
    quiet.simulator.add_fault(f"stuck:{quiet.runs[0]}")
    quiet.simulator.add_fault(f"orphan-lock:{quiet.thread}")
    code, events = watch()
    assert code == 1
    (found,) = (event for event in events if event["event"] == "run.finding")
    assert (found["finding"], found["thread_id"], found["run_id"]) == (
        "orphan_lock",
        quiet.thread,
        "run_gone",
    )
    (failed,) = events[-1]["failed"]
    assert (failed["thread_id"], failed["run_id"], failed["because"]) == (quiet.thread, None, "finding")
    assert failed["see"] == f"flowtui runs {quiet.thread}"
    assert events[-1]["decided"] == f"1 finding: thread {short_id(quiet.thread)}"


def test_a_healthy_watch_has_no_findings(quiet, watch):
    code, events = watch("--latest")
    assert code in (0, 5)
    assert not [event for event in events if event["event"] == "run.finding"]
