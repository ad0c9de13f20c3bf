"""The last ended runs of a group, in the order in which they ended, for rules."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field
from typing import NamedTuple

from flowtui.model.run.row import FAILED, Run, RunKey


class Ended(NamedTuple):
    """An ended run, as far as rules need it. The newest is the greatest."""

    at: float
    """When it ended, in UTC epoch seconds by the server's clock."""
    key: RunKey
    failed: bool
    seconds: float | None
    """How long it ran; None if that is unknown."""


@dataclass(slots=True)
class RunWindow:
    """The last ended runs of one group: `runs`, the newest last. `most`: how many of them are kept."""

    most: int
    runs: list[Ended] = field(default_factory=list)
    known: dict[RunKey, Ended] = field(default_factory=dict)

    def add(self, run: Ended) -> None:
        """Add a run, or replace what was known of it; the oldest run leaves."""
        before = self.known.get(run.key)
        if before == run:
            return
        if before is not None:
            self.runs.remove(before)
        elif len(self.runs) >= self.most and run < self.runs[0]:
            return
        self.known[run.key] = run
        insort(self.runs, run)
        if len(self.runs) > self.most:
            del self.known[self.runs.pop(0).key]

    def drop(self, key: RunKey) -> None:
        """Take a run out."""
        found = self.known.pop(key, None)
        if found is not None:
            self.runs.remove(found)


def ended_run(run: Run, otherwise: float | None = None) -> Ended | None:
    """Return what rules need of a run; None if it has not ended. `otherwise`: when it ended, if its own times do not say."""
    at = run.ended if run.ended is not None else otherwise
    if not run.terminal or run.placeholder or at is None:
        return None
    return Ended(at, run.key, run.status_class == FAILED, run.duration(at))
