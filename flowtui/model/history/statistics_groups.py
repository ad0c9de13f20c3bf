"""Statistics by agent, model, thread, hour or day. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import Final, Literal

from flowtui.config.values.prices import Prices
from flowtui.formatting import UNKNOWN
from flowtui.model.history.gone_rows import with_gone
from flowtui.model.history.past import QuarterSum
from flowtui.model.history.statistics import Group, Period, moment_of, statistics
from flowtui.model.history.time_steps import step_of, time_steps
from flowtui.model.run.row import GROUP_KEY, Run
from flowtui.text import safe_name

By = Literal["agent", "model", "thread", "hour", "day"]
ONLY_SUMS: Final = "(only sums are kept)"
"""The name of the group of runs of which it is not known any more which model or thread they belong to."""


def groups(
    runs: Iterable[Run],
    period: Period,
    by: By,
    *,
    prices: Prices | None,
    names: Mapping[str, str],
    zone: tzinfo | None,
    gone: Sequence[QuarterSum] = (),
) -> list[Group]:
    """Return the statistics of each agent, model or thread, the one with the most runs first, or of each hour or day.

    `runs`: those that count in the period. `names`: agent id → name. `zone`: the time zone of hours and days (None: the
    local one); hours and days without runs are in the list as well. `gone`: sums of further runs.

    Raises:
        UsageError: there are too many hours or days.
    """
    if by in ("hour", "day"):
        return _by_time(runs, period, by, prices=prices, zone=zone, gone=gone)
    read = GROUP_KEY[by]
    rows: defaultdict[str, list[Run]] = defaultdict(list)
    for run in runs:
        rows[read(run)].append(run)
    left: defaultdict[str, list[QuarterSum]] = defaultdict(list)
    for one in gone if by == "agent" else ():
        left[one.agent_id].append(one)
    found = [
        Group(
            key,
            _name(key, by, names),
            period.since,
            period.until,
            with_gone(statistics(rows.get(key, ()), prices), left.get(key, ())),
        )
        for key in {**rows, **left}
    ]
    found.sort(key=lambda group: (-group.statistics.runs, group.name, group.key))
    if gone and by != "agent":
        rest = with_gone(statistics((), prices), gone)
        found.append(Group("", ONLY_SUMS, period.since, period.until, rest))
    return found


def _name(key: str, by: By, names: Mapping[str, str]) -> str:
    known = names.get(key) if by == "agent" else None
    return known or safe_name(key) or UNKNOWN


def _by_time(
    runs: Iterable[Run],
    period: Period,
    by: Literal["hour", "day"],
    *,
    prices: Prices | None,
    zone: tzinfo | None,
    gone: Sequence[QuarterSum],
) -> list[Group]:
    edges = time_steps(by, period.since, period.until, zone)
    count = len(edges) - 1
    rows: list[list[Run]] = [[] for _ in range(count)]
    left: list[list[QuarterSum]] = [[] for _ in range(count)]
    for run in runs:
        at = None if run.active else moment_of(run)
        rows[count - 1 if at is None else step_of(edges, at)].append(run)
    for one in gone:
        left[step_of(edges, one.begin)].append(one)
    return [
        Group(
            "",
            "",
            max(edges[place], period.since),
            min(edges[place + 1], period.until),
            with_gone(statistics(rows[place], prices), left[place]),
        )
        for place in range(count)
    ]
