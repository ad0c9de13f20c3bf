"""Runs as `flowtui runs` prints them: rows, each with its raw JSON where the API was asked."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from flowtui.headless.pages import Listing, by_time
from flowtui.model.run.fingerprint import fingerprint
from flowtui.model.run.parsing import parse_run, parse_thread
from flowtui.model.run.raw_paths import Extras, extras_of
from flowtui.model.run.row import Run
from flowtui.model.state.known_runs import ThreadState


class Item(NamedTuple):
    """One run: its raw JSON and its parsed row. The raw JSON is None if the row comes from the history."""

    value: Any
    run: Run


def newest_of_threads(items: Sequence[Item], limit: int | None) -> list[Item]:
    """Return the first `limit` runs of each thread, in the order given; None: all."""
    if limit is None:
        return list(items)
    count: Counter[str] = Counter()
    found = []
    for item in items:
        count[item.run.thread_key] += 1
        if count[item.run.thread_key] <= limit:
            found.append(item)
    return found


def items_of(listing: Listing, order: str) -> list[Item]:
    """Return the runs of a list, newest or oldest first as `order` says."""
    items = [Item(value, parse_run(value, listing.name)) for value in listing.rows.values()]
    return by_time(items, lambda item: item.run.created, order)


def states(items: Sequence[Item], lists: Sequence[Listing], paths: tuple[str, ...]) -> dict[str, ThreadState]:
    """Return thread key → state, made from this one observation, for each thread with runs.

    `paths`: the paths into a raw run whose values the state keeps for each run.
    """
    threads = {
        thread.key: thread
        for listing in lists
        for thread in (parse_thread(value) for value in listing.rows.values())
    }
    rows: defaultdict[str, dict[str, Run]] = defaultdict(dict)
    configs: defaultdict[str, dict[str, str]] = defaultdict(dict)
    extras: defaultdict[str, dict[str, Extras]] = defaultdict(dict)
    for item in items:
        rows[item.run.thread_key].setdefault(item.run.raw_id, item.run)
        if isinstance(item.value, dict):
            configs[item.run.thread_key].setdefault(item.run.raw_id, fingerprint(item.value))
            if paths:
                extras[item.run.thread_key].setdefault(item.run.raw_id, extras_of(item.value, paths))
    return {
        key: ThreadState(
            key,
            interval=0.0,
            thread=threads.get(key),
            runs=runs,
            configs=configs[key],
            extras=extras[key],
        )
        for key, runs in rows.items()
    }
