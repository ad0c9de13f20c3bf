"""Earlier days of the simulated world, which the API does not list any more: what an earlier start would have remembered.

Every few hours the same agents worked on threads of their own. Pure: the time is an argument.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowtui.simulator.world.dates import Calendar
from flowtui.simulator.world.records import Record, run_record, thread_record
from flowtui.simulator.world.scenario import SHORT, UUID, World

DAYS: Final = 4
_EVERY: Final = 4 * 3600.0  # seconds between two such times
_THREADS: Final = 3
_RUNS: Final = 18
_HEAVY: Final = ("instructions", "tools", "meta_data")  # nothing remembers these


def archive(world: World, now: float) -> Iterator[tuple[Record, list[Record]]]:
    """Yield the threads of the days before a world, the earliest first: each with its runs, which have ended, oldest first.

    `now`: UTC epoch seconds.
    """
    for step in range(int(DAYS * 86_400 / _EVERY), 0, -1):
        begin = now - step * _EVERY
        earlier = World(
            seed=world.seed * 1_009 + step,
            threads=_THREADS,
            runs=_RUNS,
            ids=UUID if world.uuids else SHORT,
            epoch=begin.__add__,
        )
        calendar = Calendar(lambda begin=begin: begin, begin)  # type: ignore[misc]
        for thread in range(earlier.threads):
            plans = (
                earlier.timeline(thread)[number] for number in range(earlier.timeline(thread).count(0.0))
            )
            runs = [run_record(earlier, thread, plan, calendar, 0.0) for plan in plans if plan.ended <= 0.0]
            yield thread_record(earlier, thread, calendar, 0.0), [_light(run) for run in runs]


def _light(run: Record) -> Record:
    return {name: value for name, value in run.items() if name not in _HEAVY}
