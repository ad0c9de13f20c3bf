"""The runs that ended lately, in cells of time and by agent, and the active ones. Pure.

A run counts by its end; if that is unknown and the run is not active, by its creation. An update costs as much as the cells
whose runs it changed. Times are UTC epoch seconds by the server's clock.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple, cast

from flowtui.config.values.prices import Prices
from flowtui.model.history.statistics import moment_of
from flowtui.model.run.row import ACTIVE, COMPLETED, FAILED, Run, RunKey, getter
from flowtui.model.state.changes import DROPPED, LET_GO
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.model.stats.thread_totals import Sums, add_sums, sums

_CLASS: Final = getter("status_class")
_AGENT: Final = getter("agent_id")
_DAY: Final = 86_400.0

AHEAD: Final = 300.0
"""Seconds after the present up to which an end counts, in the last cell, as clocks differ."""


class Recent(NamedTuple):
    """What ended in a span of time, and what is active. `completed`, `failed`: runs in each cell, the earliest first."""

    completed: Sequence[int]
    failed: Sequence[int]
    agents: Mapping[str, Sums]
    """Agent id → sums over its runs that ended in the span."""
    whole: Sums
    """Sums over all runs that ended in the span."""
    active: Mapping[str, int]
    """Agent id → how many of its runs are active; agents without any are left out."""
    known: frozenset[str]
    """The ids of all agents that have runs in memory or in the span."""
    known_since: float | None
    """From when on the runs of all threads are known; None as long as no run is."""
    last: float | None = None
    """When the last known run ended; None as long as none has."""
    least: bool = False
    """Whether runs of the span may be missing, so that each sum is a minimum."""


def earliest_created(runs: Mapping[str, Run]) -> float | None:
    """Return when the earliest of a thread's known runs was created; a thread that is not whole may have others before it."""
    if not runs:
        return None
    return runs[next(reversed(cast("dict[str, Run]", runs)))].created  # the newest come first


