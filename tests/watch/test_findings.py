"""Findings of a watch: printed once, removed when they end, computed only when they may have changed."""

from __future__ import annotations

import json

import pytest

from flowtui.model.query.query import parse
from flowtui.model.run.parsing import parse_run
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.usual_times import UsualTimesCache
from flowtui.watch.ledger import Ledger

EVIL = "ghost\x1b[2J\x9b31m::error::x"
FINDING = frozenset({"finding"})


@pytest.fixture
def haunted(world):
    """Two threads; the first is locked by a run that it does not have and whose name is hostile."""
    world.add("thr_a", "run_1", "running")
    world.add("thr_b", "run_2", "running")
    honest = world.threads

    async def threads(**page):
        answer = await honest(**page)
        rows = json.loads(answer.body)
        for row in rows:
            if row["id"] == "thr_a":
                row.update(status="locked", active_run_id=EVIL)
        return answer._replace(body=json.dumps(rows).encode())

    world.threads = threads
    return world


@pytest.mark.parametrize("output", ["plain", "github", "jsonl", "json", "tty"])
async def test_every_format_prints_an_orphan_lock(output, haunted, watch):
    stage = {"environ": {}, "size": lambda: (120, 24)}
    result = await watch("thr_a", "thr_b", output=output, fail_on=FINDING, fail_fast=True, stage=stage)
    assert result.code == 1
    assert "locked by a run it does not list" in result.out
    if output == "plain":
        assert "thr_a  thread: locked by a run it does not list" in result.out
        assert "thr_a  FINDING   locked by a run it does not list   see: flowtui runs thr_a" in result.out
    if output == "github":
        assert "::error title=thread thr_a finding::locked by a run it does not list" in result.out
    if output == "jsonl":
        (found,) = result.named("run.finding")
        assert (found["thread_id"], found["run_id"], found["finding"]) == ("thr_a", EVIL, "orphan_lock")
        (failed,) = result.summary["failed"]
        assert (failed["run_id"], failed["see"]) == (None, "flowtui runs thr_a")
    if output not in ("tty", "json", "jsonl"):
        assert all(line.isprintable() for line in result.out.split("\n"))


@pytest.mark.parametrize(
    ("options", "told"),
    [({"runs": frozenset({"run_2"})}, 0), ({"runs": frozenset({"run_1"})}, 1), ({"follow": True}, 1)],
)
async def test_findings_of_threads_that_are_not_watched_are_ignored(haunted, watch, clock, options, told):
    clock.at(200, lambda: [haunted.move(run, "completed") for run in ("run_1", "run_2")])
    result = await watch(fail_on=FINDING, **options)
    assert len(result.named("run.finding")) == told
    assert result.code == told


async def test_a_released_lock_is_no_failure(haunted, watch, clock):
    clock.at(100, lambda: haunted.__dict__.pop("threads"))
    clock.at(200, lambda: [haunted.move(run, "completed") for run in ("run_1", "run_2")])
    result = await watch("thr_a", "thr_b", fail_on=FINDING)
    assert len(result.named("run.finding")) == 1
    assert result.code == 0


async def test_a_lock_of_an_ended_run_is_reported_once(world, watch, clock):
    world.add("thr_a", "run_1", "running")
    world.add("thr_a", "run_2", "queued", is_active=False)
    clock.at(10, lambda: world.move("run_1", "completed", is_active=True))
    result = await watch("thr_a", fail_on=FINDING, timeout=600.0)
    found = [(event["run_id"], event["finding"]) for event in result.named("run.finding")]
    assert found == [("run_1", "orphan_lock"), ("run_1", "contradiction")]
    assert result.code == 1
    assert {each["run_id"] for each in result.summary["failed"]} == {"run_1"}


async def test_a_stall_is_found_by_time_alone_and_ends_with_the_next_change(world, watch, clock):
    world.add("thr_a", "run_1", "running", usage={"total_tokens": 5})
    clock.at(4000, lambda: world.move("run_1", "running", tokens=50))
    clock.at(4100, lambda: world.move("run_1", "completed", tokens=60))
    result = await watch("thr_a", fail_on=FINDING, interval=10.0, limit=5000.0)
    (found,) = result.named("run.finding")
    assert found["finding"] == "stalled"
    assert found["text"].startswith("no change for 1h 00m; running for 1h 00m, too few runs")
    assert result.code == 0, "it came to an end after all"


async def test_usual_times_come_from_known_runs(world, watch, clock):
    for number in range(20):
        world.add("thr_a", f"old_{number}", created=number - 9000, is_active=False)
        world.move(f"old_{number}", "completed", began=clock.now() + number - 8990)
    world.add("thr_a", "run_1")
    clock.at(100, lambda: world.move("run_1", "running"))
    clock.at(110, lambda: world.add("thr_a", "run_2", is_active=False))
    clock.at(900, lambda: [world.move(run, "completed") for run in ("run_1", "run_2")])
    result = await watch("thr_a", follow=True, until="match", query=parse("has:waiting_behind"))
    assert result.code == 0
    (found,) = result.named("run.finding")
    assert (found["run_id"], found["finding"]) == ("run_2", "waiting_behind")
    assert found["text"].startswith("waits behind run_1, running for 2m ")
    assert found["text"].endswith(", usually 10s over 21 runs")


def snapshot_of(at, *raws):
    state, _ = apply_runs(
        ThreadState("thr_a", interval=2.0), [parse_run(raw, "thr_a") for raw in raws], at=at, whole=True
    )
    return Snapshot(at=at, threads={"thr_a": state})


def started(number, wait):
    return {
        "id": f"run_{number}",
        "agent_id": "a",
        "status": "completed",
        "created_at": 0,
        "started_at": wait,
        "completed_at": wait + 1,
    }


def test_a_healthy_ledger_computes_no_usual_times(monkeypatch):
    monkeypatch.setattr(UsualTimesCache, "of", lambda *_: pytest.fail("gone through without need"))
    ledger = Ledger()
    now = 1000.0
    raws = [
        {"id": "q", "status": "queued", "created_at": now - 100},
        {"id": "r", "status": "running", "created_at": now - 300, "started_at": now - 290},
        started(1, 5),
    ]
    snapshot = snapshot_of(now, *raws)
    for run in snapshot.runs():
        ledger.put(run, 0.0)
    assert ledger.update_findings(snapshot, list(ledger.runs)) == []
