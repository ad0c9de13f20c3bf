"""Seeded random choices for the runs of one simulated thread.

Chooses durations, waits, tokens and outcomes; `timeline.py` computes the times from them. Failures come in bursts, as
when the backend of a tool is down. The only state is the generator's.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final, NamedTuple

from flowtui.simulator.world.catalogue import ERRORS

PULSE: Final = "pulse"
"""Short runs without a pause, so that there is always an active run."""
BUSY: Final = "busy"
"""Bursts of runs that wait for the thread's lock, then a pause."""
CALM: Final = "calm"
"""A run every few minutes, some of them long."""
QUIET: Final = "quiet"
"""No new runs after the start of the world."""
EARLIER: Final = "earlier"
"""Runs of earlier days, as long as those of a busy or calm thread, with long pauses."""
EARLIER_SHORT: Final = "earlier_short"
"""Runs of earlier days, as long as those of a pulse."""

LONGEST_TURN: Final = 900.0
"""The longest time between two starts on a thread, in seconds."""


class Choices(NamedTuple):
    """The random choices for one run.

    `gap`: seconds between the end of the previous run and the start of this one.
    `wait`: seconds between creation and start.
    `seconds`: the duration.
    `queue_share`: the run is cancelled after this share of its wait; 0: it is not cancelled while it waits.
    `prompt`, `completion`: tokens.
    `error`: an index in `ALL_ERRORS`; used if the run fails.
    `bits`: 32 random bits from which texts and labels are derived.
    """

    gap: float
    wait: float
    seconds: float
    outcome: str
    queue_share: float
    prompt: int
    completion: int
    error: int
    bits: int


_Timing = tuple[float, float, float]
"""(gap, wait, seconds), as in `Choices`."""


def run_choices(activity: str, rng: random.Random) -> Iterator[Choices]:
    """Yield choices for the runs of a thread with this activity, without end."""
    timings = _ACTIVITIES[activity](rng)
    down_for = 0
    down = 0
    while True:
        gap, wait, seconds = next(timings)
        if down_for:
            down_for -= 1
        elif rng.random() < 0.03:
            down_for, down = rng.randint(3, 6), rng.randrange(len(ERRORS))
        outcome, error = "completed", rng.randrange(len(ERRORS))
        chance = rng.random()
        if down_for and chance < 0.85:
            outcome, error = "failed", down
        elif chance < 0.05:
            outcome = "failed"
        elif chance < 0.11:
            outcome = "cancelled"
            rng.randrange(2)  # without a use of its own: the world of a seed depends on the number of draws
        waiting = activity != PULSE and outcome == "cancelled" and wait > 3 and rng.random() < 0.5
        total = int(min(90_000.0, max(300.0, seconds * rng.uniform(60, 1100))))
        completion = max(20, int(total * rng.uniform(0.04, 0.3)))
        yield Choices(
            gap,
            wait,
            seconds,
            outcome=outcome,
            queue_share=rng.uniform(0.3, 0.9) if waiting else 0.0,
            prompt=total - completion,
            completion=completion,
            error=error,
            bits=rng.getrandbits(32),
        )


def _length(rng: random.Random, usual: float, longest: float) -> float:
    return min(longest, max(4.0, rng.lognormvariate(0.0, 0.7) * usual))


def _pulse(rng: random.Random) -> Iterator[_Timing]:
    """Yield timings of short runs: each takes at most 7.2 s, and the next run is created before it ends."""
    while True:
        gap = rng.uniform(0.3, 2.5)
        yield gap, gap + rng.uniform(0.5, 12), _short(rng)


def _short(rng: random.Random) -> float:
    return rng.uniform(4, 7.2)


def _busy(rng: random.Random) -> Iterator[_Timing]:
    while True:
        yield rng.uniform(5, 45), rng.uniform(0.1, 4), _length(rng, 20, 90)
        for _ in range(rng.randint(0, 4)):
            yield rng.uniform(0.2, 2), rng.uniform(2, 40), _length(rng, 13, 60)


def _calm(rng: random.Random) -> Iterator[_Timing]:
    while True:
        yield rng.uniform(60, 240), rng.uniform(0.1, 6), _length(rng, 30, 90)


def _quiet(rng: random.Random) -> Iterator[_Timing]:
    while True:
        yield rng.uniform(100, 800), rng.uniform(0.1, 6), _length(rng, 25, 90)


def _earlier(rng: random.Random) -> Iterator[_Timing]:
    while True:
        yield rng.uniform(100, 800), rng.uniform(0.1, 20), _length(rng, 15, 90)


def _earlier_short(rng: random.Random) -> Iterator[_Timing]:
    while True:
        yield rng.uniform(100, 800), rng.uniform(0.5, 12), _short(rng)


_ACTIVITIES = {
    PULSE: _pulse,
    BUSY: _busy,
    CALM: _calm,
    QUIET: _quiet,
    EARLIER: _earlier,
    EARLIER_SHORT: _earlier_short,
}
