"""Earlier days of the simulated world, which the API does not list any more: what an earlier start would have remembered.

Every few hours the same agents worked on threads of their own. For two hours they had a bad release, which was taken back.
Pure: the time is an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from flowtui.simulator.world.dates import Calendar
from flowtui.simulator.world.records import Record, run_record, thread_record
from flowtui.simulator.world.release import Release
from flowtui.simulator.world.scenario import SHORT, UUID, World
from flowtui.simulator.world.spans import Spans

DAYS: Final = 4
_EVERY: Final = 4 * 3600.0  # seconds between two such times
_THREADS: Final = 6
_RUNS: Final = 84
_BAD: Final = (8 * 3600.0, 6 * 3600.0)  # when the release was bad: seconds before the start
_HEAVY: Final = ("instructions", "tools", "meta_data")  # nothing remembers these


class Earlier(NamedTuple):
    """A world that ended before the start. Its second 0 is its end."""

    world: World
    calendar: Calendar


class Archived(NamedTuple):
    """A thread of an earlier world: its runs, which have ended, the oldest first, and the spans of the failed ones by run."""

    thread: Record
    runs: list[Record]
    spans: dict[str, list[Record]]


def earlier_worlds(world: World, now: float) -> Iterator[Earlier]:
    """Yield the worlds of the days before a world, the earliest first. `now`: UTC epoch seconds."""
    for step in range(round(DAYS * 86_400 / _EVERY) - 1, -1, -1):
        begin = now - step * _EVERY
        earlier = World(
            seed=world.seed * 1_009 + step,
            threads=_THREADS,
            runs=_RUNS,
            release=Release(now - _BAD[0] - begin, failures=0.8, until=now - _BAD[1] - begin),
            ids=UUID if world.uuids else SHORT,
            live=False,
            epoch=begin.__add__,
        )
        yield Earlier(earlier, Calendar(lambda begin=begin: begin, begin))  # type: ignore[misc]


def archive(worlds: Iterable[Earlier]) -> Iterator[Archived]:
    """Yield the threads of these worlds."""
    for world, calendar in worlds:
        spans = Spans(world, calendar)
        for thread in range(world.threads):
            timeline = world.timeline(thread)
            plans = [
                plan for plan in map(timeline.__getitem__, range(timeline.count(0.0))) if plan.ended <= 0.0
            ]
            runs = [run_record(world, thread, plan, calendar, 0.0) for plan in plans]
            failed = [run["id"] for run in runs if run["status"] == "failed"]
            asked = {"min_start_datetime": "2000-01-01T00:00:00Z", "limit": 100}
            told = {run_id: spans.query({**asked, "run_id": run_id}, 0.0) for run_id in failed}
            yield Archived(thread_record(world, thread, calendar, 0.0), [_light(run) for run in runs], told)


def _light(run: Record) -> Record:
    return {name: value for name, value in run.items() if name not in _HEAVY}
