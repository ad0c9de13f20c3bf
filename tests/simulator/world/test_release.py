"""`--deploy-at`: runs after the release are worse, runs before it are unchanged, and both are deterministic."""

from statistics import median

import pytest

from flowtui.errors import UsageError
from flowtui.simulator.server import Simulator
from flowtui.simulator.world.catalogue import AGENTS, ALL_ERRORS, ERRORS, RELEASE_ERROR
from flowtui.simulator.world.release import LONGEST, Release, parse_release
from flowtui.simulator.world.scenario import World

AT, UNTIL = 600.0, 7200.0


def plans(world, since=-1e18, until=UNTIL):
    """(agent, plan) of each run of a world created between two times."""
    for thread in range(world.threads):
        timeline = world.timeline(thread)
        for number in timeline.since(since, until):
            yield world.run_agent(thread, timeline[number].choices.bits), timeline[number]


def world(text=None, **more):
    return World(seed=3, release=None if text is None else parse_release(text), **more)


def share(found):
    found = list(found)
    return sum(plan.outcome == "failed" for _, plan in found) / len(found)


def test_runs_before_the_release_are_unchanged():
    fine, bad = world(), world(f"{AT:g}s:failures=50%,durations=x2,tokens=x3")
    assert list(plans(fine, until=AT - 1)) == list(plans(bad, until=AT - 1))


def test_runs_after_the_release_fail_more_often_with_the_release_error():
    fine, bad = world(), world(f"{AT:g}s:failures=40%")
    assert share(plans(bad, AT)) > share(plans(fine, AT)) + 0.25
    errors = {plan.choices.error for _, plan in plans(bad, AT) if plan.outcome == "failed"}
    assert RELEASE_ERROR in errors
    assert len(ALL_ERRORS) == len(ERRORS) + 1
    assert RELEASE_ERROR not in {plan.choices.error for _, plan in plans(fine)}


def test_runs_after_the_release_take_longer_and_use_more_tokens():
    fine, bad = world(), world(f"{AT:g}s:durations=x2,tokens=x3")

    def of(one, read):
        return median(read(plan) for _, plan in plans(one, AT) if plan.outcome == "completed")

    assert of(bad, lambda p: p.ended - p.started) > 1.5 * of(fine, lambda p: p.ended - p.started)
    assert of(bad, lambda p: sum(p.usage(1e9))) > 2 * of(fine, lambda p: sum(p.usage(1e9)))
    assert max(plan.choices.seconds for _, plan in plans(bad)) <= LONGEST


def test_a_release_of_one_agent_changes_no_other_agents():
    bad = world(f"{AT:g}s:failures=100%,agent=checkout")
    own = [plan.outcome for agent, plan in plans(bad, AT) if AGENTS[agent].name == "checkout"]
    assert own
    assert "completed" not in own
    assert any(
        plan.outcome == "completed" for agent, plan in plans(bad, AT) if AGENTS[agent].name != "checkout"
    )


def test_a_release_is_deterministic_in_any_order_of_reads():
    at_once, in_steps = world("60s:failures=30%,durations=x2"), world("60s:failures=30%,durations=x2")
    for second in range(0, 1800, 60):
        list(plans(in_steps, until=second))
    assert list(plans(at_once, until=1800)) == list(plans(in_steps, until=1800))


def test_a_release_at_the_start_applies_to_the_first_new_run():
    bad = world("0s:failures=100%")
    assert "completed" not in {plan.outcome for _, plan in plans(bad, 0.0)}


def test_a_cancel_does_not_apply_the_release_twice():
    bad = world("10s:tokens=x2")
    thread = bad.live[0]
    timeline = bad.timeline(thread)
    drawn = [timeline[number].choices.prompt for number in range(timeline.count(900))]
    active = next(number for number in timeline.since(10.0, 900) if timeline[number].active(900))
    bad.cancel(thread, active, 900)
    assert [timeline[number].choices.prompt for number in range(len(drawn))] == drawn


def test_agents_have_the_time_of_their_deployment(clock):
    with Simulator(clock=clock, deploy_at="30s:agent=checkout") as simulator:
        assert simulator.world.released(1, 29) is None
        assert simulator.world.released(1, 31) == 30
        assert simulator.world.released(0, 31) is None


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ("30s", Release(30, 0.2)),
        ("2m:failures=5.5%", Release(120, 0.055)),
        ("1.5:durations=x2, tokens=x1.5", Release(1.5, 0.0, 2.0, 1.5)),
        ("1h:agent=checkout,failures=100%", Release(3600, 1.0, agent=1)),
    ],
)
def test_valid_releases_are_parsed(text, release):
    assert parse_release(text) == release


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a time"),
        ("soon", "not a time"),
        ("-3s", "not a time"),
        ("30s:", "no effect"),
        ("30s:failures=20", "not a share"),
        ("30s:failures=101%", "not a share"),
        ("30s:durations=2", "not a factor"),
        ("30s:tokens=x0", "not a factor"),
        ("30s:agent=nobody", "no agent"),
        ("30s:mood=bad", "no effect 'mood'"),
    ],
)
def test_invalid_releases_are_usage_errors(text, said):
    with pytest.raises(UsageError, match="--deploy-at: ") as caught:
        parse_release(text)
    assert said in caught.value.message
    assert caught.value.hint
