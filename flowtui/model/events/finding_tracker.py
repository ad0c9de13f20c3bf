"""Keeps the findings of all runs up to date.

Only runs that changed, and runs whose findings may change with time, are checked, so the cost does not depend on the
number of known runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from flowtui.model.columns.columns import findings
from flowtui.model.columns.context import Context
from flowtui.model.findings.rules import (
    Finding,
    may_be_long,
    may_wait_for_agent,
    remarkable_runs,
    stable_until_changed,
)
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.changes import DROPPED, LET_GO, Change
from flowtui.model.state.snapshot import Snapshot


class NewFinding(NamedTuple):
    """A finding that a run did not have at the previous update."""

    run: Run
    finding: Finding


class FindingTracker:
    """Keeps the findings of all runs.

    `known` is run key → findings, for the runs that have any. `active` has the keys of the active runs.
    """

    def __init__(self) -> None:
        self.known: Mapping[RunKey, tuple[Finding, ...]] = {}
        self.active: dict[RunKey, None] = {}
        # The keys of `known` whose findings may change although the run does not.
        self._open: dict[RunKey, None] = {}

    def take(
        self, changes: Sequence[Change], snapshot: Snapshot, context: Context, restored: Sequence[str] = ()
    ) -> list[NewFinding]:
        """Update the findings after changes, or after time has passed, and return the new findings.

        `restored`: the threads whose runs came from the history, without changes.
        """
        moved = self._moved(changes, snapshot, restored)
        late = [key for key in self.active if _late(snapshot.run(key), context)]
        known, fresh = dict(self.known), []
        for key in (*self._open, *late, *snapshot.ended_holders()):
            if key not in moved:
                moved[key] = snapshot.run(key)
        for key, run in moved.items():
            found = findings(run, context) if run is not None else ()
            if not found or run is None:
                if known.pop(key, None) is not None:
                    self._open.pop(key, None)
                continue
            before = {finding.name for finding in known.get(key, ())}
            fresh += [NewFinding(run, finding) for finding in found if finding.name not in before]
            known[key] = found
            if stable_until_changed(run, found):
                self._open.pop(key, None)
            else:
                self._open[key] = None
        self.known = known
        return fresh

    def _moved(
        self, changes: Sequence[Change], snapshot: Snapshot, restored: Sequence[str]
    ) -> dict[RunKey, Run | None]:
        """Return the runs of changes, and those of restored threads that may have findings; note which are active."""
        moved: dict[RunKey, Run | None] = {}
        for thread in restored:
            for row in remarkable_runs(snapshot.threads[thread]):
                moved[row.key] = row
                if row.active or row.is_active:
                    self.active[row.key] = None
        for change in changes:
            key = change.after.key
            moved[key] = snapshot.run(key)
            if change.kind not in (DROPPED, LET_GO) and (change.after.active or change.after.is_active):
                self.active[key] = None
            else:
                self.active.pop(key, None)
        return moved

    def names(self, key: RunKey) -> frozenset[str]:
        """Return the names of a run's findings."""
        return frozenset(finding.name for finding in self.known.get(key, ()))


def _late(run: Run | None, context: Context) -> bool:
    """Whether time or its agent's status alone may have given a run a finding."""
    if run is None:
        return False
    now = context.now
    overdue = run.expires is not None and run.expires < now
    return (
        not run.active or may_be_long(run, now) or overdue or may_wait_for_agent(run, context.agent_statuses)
    )
