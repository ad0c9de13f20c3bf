"""Events of updates: the order of those of a run, and updates that are not about runs."""

from __future__ import annotations

from dataclasses import replace

from flowtui import formatting
from flowtui.model.query.query import parse
from flowtui.model.run.parsing import parse_run
from flowtui.model.state.changes import APPEARED, CHANGED, Change
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.watch.judge.update_reducer import UpdateReducer
from flowtui.watch.options import Options

NOW = 1_800_000_000.0


def test_each_incident_makes_one_event():
    reducer, kept = UpdateReducer(Options(), NOW), 20
    told = []
    for count in range(50):
        incidents = ("poller restarted: it was stopped",) * min(count, kept)
        snapshot = Snapshot(NOW + count, incidents=incidents, incident_count=count)
        told += reducer.take(snapshot, (), float(count)) + reducer.take(snapshot, (), float(count))
    assert [event.fields["kind"] for event in told] == ["internal"] * 49


def test_the_events_of_a_run_ascend_though_a_slow_answer_began_before_the_last_event():
    """A reading that began at 3 s ends at 9 s; at 5 s the agent's name was read, so that the run joined."""
    reducer = UpdateReducer(Options(follow=True, filter=parse("agent:checkout")), NOW)
    raw = {"id": "run_1", "status": "running", "is_active": True, "agent_id": "agent_a", "created_at": NOW}
    running = parse_run(raw, "thr_a")
    ended = parse_run({**raw, "status": "failed", "is_active": False}, "thr_a")
    thread = ThreadState("thr_a", 3.0, observed=NOW + 1, whole=True)
    told = []
    for at, run, names, changes in (
        (1.0, running, {}, [Change(APPEARED, None, running, None, NOW + 1)]),
        (5.0, running, {"agent_a": "checkout"}, []),
        (9.0, ended, {"agent_a": "checkout"}, [Change(CHANGED, running, ended, NOW + 1, NOW + 3)]),
    ):
        threads = {"thr_a": replace(thread, runs={"run_1": run})}
        told += reducer.take(Snapshot(NOW + at, threads=threads, listed=True, agents=names), changes, at)
    assert [(event.name, event.at - NOW) for event in told] == [("run.appeared", 5.0), ("run.status", 5.0)]
    between = [formatting.iso_time(NOW + at) for at in (1, 3)]
    assert told[-1].fields["observed_between"] == between
