"""Properties of every simulated world, for any seed and time."""

from itertools import cycle, pairwise

import pytest

from flowtui.simulator.world.random_choices import BUSY, CALM, PULSE, QUIET
from flowtui.simulator.world.scenario import World
from flowtui.simulator.world.timeline import QUEUED, RUNNING

SEEDS = range(1, 9)
HALF_AN_HOUR = 1800.0


def plans(world, until):
    return [
        (thread, world.timeline(thread)[number])
        for thread in range(world.threads)
        for number in range(world.timeline(thread).count(until))
    ]


def changes(world, until):
    """The times at which a run's status changes, without its creation."""
    moments = set()
    for _, plan in plans(world, until + 200):
        moments |= {plan.ended} | ({plan.started} if plan.started is not None else set())
    return sorted(moment for moment in moments if 0 <= moment <= until)


@pytest.mark.parametrize(("seed", "size"), list(zip(SEEDS, cycle([(6, 60), (1, 1), (2, 0), (13, 7)]))))
def test_some_status_changes_within_eight_seconds_and_some_run_is_always_active(seed, size):
    threads, runs = size
    world = World(seed=seed, threads=threads, runs=runs)
    moments = [0.0, *changes(world, HALF_AN_HOUR), HALF_AN_HOUR]
    assert max(after - before for before, after in pairwise(moments)) < 8
    for step in range(int(HALF_AN_HOUR)):
        assert any(world.timeline(thread).holder(step) for thread in world.live), step


@pytest.mark.parametrize("seed", SEEDS)
def test_the_history_has_the_given_number_of_runs(seed):
    world = World(seed=seed, threads=6, runs=60)
    assert sum(world.timeline(thread).count(0.0) for thread in range(6)) == 60


@pytest.mark.parametrize("seed", SEEDS)
def test_a_run_waits_for_the_one_before_it_and_never_goes_back_in_status(seed):
    world = World(seed=seed)
    for thread in range(world.threads):
        released = created = -1e18
        for number in range(world.timeline(thread).count(HALF_AN_HOUR)):
            plan = world.timeline(thread)[number]
            assert plan.created > created
            assert plan.created > world.thread_created(thread)
            assert plan.created <= plan.ended <= plan.release
            if plan.started is not None:
                assert plan.created <= plan.started < plan.ended
                assert plan.started >= released
                assert plan.started - plan.created < 40.01
                assert 3.99 < plan.ended - plan.started < 90.01
            assert 300 <= plan.choices.prompt + plan.choices.completion <= 90_000
            created, released = plan.created, plan.release


@pytest.mark.parametrize("seed", SEEDS)
def test_the_lock_holder_is_the_running_run_or_the_first_in_the_queue(seed):
    world = World(seed=seed)
    for thread in range(world.threads):
        timeline = world.timeline(thread)
        timeline.count(HALF_AN_HOUR)
        for now in range(0, int(HALF_AN_HOUR), 7):
            active = [
                timeline[number] for number in range(timeline.count(now)) if timeline[number].active(now)
            ]
            running = [plan for plan in active if plan.status(now) == RUNNING]
            assert len(running) <= 1
            assert timeline.holder(now) == next(iter(running or active), None)


@pytest.mark.parametrize("seed", SEEDS)
def test_usage_grows_from_none_to_its_total_and_never_shrinks(seed):
    world = World(seed=seed)
    for _, plan in plans(world, 300.0)[::3]:
        before = (0, 0)
        for step in range(40):
            now = plan.created + step * (plan.ended - plan.created) / 39
            used = plan.usage(now)
            if used is None:
                assert before == (0, 0)
                continue
            assert used >= before
            assert plan.status(now) != QUEUED
            before = used
        if plan.outcome in {"completed", "failed"}:
            used = plan.usage(plan.ended)
            assert abs(sum(used) - plan.choices.prompt - plan.choices.completion) <= 2


def test_the_world_is_the_same_for_the_same_arguments_in_any_steps():
    at_once, in_steps = World(seed=5), World(seed=5)
    for now in range(0, 900, 11):
        for thread in reversed(range(6)):
            in_steps.timeline(thread).count(now)
    assert plans(at_once, 900.0) == plans(in_steps, 900.0)
    assert plans(World(seed=6), 900.0) != plans(at_once, 900.0)


def test_all_statuses_and_outcomes_occur():
    seen = {plan.outcome for seed in SEEDS for _, plan in plans(World(seed=seed), HALF_AN_HOUR)}
    assert seen == {"completed", "failed", "cancelled"}
    never_started = [plan for _, plan in plans(World(seed=1), HALF_AN_HOUR) if plan.started is None]
    assert never_started
    assert all(plan.usage(plan.ended) is None for plan in never_started)


def test_failures_come_in_bursts_with_one_error():
    timeline = World(seed=1, threads=1, runs=0).timeline(0)
    ends = [timeline[number] for number in range(timeline.count(4 * 3600.0))]
    pairs = [
        (one.choices.error, two.choices.error)
        for one, two in pairwise(ends)
        if one.outcome == two.outcome == "failed"
    ]
    assert len(pairs) > 20
    assert sum(one == two for one, two in pairs) > len(pairs) * 0.7


def test_some_threads_are_quiet_and_one_always_has_an_active_run():
    world = World(seed=1)
    tempers = [world.activity(thread) for thread in range(6)]
    assert tempers.count(PULSE) == 1
    assert {BUSY, CALM, QUIET} < set(tempers)
    for thread in range(6):
        timeline = world.timeline(thread)
        if world.activity(thread) == QUIET:
            assert timeline.count(1e6) == timeline.count(0)
            assert max(timeline[number].ended for number in range(timeline.count(0))) < -1199


def test_a_world_may_be_empty():
    assert World(threads=0, runs=0).live == []
    assert World(threads=0, runs=0).find_run("run_123456", 0.0) is None
    assert World(threads=4, runs=0).timeline(0).count(0.0) >= 0


def test_ids_are_unique_and_can_be_decoded():
    world = World(seed=3, threads=40, runs=900)
    runs = {world.run_id(thread, plan.number): (thread, plan.number) for thread, plan in plans(world, 60.0)}
    assert len(runs) == len(plans(world, 60.0))
    assert all(world.find_run(run_id, 60.0) == place for run_id, place in runs.items())
    threads = [world.thread_id(thread) for thread in range(40)]
    assert [world.find_thread(thread_id) for thread_id in threads] == list(range(40))
    newest = world.timeline(39).count(60.0)
    assert world.find_run(world.run_id(39, newest), 60.0) is None


def test_a_large_world_computes_only_what_is_read():
    world = World(threads=5000, runs=100_000)
    for thread in range(4980, 5000):
        world.timeline(thread).holder(0.0)
    assert len(world.live) == 30
