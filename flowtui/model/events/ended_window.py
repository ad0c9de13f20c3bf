"""The last ended runs of a group, in the order in which they ended, for rules."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from flowtui.model.run.row import FAILED, TERMINAL, Run, RunKey, key_of

_FEW: Final = 20  # so many runs are put into their places one by one; with more, all are sorted again


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

    def add(self, runs: Sequence[Ended]) -> None:
        """Add runs, or replace what was known of them; the oldest ones leave."""
        if len(runs) > _FEW:
            self.known.update((run.key, run) for run in runs)
            self.runs = sorted(self.known.values())[-self.most :]
            self.known = {run.key: run for run in self.runs}
            return
        for run in runs:
            self._add(run)

    def _add(self, run: Ended) -> None:
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
    if run.status_class not in TERMINAL or run.placeholder:
        return None
    at = run.ended
    at = otherwise if at is None else at
    if at is None:
        return None
    seconds = None if run.started is None or at < run.started else at - run.started
    return Ended(at, key_of(run), run.status_class == FAILED, seconds)
