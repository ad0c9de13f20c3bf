"""Simulates the runs before and after a release. The same seed gives the same runs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final, NamedTuple

from flowtui.model.run.row import CANCELLED, COMPLETED, FAILED, RUNNING, Run

WINDOW: Final = 7_200.0
"""Length of each side in seconds. The base begins at 0, the new side when it ends."""

SIGMA: Final = 0.7
"""How much durations and tokens vary: the standard deviation of their logarithms."""


class Agent(NamedTuple):
    """One of several agents: its share of failed runs, and its share of all runs before and after the release."""

    failures: float
    before: float
    after: float


class World(NamedTuple):
    """What runs are like before and after a release."""

    failures: float = 0.05
    """The share of failed runs before it."""
    failures_now: float = 0.05
    """The share of failed runs after it."""
    base: int = 200
    """The number of runs before it."""
    new: int = 200
    """The number of runs after it, when the final judgement is made."""
    thread: int = 1
    """The number of runs of a thread."""
    longest: int = 0
    """If given, threads have 1 to so many runs, most of them few (Pareto with the exponent 1.2)."""
    huge: float = 0.0
    """The share of the runs that one huge thread has."""
    common: int = 0
    """If given, all runs of both sides are on so many threads, and the threads fail at different rates."""
    ill: float = 0.0
    """If given, runs fail only in ill threads, and this is the share of their runs that fail."""
    outage: float = 0.0
    """If given, runs fail only in ill minutes, whatever their thread, and this is the share that fails then."""
    lasting: int = 1
    """How many minutes an outage lasts; these follow each other."""
    agents: tuple[Agent, ...] = ()
    """If given, runs are of these agents, and fail at their rates."""
    tokens: float = SIGMA
    durations: float = SIGMA
    alike: float = 0.0
    """Standard deviation of the logarithm of a factor that the durations and tokens of a thread have in common."""
    slow: float = 1.0
    """Durations after the release are multiplied by this."""
    greedy: float = 1.0
    """Tokens after the release are multiplied by this."""
    cancelled: float = 0.0
    """The share of the runs that are cancelled before they could fail."""
    sudden: float = 0.5
    """Failed runs take this part of the time of others."""
    timed: bool = False
    """Whether runs take time, so that some are still active when the gate judges. Else they end at once."""


class History(NamedTuple):
    """The runs before and after a release, each in order of creation."""

    base: list[Run]
    new: list[Run]


class _Plan(NamedTuple):
    """A run that is not simulated in full yet."""

    created: float
    thread: int
    failures: float | None
    """The probability that it fails, if its thread decides that."""
    factor: float
    """What its duration and tokens are multiplied by."""


def history(world: World, seed: int) -> History:
    """Return the runs of a world."""
    # Without the default, worlds that were there before the field keep their runs.
    chance = random.Random(f"{world} {seed}".replace(", lasting=1,", ","))
    # The rates of common threads: Beta with a standard deviation of about the mean.
    mean = world.failures
    rates = [chance.betavariate(1.0, (1 - mean) / mean) for _ in range(world.common)]
    return History(_side(chance, world, rates, now=False), _side(chance, world, rates, now=True))


def _side(chance: random.Random, world: World, rates: list[float], *, now: bool) -> list[Run]:
    count = world.new if now else world.base
    since = WINDOW if now else 0.0
    plans = sorted(_plans(chance, world, count, rates, now=now))
    share = _share_ill(world, world.outage, now=now)
    minutes = [chance.random() < share for _ in range(120 // world.lasting)]
    return [
        _run(chance, world, plan._replace(created=since + plan.created), number, minutes, now=now)
        for number, plan in enumerate(plans)
    ]


def _plans(chance: random.Random, world: World, count: int, rates: list[float], *, now: bool) -> list[_Plan]:
    """Return `count` runs on threads. A thread begins at any time; its runs follow each other within minutes."""
    if rates:
        # The release adds failures to each thread alike.
        added = (world.failures_now - world.failures) / (1 - world.failures) if now else 0.0
        threads = chance.choices(range(len(rates)), k=count)
        return [
            _Plan(chance.random() * WINDOW, thread, rates[thread] + (1 - rates[thread]) * added, 1.0)
            for thread in threads
        ]
    plans: list[_Plan] = []
    for thread, size in enumerate(_sizes(chance, world, count)):
        at = chance.random() * WINDOW
        failures = None
        if world.ill:
            failures = world.ill if chance.random() < _share_ill(world, world.ill, now=now) else 0.0
        factor = chance.lognormvariate(0.0, world.alike) if world.alike else 1.0
        pause = WINDOW / (2 * size) if size > 100 else 60.0
        for _ in range(size):
            plans.append(_Plan(at % WINDOW, thread, failures, factor))
            at += chance.expovariate(1 / pause)
    return plans


def _sizes(chance: random.Random, world: World, count: int) -> Iterator[int]:
    left = count
    if world.huge:
        left -= round(count * world.huge)
        yield count - left
    while left > 0:
        size = min(world.longest, int(chance.paretovariate(1.2))) if world.longest else world.thread
        yield min(left, size)
        left -= size


def _share_ill(world: World, failing: float, *, now: bool) -> float:
    """Return the share of threads, or of minutes, in which runs fail; `failing` is the share that fails there."""
    return (world.failures_now if now else world.failures) / failing if failing else 0.0


def _run(
    chance: random.Random,
    world: World,
    plan: _Plan,
    number: int,
    minutes: list[bool],
    *,
    now: bool,
) -> Run:
    agent, failures = "agent_0", world.failures_now if now else world.failures
    if world.agents:
        weights = [each.after if now else each.before for each in world.agents]
        place = chance.choices(range(len(weights)), weights)[0]
        agent, failures = f"agent_{place}", world.agents[place].failures
    if plan.failures is not None:
        failures = plan.failures
    elif world.outage:
        failures = world.outage if minutes[int(plan.created % WINDOW / WINDOW * len(minutes))] else 0.0
    status = FAILED if chance.random() < failures else COMPLETED
    took = chance.lognormvariate(3.5, world.durations) * plan.factor * (world.slow if now else 1.0)
    took *= world.sudden if status == FAILED else 1.0
    used = round(chance.lognormvariate(8.0, world.tokens) * plan.factor * (world.greedy if now else 1.0))
    if world.cancelled and chance.random() < world.cancelled:
        status, took = CANCELLED, took * chance.random()
    side = "new" if now else "base"
    thread = f"thread_{plan.thread}" if world.common else f"{side}_thread_{plan.thread}"
    started = plan.created + (1.0 if world.timed else 0.0)
    end = started + (took if world.timed else 0.0)
    ends = tuple(end if status == kind else None for kind in (CANCELLED, FAILED, COMPLETED))
    # Runs that end at once still have a duration: it counts back from their end.
    return Run(
        thread, f"{side}_{number}", f"{side}_{number}", agent, status, status, "", False,
        plan.created, started if world.timed else end - took, None, *ends, None, None, used, None,
    )  # fmt: skip


def as_of(runs: list[Run], now: float) -> list[Run]:
    """Return the runs as they were at `now`."""
    return [_as_of(run, now) for run in runs if run.created is not None and run.created < now]


def _as_of(run: Run, now: float) -> Run:
    if run.ended is not None and run.ended <= now:
        return run
    ends = {"failed": None, "completed": None, "cancelled": None}
    return run._replace(status=RUNNING, status_class=RUNNING, total_tokens=None, **ends)
