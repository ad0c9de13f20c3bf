"""Groups runs by thread, agent, model or status, with the totals of each group.

All runs of a group have the same key, such as an agent's id. Runs without a key, such as runs without an agent, form a
group named —.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from operator import is_
from typing import Final, Literal, NamedTuple, get_args

from flowtui.config.values.prices import Prices
from flowtui.formatting import UNKNOWN
from flowtui.model.columns.context import Context
from flowtui.model.run.cost import Total
from flowtui.model.run.row import GROUP_KEY, STATUS_CLASSES, Run
from flowtui.model.run.row import UNKNOWN as UNKNOWN_CLASS
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.thread_totals import Sums, ThreadTotals, ThreadTotalsCache, add_sums, thread_totals
from flowtui.model.stats.totals import Totals
from flowtui.model.stats.usual_times import median
from flowtui.text import safe_text

By = Literal["thread", "agent", "model", "status"]

GROUPINGS: Final[tuple[By, ...]] = get_args(By)
"""The groupings, in the order in which the user goes through them with one key."""

_MANY: Final = 10_000  # with more runs than this, usual durations take milliseconds to compute
_KEPT: Final = 30.0  # seconds for which usual durations are kept if there are more than _MANY runs


class Grouping(NamedTuple):
    """How runs are grouped, and which group is chosen."""

    by: By = "thread"
    """What the runs of a group have in common."""
    member: str | None = None
    """The key of the chosen group, such as a raw thread id; None: no group is chosen, and all are shown."""

    def next(self) -> Grouping:
        """Return the next grouping, with no group chosen."""
        return Grouping(GROUPINGS[(GROUPINGS.index(self.by) + 1) % len(GROUPINGS)])

    def holds(self, run: Run) -> bool:
        """Whether a run belongs to the chosen group. True if no group is chosen."""
        return self.member is None or GROUP_KEY[self.by](run) == self.member


EVERYTHING: Final = Grouping()
"""Grouped by thread, with no thread chosen."""


class Group(NamedTuple):
    """The runs with the same key."""

    key: str | None
    """The key that the runs have in common; None: the group has all runs."""
    name: str
    """The name for the user, display-safe."""
    totals: Totals
    cost: Total | None = None
    """What the runs have cost; None if no prices are set."""
    usual: float | None = None
    """The median duration of the completed runs in seconds; None if unknown."""
    last: float | None = None
    """The latest known time of the runs, in UTC epoch seconds by the server's clock; None if unknown."""

    @property
    def ended(self) -> int:
        """The number of runs that completed, failed or were cancelled."""
        return self.totals.ended

    @property
    def failure_rate(self) -> float | None:
        """The share of the ended runs that failed, 0 to 1; None if none has ended."""
        return self.totals.failed / self.ended if self.ended else None


def group_name(by: By, key: str, context: Context) -> str:
    """Return the name of a group, display-safe; — if its runs have no key."""
    if by == "thread":
        return context.short_thread(key)
    if by == "agent":
        return context.short_agent(key) or UNKNOWN
    return key or UNKNOWN


def keep_order(found: Sequence[Group], shown: Sequence[str | None]) -> list[Group]:
    """Return the groups in the order that is shown. New groups come last.

    `shown` are the keys of the shown groups, in order.
    """
    places = {key: place for place, key in enumerate(shown)}
    return sorted(found, key=lambda group: places.get(group.key, len(places)))


class _Part(NamedTuple):
    """A group, and what it was computed from."""

    of: list[ThreadTotals]
    """The totals of its runs, thread by thread."""
    group: Group