class RecentRuns:
    """The runs that ended in the last `span` seconds, in cells of `step` seconds."""

    def __init__(self, span: float, prices: Prices | None = None) -> None:
        self._span, self._prices = span, prices
        self._step = span
        self._start_over()

    def _start_over(self) -> None:
        self._begun = False
        self._now = -math.inf
        self._last: float | None = None
        self._first: float | None = None  # the earliest known run, or the begin of what the history knows
        self._begin = math.inf  # since when the history knows all runs
        self._threads: Mapping[str, ThreadState] = {}
        self._known: tuple[float | None, bool] = None, False
        self._active: dict[RunKey, str] = {}
        self._agents: set[str] = set()
        self._cells: dict[int, dict[RunKey, Run]] = {}
        self._cell_of: dict[RunKey, int] = {}
        self._sums: dict[int, dict[str, Sums]] = {}  # of the cells that have not changed since
        self._made: tuple[tuple[int, int], Recent] | None = None

    def take(self, update: Update) -> bool:
        """Take what has changed since the last update; the first time, everything that is in memory.

        Return whether all runs were forgotten before, those of the history too: the first answers told that the server's
        clock is far behind that of this machine, by which runs had been taken for too old.
        """
        snapshot = update.snapshot
        now = snapshot.server_time(snapshot.at)
        anew = now < self._now - AHEAD
        if anew:
            self._start_over()
        self._now = max(self._now, now)
        self._take(update, snapshot)
        return anew

    def _take(self, update: Update, snapshot: Snapshot) -> None:
        self._threads = snapshot.threads or self._threads
        known = self._known_since()
        if known != self._known:  # a thread that was read to its end may bring no other change
            self._known, self._made = known, None
        if not self._begun:
            self._begun = bool(snapshot.threads)
            self._take_threads(snapshot, snapshot.threads)
            return
        self._take_threads(snapshot, update.restored)
        self._drop(math.floor((self._now - self._span - self._step) / self._step))
        for change in update.changes:
            if change.kind == DROPPED:
                self._forget(change.after.key)
            elif change.kind != LET_GO:  # what left memory has ended, and counts
                self._put(change.after)

    def fill(self, runs: Iterable[Run], begin: float | None) -> None:
        """Take runs of the history, which knows all runs since `begin`. A run that is known already stays as it is."""
        for run in runs:
            if run.key not in self._cell_of and run.key not in self._active:
                self._put(run)
        if begin is not None:
            self._first = begin if self._first is None else min(self._first, begin)
            self._begin = min(self._begin, begin)
        self._made = None

    def recent(self, since: float, step: float, count: int) -> Recent:
        """Return what ended from `since` on, in `count` cells of `step` seconds that begin at multiples of it."""
        if step != self._step:
            self._divide(step)
        first = round(since / step)
        if self._made is not None and self._made[0] == (first, count):
            return self._made[1]
        self._drop(first)
        found = self._add_up(range(first, first + count))
        self._made = (first, count), found
        return found

    # -- keeping -----------------------------------------------------------------------------------------------

    def _take_threads(self, snapshot: Snapshot, threads: Iterable[str]) -> None:
        since = self._now - self._span
        for key in threads:
            rows = list(snapshot.runs(key))
            self._agents.update(map(_AGENT, rows))
            for place, run in enumerate(rows):
                if run.created is not None and run.created < since - _DAY:
                    # The newest come first: of the others only those that are still active count.
                    rest = rows[place:]
                    for old, status in zip(rest, map(_CLASS, rest), strict=True):
                        if status in ACTIVE:
                            self._put(old)
                    self._first = min(run.created, math.inf if self._first is None else self._first)
                    break
                self._put(run)

    def _put(self, run: Run) -> None:
        key = run.key
        self._forget(key)
        self._agents.add(run.agent_id)
        if run.active:
            self._active[key] = run.agent_id
            return
        at = moment_of(run)
        if at is None or not math.isfinite(at):
            return
        self._first = at if self._first is None else min(self._first, at)
        self._last = at if self._last is None else max(self._last, at)
        if at >= self._now - self._span - self._step:
            cell = math.floor(at / self._step)
            self._cells.setdefault(cell, {})[key] = run
            self._cell_of[key] = cell
            self._sums.pop(cell, None)

    def _forget(self, key: RunKey) -> None:
        self._made = None
        self._active.pop(key, None)
        cell = self._cell_of.pop(key, None)
        if cell is not None:
            del self._cells[cell][key]
            self._sums.pop(cell, None)

    def _drop(self, first: int) -> None:
        """Forget the runs of the cells before `first`; also while nothing is drawn, so that they do not stay in memory."""
        for cell in [cell for cell in self._cells if cell < first]:
            for key in self._cells.pop(cell):
                del self._cell_of[key]
            self._sums.pop(cell, None)

    def _divide(self, step: float) -> None:
        """Sort all runs into cells of another length."""
        known = [run for cell in self._cells.values() for run in cell.values()]
        self._step, self._cells, self._cell_of, self._sums, self._made = step, {}, {}, {}, None
        for run in known:
            self._put(run)

    # -- adding up ---------------------------------------------------------------------------------------------

    def _add_up(self, cells: range) -> Recent:
        found: defaultdict[str, list[Sums]] = defaultdict(list)
        completed, failed = [0] * len(cells), [0] * len(cells)
        last = len(cells) - 1
        ahead = math.ceil(AHEAD / self._step)
        for cell in self._cells:
            place = cell - cells.start
            if place > last + ahead:
                continue
            place = min(place, last)
            for agent, own in self._sums_of(cell).items():
                found[agent].append(own)
                completed[place] += own.totals.by_class.get(COMPLETED, 0)
                failed[place] += own.totals.by_class.get(FAILED, 0)
        agents = {agent: add_sums(parts, self._prices) for agent, parts in found.items()}
        whole = add_sums(agents.values(), self._prices)
        active = Counter(self._active.values())
        known = frozenset(self._agents)
        since, unread = self._known_since()
        least = unread or (since is not None and since > cells.start * self._step)
        since = self._first if since is None else since
        return Recent(completed, failed, agents, whole, active, known, since, self._last, least)

    def _known_since(self) -> tuple[float | None, bool]:
        """Return since when runs of all threads are known, and whether threads were not read yet; None: each has all its runs."""
        states = self._threads.values()
        begins = [
            at for state in states if not state.whole and (at := earliest_created(state.runs)) is not None
        ]
        unread = any(not state.read and state.failure is None for state in states)
        return (min(max(begins), self._begin) if begins else None), unread

    def _sums_of(self, cell: int) -> Mapping[str, Sums]:
        known = self._sums.get(cell)
        if known is None:
            rows: defaultdict[str, list[Run]] = defaultdict(list)
            for run in self._cells[cell].values():
                rows[run.agent_id].append(run)
            known = self._sums[cell] = {agent: sums(own, self._prices) for agent, own in rows.items()}
        return known
