"""If the server answers, all promises are kept and all threads are live; if it does not, this is shown in time.

Runs a part of `benchmarks/promises.py` in simulated time; the worlds are those of `flowtui simulate`.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from flowtui.model.state.health import LATE, LIVE, LOADING, LOST, SEEN, STALE, thread_health

sys.path.insert(0, str(Path(__file__).parents[3]))
lab = importlib.import_module("benchmarks.promises")


@pytest.mark.parametrize(("budget", "seed"), [(120, 1), pytest.param(300, 2, marks=pytest.mark.slow)])
async def test_if_the_server_answers_all_promises_are_kept_and_all_threads_are_live(budget, seed):
    got = await lab.watch(4.0, threads=24, speed=4.0, seed=seed, budget=budget)
    assert set(got.screen.words) <= {LIVE, LOADING}
    assert set(got.screen.heads) <= {LIVE, LOADING}
    assert got.screen.overdue <= lab.ON_TIME
    assert got.screen.beyond <= lab.ON_TIME
    assert got.screen.longer <= 1.001, "no promise is longer than the round"
    assert got.server.most() <= budget


@pytest.mark.slow
@pytest.mark.parametrize("whom", ["resting", "moving", ""])
async def test_threads_turn_late_stale_and_lost_on_time_without_answers_and_live_after(whom):
    silent = lab.Silent(whom, begin=120.0)
    await lab.watch(7.5, threads=24, speed=4.0, seed=1, budget=300, during=silent)
    assert not silent.wrong
    assert all(silent.said[word] for word in (LATE, STALE, LOST))
    assert not silent.lost_at_once, "after the first answer, threads that were only held back are not lost"
    assert silent.back is not None
    assert silent.back < 5.0


@pytest.mark.slow  # kept promises are tested in the plain run
async def test_the_benchmark_detects_broken_promises(monkeypatch):
    """The benchmark fails if the round over resting threads makes no requests."""
    monkeypatch.setattr(lab.Fleet, "resting", lambda *_: False)
    monkeypatch.setattr("flowtui.source.poll.promises.Promises.make", lambda *_: None)
    monkeypatch.setattr("flowtui.source.poll.last_observations.LastObservations.stalest", lambda *_: None)
    got = await lab.watch(3.0, threads=12, speed=1.0, seed=1, budget=300)
    assert got.screen.words[SEEN] > 0
    assert not got.kept


# -- with the poller, in fake time


async def _moving(source, clock, start, count, **options):
    for number in range(count):
        source.add(f"t{number}", status="running")
    poller = await start(**options)
    await clock.advance(20)
    return poller


def _words(poller, snapshot, clock):
    return [thread_health(state, clock.now(), snapshot.withheld).word for state in snapshot.threads.values()]


async def test_updates_turn_late_stale_and_lost_while_a_request_is_unanswered(source, clock, start, listen):
    poller = await _moving(source, clock, start, 1)
    listener = listen(poller)
    await clock.settle()
    source.hold()
    said = []
    for _ in range(140):
        await clock.advance(1)
        said.append(_words(poller, listener.updates[-1].snapshot, clock)[0])
    assert [said.index(word) for word in (LATE, STALE, LOST)] == pytest.approx([4, 8, 121], abs=2)
    assert said == sorted(said, key=[LIVE, LATE, STALE, LOST].index)
    assert len(listener.updates) < 20, "not one update a second"


async def test_a_thread_that_waits_for_the_budget_is_never_late(source, clock, start):
    poller = await _moving(source, clock, start, 12, budget=12)
    for _ in range(60):
        await clock.advance(2)
        assert set(_words(poller, poller.snapshot(), clock)) <= {LIVE, LOADING, SEEN}


async def test_threads_turn_stale_and_lost_while_the_server_holds_requests_back(source, clock, start):
    from flowtui.errors import RateLimitedError  # noqa: PLC0415

    poller = await _moving(source, clock, start, 3)
    source.trouble["runs", "t1"] = [RateLimitedError("slow down", status=429, retry_after=150.0)]
    await clock.advance(3)
    asked = len(source.requests)
    await clock.advance(20)
    assert len(source.requests) == asked
    assert set(_words(poller, poller.snapshot(), clock)) == {STALE}
    await clock.advance(115)
    assert set(_words(poller, poller.snapshot(), clock)) == {LOST}
    await clock.advance(15)
    assert set(_words(poller, poller.snapshot(), clock)) == {LIVE}


@pytest.mark.parametrize("threads", [4, 12])
async def test_after_unreadable_bodies_all_threads_are_read_again(source, clock, start, threads):
    poller = await _moving(source, clock, start, threads)
    for key in list(source.runs_of):
        source.trouble["runs", key] = b"<html>"
    await clock.advance(100)
    assert set(_words(poller, poller.snapshot(), clock)) == {STALE}
    source.trouble.clear()
    while all(state.failure is not None for state in poller.snapshot().threads.values()):
        await clock.advance(0.1)
    await clock.advance(1)
    assert set(_words(poller, poller.snapshot(), clock)) == {LIVE}
