"""Keeps the state of the watched runs up to date with the updates of a feed, and makes events of their changes.

Changes of other runs are ignored. No I/O and no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.changes import APPEARED, CHANGED, LET_GO, SEEN_AGAIN, Change
from flowtui.model.state.known_runs import Failure, ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.usual_times import UsualTimesCache
from flowtui.watch import events
from flowtui.watch.events import Event
from flowtui.watch.judge import health
from flowtui.watch.judge.selection import Selection
from flowtui.watch.ledger import MOST_LEFT, MOST_LISTED, Ledger
from flowtui.watch.options import Options

_INTERNAL = "internal"


class UpdateReducer:
    """The state of the watched runs.

    `began`: when the watch began, in UTC epoch seconds of the local clock.
    `usage`: whether to make events of changed token counts.
    `failing`: the needed threads that cannot be read now, each with the reason.
    `folded`: the runs that the last update made the ledger only count from then on.
    """

    def __init__(self, options: Options, began: float, *, usage: bool = True) -> None:
        self.options = options
        usual_times = UsualTimesCache()
        self.selection = Selection(options, began, usual_times)
        listed = options.summary_file is not None or options.junit_file is not None
        self.ledger = Ledger(usual_times, most_left=MOST_LISTED if listed else MOST_LEFT)
        self.folded: list[Run] = []
        self.outage = health.Outage()
        self.failing: dict[str, Failure] = {}
        self._began = began
        self._usage = usage
        self._placeholders: set[RunKey] = set()
        self._incidents = 0

    def take(self, snapshot: Snapshot, changes: Sequence[Change], moment: float) -> list[Event]:
        """Take a snapshot and its changes at `moment` (monotonic seconds), and return the events."""
        joined = self.selection.take(snapshot, changes)
        self.ledger.unread = self.selection.unread(snapshot)
        labels = self.selection.labels
        self.ledger.labels_unread = labels.count if labels.terms.given else None
        new = {run.key for run in joined}
        told = self._appear(joined, snapshot, changes, moment)
        moved = list(new)
        now = snapshot.server_time(snapshot.at)
        for change in changes:
            key = change.after.key
            if change.kind == LET_GO or key not in self.ledger.runs or key in new:
                continue
            moved.append(key)
            if change.kind == CHANGED or (change.kind == SEEN_AGAIN and change.before is None):
                self.ledger.put(change.after, moment)
                told += events.changed_events(change, snapshot.agents, now, usage=self._usage)
        self._leave(changes, snapshot)
        self._drop_placeholders(snapshot)
        fresh = self.ledger.update_findings(snapshot, [*moved, *snapshot.ended_holders()])
        told += [events.finding_event(run, finding, snapshot.at, snapshot.agents) for run, finding in fresh]
        doubtful = self.ledger.update_thread_findings(self._orphaned(snapshot))
        told += [events.thread_finding_event(state, finding, snapshot.at) for state, finding in doubtful]
        if told:
            counts = self.ledger.counts
            told = sorted((replace(event, counts=counts) for event in told), key=lambda event: event.at)
        return told + self._polling_events(snapshot, moment)

    def _appear(
        self, joined: Sequence[Run], snapshot: Snapshot, changes: Sequence[Change], moment: float
    ) -> list[Event]:
        if not joined:
            return []
        seen = {c.after.key: c for c in changes if c.kind == APPEARED and c.since is not None}
        now, began = snapshot.server_time(snapshot.at), self._began + snapshot.clock_offset
        told = []
        # Snapshots have the newest run first; events are in the order of time.
        for run in reversed(joined):
            self.ledger.put(run, moment)
            if run.placeholder:
                self._placeholders.add(run.key)
            history = run.key not in seen and not (run.created is not None and run.created >= began)
            change = seen.get(run.key)
            at, since = (snapshot.at, None) if change is None else (change.at, change.since)
            told.append(events.appeared_event(run, at, snapshot.agents, now, since=since, history=history))
        return told

    def _orphaned(self, snapshot: Snapshot) -> list[ThreadState]:
        """Return the watched threads that are locked although the run that locks them seems to have ended."""
        options = self.options
        suspects = [state for state in snapshot.threads.values() if state.orphaned is not None]
        if not suspects or not options.narrowed:
            return [state for state in suspects if not options.threads or state.key in options.threads]
        watched = {key[0] for key in self.ledger.runs} | self.ledger.folded_threads
        return [state for state in suspects if state.key in watched]

    def _leave(self, changes: Sequence[Change], snapshot: Snapshot) -> None:
        """Note which watched runs have left the feed's memory."""
        self.folded = []
        for key in [change.after.key for change in changes if change.kind == LET_GO]:
            if snapshot.run(key) is None:
                self._placeholders.discard(key)
                self.folded += self.ledger.leave(key)
        self.selection.forget(self.folded)

    def _drop_placeholders(self, snapshot: Snapshot) -> None:
        for key in [key for key in self._placeholders if snapshot.run(key) is None]:
            self._placeholders.discard(key)
            self.ledger.drop(key)

    def _polling_events(self, snapshot: Snapshot, moment: float) -> list[Event]:
        """Return events about polling: failures, recoveries, internal errors."""
        options = self.options
        fixed = self.selection.fixed and not options.idle_of_threads
        threads = health.needed(snapshot, self.ledger, options, fixed=fixed)
        self.failing = health.failures(
            snapshot, threads, options, fixed=fixed, unread_labels=self.selection.labels.count
        )
        told = self.outage.take(self.failing, snapshot, moment)
        incidents = snapshot.incidents_after(self._incidents)
        self._incidents = snapshot.incident_count
        return told + [events.poll_error(snapshot.at, _INTERNAL, said, retry=1.0) for said in incidents]
