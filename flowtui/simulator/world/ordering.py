"""Sorts items of runs (messages, spans) by time, without computing those of all runs.

An item is at most `REACH` seconds later than the creation of its run, so it is enough to keep
the items of the last `REACH` seconds in a heap. The cost grows with the rows that are read, not with the size of the world.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush, merge
from itertools import islice
from operator import itemgetter
from typing import NamedTuple, TypeVar

from flowtui.simulator.world.scenario import World
from flowtui.simulator.world.timeline import REACH, Plan

Item = TypeVar("Item")


class Place(NamedTuple):
    """A run: its creation (world seconds), its thread and its plan."""

    created: float
    thread: int
    plan: Plan


def runs_of(
    world: World, threads: Iterable[int], *, after: float, now: float, newest_first: bool
) -> Iterator[Place]:
    """Yield the runs of `threads` created after `after` and up to `now`: oldest first, or newest first if `newest_first`."""

    def of(thread: int) -> Iterator[Place]:
        timeline = world.timeline(thread)
        numbers = timeline.since(after, now)
        for number in reversed(numbers) if newest_first else numbers:
            yield Place(timeline[number].created, thread, timeline[number])

    return merge(*map(of, threads), key=itemgetter(0), reverse=newest_first)


def place_of(world: World, serial: int, now: float) -> Place | None:
    """Return the run with this serial number; None if it does not exist at `now`."""
    found = world.locate(serial, now)
    if found is None:
        return None
    thread, number = found
    plan = world.timeline(thread)[number]
    return Place(plan.created, thread, plan)


def window(items: Iterable[Item], *, offset: int, limit: int) -> list[Item]:
    """Return up to `limit` items after the first `offset` ones. Both numbers may exceed sys.maxsize."""
    return list(islice(items, min(offset, sys.maxsize), min(offset + limit, sys.maxsize)))


def by_time(
    places: Iterable[Place], expand: Callable[[Place], Iterable[tuple[float, Item]]], *, newest_first: bool
) -> Iterator[tuple[float, Item]]:
    """Yield (time, item) of all items that `expand` returns, in order of time.

    `places` must be in order of creation, in the same direction. An item must be 0 to `REACH` seconds later than the
    creation of its run.
    """
    sign = -1.0 if newest_first else 1.0
    heap: list[tuple[float, int, Item]] = []
    tie = 0
    for place in places:
        # Bound for the items of all remaining runs: none is later than this (oldest first: none is earlier).
        edge = sign * (place.created + REACH if newest_first else place.created)
        while heap and heap[0][0] < edge:
            key, _, item = heappop(heap)
            yield sign * key, item
        for time, item in expand(place):
            heappush(heap, (sign * time, tie, item))
            tie += 1
    while heap:
        key, _, item = heappop(heap)
        yield sign * key, item