class Grouper:
    """Groups the runs of one snapshot after another, and computes only the groups that changed.

    A group is added up from the totals of threads. Unless runs are grouped by thread, the totals of each thread are
    first split by key. `sums` are the totals of all runs. `prices` are those of the last call.
    """

    def __init__(self) -> None:
        self.thread_totals = ThreadTotalsCache()
        self.sums = Sums()
        self._by: By | None = None
        self.prices: Prices | None = None
        self._parts: dict[str, _Part] = {}
        self._splits: dict[str, tuple[ThreadTotals, dict[str, ThreadTotals]]] = {}
        self._seen: list[object] = []
        self._last: list[Group] = []
        self._usual: dict[str | None, float | None] = {}
        self._usual_at = float("-inf")
        self._exact = True

    def of(self, snapshot: Snapshot, grouping: Grouping, context: Context) -> list[Group]:
        """Return the group of all runs, then each group. If nothing changed, this is the same list object as before.

        Threads come in the order in which they became known, including those without runs. Statuses come in the order
        of a run's life. Agents and models are sorted by active runs, then by failed runs, then by name. The chosen
        group is always included, even without runs.
        """
        per_thread = self.thread_totals.of(snapshot, context.prices)
        seen: list[object] = [snapshot.agents, context.prices, *grouping, *per_thread.values()]
        if len(seen) != len(self._seen) or not all(map(is_, seen, self._seen)):
            self._seen = seen
            context = replace(
                context,
                agents=snapshot.agents,
                agent_statuses=snapshot.agent_statuses,
                threads=snapshot.threads,
            )
            self._last = self._groups(per_thread, grouping, context, snapshot.at)
        return self._last

    def _groups(
        self, per_thread: Mapping[str, ThreadTotals], grouping: Grouping, context: Context, at: float
    ) -> list[Group]:
        by, member = grouping
        if by != self._by or context.prices is not self.prices:
            self._by, self.prices, self._parts, self._splits, self._usual = by, context.prices, {}, {}, {}
        self.sums = add_sums((own.sums for own in per_thread.values()), context.prices)
        self._exact = self.sums.totals.runs <= _MANY
        if self._exact or not 0 <= at - self._usual_at < _KEPT:
            self._usual, self._usual_at = {}, at
        buckets = (
            {key: [own] for key, own in per_thread.items()} if by == "thread" else self._split(by, per_thread)
        )
        for key in _expected(by, context):
            buckets.setdefault(key, [])
        if member is not None:  # the chosen group is listed even if it is empty
            buckets.setdefault(member, [])
        before = self._parts
        self._parts = {
            key: known
            if (known := before.get(key)) is not None and known.of == bucket and self._fresh(known, context)
            else self._part(key, bucket, group_name(by, key, context))
            for key, bucket in buckets.items()
        }
        found = with_unique_names([part.group for part in self._parts.values()])
        if by in ("agent", "model"):
            found.sort(key=_rank)
        elif by == "status":
            found.sort(key=lambda group: STATUS_CLASSES.index(group.key or UNKNOWN_CLASS))
        name = "all statuses" if by == "status" else f"all {by}s"
        return [self._group(None, name, list(per_thread.values()), self.sums), *found]

    def _split(self, by: By, per_thread: Mapping[str, ThreadTotals]) -> dict[str, list[ThreadTotals]]:
        """Return the key of each group → the totals of its runs.

        There is one entry of totals for each thread that has such runs.
        """
        read, splits = GROUP_KEY[by], {}
        buckets: defaultdict[str, list[ThreadTotals]] = defaultdict(list)
        for thread, own in per_thread.items():
            known = self._splits.get(thread)
            if known is None or known[0] is not own:
                rows: defaultdict[str, list[Run]] = defaultdict(list)
                for run in own.runs.values():
                    rows[read(run)].append(run)
                known = own, {key: thread_totals(some, self.prices) for key, some in rows.items()}
            splits[thread] = known
            for key, part in known[1].items():
                buckets[key].append(part)
        self._splits = splits
        return dict(buckets)

    def _fresh(self, part: _Part, context: Context) -> bool:
        """Whether the name and the usual duration of a group are up to date.

        The caller has checked that its runs did not change.
        """
        key = part.group.key or ""
        if self._by == "thread":  # a thread's id never changes, and there may be thousands of threads
            return True
        usual = self._exact or key in self._usual
        return usual and (self._by != "agent" or part.group.name == group_name("agent", key, context))

    def _part(self, key: str, per_thread: list[ThreadTotals], name: str) -> _Part:
        parts = [own.sums for own in per_thread]
        found = parts[0] if len(parts) == 1 else add_sums(parts, self.prices)
        return _Part(per_thread, self._group(key, name, per_thread, found))

    def _group(self, key: str | None, name: str, per_thread: list[ThreadTotals], found: Sums) -> Group:
        if key not in self._usual or len(per_thread) == 1:
            parts = [own.durations for own in per_thread]
            times = parts[0] if len(parts) == 1 else sorted(chain.from_iterable(parts))
            self._usual[key] = median(times) if times else None
        return Group(
            key,
            name,
            found.totals,
            None if found.costs is None else found.costs.total,
            self._usual[key],
            max((own.last for own in per_thread if own.last is not None), default=None),
        )


def _expected(by: By, context: Context) -> Iterable[str]:
    """Return the keys of the groups that are listed even without runs, in their order."""
    if by == "status":
        return (word for word in STATUS_CLASSES if word != UNKNOWN_CLASS)
    return context.threads if by == "thread" else ()


def _rank(group: Group) -> tuple[int, int, str, str]:
    return (-group.totals.active, -group.totals.failed, group.name.casefold(), group.key or "")


def with_unique_names(found: list[Group]) -> list[Group]:
    """Return the groups. If several have the same name, the key is added to the name of each."""
    alike: defaultdict[str, int] = defaultdict(int)
    for group in found:
        alike[group.name] += 1
    return [
        group._replace(name=f"{group.name} ({safe_text(group.key)})")
        if alike[group.name] > 1 and group.key
        else group
        for group in found
    ]
