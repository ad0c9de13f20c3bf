"""The failed runs of a time range by reason. Pure.

Runs count by their end; if that is unknown and a run is not active, by its creation. Times are UTC epoch seconds by the
server's clock.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

from flowtui.model.answers.ended_runs import Tally
from flowtui.model.answers.reason_news import Memory, News, news_of
from flowtui.model.history.statistics import moment_of
from flowtui.model.reasons.reason import VERSION, Reason, refold
from flowtui.model.run.row import (
    CANCELLED,
    COMPLETED,
    FAILED,
    GROUP_KEY,
    UNKNOWN,
    Run,
    RunKey,
    getter,
    key_of,
)
from flowtui.model.state.marks import Mark, release_of

Order = Literal["count", "new", "last"]
"""How reasons are ordered: most runs first, what is new first, or the last failure first."""

FailuresBy = Literal["agent", "model", "thread"]

ORDERS: Final[tuple[Order, ...]] = ("count", "new", "last")

NONE_GONE: Final[Mapping[str, int]] = {}

_CLASS: Final = getter("status_class")
_NEWS_FIRST: Final = {"new": 0, "first": 1, "": 2, "before": 3}


class Count(NamedTuple):
    """How many runs have something in common."""

    key: str
    """The raw id of the agent or thread, the model, or the name of the release; "" if unknown."""
    runs: int


class Outcomes(NamedTuple):
    """How many runs have which outcome. Active ones are those of the present."""

    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    active: int = 0
    unknown: int = 0
    """Of how many runs it is unknown whether they have ended."""

    @property
    def ended(self) -> int:
        """The number of completed, failed and cancelled runs."""
        return self.completed + self.failed + self.cancelled

    @property
    def all(self) -> int:
        """The number of all runs."""
        return self.ended + self.active + self.unknown

    @property
    def failed_share(self) -> float | None:
        """The share of the ended runs that failed, 0 to 1; None if no run has ended."""
        return self.failed / self.ended if self.ended else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonRuns:
    """The runs of a time range that failed for one reason.

    `reason`: None for the runs whose reason is not known yet.
    `key`: the agent, model or thread that they have in common; None if they are not grouped by one.
    `runs`: the one that failed last first.
    `share`: their share of the failed runs; `ended_share`: of the ended runs; both 0 to 1.
    `news`: whether the reason is new.
    """

    reason: Reason | None
    key: str | None = None
    runs: Sequence[Run]
    share: float
    ended_share: float
    news: News

    @property
    def first(self) -> float:
        """When the first of the runs failed."""
        return moment_of(self.runs[-1]) or 0.0

    @property
    def last(self) -> float:
        """When the last of the runs failed."""
        return moment_of(self.runs[0]) or 0.0

    def times(self) -> list[float]:
        """Return when the runs failed, the last first."""
        return [moment_of(run) or 0.0 for run in self.runs]

    def by(self, what: str) -> list[Count]:
        """Return how many of the runs each `agent`, `model` or `thread` has, the one with the most first."""
        return counted(map(GROUP_KEY[what], self.runs))

    def releases(self, marks: Sequence[Mark]) -> list[Count]:
        """Return how many of the runs were created since each of these marks and before the next one; "": before all."""
        return counted(release_of(run, marks) for run in self.runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """The failed runs of a time range by reason.

    `since`, `until`: the range, the end excluded.
    `outcomes`: of all runs that count, and of the active ones.
    `reasons`: in the order that was asked for; the runs without a known reason come last.
    `gone`: how many of the failed runs are in no row, because only sums are kept of them.
    """

    since: float
    until: float
    outcomes: Outcomes
    reasons: Sequence[ReasonRuns]
    gone: int = 0

    @property
    def known(self) -> int:
        """How many different reasons are known."""
        return len({each.reason for each in self.reasons if each.reason is not None})

    @property
    def unexplained(self) -> int:
        """How many failed runs have no known reason yet."""
        return self.gone + sum(len(each.runs) for each in self.reasons if each.reason is None)

    def in_order(self, order: Order) -> Failures:
        """Return the same answer in another order."""
        return replace(self, reasons=_ordered(self.reasons, order))


Groups = Mapping[tuple[Reason | None, str | None], list[Run]]
"""(reason, what the runs have in common) → the runs, the one that failed last first."""


class GroupCache:
    """Keeps the groups of runs that were counted last: with an update, only groups with further runs are made again.

    The reason of a run, once known, counts as final.
    """

    def __init__(self) -> None:
        self._runs: Sequence[Run] = ()
        self._ids: set[int] = set()  # of these runs: the same row is found faster by it than by equality
        self._groups: Groups = {}

    def grouped(self, failed: Sequence[Run], reasons: Mapping[RunKey, Reason]) -> Groups:
        """Return these runs by reason."""
        further = [run for run in failed if id(run) not in self._ids]
        unknown = self._groups.get((None, None), ())
        if len(failed) - len(further) != len(self._runs) or not reasons.keys().isdisjoint(
            map(key_of, unknown)
        ):
            groups, self._ids = _grouped(failed, reasons, None), set(map(id, failed))
        else:
            groups = dict(self._groups)
            self._ids.update(map(id, further))
            for key, runs in _grouped(further, reasons, None).items():
                before = groups.get(key, ())
                groups[key] = [*runs, *before]
                if before and _end_of(runs[-1]) < _end_of(before[0]):
                    groups[key].sort(key=_end_of, reverse=True)
        self._runs, self._groups = failed, groups
        return groups


def _end_of(run: Run) -> tuple[float, RunKey]:
    return moment_of(run) or 0.0, run.key


def failures(
    runs: Sequence[Run],
    since: float,
    until: float,
    reasons: Mapping[RunKey, Reason],
    *,
    memory: Memory,
    active: int = 0,
    order: Order = "count",
    by: FailuresBy | None = None,
    gone: Mapping[str, int] = NONE_GONE,
    failed: Sequence[Run] = (),
    tally: Tally | None = None,
    cache: GroupCache | None = None,
) -> Failures:
    """Return the failed ones of these runs by reason.

    `runs`: those that count in the range from `since` until before `until`, the one that ended last first; without active
    ones, of which there are `active`. `reasons`: why runs failed, as far as known. `memory`: what is known besides.
    `gone`: status class → how many further runs ended in the range of which only sums are kept. `failed`: the failed ones
    of `runs` in the same order, if the caller has them, so that they need not be searched. `tally`: that of `runs`, if the
    caller has it, so that they need not be counted. `cache`: the groups that were counted last, if `by` is None.
    """
    outcomes = outcomes_of(runs, active, gone, tally)
    has_them = len(failed) == outcomes.failed - gone.get(FAILED, 0)
    failed = failed if has_them else failed_of(runs)
    groups = cache.grouped(failed, reasons) if cache is not None else _grouped(failed, reasons, by)
    first = _first_runs(groups)
    news = {reason: news_of(reason, run, since, memory) for reason, run in first.items()}
    rows = [
        ReasonRuns(
            reason=reason,
            key=key,
            runs=own,
            share=len(own) / outcomes.failed,
            ended_share=len(own) / outcomes.ended,
            news=news[reason],
        )
        for (reason, key), own in groups.items()
    ]
    return Failures(
        since=since,
        until=until,
        outcomes=outcomes,
        reasons=_ordered(rows, order),
        gone=gone.get(FAILED, 0),
    )


def _grouped(failed: Sequence[Run], reasons: Mapping[RunKey, Reason], by: FailuresBy | None) -> Groups:
    """Return these runs by reason, and by what they have in common, in the given order."""
    groups: defaultdict[tuple[Reason | None, str | None], list[Run]] = defaultdict(list)
    present: dict[
        int, Reason | None
    ] = {}  # by `id`, as the same few reasons come often, and a hash of texts takes long
    read = GROUP_KEY[by] if by is not None else None
    for run, found in zip(failed, map(reasons.get, map(key_of, failed)), strict=True):
        if id(found) in present:
            reason = present[id(found)]
        else:
            old = found is not None and found.version != VERSION
            reason = present[id(found)] = (refold(found) or found) if old and found is not None else found
        groups[reason, read(run) if read is not None else None].append(run)
    return groups


def outcomes_of(
    runs: Sequence[Run], active: int, gone: Mapping[str, int] = NONE_GONE, tally: Tally | None = None
) -> Outcomes:
    """Return the outcomes of runs, none of which is active, of `active` further ones, and of those in `gone`.

    `tally`: that of `runs`, if the caller has it.
    """
    count: Counter[str] = Counter()
    if tally is None:
        count.update(map(_CLASS, runs))
    else:
        for (status_class, _, _), number in tally.items():
            count[status_class] += number
    count.update(gone)
    return Outcomes(count[COMPLETED], count[FAILED], count[CANCELLED], active, count[UNKNOWN])


def failed_of(runs: Iterable[Run]) -> list[Run]:
    """Return the failed ones of these runs."""
    return [run for run in runs if _CLASS(run) == FAILED]


def counted(keys: Iterable[str]) -> list[Count]:
    """Return how often each key occurs, the most frequent first; equally frequent ones by their text."""
    return [Count(*each) for each in sorted(Counter(keys).items(), key=lambda item: (-item[1], item[0]))]


def _first_runs(groups: Mapping[tuple[Reason | None, str | None], Sequence[Run]]) -> dict[Reason | None, Run]:
    """Return the first run of each reason."""
    found: dict[Reason | None, Run] = {}
    for (reason, _), own in groups.items():
        other = found.get(reason)
        if other is None or (moment_of(own[-1]) or 0.0) < (moment_of(other) or 0.0):
            found[reason] = own[-1]
    return found


def _ordered(rows: Iterable[ReasonRuns], order: Order) -> list[ReasonRuns]:
    return sorted(rows, key=_KEYS[order])


def _by_count(row: ReasonRuns) -> tuple[object, ...]:
    return row.reason is None, -len(row.runs), -row.last, row.reason or (), row.key or ""


def _by_news(row: ReasonRuns) -> tuple[object, ...]:
    return row.reason is None, _NEWS_FIRST[row.news.kind], *_by_count(row)


def _by_last(row: ReasonRuns) -> tuple[object, ...]:
    return row.reason is None, -row.last, *_by_count(row)


_KEYS: Final[Mapping[Order, Callable[[ReasonRuns], tuple[object, ...]]]] = {
    "count": _by_count,
    "new": _by_news,
    "last": _by_last,
}
