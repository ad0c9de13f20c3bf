"""Runs in groups, by thread, agent, model or status, with the totals of each. Pure.

A group names what it stands for by a key of its rows; what rows do not say is a group of its own, called —.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from operator import is_, itemgetter
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, get_args

from flowtui.formatting import UNKNOWN
from flowtui.model.cost import Total, costs
from flowtui.model.run import COMPLETED, STATUS_CLASSES, Run
from flowtui.model.run import UNKNOWN as UNKNOWN_CLASS
from flowtui.model.stats import Totals, together, totals
from flowtui.text import safe_text

if TYPE_CHECKING:
    from flowtui.config.prices import Prices
    from flowtui.model.columns import Context
    from flowtui.model.snapshot import Snapshot

By = Literal["thread", "agent", "model", "status"]

GROUPINGS: Final[tuple[By, ...]] = get_args(By)
"""The groupings, in the order in which one goes through them."""

_FIELD: Final[Mapping[By, str]] = {
    "thread": "thread_key",
    "agent": "agent_id",
    "model": "model",
    "status": "status_class",
}
_KEY: Final = {by: itemgetter(Run._fields.index(name)) for by, name in _FIELD.items()}
_DATED: Final = itemgetter(
    *map(Run._fields.index, ("created", "started", "completed", "failed", "cancelled"))
)
_TIMED: Final = itemgetter(*map(Run._fields.index, ("status_class", "started", "completed")))


class Grouping(NamedTuple):
    """How runs are grouped, and which group is chosen: by its key (a thread's is the raw id); None for all."""

    by: By = "thread"
    member: str | None = None

    def next(self) -> Grouping:
        """Return the next way to group, with nothing chosen."""
        return Grouping(GROUPINGS[(GROUPINGS.index(self.by) + 1) % len(GROUPINGS)])

    def holds(self, run: Run) -> bool:
        """Whether a run belongs to what is chosen."""
        return self.member is None or _KEY[self.by](run) == self.member


EVERYTHING: Final = Grouping()
"""Threads, and none of them chosen."""


class Group(NamedTuple):
    """The runs with the same `key`; None stands for all. `name` is display-safe, `cost` None where nothing has a price.

    `usual` is the median of how long its completed runs ran, in seconds; `last` when anything is known to have
    happened in it, in UTC epoch seconds of the server's clock. Both are None where unknown.
    """

    key: str | None
    name: str
    totals: Totals
    cost: Total | None = None
    usual: float | None = None
    last: float | None = None

    @property
    def ended(self) -> int:
        """Runs that completed, failed or were cancelled."""
        return self.totals.ended

    @property
    def failure_rate(self) -> float | None:
        """The share of the ended runs that failed, 0 to 1; None where none has ended."""
        return self.totals.failed / self.ended if self.ended else None


def groups(runs: Iterable[Run], by: By, context: Context) -> list[Group]:
    """Return all runs together, then each group.

    Threads come in the order in which they became known, also those without runs, and statuses in the order of a
    run's life; agents and models by their active runs, then by those that failed, then by name.
    """
    return Tally().groups(list(runs), Grouping(by), context)


def name_of(by: By, key: str, context: Context) -> str:
    """Return what a group is called, display-safe; — where its rows do not say."""
    if by == "thread":
        state = context.threads.get(key)
        return safe_text(key) if state is None else state.id
    if by == "agent":
        return context.agents.get(key) or key or UNKNOWN
    return key or UNKNOWN


def hold(found: Sequence[Group], shown: Sequence[str | None]) -> list[Group]:
    """Return the groups with those in `shown` where they stand there, the others behind them."""
    places = {key: place for place, key in enumerate(shown)}
    return sorted(found, key=lambda group: places.get(group.key, len(places)))


class _Part(NamedTuple):
    """One group with what it was made of, and how long its completed runs took, sorted."""

    runs: list[Run]
    group: Group
    times: list[float]


class Tally:
    """Groups the runs of one picture after the other, and makes anew only the groups that changed."""

    def __init__(self) -> None:
        self._by: By | None = None
        self._prices: Prices | None = None
        self._parts: dict[str, _Part] = {}
        self._seen: list[object] = []
        self._last: list[Group] = []

    def of(self, snapshot: Snapshot, grouping: Grouping, context: Context) -> list[Group]:
        """Return the groups of a snapshot as `groups` does; the same list as before where nothing is different.

        A chosen member is among them even where no run of it is known.
        """
        seen: list[object] = [snapshot.agents, context.prices, *grouping]
        seen += [state.runs for state in snapshot.threads.values()]
        if len(seen) != len(self._seen) or not all(map(is_, seen, self._seen)):
            self._seen = seen
            context = replace(context, agents=snapshot.agents, threads=snapshot.threads)
            if grouping.by == "thread":  # they come in threads: nothing to sort out
                buckets = {key: list(state.runs.values()) for key, state in snapshot.threads.items()}
                self._last = self._found(buckets, grouping, context)
            else:
                self._last = self.groups(list(snapshot.runs()), grouping, context)
        return self._last

    def groups(self, runs: list[Run], grouping: Grouping, context: Context) -> list[Group]:
        """Return the groups of these runs; see `of`."""
        by = grouping.by
        buckets: dict[str, list[Run]] = defaultdict(list, {key: [] for key in _expected(by, context)})
        for key, run in zip(map(_KEY[by], runs), runs, strict=True):
            buckets[key].append(run)
        return self._found(buckets, grouping, context)

    def _found(self, buckets: dict[str, list[Run]], grouping: Grouping, context: Context) -> list[Group]:
        by, member = grouping
        if by != self._by or context.prices is not self._prices:
            self._by, self._prices, self._parts = by, context.prices, {}
        if member is not None:  # a group that is chosen is there, if only to say that it is empty
            buckets.setdefault(member, [])
        self._parts = {
            key: self._part(key, bucket, name_of(by, key, context)) for key, bucket in buckets.items()
        }
        found = _told_apart([part.group for part in self._parts.values()])
        if by in ("agent", "model"):
            found.sort(key=_rank)
        return [self._all(by), *found]

    def _part(self, key: str, runs: list[Run], name: str) -> _Part:
        known = self._parts.get(key)
        if (
            known is not None and known.runs == runs
        ):  # rows that did not change are the same objects: in C, at once
            return (
                known if known.group.name == name else known._replace(group=known.group._replace(name=name))
            )
        times = _times(runs)
        return _Part(
            runs,
            Group(
                key,
                name,
                totals(runs),
                None if self._prices is None else costs(runs, self._prices).total,
                _middle(times),
                _latest(at for run in runs for at in _DATED(run)),
            ),
            times,
        )

    def _all(self, by: By) -> Group:
        parts = self._parts.values()
        return Group(
            None,
            "all statuses" if by == "status" else f"all {by}s",
            together(part.group.totals for part in parts),
            None if self._prices is None else _sum(self._prices, [part.group.cost for part in parts]),
            _middle(sorted(chain.from_iterable(part.times for part in parts))),
            _latest(part.group.last for part in parts),
        )


def _expected(by: By, context: Context) -> Iterable[str]:
    """Return the groups that are there whether or not they have runs, in their order."""
    if by == "status":
        return (word for word in STATUS_CLASSES if word != UNKNOWN_CLASS)
    return context.threads if by == "thread" else ()


def _rank(group: Group) -> tuple[int, int, str, str]:
    return (-group.totals.active, -group.totals.failed, group.name.casefold(), group.key or "")


def _told_apart(found: list[Group]) -> list[Group]:
    """Return the groups with the keys of those whose names are the same."""
    alike: defaultdict[str, int] = defaultdict(int)
    for group in found:
        alike[group.name] += 1
    return [
        group._replace(name=f"{group.name} ({group.key})") if alike[group.name] > 1 and group.key else group
        for group in found
    ]


def _times(runs: Iterable[Run]) -> list[float]:
    return sorted(
        completed - started
        for status_class, started, completed in map(_TIMED, runs)
        if status_class == COMPLETED and None not in (started, completed) and completed >= started
    )


def _middle(times: Sequence[float]) -> float | None:
    count = len(times)
    return (times[(count - 1) // 2] + times[count // 2]) / 2 if count else None


def _latest(times: Iterable[float | None]) -> float | None:
    return max((at for at in times if at is not None), default=None)


def _sum(prices: Prices, found: Iterable[Total | None]) -> Total:
    parts = [total for total in found if total is not None]
    amounts = [total.amount for total in parts if total.amount is not None]
    return Total(
        sum(amounts) if amounts else None,
        prices.currency,
        sum(total.priced for total in parts),
        sum(total.partial for total in parts),
        sum(total.unpriced for total in parts),
        sum(total.unreported for total in parts),
    )
