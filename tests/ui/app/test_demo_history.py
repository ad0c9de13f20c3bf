"""The demo remembers earlier days of its own world, as earlier starts would have seen them."""

from __future__ import annotations

import json

from flowtui.model.history.past import LIVE
from flowtui.simulator.world.archive import DAYS, archive
from flowtui.simulator.world.scenario import World
from flowtui.store.history import open_in_memory
from flowtui.ui.app.demo_history import fill_demo

from ..conftest import BEGIN

DAY = 86_400.0


def test_the_archive_has_ended_runs_of_earlier_days_and_is_the_same_each_time():
    world = World(seed=3, threads=6, runs=60)
    found = list(archive(world, BEGIN))
    assert found == list(archive(world, BEGIN))
    runs = [run for _, runs in found for run in runs]
    assert len(runs) > 300
    assert len({run["id"] for run in runs}) == len(runs)
    assert {run["status"] for run in runs} == {"completed", "failed", "cancelled"}
    assert not {thread["id"] for thread, _ in found} & {world.thread_id(thread) for thread in range(6)}
    assert all({"instructions", "tools"}.isdisjoint(run) for run in runs)
    assert {thread["id"] for thread, _ in archive(World(seed=3, threads=200), BEGIN)}.isdisjoint(
        thread["id"] for thread, _ in found
    )


def test_the_history_of_the_demo_reaches_back_some_days(simulate):
    simulator = simulate(ids="short")
    history = open_in_memory(lambda: BEGIN)
    fill_demo(history.recorder, simulator.url, BEGIN)
    past = history.past
    whole = [json.loads(json.dumps(runs)) for _, runs in archive(simulator.world, BEGIN)]
    assert len(past.runs(0.0, BEGIN)) == sum(map(len, whole))
    (watched,) = past.watched(0.0, BEGIN)
    assert watched.how == LIVE
    assert (DAYS - 0.5) * DAY < watched.until - watched.since < (DAYS + 0.5) * DAY
    assert BEGIN - watched.until < 120.0
    moves = past.moves(0.0, BEGIN, 1_000)
    assert {(move.change.before, move.change.after) for move in moves} >= {
        ("running", "completed"),
        ("running", "failed"),
    }
    states = [state for step in past.threads() for state in step]
    assert not any(state.not_seen or state.went_back for state in states)
    history.close()
