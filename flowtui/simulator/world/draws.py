"""The dice of a thread: an endless stream of runs to come, by the thread's temper.

Decides lengths, waits, tokens and ends; the timeline decides when. Failures come in bursts, as they do when a
tool's backend is down. Both spellings of cancelled occur. Holds no state but the generator's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from flowtui.simulator.world.catalogue import ERRORS

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

PULSE: Final = "pulse"
"""Short runs, always a queue: what keeps the world moving."""
BUSY: Final = "busy"
"""Bursts of runs behind the lock, then a pause."""
CALM: Final = "calm"
"""A run every few minutes, some of them long."""
QUIET: Final = "quiet"
"""History only."""

LONGEST_TURN: Final = 900.0
"""Seconds between two starts on any thread, at the most."""


class Draw(NamedTuple):
    """One run as the dice want it; seconds and tokens. `queue_share` > 0: cancelled after that share of the wait."""

    gap: float
    wait: float
    seconds: float
    outcome: str
    queue_share: float
    prompt: int
    completion: int
    error: int
    throw: int


class _Timing(NamedTuple):
    gap: float
    wait: float
    seconds: float


def draws(temper: str, rng: random.Random) -> Iterator[Draw]:
    """Yield the runs of a thread with this temper, forever."""
    timings = _TEMPERS[temper](rng)
    down_for = 0
    down = 0
    while True:
        timing = next(timings)
        if down_for:
            down_for -= 1
        elif rng.random() < 0.03:
            down_for, down = rng.randint(3, 6), rng.randrange(len(ERRORS))
        outcome, error = "completed", rng.randrange(len(ERRORS))
        luck = rng.random()
        if down_for and luck < 0.85:
            outcome, error = "failed", down
        elif luck < 0.05:
            outcome = "failed"
        elif luck < 0.11:
            outcome = rng.choice(("canceled", "cancelled"))
        waiting = temper != PULSE and outcome.startswith("cancel") and timing.wait > 3 and rng.random() < 0.5
        total = int(min(90_000.0, max(300.0, timing.seconds * rng.uniform(60, 1100))))
        completion = max(20, int(total * rng.uniform(0.04, 0.3)))
        yield Draw(
            *timing,
            outcome=outcome,
            queue_share=rng.uniform(0.3, 0.9) if waiting else 0.0,
            prompt=total - completion,
            completion=completion,
            error=error,
            throw=rng.getrandbits(32),
        )


def _length(rng: random.Random, usual: float, longest: float) -> float:
    return min(longest, max(4.0, rng.lognormvariate(0.0, 0.7) * usual))


def _pulse(rng: random.Random) -> Iterator[_Timing]:
    """Something starts or ends every 7.2 s at the most, and the next run is there before the last one ends."""
    while True:
        gap = rng.uniform(0.3, 2.5)
        yield _Timing(gap, gap + rng.uniform(0.5, 12), rng.uniform(4, 7.2))


def _busy(rng: random.Random) -> Iterator[_Timing]:
    while True:
        yield _Timing(rng.uniform(5, 45), rng.uniform(0.1, 4), _length(rng, 20, 90))
        for _ in range(rng.randint(0, 4)):
            yield _Timing(rng.uniform(0.2, 2), rng.uniform(2, 40), _length(rng, 13, 60))


def _calm(rng: random.Random) -> Iterator[_Timing]:
    while True:
        yield _Timing(rng.uniform(60, 240), rng.uniform(0.1, 6), _length(rng, 30, 90))


def _quiet(rng: random.Random) -> Iterator[_Timing]:
    while True:
        yield _Timing(rng.uniform(100, 800), rng.uniform(0.1, 6), _length(rng, 25, 90))


_TEMPERS = {PULSE: _pulse, BUSY: _busy, CALM: _calm, QUIET: _quiet}
