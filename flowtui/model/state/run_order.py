"""The order of a thread's runs, and which known runs an answer should have shown and did not. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from flowtui.model.run.row import PLACEHOLDER, Run


def newest_first(runs: Mapping[str, Run]) -> dict[str, Run]:
    """Return the runs sorted by creation time, the newest first.

    Runs of the same time keep the server's order. A run without a time stays right after the run that the server listed
    before it.
    """
    placed = [(place, run.raw_id) for place, run in places(runs.values())]
    placed.sort(key=lambda entry: entry[0], reverse=True)
    return {raw_id: runs[raw_id] for _, raw_id in placed}


def places(runs: Iterable[Run]) -> Iterator[tuple[float, Run]]:
    """Yield each run with the time by which it is placed.

    That is when it was created; if that is unknown, when the run before it was created; infinity before any known time.
    """
    place = math.inf
    for run in runs:
        place = place if run.created is None else run.created
        yield place, run


def missing_runs(runs: Mapping[str, Run], seen: Mapping[str, Run], *, whole: bool) -> frozenset[str]:
    """Return the raw ids of known runs that an answer with the rows `seen` should have shown and did not.

    `whole`: the rows are all runs of the thread.
    """
    if whole:
        return frozenset(runs.keys() - seen.keys())
    created = [row.created for row in seen.values() if row.created is not None]
    if not created:
        return frozenset()
    # The newer of the last two dates. If only the last one counted and were wrong, older runs would count as missing.
    oldest = max(created[-2:])
    return frozenset(
        raw_id
        for raw_id, run in runs.items()
        if run.created is not None and run.created > oldest and raw_id not in seen
    )


def dropped_placeholders(runs: Mapping[str, Run], seen: Mapping[str, Run]) -> frozenset[str]:
    """Return the raw ids of the known placeholders that an answer with the rows `seen` should have shown and did not.

    A placeholder may have no time, so its place in the list decides: an answer that contains the next older run should
    also have shown the placeholder.
    """
    gone: set[str] = set()
    if not any(raw_id.startswith(PLACEHOLDER) for raw_id in runs):
        return frozenset()
    pending: list[str] = []
    reached = bool(seen)
    for raw_id, run in runs.items():
        if run.placeholder:
            pending += [] if raw_id in seen else [raw_id]
            continue
        reached = raw_id in seen
        if reached:  # the answer has no gaps, so it covers everything newer than this run
            gone.update(pending)
            pending = []
    if reached:  # older than all known runs, of which the answer contains the oldest
        gone.update(pending)
    return frozenset(gone)
