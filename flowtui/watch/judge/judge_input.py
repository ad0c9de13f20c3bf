"""Collects the facts for the verdict: watched runs, outages, and for how long the end condition has been true.

Reads no clock: the caller passes the times.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.watch.judge import health
from flowtui.watch.judge.facts import Facts, Trouble, condition
from flowtui.watch.judge.gate import GateJudge
from flowtui.watch.judge.update_reducer import UpdateReducer
from flowtui.watch.options import IDLE, MATCH, Options

if TYPE_CHECKING:  # a watch without a gate needs no judge
    from flowtui.model.gate.answer import Answer

_CERTAIN = 60.0
"""So many seconds after the settling time, the end condition counts even if no observation has confirmed it.

Without this limit a watch might never end if the wall clock was set back: all observations would seem too old.
"""


class JudgeInput:
    """The state of a watch for the verdict. Each `moment` is in monotonic seconds.

    `began`: when the watch began, a moment.
    `met_since`: the moment since which the end condition has been true; None if it is not true.
    `trouble`: the current outage; None if there is none.
    """

    def __init__(
        self, options: Options, reducer: UpdateReducer, moment: float, gate_judge: GateJudge | None = None
    ) -> None:
        self.trouble: Trouble | None = None
        self.met_since: float | None = None
        self.began = moment
        self._met_at = 0.0
        self._options = options
        self._reducer = reducer
        self._gate_judge = gate_judge

    def facts(self, snapshot: Snapshot, moment: float, now: float, signal: int | None) -> Facts:
        """Return the facts at `moment`, which is `now` in UTC epoch seconds. `signal`: the value of `Signals.caught`."""
        options, reducer = self._options, self._reducer
        selection = reducer.selection
        elapsed = moment - self.began
        self.trouble = health.trouble_of(snapshot, reducer.failing, options, now=now)
        loaded = selection.loaded and self._all_asked(snapshot, elapsed)
        gate = self._gate(snapshot, moment, elapsed, loaded=loaded)
        still_since = max(reducer.ledger.moved_at, reducer.outage.over, self.began)
        facts = Facts(
            ledger=reducer.ledger,
            elapsed=elapsed,
            loaded=loaded,
            fixed=selection.fixed,
            idle=options.until == IDLE and self._idle(snapshot),
            matched=self._matched(snapshot) if options.until == MATCH else 0,
            still=moment - still_since,
            trouble=self.trouble,
            lost=health.lost_threads(snapshot, options),
            labels=selection.labels.gap(snapshot, now, now - elapsed),
            gate=gate,
            signal=signal,
        )
        if not condition(facts, options):
            self.met_since = None
            return facts
        if self.met_since is None:
            self.met_since, self._met_at = moment, now
        if not options.settles:
            return facts
        held = moment - self.met_since
        checked = held >= options.settle + _CERTAIN or self._confirmed(snapshot)
        if held >= options.settle:
            blocking = selection.labels.seen_by(self._met_at + options.settle)
            facts = replace(facts, labels=facts.labels._replace(blocking=blocking))
        return replace(facts, held=held, checked=checked)

    def _gate(self, snapshot: Snapshot, moment: float, elapsed: float, *, loaded: bool) -> Answer | None:
        options, limit = self._options, self._options.time_limit
        timed_out = limit is not None and elapsed >= limit
        if self._gate_judge is None or not (loaded or timed_out):
            return None
        return self._gate_judge.judge(snapshot, moment, final=options.once or timed_out)

    def _all_asked(self, snapshot: Snapshot, elapsed: float) -> bool:
        """Return False as long as `--once` must wait: names of agents and labels of runs need requests of their own."""
        options, reducer = self._options, self._reducer
        if not options.once:
            return True
        named = options.agent is None or bool(snapshot.agents or reducer.ledger.total)
        return (named or elapsed >= options.wait_start) and reducer.selection.labels.asked(snapshot)

    def _idle(self, snapshot: Snapshot) -> bool:
        if not self._options.idle_of_threads:
            return self._reducer.ledger.counts.active == 0
        wanted = self._options.threads or snapshot.threads
        return not any(state.shows_active for state in map(snapshot.threads.get, wanted) if state is not None)

    def _matched(self, snapshot: Snapshot) -> int:
        query = self._options.query
        if query is None:
            return 0
        matches = query.matcher(self._reducer.selection.context(snapshot))
        return sum(matches(run) for run in self._reducer.ledger.runs.values())

    def _confirmed(self, snapshot: Snapshot) -> bool:
        """Whether all named threads were observed after the settling time, and no thread is `_unread`.

        If no threads are named, a new list of threads is enough.
        """
        since = self._met_at + self._options.settle
        named = [state for key in self._options.threads if (state := snapshot.threads.get(key)) is not None]
        if named:
            looked = all(
                (state.observed or 0.0) >= since or (state.failure is not None and state.failure.final)
                for state in named
            )
        else:
            looked = any((state.thread_at or 0.0) >= since for state in snapshot.threads.values())
        return looked and not any(map(_unread, named or snapshot.threads.values()))


def _unread(state: ThreadState) -> bool:
    """Whether a thread was never observed, or has an active run that is not known yet; False if it can never be read.

    The list of threads names the active run of a thread, and may be newer than the last observation.
    """
    if state.failure is not None and state.failure.final:
        return False
    if state.observed is None:
        return True
    thread = state.thread
    if thread is None or thread.active_run is None or thread.active_run in state.runs:
        return False
    return (state.thread_at or 0.0) > state.observed
