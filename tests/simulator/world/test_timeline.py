"""Cancelling: the run ends, the queue moves up, and times that were sent never change."""

import pytest

from flowtui.simulator.world.scenario import World
from flowtui.simulator.world.timeline import QUEUED, RUNNING


def busiest(world, wanted):
    """The first time at which a live thread has a run with the wanted status and another one after it."""
    for now in range(2000):
        for thread in world.live:
            timeline = world.timeline(thread)
            count = timeline.count(now)
            active = [number for number in range(count) if timeline[number].active(now)]
            for number in active:
                if (
                    timeline[number].status(now) == wanted
                    and timeline[number].ended - now > 2
                    and len(active) > 1
                ):
                    return thread, number, float(now)
    raise AssertionError(wanted)


@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("wanted", [RUNNING, QUEUED])
def test_a_cancelled_run_ends_and_earlier_times_stay(seed, wanted):
    world = World(seed=seed)
    thread, number, now = busiest(world, wanted)
    timeline = world.timeline(thread)
    count = timeline.count(now)
    before = [timeline[each] for each in range(count)]
    statuses = [plan.status(now) for plan in before]
    world.cancel(thread, number, now)
    assert timeline.count(now) == count
    assert [timeline[each].created for each in range(count)] == [plan.created for plan in before]
    assert [timeline[each].status(now) for each in range(count)] == statuses
    assert timeline[number].status(now + 1.3) == "cancelled"
    later = [timeline[each] for each in range(timeline.count(now + 600))]
    released = -1e18
    for plan in later:
        if plan.started is not None:
            assert plan.started >= released
        released = plan.release
    assert any(timeline.holder(now + step) for step in range(60))


def test_two_cancels_on_one_thread_both_take_effect():
    world = World(seed=1)
    thread, number, now = busiest(world, QUEUED)
    timeline = world.timeline(thread)
    world.cancel(thread, number, now)
    world.cancel(thread, number - 1, now + 0.1)
    assert timeline[number].status(now + 1.5) == "cancelled"
    assert timeline[number - 1].status(now + 1.5) in {"cancelled", "completed", "failed"}


def test_a_run_that_ends_first_keeps_its_end():
    world = World(seed=1)
    thread = world.live[1]
    timeline = world.timeline(thread)
    plan = timeline.holder(0.0)
    outcome, ended = plan.outcome, plan.ended
    world.cancel(thread, plan.number, ended - 0.5)
    assert timeline[plan.number].outcome == outcome
    assert timeline[plan.number].ended == ended


@pytest.mark.parametrize("seed", range(1, 4))
def test_constant_cancelling_never_leaves_the_world_without_an_active_run(seed):
    world = World(seed=seed, threads=1, runs=5)
    timeline = world.timeline(0)
    now = 0.0
    while now < 300:
        holder = timeline.holder(now)
        assert holder is not None, now
        if int(now) % 9 == 0:
            world.cancel(0, holder.number, now)
        now += 1.0
