"""The demo remembers earlier days of its own world, as earlier starts would have seen them."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from statistics import median

import httpx
import pytest

from flowtui.model.history.past import LIVE
from flowtui.simulator.world.archive import DAYS, archive, earlier_worlds
from flowtui.simulator.world.catalogue import TRIAGE
from flowtui.simulator.world.scenario import World
from flowtui.store.history import open_in_memory
from flowtui.ui.app.demo_history import fill_demo

from ..conftest import BEGIN

DAY = 86_400.0


def archived(world):
    return list(archive(earlier_worlds(world, BEGIN)))


def test_the_archive_has_ended_runs_of_earlier_days_and_is_the_same_each_time():
    world = World(seed=3, threads=6, runs=60)
    found = archived(world)
    assert found == archived(world)
    runs = [run for each in found for run in each.runs]
    assert len(runs) > 1_000
    assert len({run["id"] for run in runs}) == len(runs)
    assert {run["status"] for run in runs} == {"completed", "failed", "cancelled"}
    threads = {each.thread["id"] for each in found}
    assert not threads & {world.thread_id(thread) for thread in range(6)}
    assert all({"instructions", "tools"}.isdisjoint(run) for run in runs)
    assert threads.isdisjoint(each.thread["id"] for each in archived(World(seed=3, threads=200)))


def test_runs_of_earlier_days_took_about_as_long_as_those_that_are_to_be_seen():
    world = World(seed=1, threads=6, runs=60)
    short = world.agent_id(TRIAGE)
    earlier = [run for each in archived(world) for run in each.runs if run["status"] == "completed"]
    assert 4.0 < median(map(_seconds, (run for run in earlier if run["agent_id"] == short))) < 10.0
    assert 10.0 < median(map(_seconds, (run for run in earlier if run["agent_id"] != short))) < 20.0


def _seconds(run):
    began, ended = (datetime.fromisoformat(run[name]) for name in ("started_at", "completed_at"))
    return (ended - began).total_seconds()


def test_single_runs_of_earlier_days_can_be_read_once_the_demo_has_asked_for_these_days(simulate):
    simulator = simulate(ids="short")
    each = next(each for each in archived(simulator.world) if each.spans)
    run_id, thread = next(iter(each.spans)), each.thread["id"]
    path, query = (
        f"/v1/threads/{thread}/runs/{run_id}",
        {"run_id": run_id, "min_start_datetime": "2000-01-01T00:00:00Z"},
    )

    def read(path, **options):
        return httpx.request(
            options.pop("method", "GET"), simulator.url + path, headers={"authorization": "k"}, **options
        )

    assert read(path).status_code == 404
    read("/archive")
    assert read(path).json()["status"] == "failed"
    assert read(f"/v1/threads/{thread}/messages").json()
    assert read("/v1/observability/spans", method="POST", json=query).json() == each.spans[run_id]
    assert read("/v1/threads/nowhere").status_code == 404
    assert thread not in {one["id"] for one in read("/v1/threads").json()}


@pytest.mark.slow
def test_the_history_of_the_demo_reaches_back_some_days(simulate):
    simulator = simulate(ids="short")
    history = open_in_memory(lambda: BEGIN)
    fill_demo(history.recorder, simulator.url, BEGIN)
    past = history.past
    whole = [json.loads(json.dumps(each.runs)) for each in archived(simulator.world)]
    assert len(past.runs(0.0, BEGIN)) == sum(map(len, whole))
    failed = past.runs(0.0, BEGIN, failed=True)
    assert 0 < len(failed) == len(past.explained(0.0, BEGIN))
    assert max(Counter(past.explained(0.0, BEGIN).values()).values()) > 5, "one reason explains many runs"
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
