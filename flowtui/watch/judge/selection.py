"""Decides which runs are watched. Pure.

Runs that appear after the first answers are only added with --new, --first, --follow, --agent, --group, --label or --gate,
or while too few have appeared. Unreadable runs (placeholder rows) are watched too, as they must not count as a success; but
not with --first, as nobody can tell whether they are new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from flowtui import formatting
from flowtui.model.columns.context import Context
from flowtui.model.columns.volatility import STABLE
from flowtui.model.query.volatility import QueryVolatility
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.changes import APPEARED, CHANGED, LET_GO, Change
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.usual_times import NO_USUAL_TIMES, UsualTimesCache
from flowtui.text import safe_text
from flowtui.watch.judge.health import gone
from flowtui.watch.judge.label_selection import LabelSelection
from flowtui.watch.ledger import NOTHING_READ, SOME_READ
from flowtui.watch.options import Options

_SLACK: Final = 2.0
"""With --new, a run that was created at most so many seconds before the start counts as new, as clocks may differ."""

_FIRST_READING: Final = 10.0
"""With --first, runs join once every thread was read, but after so many seconds at the latest: a large fleet takes minutes."""


class Selection:
    """The watched runs.

    `began`: when the watch began, in UTC epoch seconds of the local clock.
    `keys`: the keys of the watched runs, without those that the caller forgot, in the order in which they were added.
    `number`: how many runs were added.
    `loaded`: whether each needed thread was read once or can never be read. Once the runs of --first are found, no other
    thread is needed.
    `fixed`: whether no more runs will be added.
    `labels`: whose labels match, and whose are not read yet.
    """

    def __init__(self, options: Options, began: float, usual_times: UsualTimesCache | None = None) -> None:
        self.keys: dict[RunKey, None] = {}
        self.number = 0
        self.loaded = False
        self.fixed = False
        self._begun = False
        self.labels = LabelSelection(options)
        self._options = options
        self._began = began
        self._usual_times = usual_times or UsualTimesCache()
        self._agent = None if options.agent is None else safe_text(options.agent)
        self._arrived: set[RunKey] = set()
        self._names: Mapping[str, str] | None = None
        self._newest: dict[str, float] = {}
        self._unmatched: dict[RunKey, None] = {}  # wanted, but --filter does not match (yet)
        self._volatile = options.filter is not None and options.filter.volatility != QueryVolatility(STABLE)

    def take(self, snapshot: Snapshot, changes: Sequence[Change]) -> list[Run]:
        """Take a snapshot and its changes; return the runs that are added to the watched runs."""
        for change in changes:
            if change.kind == LET_GO:
                self._arrived.discard(change.after.key)
                self._unmatched.pop(change.after.key, None)
        if self.fixed:
            return []
        options = self._options
        if options.only_new:
            # If an earlier observation of the thread did not show a run, the run is new, whatever its date is.
            self._arrived.update(c.after.key for c in changes if c.kind == APPEARED and c.since is not None)
        was_loaded, self.loaded = self.loaded, self.loaded or answered(snapshot, options)
        if not self.loaded and (not options.open or self._waits_for_all(snapshot)):
            return []
        by_name = self._agent is not None or options.filter is not None
        named_anew = by_name and snapshot.agents is not self._names
        self._names = snapshot.agents
        whole = not (was_loaded and self._begun) or named_anew
        self._begun = True
        in_question = self.labels.candidates(snapshot)
        rows = snapshot.runs() if whole else _latest_rows(snapshot, changes)
        later = filter(None, map(snapshot.run, self._unmatched)) if self._volatile else ()
        joined = self._join({run.key: run for run in (*rows, *in_question, *later)}.values(), snapshot)
        self.labels.take_base(snapshot, self.admits(snapshot))
        self._close()
        return joined

    def _waits_for_all(self, snapshot: Snapshot) -> bool:
        """Whether the first runs are not known yet, because an older one may be on a thread that was not read."""
        options = self._options
        return bool(options.first) and not (options.only_new and snapshot.at - self._began >= _FIRST_READING)

    def _close(self) -> None:
        """Add no more runs, if all that are wanted have joined."""
        options = self._options
        if options.first and self.number >= options.first:
            self.fixed = self.loaded = True
            self.labels.close()
        elif self.loaded and not options.open and self.number >= options.expected:
            self.fixed = True

    def unread(self, snapshot: Snapshot) -> str:
        """Return NOTHING_READ or SOME_READ if some of the needed threads were not read yet; "" if all that can be read were."""
        options = self._options
        if snapshot.listed and not snapshot.threads:
            return ""
        asked = options.threads or snapshot.threads
        states = map(snapshot.threads.get, asked)
        if not any(state is not None and state.read for state in states):
            return NOTHING_READ
        return "" if self.loaded else SOME_READ

    def _join(self, candidates: Iterable[Run], snapshot: Snapshot) -> list[Run]:
        context = self.context(snapshot)
        meets = self._filter(context)
        wanted = []
        for run in candidates:
            if run.key in self.keys:
                continue
            self._unmatched.pop(run.key, None)
            if not self._wants(run, context):
                self.labels.forget(run)
            elif not meets(run):
                self.labels.forget(run)
                if self._volatile:
                    self._unmatched[run.key] = None
            elif self.labels.has(run, snapshot):
                wanted.append(run)
        if self._options.latest:
            wanted = self._latest(wanted)
        if self._options.first:
            wanted = self._first(wanted)
        self.keys.update((run.key, None) for run in wanted)
        self.number += len(wanted)
        return wanted

    def forget(self, runs: Iterable[Run]) -> None:
        """Forget watched runs that have left memory."""
        for run in runs:
            self.keys.pop(run.key, None)

    def admits(self, snapshot: Snapshot) -> Callable[[Run], bool]:
        """Return a function that tells whether a run has the agent of --agent and matches --filter. Dates do not matter."""
        context = self.context(snapshot)
        meets = self._filter(context)
        agent = self._agent
        return lambda run: (agent is None or self._is_agent(run, context.agents)) and meets(run)

    def context(self, snapshot: Snapshot) -> Context:
        """Return what the filters of a watch compare runs with."""
        asks = self._options.filter is not None or self._options.query is not None
        return Context(
            snapshot.server_time(snapshot.at),
            snapshot.agents,
            snapshot.threads,
            usual=self._usual_times.of(snapshot) if asks else NO_USUAL_TIMES,
            clock_offset=snapshot.clock_offset,
            marks=self._options.marks,
            prices=self._options.prices,
            agent_statuses=snapshot.agent_statuses,
        )

    def _filter(self, context: Context) -> Callable[[Run], bool]:
        asked = self._options.filter
        return (lambda _: True) if asked is None else asked.matcher(context)

    def _wants(self, run: Run, context: Context) -> bool:
        options = self._options
        named = not options.threads or run.thread_key in options.threads
        if not named or (options.first and run.placeholder):
            return False
        if options.runs and run.raw_id not in options.runs:
            return False
        if self._agent is not None and not self._is_agent(run, context.agents):
            return False
        if options.since is not None and (run.created is None or run.created < options.since):
            return False
        if options.only_new and run.key not in self._arrived:
            began = self._began + context.clock_offset - _SLACK
            return run.created is not None and run.created >= began
        return True

    def _is_agent(self, run: Run, names: Mapping[str, str]) -> bool:
        name = names.get(run.agent_id, "")
        wanted = self._agent or ""
        return wanted in (run.agent_id, name) or name.casefold() == wanted.casefold()

    def _first(self, runs: Sequence[Run]) -> list[Run]:
        """Return those of `runs` that still belong to the first ones, in the order of creation; as a snapshot, the newest first."""
        undated = float("inf")
        ordered = sorted(runs, key=lambda run: (undated if run.created is None else run.created, run.key))
        return ordered[: self._options.first - self.number][::-1]

    def _latest(self, runs: Sequence[Run]) -> list[Run]:
        """Return the newest of `runs` for each named thread; if no thread is named, the newest of all.

        A run is left out if it is not newer than the run that an earlier call returned.
        """
        best: dict[str, Run] = {}
        for run in runs:
            group = run.thread_key if self._options.threads else ""
            created = float("-inf") if run.created is None else run.created
            if group not in self._newest or created > self._newest[group]:
                best[group], self._newest[group] = run, created
        return list(best.values())


def _latest_rows(snapshot: Snapshot, changes: Iterable[Change]) -> list[Run]:
    """Return the current rows of the new and changed runs."""
    keys = dict.fromkeys(change.after.key for change in changes if change.kind in (APPEARED, CHANGED))
    return [run for run in map(snapshot.run, keys) if run is not None]


def threads_read(snapshot: Snapshot) -> str:
    """Return how far the first reading of the threads is, such as `112 of 200 threads read`; "" before and after it."""
    states = snapshot.threads.values()
    read = sum(state.observed is not None or gone(state) for state in states)
    total = formatting.plural(len(states), "thread")
    return f"{formatting.count(read)} of {total} read" if 0 < read < len(states) else ""


def answered(snapshot: Snapshot, options: Options) -> bool:
    """Whether each named thread was read once or can never be read. If no thread is named, all threads count."""
    if options.threads:
        states: Iterable[ThreadState] = filter(None, map(snapshot.threads.get, options.threads))
    elif snapshot.listed:
        states = snapshot.threads.values()
    else:
        return False
    return all(state.observed is not None or gone(state) for state in states)
