"""Decides which runs are watched. Pure.

Runs that appear after the first answers are only added with --new, --follow, --agent, --group, --label or --gate, or while
too few have appeared. Unreadable runs (placeholder rows) are watched too, as they must not count as a success.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from flowtui.model.columns.context import Context
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.changes import APPEARED, CHANGED, Change
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.usual_times import NO_USUAL_TIMES, UsualTimesCache
from flowtui.text import safe_text
from flowtui.watch.judge.label_selection import LabelSelection
from flowtui.watch.ledger import NOTHING_READ, SOME_READ
from flowtui.watch.options import Options

_SLACK: Final = 2.0
"""With --new, a run that was created at most so many seconds before the start counts as new, as clocks may differ."""


class Selection:
    """The watched runs.

    `began`: when the watch began, in UTC epoch seconds of the local clock.
    `keys`: the keys of the watched runs, in the order in which they were added.
    `loaded`: whether each needed thread was read once or can never be read.
    `fixed`: whether no more runs will be added.
    `labels`: whose labels match, and whose are not read yet.
    """

    def __init__(self, options: Options, began: float, usual_times: UsualTimesCache | None = None) -> None:
        self.keys: dict[RunKey, None] = {}
        self.loaded = False
        self.fixed = False
        self.labels = LabelSelection(options)
        self._options = options
        self._began = began
        self._usual_times = usual_times or UsualTimesCache()
        self._agent = None if options.agent is None else safe_text(options.agent)
        self._arrived: set[RunKey] = set()
        self._names: Mapping[str, str] | None = None
        self._newest: dict[str, float] = {}

    def take(self, snapshot: Snapshot, changes: Sequence[Change]) -> list[Run]:
        """Take a snapshot and its changes; return the runs that are added to the watched runs."""
        if self.fixed:
            return []
        options = self._options
        if options.only_new:
            # If an earlier observation of the thread did not show a run, the run is new, whatever its date is.
            self._arrived.update(c.after.key for c in changes if c.kind == APPEARED and c.since is not None)
        was_loaded, self.loaded = self.loaded, self.loaded or answered(snapshot, options)
        if not self.loaded and not options.open:
            return []
        named_anew = self._agent is not None and snapshot.agents is not self._names
        self._names = snapshot.agents
        whole = not was_loaded or named_anew
        in_question = self.labels.candidates(snapshot)
        rows = snapshot.runs() if whole else _latest_rows(snapshot, changes)
        joined = self._join({run.key: run for run in (*rows, *in_question)}.values(), snapshot)
        self.labels.take_base(snapshot, self.admits(snapshot))
        if self.loaded and not options.open and len(self.keys) >= options.expected:
            self.fixed = True
        return joined

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
            if not (self._wants(run, context) and meets(run)):
                self.labels.forget(run)
            elif self.labels.has(run, snapshot):
                wanted.append(run)
        if self._options.latest:
            wanted = self._latest(wanted)
        self.keys.update((run.key, None) for run in wanted)
        return wanted

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
        if options.threads and run.thread_key not in options.threads:
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


def answered(snapshot: Snapshot, options: Options) -> bool:
    """Whether each named thread was read once or can never be read. If no thread is named, all threads count."""
    if options.threads:
        states: Iterable[ThreadState] = filter(None, map(snapshot.threads.get, options.threads))
    elif snapshot.listed:
        states = snapshot.threads.values()
    else:
        return False
    return all(
        state.observed is not None or (state.failure is not None and state.failure.final) for state in states
    )
