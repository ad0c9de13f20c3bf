"""All threads of a key, polled together, in simulated time: number of requests, delays of changes, and coverage.

The world is that of `benchmarks/fleet.py`: 214 threads, two of them busy, and now and then a run on one of the others
that is queued, runs and ends. The server answers after 0.15 s; nothing sleeps.
"""

from __future__ import annotations

import importlib.util
import logging
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from flowtui.errors import AuthError, RejectedError, ServerError
from flowtui.model.findings.rules import thread_findings
from flowtui.model.state.health import LIVE, LOADING

INTERVAL = 2.0


@pytest.fixture(scope="module")
def lab():
    root = Path(__file__).parents[3]
    sys.path.insert(0, str(root))
    try:
        spec = importlib.util.spec_from_file_location("benchmarks_fleet", root / "benchmarks" / "fleet.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(root))
    return module


@pytest.fixture(autouse=True)
def _no_log(caplog):
    """As for a user without `--log-file`: what it would say of each of many threads has its own tests."""
    caplog.set_level(logging.CRITICAL, "flowtui")


@pytest.fixture
def world_of(lab):
    def make(**options):
        return lab.World(lab.SimulatedClock(), **{"every": 75.0, "minutes": 9.0, **options})

    return make


def words_of(poller):
    now = poller.clock.now()
    snapshot = poller.snapshot()
    return Counter(snapshot.health_of(state, now).word for state in snapshot.threads.values())


class Words:
    """Counts the words for the health of all threads, each second."""

    def __init__(self):
        self.met = Counter()

    def __call__(self, poller):
        self.met += words_of(poller)


# -- what is promised


@pytest.mark.parametrize(("seed", "minutes"), [(1, 9.0), pytest.param(2, 12.0, marks=pytest.mark.slow)])
async def test_a_tight_budget_covers_all_threads_and_keeps_moving_ones_fresh(lab, world_of, seed, minutes):
    world, words = world_of(seed=seed, minutes=minutes), Words()
    got = await lab.simulate(world, budget=120, during=words)
    assert got.most() < 120, "also during first observations"
    assert got.complete <= 300
    assert max(got.busy_after(30)) <= 2 * INTERVAL
    assert max(got.others) <= 90
    assert not got.unseen
    assert got.coverage.discovering
    assert not set(words.met) - {LIVE, LOADING}


async def test_first_runs_are_read_before_a_long_list_of_threads_is_read_completely(lab, world_of):
    got = await lab.simulate(world_of(threads=2_000, minutes=0.5))
    listed = max(at for at, what, _ in got.requests[:60] if what == "threads")
    assert listed > 2.5
    assert min(at for at, what, _ in got.requests if what == "runs") < 0.7
    assert not got.unseen


@pytest.mark.slow  # the tight budgets are tested in the plain run
async def test_once_all_threads_are_read_the_default_budget_is_not_used_up(lab, world_of):
    got = await lab.simulate(world_of(minutes=12.0))
    assert got.complete < 120
    assert got.most(since=got.complete + 60) < 130
    assert max(got.busy_after(30)) <= 2 * INTERVAL
    assert max(got.others) <= 90
    assert got.coverage.complete
    assert (got.coverage.threads, got.coverage.read, got.coverage.failed) == (214, 214, 0)


async def test_without_spans_changes_are_seen_within_a_round(lab, world_of):
    got = await lab.simulate(world_of(spans="off", minutes=12.0), budget=120)
    assert got.most() <= 120
    assert got.complete <= 300
    assert max(got.busy_after(60)) <= 3 * INTERVAL
    assert max(got.others) <= got.coverage.round_s, (
        "at the latest; the list shows locks, so most changes are seen earlier"
    )
    assert not got.coverage.discovering
    assert "403" in got.coverage.why
    assert not got.poller.stopped
    asked = [at for at, what, _ in got.requests if what == "spans"]
    assert len(asked) <= 3, "requested again, but rarely"


async def test_spans_are_not_trusted_while_tracing_is_off(lab, world_of):
    got = await lab.simulate(world_of(spans="dark"), budget=120)
    assert not got.coverage.discovering
    assert got.coverage.why == "they missed runs that started"
    assert got.complete <= 300


SAME_BUT_SIGN = (("skew", -1), ("server_offset", 1))
"""The opposite of each case; these run in CI only."""


@pytest.mark.parametrize(
    "options",
    [
        {"skew": 300.0},
        {"server_offset": -300.0},
        *(pytest.param({name: sign * 300.0}, marks=pytest.mark.slow) for name, sign in SAME_BUT_SIGN),
    ],
)
async def test_clocks_off_by_five_minutes_cause_no_delays_and_no_more_requests(lab, world_of, options):
    got = await lab.simulate(world_of(**options, pending=False), budget=120)
    assert got.coverage.discovering
    assert max(got.others) <= 90
    assert got.most() < 120


async def test_a_server_with_a_lower_page_limit_is_covered_too(lab, world_of):
    got = await lab.simulate(world_of(cap=30, minutes=7.0), budget=120)
    assert got.complete <= 300
    assert max(got.others) <= 90
    assert got.most() <= 120


@pytest.mark.slow  # test_span_discovery sees foreign spans
async def test_threads_of_other_owners_that_spans_name_are_never_polled(lab, world_of):
    got = await lab.simulate(world_of(foreign=2.0, minutes=8.0), budget=120)
    assert not {key for _, _, key in got.requests if key.startswith("theirs")}
    assert not {key for key in got.poller.snapshot().threads if key.startswith("theirs")}
    assert got.coverage.discovering
    assert max(got.others) <= 90
    lists = [at for at, what, _ in got.requests if what == "threads"]
    assert len(lists) < 8 * 60 / 15 + 8 * 60 / 40 * 4


@pytest.mark.slow
async def test_a_flood_of_spans_is_reported_and_speeds_up_the_round(lab, world_of):
    got = await lab.simulate(world_of(foreign=300.0, minutes=8.0), budget=120)
    assert got.coverage.why == "more come than are read"
    assert got.complete <= 310
    assert got.most() <= 120
    asked = [at for at, what, _ in got.requests if what == "spans" and at > 60]
    assert len(asked) < 60, "one page, and half as often"


# -- failures and other events


# Slow, as other tests cover its parts: the round without spans above, each failure of spans below.
@pytest.mark.slow
async def test_refusals_of_spans_speed_up_the_round(lab, world_of):
    world, words = world_of(minutes=14.0), Words()
    told = []

    def during(poller):
        world.refusing = 240 < poller.clock.elapsed < 420
        told.append(poller.snapshot().coverage)
        words(poller)

    got = await lab.simulate(world, budget=300, during=during)
    assert told[230].discovering
    assert not told[300].discovering
    assert told[300].since is None
    assert told[300].round_s < told[230].round_s / 5
    oldest = min(state.observed for state in got.poller.snapshot().threads.values())
    assert told[400].oldest > lab.BEGIN + 240, "every thread was observed since spans failed"
    assert told[-1].discovering
    assert told[-1].since > lab.BEGIN + 420
    assert oldest > lab.BEGIN + 240
    assert not set(words.met) - {LIVE, LOADING}


@pytest.mark.slow  # test_poller sees a vanished thread
async def test_a_vanished_thread_affects_no_other(lab, world_of):
    world = world_of(minutes=9.0)

    def during(poller):
        if poller.clock.elapsed == 200:
            world.gone |= {f"thr_{number:04}" for number in range(100, 120)}

    got = await lab.simulate(world, budget=300, during=during, quiet_interval=5.0)
    assert got.coverage.failed == 20
    assert got.coverage.complete
    assert max(got.busy_after(30)) <= 2 * INTERVAL
    asked = Counter(
        key for at, what, key in got.requests if what == "runs" and at > 200 and key in world.gone
    )
    assert max(asked.values()) == 1, "requested once more, then no longer"


async def test_a_new_lock_that_no_span_names_is_found_by_reading_the_list(lab, world_of):
    world = world_of(minutes=5.0, every=0.0, threads=60)

    def during(poller):
        if poller.clock.elapsed == 120:
            world.runs_of["thr_0030"].insert(0, world._run("thr_0030", "run_new", 120.0, "queued"))
            world.locks["thr_0030"] = "run_new"
            world._bodies.clear()

    got = await lab.simulate(world, during=during)
    looks = [at for at, what, key in got.requests if key == "thr_0030" and at > 120]
    assert looks[0] < 120 + 50
    assert len([at for at in looks if looks[0] < at < looks[0] + 60]) >= 29


async def test_a_thread_with_an_orphan_lock_is_lingering_and_has_a_finding(lab, world_of):
    world = world_of(minutes=5.0, every=0.0, threads=30)
    world.locks["thr_0010"] = "run_thr_0010_0"
    world.runs_of["thr_0010"] = [world._run("thr_0010", "run_thr_0010_0", -900.0, "completed")]
    got = await lab.simulate(world)
    assert thread_findings(got.poller.snapshot().threads["thr_0010"])
    looks = [at for at, what, key in got.requests if key == "thr_0010" and at > 60]
    assert 20 < len(looks) < 45


async def test_a_new_thread_is_found_by_its_spans(lab, world_of):
    world = world_of(minutes=4.0, every=0.0, threads=40)
    found = []

    def during(poller):
        at = poller.clock.elapsed
        if at == 130:
            world.runs_of["thr_new"] = [world._run("thr_new", "run_n", 130.0, "running")]
            world.traced.append(
                {"id": "run_n/0", "thread": "thr_new", "run": "run_n", "start": 130.0, "end": 190.0}
            )
            world.traced.sort(key=lambda span: span["start"])
        state = poller.snapshot().threads.get("thr_new")
        if state is not None and state.runs and not found:
            found.append(at)

    await lab.simulate(world, during=during)
    assert found
    assert found[0] <= 130 + 10


async def test_a_short_first_observation_is_completed_when_no_thread_waits(lab, world_of):
    world = world_of(minutes=6.0, every=0.0, threads=12, busy=0)
    for key in ("thr_0003", "thr_0004"):
        world.runs_of[key] = [world._run(key, f"run_{key}_{n}", -9e5 + n, "completed") for n in range(150)][
            ::-1
        ]
    snapshots = []
    got = await lab.simulate(world, during=lambda poller: snapshots.append(poller.snapshot()))
    assert {len(snapshots[5].threads[key].runs) for key in ("thr_0003", "thr_0004")} == {100}
    assert not snapshots[5].threads["thr_0003"].whole
    states = got.poller.snapshot().threads
    assert len(states["thr_0003"].runs) == 150
    assert states["thr_0003"].whole
    assert not any(state.not_seen for state in states.values())


async def test_a_requested_history_is_read_soon_even_under_load(lab, world_of):
    world = world_of(minutes=3.0, every=5.0, threads=40, busy=2)
    for key in ("thr_0003", "thr_0004"):
        world.runs_of[key] = [world._run(key, f"run_{key}_{n}", -9e5 + n, "completed") for n in range(150)][
            ::-1
        ]
    whole = []

    def during(poller):
        if len(whole) == 90:
            poller.read_whole(["thr_0003", "unknown"])
        states = poller.snapshot().threads
        whole.append({key for key in ("thr_0003", "thr_0004") if key in states and states[key].whole})

    await lab.simulate(world, budget=120, during=during)
    assert whole[89] == set()
    assert whole[105] == {"thr_0003"}


async def test_agents_are_read_again_while_deployments_are_shown(lab, world_of):
    world = world_of(minutes=12.0, every=0.0, threads=2, busy=0)
    got = await lab.simulate(world, during=lambda poller: poller.look_at_agents())
    asked = [at for at, what, _ in got.requests if what == "agents"]
    assert len(asked) == 3
    assert min(b - a for a, b in pairwise(asked)) >= 300


async def test_first_observations_take_one_request_each(lab, world_of):
    got = await lab.simulate(world_of(minutes=4.0, every=0.0, busy=0, spans="off"))
    assert got.complete < 3 * got.coverage.round_s, "although promised second observations come in between"
    first = [key for at, what, key in got.requests if what == "runs" and at < 30]
    assert max(Counter(first).values()) == 1
    assert len(first) > 100


@pytest.mark.parametrize(
    "error",
    [
        RejectedError("POST: 422", status=422),
        AuthError("POST: 401", status=401),
        ServerError("POST: 500", status=500),
    ],
)
async def test_polling_goes_on_after_any_failure_of_spans(lab, world_of, error):
    world = world_of(minutes=4.0, threads=20)

    async def refuse(query):
        world.requests.append((world.clock.elapsed, "spans", ""))
        raise error

    world.spans_page = refuse
    got = await lab.simulate(world)
    assert not got.poller.stopped
    assert not got.poller.incidents
    assert got.coverage.why.startswith("POST")
    assert max(got.others) <= 40


async def test_unreadable_spans_are_rarely_requested(lab, world_of):
    world = world_of(minutes=4.0, threads=20)

    async def nonsense(query):
        return await world._answer("spans", "", b"<html>no</html>")

    world.spans_page = nonsense
    got = await lab.simulate(world)
    assert len([1 for _, what, _ in got.requests if what == "spans"]) == 1
    assert "Spans" in got.coverage.why


async def test_a_refresh_polls_everything_and_spans(lab, world_of):
    world = world_of(minutes=4.0, every=0.0, threads=50, spans="off")

    def during(poller):
        if poller.clock.elapsed == 150:
            world.refusing = False
            poller.refresh()

    got = await lab.simulate(world, during=during)
    assert {key for at, what, key in got.requests if what == "runs" and 150 <= at < 180} >= set(world.runs_of)
    assert got.coverage.discovering


async def test_if_threads_are_named_only_they_are_polled_and_no_spans_are_requested(lab, world_of):
    world = world_of(minutes=1.0, threads=10)
    got = await lab.simulate(world, threads=["thr_0003"])
    assert not got.coverage.fleet
    assert not [1 for _, what, _ in got.requests if what == "spans"]
    assert got.coverage.threads == 1
