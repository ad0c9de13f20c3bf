"""How long runs of an agent usually wait and take."""

from __future__ import annotations

import pytest

from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.usual_times import (
    NO_USUAL_TIMES,
    DurationStats,
    Samples,
    UsualTimes,
    UsualTimesCache,
    usual_times,
)


def test_the_usual_duration_is_the_median_of_three_or_more_completed_runs(a_run):
    def took(agent, seconds, status="completed"):
        end = {
            "completed" if status == "completed" else "failed": None if seconds is None else 100.0 + seconds
        }
        return a_run("run_1", status, agent_id=agent, started=100.0, **end)

    runs = [took("a", 10), took("a", 1000), took("a", 20), took("b", 5), took("b", 5)]
    runs += [took("b", 5, "failed"), took("b", None), took("c", 1), took("c", 2), took("c", 3), took("c", 4)]
    assert usual_times(runs).durations == {
        "a": DurationStats(20.0, 1000.0, 3),
        "c": DurationStats(2.5, 4.0, 4),
    }
    assert usual_times([]) == NO_USUAL_TIMES == UsualTimes()


def test_the_usual_wait_counts_every_started_run(a_run):
    def waited(seconds, status="running", agent="a", **fields):
        return a_run("run_1", status, agent_id=agent, created=100.0, started=100.0 + seconds, **fields)

    runs = [
        waited(1),
        waited(3, "failed"),
        waited(2, "completed", completed=500),
        waited(-5),
        waited(9, agent="b"),
    ]
    runs += [a_run("run_1", "queued", agent_id="a", created=1), a_run("run_1", agent_id="a", started=1)]
    assert usual_times(runs) == UsualTimes(waits={"a": DurationStats(2.0, 3.0, 3)})


@pytest.mark.parametrize(("count", "slow"), [(3, 3), (10, 10), (19, 19), (20, 19), (40, 38), (100, 95)])
def test_slow_is_the_95th_percentile(a_run, count, slow):
    runs = [a_run("r", created=0, started=float(n), agent_id="a") for n in range(count, 0, -1)]
    assert usual_times(runs).waits["a"] == DurationStats((count + 1) / 2, slow, count)


@pytest.fixture
def usual_wait(a_run):
    """Return a function that asks a cache for the usual wait, with `runs` runs that each waited `wait` seconds."""

    def ask(cache, at, *, runs, wait):
        rows = [
            a_run(f"run_{number}", agent_id="a", created=0.0, started=float(wait)) for number in range(runs)
        ]
        state = ThreadState("thr_1", 2.0, runs={row.raw_id: row for row in rows})
        return cache.of(Snapshot(at, {"thr_1": state})).waits["a"].median

    return ask


def test_the_cache_computes_again_after_30_seconds_or_with_more_runs(usual_wait):
    cache = UsualTimesCache()
    assert usual_wait(cache, 10.0, runs=3, wait=1) == 1.0
    assert usual_wait(cache, 39.0, runs=3, wait=5) == 1.0
    assert usual_wait(cache, 40.0, runs=3, wait=5) == 5.0
    assert usual_wait(cache, 41.0, runs=4, wait=7) == 7.0


def test_the_cache_computes_each_time_for_few_runs(usual_wait):
    cache = UsualTimesCache(few=3)
    assert usual_wait(cache, 10.0, runs=3, wait=1) == 1.0
    assert usual_wait(cache, 11.0, runs=3, wait=5) == 5.0
    assert usual_wait(cache, 12.0, runs=4, wait=5) == 5.0
    assert usual_wait(cache, 13.0, runs=4, wait=7) == 5.0


def test_remembered_times_count_first_where_they_are_ten_runs_or_more(usual_wait):
    few, many = DurationStats(50.0, 60.0, 9, "in the 2 days remembered"), DurationStats(50.0, 60.0, 10, "w")
    cache = UsualTimesCache()
    assert usual_wait(cache, 10.0, runs=3, wait=1) == 1.0
    cache.remembered = UsualTimes({"a": few, "b": few}, {"a": many}, revision=1)
    assert usual_wait(cache, 11.0, runs=3, wait=1) == 1.0  # nine remembered runs are too few
    found = cache.of(Snapshot(12.0))
    assert (found.waits["b"], found.durations["a"], found.revision) == (few, many, 1)
    cache.remembered = UsualTimes({"a": many}, revision=2)
    assert usual_wait(cache, 13.0, runs=3, wait=1) == 50.0


def test_while_threads_come_in_the_cache_reads_each_of_them_once(a_run):
    def a_thread(key, *waits):
        rows = [a_run(f"{key}_{w:g}", agent_id="a", created=0.0, started=w) for w in waits]
        return ThreadState(key, 2.0, runs={row.raw_id: row for row in rows})

    first, second = a_thread("thr_1", 1.0, 2.0, 3.0), a_thread("thr_2", 4.0, 5.0)
    changed = a_thread("thr_1", 11.0, 12.0, 13.0)
    more = a_thread("thr_1", 11.0, 12.0, 13.0, 14.0, 15.0, 16.0)
    cache = UsualTimesCache()
    assert cache.of(Snapshot(10.0, {"thr_1": first})).waits["a"][:3] == (2.0, 3.0, 3)
    assert cache.of(Snapshot(11.0, {"thr_1": changed, "thr_2": second})).waits["a"][:3] == (3.0, 5.0, 5)
    third = a_thread("thr_3", 0.5)
    known = {"thr_1": changed, "thr_2": second, "thr_3": third}
    assert cache.of(Snapshot(11.5, known)).waits["a"].runs == 5  # too few more
    known["thr_4"] = a_thread("thr_4", 2.5)
    assert cache.of(Snapshot(11.5, known)).waits["a"][:3] == (2.5, 5.0, 7)
    # A thread with more runs is read again, and so are the others.
    assert cache.of(Snapshot(12.0, {**known, "thr_1": more})).waits["a"][:3] == (11.5, 16.0, 10)


def test_usual_times_of_known_runs_are_computed_once_and_only_if_they_are_asked_for(a_run, monkeypatch):
    rows = [a_run(f"run_{n}", agent_id="a", created=0.0, started=float(n)) for n in range(3)]
    states = {"thr_1": ThreadState("thr_1", 2.0, runs={row.raw_id: row for row in rows})}
    read, real = [], Samples.add
    monkeypatch.setattr(Samples, "add", lambda self, runs: read.append(1) or real(self, runs))
    cache, many = UsualTimesCache(few=10), DurationStats(50.0, 60.0, 10, "in the 2 days remembered")
    cache.remembered = UsualTimes({"b": many}, revision=1)
    usual = cache.of(Snapshot(10.0, states))
    assert (usual.waits.get("b"), read) == (many, [])
    assert usual.waits.get("c") is None
    assert usual.waits["a"].median == 1.0
    assert (dict(usual.waits).keys(), len(usual.waits), read) == ({"a", "b"}, 2, [1])
